// SPDX-License-Identifier: Apache-2.0
// One unit from begin to end.
#include "omega/check/checker.h"

#include "omega/check/check.h"

namespace omega::check {

using diag::Kind;

Checker::Checker(const Declarations& declarations) : decls_(declarations), types_(*declarations.types) {
  add_context();
  cache_.resize(kCacheSize);
}

void Checker::add_context() {
  contexts_.push_back(std::make_unique<FunctionContext>());
  contexts_.back()->builder.set_storage(storage_);
}

void Checker::enter_module(uint32_t module) {
  module_ = module;
  tree_ = decls_.modules[module].tree;
  file_ = decls_.modules[module].file;
}

void Checker::reset() {
  close_scope(0);
  depth_ = 0;
  level_ = 0;
  unchecked_ = false;
  ignore_locals_ = false;
  lambda_count_ = 0;
  builder_ = &contexts_[0]->builder;
  contexts_[0]->loop_depth = 0;
  contexts_[0]->index = 0;
  frames_.clear();
  loops_.clear();
  bindings_.clear();
  chain_.clear();
  argument_values_.clear();
  unknown_names_.clear();
  numbers_.clear();
  decimals_.clear();
  texts_.clear();
  wrappers_.clear();
  fit_names();
}

void Checker::fit_names() {
  const uint32_t names = decls_.interner->size();
  if (innermost_.size() < names) {
    innermost_.resize(names, 0);
  }
}

bool Checker::enter_body(NodeId& body) {
  if (node(body).kind != NodeKind::DeferredBody) {
    return true;
  }
  if (body_reader_ == nullptr) {
    body_reader_ = std::make_unique<parse::BodyReader>(*decls_.interner);
  }
  const parse::Tree* read = body_reader_->read(*tree_, body);
  if (read == nullptr) {
    unit_->body_unread = true;
    return false;
  }
  tree_ = read;
  body = read->root;
  fit_names();
  return true;
}

void Checker::link_name(const Unit& unit) {
  if (unit.kind == UnitKind::Program) {
    unit_name_ = "main";
    return;
  }
  const FunctionDecl& f = decls_.functions[unit.declaration];
  unit_name_ = decls_.modules[f.module].prefix;
  unit_name_ += decls_.text(f.name);
  if (unit.declaration == decls_.main_function) {
    return;
  }
  auto list = [&](std::span<const TypeId> types, char open, char close) {
    unit_name_ += open;
    for (size_t i = 0; i < types.size(); ++i) {
      if (i != 0) {
        unit_name_ += ',';
      }
      types_.append_text(types[i], unit_name_);
    }
    unit_name_ += close;
  };
  if (unit.kind == UnitKind::Instance) {
    list(types_[unit.type_arguments].components(), '<', '>');
  } else {
    list(decls_.parameters(f), '(', ')');
  }
}

CheckedUnit Checker::run(const Unit& unit, ir::Function& own, diag::Sink& sink) {
  CheckedUnit result;
  result.unit = unit;
  reset();
  sink_ = &sink;
  errors_before_ = sink.error_count();
  unit_ = &result;
  link_name(unit);
  if (unit.kind == UnitKind::Program) {
    enter_module(0);
    check_program_statements();
  } else {
    enter_module(decls_.functions[unit.declaration].module);
    check_body(unit);
  }
  if (builder_->is_open()) {
    builder_->unreachable();
  }
  if (!sink.has_errors() && !result.body_unread) {
    own = builder_->finish_lent();
  }
  close_scope(0);
  unit_ = nullptr;
  return result;
}

void Checker::check_program_statements() {
  const auto& statements = decls_.modules[0].statements;
  builder_->begin(unit_name_, file_, tree_->tokens->offset(node(statements[0]).token), {}, {});
  frames_.emplace_back();
  for (NodeId id : statements) {
    statement(id);
  }
  if (builder_->is_open()) {
    builder_->ret();
  }
}

void Checker::check_body(const Unit& unit) {
  const FunctionDecl& f = decls_.functions[unit.declaration];
  const Node& n = node(f.node);
  const parse::FunctionRecord& record = tree_->function(n);
  const auto params = tree_->list(record.params);
  const auto results = tree_->list(record.results);
  signature_.clear();
  if (unit.kind == UnitKind::Instance) {
    const auto type_params = tree_->list(record.type_params);
    for (size_t i = 0; i < type_params.size(); ++i) {
      bindings_.push_back({NameId{node(type_params[i]).a}, types_[unit.type_arguments].parts[i]});
    }
    builder_->begin(unit_name_, file_, tree_->tokens->offset(n.token), {}, {});  // for constants in array lengths
    for (NodeId param : params) {
      signature_.push_back(read_type(node(param).a));
    }
    for (NodeId result : results) {
      signature_.push_back(read_type(node(result).a));
    }
    builder_->unreachable();
  } else {
    signature_.append(decls_.signature_types.data() + f.first_type, f.param_count + f.result_count);
  }
  ir_types_.clear();
  for (TypeId type : signature_) {
    ir_types_.push_back(types_.ir(type));
  }
  builder_->begin(unit_name_, file_, tree_->tokens->offset(n.token), {ir_types_.data(), params.size()}, {ir_types_.data() + params.size(), results.size()});
  const std::span<const TypeId> result_types{signature_.data() + params.size(), results.size()};
  frames_.emplace_back();
  frames_[0].several = results.size() > 1;
  frames_[0].type = results.empty() ? kVoidType : results.size() == 1 ? result_types[0] : types_.tuple(result_types);
  for (size_t i = 0; i < params.size(); ++i) {
    const Node& param = node(params[i]);
    const uint32_t name = tree_->rec(param.b, 0);
    if (name == NameId::none.index) {
      continue;
    }
    const uint32_t index = declare_slot(NameId{name}, signature_[i], param.token);
    builder_->set(locals_[index].storage, static_cast<ValueId>(i));
  }
  bool named = false;
  for (NodeId result : results) {
    named = named || tree_->rec(node(result).b, 0) != NameId::none.index;
  }
  for (size_t i = 0; i < results.size() && named; ++i) {
    const Node& result = node(results[i]);
    const uint32_t name = tree_->rec(result.b, 0);
    const TypeId type = signature_[params.size() + i];
    const ValueId zero = zero_value(type);
    const uint32_t index = declare_slot(NameId{name}, type, result.token);
    builder_->set(locals_[index].storage, zero);
    frames_[0].named_results.push_back(index);
  }
  NodeId body = record.body;
  if (!enter_body(body)) {
    return;
  }
  block(body);
  if (!reachable()) {
    return;
  }
  builder_->set_location(tree_->tokens->offset(node(body).a));
  if (results.empty()) {
    builder_->ret();
  } else if (named) {
    return_named();
  } else if (frames_[0].type != kErrorType) {
    report_at(Kind::MissingReturn, token_span(node(body).a), {types_.text(frames_[0].type)}).note(module().tree->tokens->span(n.token), "in this function");
  }
}

ConstantValue Checker::evaluate_constant(uint32_t module, NodeId type_node, NodeId value_node, PodVector<uint64_t>& limbs, base::Arena& texts,
                                         diag::Sink& sink) {
  // Constants may need each other: the state of the outer evaluation is set aside.
  diag::Sink* const outer_sink = sink_;
  const uint32_t outer_module = module_;
  const bool is_outermost = outer_sink == nullptr;
  if (is_outermost) {
    reset();
    begin_dummy(module);
  }
  sink_ = &sink;
  enter_module(module);
  ConstantValue result;
  TypeId type = type_node == 0 ? kNoType : read_type(type_node);
  Value value = expression(value_node, type);
  if (type == kNoType && value.is_constant()) {
    type = default_type(value);
  }
  if (!value.is_error() && type != kErrorType && type != kNoType) {
    value = convert(value, type, value_node);
  }
  if (!value.is_error() && type != kErrorType) {
    if (!value.is_constant()) {
      report(Kind::NotConstant, value_node);
    } else {
      result.type = value.type;
      result.form = static_cast<uint8_t>(value.form);
      result.bits = value.bits;
      if (value.form == ConstantForm::Text) {
        result.text = texts.copy(texts_[value.id]);
      } else if (value.form == ConstantForm::Wide) {
        uint64_t words[4];
        numbers_[value.id].numerator.to_limbs(words);
        result.limbs = static_cast<uint32_t>(limbs.size());
        limbs.append(words, 4);
      }
    }
  }
  sink_ = outer_sink;
  if (is_outermost) {
    end_dummy();
  } else {
    enter_module(outer_module);
  }
  return result;
}

void Checker::begin_dummy(uint32_t module) {
  dummy_ = CheckedUnit();
  unit_ = &dummy_;
  enter_module(module);
  frames_.emplace_back();
  builder_->begin("constant", file_, 0, {}, {});
}

void Checker::end_dummy() {
  frames_.clear();
  unit_ = nullptr;
  close_scope(0);
}

TypeId Checker::read_type_in(uint32_t module, NodeId id, diag::Sink& sink) {
  diag::Sink* const outer_sink = sink_;
  const uint32_t outer_module = module_;
  const bool is_outermost = outer_sink == nullptr;
  if (is_outermost) {
    if (node_is_plain(module, id)) {
      sink_ = &sink;
      enter_module(module);
      fit_names();
      const TypeId type = read_type(id);
      sink_ = nullptr;
      return type;
    }
    reset();
    begin_dummy(module);
  }
  sink_ = &sink;
  enter_module(module);
  const TypeId type = read_type(id);
  sink_ = outer_sink;
  if (is_outermost) {
    end_dummy();
  } else {
    enter_module(outer_module);
  }
  return type;
}

bool Checker::node_is_plain(uint32_t module, NodeId id) const {
  const NodeKind kind = decls_.modules[module].tree->kind(id);
  return kind == NodeKind::Name || kind == NodeKind::Member;
}

Scratch::Scratch(const Declarations& declarations) : checker_(std::make_unique<Checker>(declarations)) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;
void Scratch::keep_last(ir::Function& own) { checker_->keep_last(own); }
void Scratch::keep_name_of_last(ir::Function& own) { checker_->keep_name_of_last(own); }

CheckedUnit check_function(const Declarations&, const Unit& unit, ir::Function& own, Scratch& scratch, diag::Sink& sink) {
  return scratch.checker_->run(unit, own, sink);
}

void prefetch(const Declarations& declarations, std::span<const Unit> units, size_t at) {
  const auto function = [&](size_t i) {
    return i < units.size() && units[i].kind != UnitKind::Program ? &declarations.functions[units[i].declaration] : nullptr;
  };
  if (const FunctionDecl* f = function(at + 2)) {
    __builtin_prefetch(&declarations.modules[f->module].tree->node(f->node));
  }
  if (const FunctionDecl* f = function(at + 1)) {
    const parse::Tree& tree = *declarations.modules[f->module].tree;
    const char* const record = reinterpret_cast<const char*>(&tree.function(tree.node(f->node)));
    __builtin_prefetch(record);
    __builtin_prefetch(record + 64);
  }
}

ir::Module check_program(const Declarations& declarations, diag::Sink& sink) {
  Scratch scratch(declarations);
  InstanceTable instances;
  std::vector<CheckedUnit> all;
  std::vector<ir::Function> functions;
  std::vector<Unit> round = first_units(declarations);
  all.reserve(round.size());
  functions.reserve(round.size());
  while (!round.empty()) {
    const size_t first = all.size();
    for (const Unit& unit : round) {
      ir::Function& own = functions.emplace_back();
      all.push_back(check_function(declarations, unit, own, scratch, sink));
      scratch.keep_last(own);
    }
    round = instances.next_units(std::span(all).subspan(first));
  }
  return sink.has_errors() ? ir::Module() : join_units(declarations, instances, all, std::move(functions));
}

}  // namespace omega::check
