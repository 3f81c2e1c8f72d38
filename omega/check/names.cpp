// SPDX-License-Identifier: Apache-2.0
// Names: locals by scope, captures, and what files declare.
#include <algorithm>

#include "omega/check/checker.h"

#include "omega/check/foreign_names.h"
#include "omega/diag/edit_distance.h"

namespace omega::check {

Symbol Checker::lookup_in(uint32_t module, NameId name) {
  const ModuleDecl& in = decls_.modules[module];
  Symbol symbol = in.symbols.find(name);
  if (symbol.kind != SymbolKind::None) {
    return symbol;
  }
  if (!in.whole_imports.empty()) {
    if (const uint32_t imported = decls_.imports.first_seen(module, name); imported != ImportGraph::kNoModule) {
      return decls_.modules[imported].symbols.find(name);
    }
  }
  return decls_.builtins.symbols.find(name);
}

Symbol Checker::lookup_global(NameId name) {
  CachedSymbol& cached = cache_[(name.index ^ module_ * 0x9e3779b1u) & (kCacheSize - 1)];
  if (cached.name != name || cached.module != module_) {
    cached = {name, module_, lookup_in(module_, name)};
  }
  return cached.symbol;
}

Symbol Checker::lookup(NameId name) {
  const uint32_t innermost = innermost_[name.index];
  if (innermost != 0 && !ignore_locals_) {
    return {SymbolKind::Local, innermost - 1};
  }
  for (const TypeBinding& binding : bindings_) {
    if (binding.name == name) {
      return {SymbolKind::TypeParameter, binding.type};
    }
  }
  return lookup_global(name);
}

/// A name that is missing is missing everywhere: it is said once for a function.
bool Checker::is_known_unknown(NameId name) {
  constexpr uint32_t most_remembered = 64;
  for (const UnknownName& known : unknown_names_) {
    if (known.name == name && known.reported_to == sink_) {
      return true;
    }
  }
  if (unknown_names_.size() < most_remembered) {
    unknown_names_.push_back({name, sink_});
  }
  return false;
}

bool Checker::is_variable_of_program(NameId name) {
  const parse::Tree& program = *decls_.modules[0].tree;
  auto declares = [&](NodeId id) { return id != 0 && program.node(id).kind == NodeKind::VarDecl && program.rec(program.node(id).b, 0) == name.index; };
  const auto& statements = decls_.modules[0].statements;
  return module_ == 0 && std::any_of(statements.begin(), statements.end(), [&](NodeId id) {
           if (program.node(id).kind != NodeKind::TupleDecl) {
             return declares(id);
           }
           const auto parts = program.list(program.node(id).b);
           return std::any_of(parts.begin(), parts.end(), declares);
         });
}

std::string Checker::help_for_unknown(NameId name) {
  if (unit_ != nullptr && unit_->unit.kind != UnitKind::Program && is_variable_of_program(name)) {
    return "variables of the program's statements are not seen by functions: give it as a parameter, or make it a constant, `int64 constant " +
           name_text(name) + " = ...`";
  }
  if (const std::string_view advice = help_for_foreign_name(decls_.text(name)); !advice.empty()) {
    return std::string(advice);
  }
  for (const EnumDecl& declared : decls_.enums) {
    for (const NameId member : decls_.members_of(declared)) {
      if (member == name) {
        return "write `" + name_text(declared.name) + "." + name_text(name) + "`";
      }
    }
  }
  std::vector<std::string_view> candidates;
  for (const Local& entry : locals_) {
    if (entry.name.valid()) {
      candidates.push_back(decls_.text(entry.name));
    }
  }
  auto add = [&](NameId candidate, Symbol) { candidates.push_back(decls_.text(candidate)); };
  decls_.modules[module_].symbols.for_each(add);
  for (uint32_t imported : decls_.imports.seen_from(module_)) {
    decls_.modules[imported].symbols.for_each(add);
  }
  decls_.builtins.symbols.for_each(add);
  const std::string_view nearest = diag::nearest_name(decls_.text(name), candidates);
  return nearest.empty() ? std::string() : "did you mean `" + std::string(nearest) + "`?";
}

void Checker::report_unknown(NameId name, NodeId where, std::string_view otherwise) {
  if (is_known_unknown(name)) {
    return;
  }
  diag::Diagnostic& diagnostic = report(diag::Kind::UnknownName, where, {name_text(name)});
  if (sink_->error_count() > errors_before_ + diag::Sink::max_shown) {
    return;  // comparing every unknown name with every known one takes long, and nobody will see it
  }
  if (std::string help = help_for_unknown(name); !help.empty()) {
    diagnostic.with_help(std::move(help));
  } else {
    diagnostic.with_help(std::string(otherwise));
  }
}

void Checker::bind(NameId name, const Local& entry) {
  locals_.push_back(entry);
  if (name.valid()) {
    if (name.index >= innermost_.size()) {
      fit_names();  // a hidden name, made while checking
    }
    locals_[locals_.size() - 1].previous = innermost_[name.index];
    innermost_[name.index] = static_cast<uint32_t>(locals_.size());
  }
}

void Checker::close_scope(uint32_t mark) {
  while (locals_.size() > mark) {
    const Local& entry = locals_[locals_.size() - 1];
    if (entry.name.valid()) {
      innermost_[entry.name.index] = entry.previous;
    }
    locals_.pop_back();
  }
}

uint32_t Checker::declare_slot(NameId name, TypeId type, uint32_t token, bool shadow_check) {
  if (name.valid() && shadow_check && name.index < innermost_.size() && innermost_[name.index] != 0) [[unlikely]] {
    report_at(diag::Kind::ShadowedName, token_span(token), {name_text(name)})
        .note(tree_->tokens->word_at(locals_[innermost_[name.index] - 1].declared), "declared here")
        .with_help("choose another name");
  }
  const uint32_t declared = tree_->tokens->offset(token);
  const uint32_t slot = builder_->add_slot(types_.ir(type), name, name.valid(), contexts_[level_]->loop_depth, declared);
  bind(name, {.name = name,
              .type = type,
              .storage = slot,
              .previous = 0,
              .declared = declared,
              .writes = 0,
              .level = static_cast<uint16_t>(level_),
              .kind = Local::Kind::Slot,
              .loop_variable = false});
  return static_cast<uint32_t>(locals_.size()) - 1;
}

uint32_t Checker::declare_value(NameId name, TypeId type, uint32_t token, ValueId value) {
  bind(name, {.name = name,
              .type = type,
              .storage = value,
              .previous = 0,
              .declared = tree_->tokens->offset(token),
              .writes = 0,
              .level = static_cast<uint16_t>(level_),
              .kind = Local::Kind::Value,
              .loop_variable = false});
  return static_cast<uint32_t>(locals_.size()) - 1;
}

Value Checker::read_local(uint32_t index) {
  const Local& entry = locals_[index];
  if (entry.type == kErrorType) {
    return Value::error();
  }
  if (entry.level != level_) [[unlikely]] {
    return captured(index, level_);
  }
  return Value::of(entry.type, entry.kind == Local::Kind::Slot ? builder_->get(entry.storage) : entry.storage);
}

Value Checker::captured(uint32_t index, uint32_t level) {
  FunctionContext& context = *contexts_[level];
  const TypeId type = locals_[index].type;
  uint32_t offset = 0;
  for (const Capture& capture : context.captures) {
    if (capture.local == index) {
      offset = capture.offset;
    }
  }
  if (offset == 0) {
    offset = context.capture_end;
    context.captures.push_back({index, offset});
    context.capture_end += ir::is_wide(types_.ir(type)) ? 32 : 8;
  }
  return Value::of(type, builder_->load(types_.ir(type), 0, offset));
}

bool Checker::note_write(uint32_t index, NodeId where) {
  Local& entry = locals_[index];
  ++entry.writes;
  if (entry.level != level_ || index < frames_.back().first_local || entry.kind == Local::Kind::Value) {
    report(diag::Kind::CapturedWrite, where, {name_text(entry.name)})
        .note(tree_->tokens->word_at(entry.declared), "`" + name_text(entry.name) + "` is declared here")
        .with_help("give the value back from the lambda, or use a loop");
    return false;
  }
  if (entry.loop_variable) {
    report(diag::Kind::LoopVariableWrite, where, {name_text(entry.name)}).note(tree_->tokens->word_at(entry.declared), "the loop is here");
    return false;
  }
  return true;
}

}  // namespace omega::check
