// SPDX-License-Identifier: Apache-2.0
// recurse(.on, .step: (self, x) => …): the step becomes a closure that calls itself. `.memo` keeps results by argument for the time of the
// recursion. `.parallel` runs the self-calls of one expression as tasks while that gives idle threads work.
#include <algorithm>
#include <unordered_map>

#include "omega/check/builtin_values.h"
#include "omega/check/pattern_arguments.h"
#include "omega/parse/visit_children.h"

namespace omega::check {
namespace {

using ir::Type;

/// Questions about the step's body that are answered from the tree: where it calls itself.
class StepBody {
 public:
  StepBody(Checker& checker, NameId self) : checker_(checker), tree_(checker.tree()), self_(self) {}

  bool mentions_self(NodeId node) const {
    std::vector<NodeId> open{node};
    while (!open.empty()) {
      const NodeId next = open.back();
      open.pop_back();
      if (tree_.kind(next) == NodeKind::Name && tree_.name(tree_.node(next)) == self_) {
        return true;
      }
      open_children(next, open);
    }
    return false;
  }

  bool is_self_call(NodeId node) const {
    const Node& call = tree_.node(node);
    return call.kind == NodeKind::Call && tree_.kind(call.a) == NodeKind::Name && tree_.name(tree_.node(call.a)) == self_;
  }

  /// Expressions without self-calls whose type the step's result must have, likeliest first, and before them the declarations they may need.
  void base_cases(NodeId node, std::vector<NodeId>& out, uint32_t depth = 0) const {
    if (depth > 1000 || node == 0) {
      return;
    }
    const Node& n = tree_.node(node);
    if (is_value(n.kind) && !mentions_self(node)) {
      out.push_back(node);
      return;
    }
    switch (n.kind) {
      case NodeKind::Conditional:
        base_cases(tree_.rec(n.b, 0), out, depth + 1);
        base_cases(tree_.rec(n.b, 1), out, depth + 1);
        return;
      case NodeKind::Match:
        for (const NodeId arm : tree_.list(n.b)) {
          base_cases(tree_.node(arm).b, out, depth + 1);
        }
        return;
      case NodeKind::Paren:
      case NodeKind::Return:
      case NodeKind::ExprStmt: base_cases(n.a, out, depth + 1); return;
      case NodeKind::If: {
        NodeId chain = node;
        for (; chain != 0 && tree_.kind(chain) == NodeKind::If; chain = tree_.rec(tree_.node(chain).b, 1)) {
          base_cases(tree_.rec(tree_.node(chain).b, 0), out, depth + 1);
        }
        base_cases(chain, out, depth + 1);
        return;
      }
      case NodeKind::Block:
        for (const NodeId statement : tree_.list(n.b)) {
          const NodeKind kind = tree_.kind(statement);
          if (kind == NodeKind::Return || kind == NodeKind::If || kind == NodeKind::Block || is_declaration(kind)) {
            base_cases(statement, out, depth + 1);
          }
        }
        return;
      case NodeKind::Binary:
        if (!is_comparison(n)) {
          base_cases(n.a, out, depth + 1);
          base_cases(n.b, out, depth + 1);
        }
        return;
      default: return;
    }
  }

  static bool is_declaration(NodeKind kind) { return kind == NodeKind::VarDecl || kind == NodeKind::TupleDecl; }

  /// Groups of two and more self-calls that one expression certainly makes, in order of evaluation.
  void groups(NodeId node, std::vector<std::vector<NodeId>>& out) const {
    std::vector<NodeId> open{node};
    while (!open.empty()) {
      const NodeId next = open.back();
      open.pop_back();
      const NodeKind kind = tree_.kind(next);
      if (kind == NodeKind::Binary || kind == NodeKind::Call || kind == NodeKind::ArrayLiteral || kind == NodeKind::Tuple) {
        std::vector<NodeId> calls;
        certain_calls(next, calls, 0);
        if (calls.size() > 1) {
          out.push_back(std::move(calls));
          continue;
        }
      }
      open_children(next, open);
    }
  }

 private:
  /// Puts the children of a node on the stack, the first one on top. A stack, since chains of `else if` have no end.
  void open_children(NodeId node, std::vector<NodeId>& open) const {
    const auto mark = static_cast<std::ptrdiff_t>(open.size());
    parse::visit_children(tree_, node, [&](const char*, NodeId child) {
      if (child != 0) {
        open.push_back(child);
      }
    });
    std::reverse(open.begin() + mark, open.end());
  }

  static bool is_value(NodeKind kind) { return kind != NodeKind::Block && kind != NodeKind::Return && kind != NodeKind::If && kind != NodeKind::ExprStmt; }

  static bool is_comparison(const Node& n) { return n.flags >= static_cast<uint8_t>(parse::BinaryOp::And); }

  /// Self-calls that are made whenever the expression is evaluated, none inside the arguments of another.
  void certain_calls(NodeId node, std::vector<NodeId>& out, uint32_t depth) const {
    if (depth > 1000) {
      return;
    }
    if (is_self_call(node)) {
      bool is_plain = true;
      for (const NodeId argument : tree_.list(tree_.node(node).b)) {
        is_plain = is_plain && !mentions_self(argument) && tree_.kind(argument) != NodeKind::NamedArg;
      }
      if (is_plain && tree_.list(tree_.node(node).b).size() == 1) {
        out.push_back(node);
      }
      return;
    }
    const Node& n = tree_.node(node);
    const bool is_lazy =
        n.kind == NodeKind::Conditional || n.kind == NodeKind::Match || n.kind == NodeKind::Lambda || n.kind == NodeKind::Assign ||
        (n.kind == NodeKind::Binary && (n.flags == static_cast<uint8_t>(parse::BinaryOp::And) || n.flags == static_cast<uint8_t>(parse::BinaryOp::Or)));
    if (is_lazy) {
      return;
    }
    if (n.kind == NodeKind::Call && is_pattern_call(n)) {
      return;
    }
    parse::visit_children(tree_, node, [&](const char*, NodeId child) {
      if (child != 0) {
        certain_calls(child, out, depth + 1);
      }
    });
  }

  /// Patterns evaluate their bodies when they like.
  bool is_pattern_call(const Node& call) const {
    const Node& callee = tree_.node(call.a);
    const NameId name = callee.kind == NodeKind::Name ? tree_.name(callee) : callee.kind == NodeKind::Member ? NameId{callee.b} : NameId{};
    return name.valid() && checker_.declarations().builtins.symbols.find(name).kind == SymbolKind::Pattern;
  }

  Checker& checker_;
  const parse::Tree& tree_;
  NameId self_;
};

/// Makes groups of self-calls into tasks at the first of them; the others find their values made.
class Forks final : public CallHook {
 public:
  Forks(Checker& checker, std::vector<std::vector<NodeId>> groups, TypeId argument, TypeId result, uint32_t self)
      : checker_(checker), groups_(std::move(groups)), argument_(argument), result_(result), self_(self), outer_(checker.set_call_hook(this)) {
    for (size_t i = 0; i < groups_.size(); ++i) {
      group_of_.emplace(groups_[i][0], i);
    }
  }
  ~Forks() { checker_.set_call_hook(outer_); }

  bool prepared(NodeId call, Value* value) override {
    const auto group = group_of_.find(call);
    if (group != group_of_.end() && !made_.contains(call)) {
      fork(groups_[group->second]);
    }
    if (const auto made = made_.find(call); made != made_.end()) {
      *value = made->second;
      return true;
    }
    return outer_ != nullptr && outer_->prepared(call, value);
  }

 private:
  void fork(const std::vector<NodeId>& group) {
    ir::FunctionBuilder& builder = checker_.builder();
    std::vector<ValueId> arguments;
    arguments.reserve(group.size());
    for (const NodeId call : group) {
      arguments.push_back(checker_.operand(call_arguments(checker_, call)[0], argument_));
    }
    checker_.at(group[0]);
    std::vector<ir::SlotId> slots;
    slots.reserve(group.size());
    for (size_t i = 0; i < group.size(); ++i) {
      slots.push_back(builder.add_slot(checker_.types().ir(result_)));
    }
    const Label tasks = builder.new_label();
    const Label calls = builder.new_label();
    const Label done = builder.new_label();
    builder.cond_br(runtime_call(checker_, RuntimeFunctionId::ForkPays, {}), tasks, calls);
    builder.start_block(tasks);
    run_tasks(group, arguments, slots);
    builder.br(done);
    builder.start_block(calls);
    const Value self = checker_.read_local(self_);
    for (size_t i = 0; i < group.size(); ++i) {
      builder.set(slots[i], checker_.call_closure(self.id, self.type, {&arguments[i], 1}).id);
    }
    builder.br(done);
    builder.start_block(done);
    for (size_t i = 0; i < group.size(); ++i) {
      made_.insert_or_assign(group[i], Value::of(result_, builder.get(slots[i])));
    }
  }

  void run_tasks(const std::vector<NodeId>& group, const std::vector<ValueId>& arguments, const std::vector<ir::SlotId>& slots) {
    ir::FunctionBuilder& builder = checker_.builder();
    const TypeInfo& result = checker_.info(result_);
    const ValueId count = const_s64(checker_, static_cast<int64_t>(group.size()));
    const ValueId closures = builder.emit(Op::ArrayNew, Type::Ref, count, 8);
    const ValueId values = builder.emit(Op::ArrayNew, Type::Ref, count, result.size, 0, result.is_ref ? 0 : ir::kNoRefs);
    for (size_t i = 0; i < group.size(); ++i) {
      builder.emit(Op::ElementSet, Type::Void, closures, const_s64(checker_, static_cast<int64_t>(i)), task(group[i], arguments[i]));
    }
    const ValueId none = builder.const_null();
    const ValueId zero = const_s64(checker_, 0);
    runtime_call(checker_, RuntimeFunctionId::TasksRun, {closures, builder.load(Type::Ref, values, 0), const_s64(checker_, result.size), none, zero, zero});
    for (size_t i = 0; i < group.size(); ++i) {
      builder.set(slots[i], checker_.element_get(values, const_s64(checker_, static_cast<int64_t>(i)), result_));
    }
  }

  /// A closure that stores `self(argument)` at the address it is given.
  ValueId task(NodeId call, ValueId argument) {
    const uint32_t mark = checker_.open_scope();
    const uint32_t held = checker_.declare_value(NameId{}, argument_, checker_.node(call).token, argument);
    const Type params[] = {Type::Ref, Type::Ref};
    checker_.begin_closure("fork", params, {}, call);
    const ValueId passed = checker_.read_local(held).id;
    const Value self = checker_.read_local(self_);
    const Value value = checker_.call_closure(self.id, self.type, {&passed, 1});
    checker_.store_field(checker_.builder().param(1), 0, result_, value.id);
    checker_.builder().ret();
    const ValueId closure = checker_.end_closure();
    checker_.close_scope(mark);
    return closure;
  }

  Checker& checker_;
  std::vector<std::vector<NodeId>> groups_;
  std::unordered_map<NodeId, size_t> group_of_;  ///< by its first call
  TypeId argument_;
  TypeId result_;
  uint32_t self_;
  CallHook* outer_;
  std::unordered_map<NodeId, Value> made_;  ///< of calls whose group has been forked
};

class Recursion {
 public:
  Recursion(Checker& checker, const CallSite& site) : checker_(checker), site_(site) {}

  Value run(const PatternArguments& arguments) {
    if (!read_step(arguments[1])) {
      return Value::error();
    }
    if (!option(arguments[2], "memo", &memo_) || !option(arguments[3], "parallel", &parallel_) || !read_argument(arguments[0])) {
      return Value::error();
    }
    result_ = infer_result();
    if (result_ == kErrorType) {
      return Value::error();
    }
    return emit();
  }

 private:
  bool read_step(NodeId step) {
    while (checker_.node(step).kind == NodeKind::Paren) {
      step = checker_.node(step).a;
    }
    step_ = step;
    if (checker_.node(step).kind != NodeKind::Lambda) {
      checker_.report(diag::Kind::PatternNeedsFunction, step, {"recurse", "step", "not a lambda"}).with_help("write `(self, x) => ...` on the spot");
      return false;
    }
    const uint32_t count = static_cast<uint32_t>(params().size());
    if (count != 2) {
      checker_.report(diag::Kind::PatternLambdaArity, step, {"recurse", "itself and the value (2 arguments)", count_text(count, "parameter")});
      return false;
    }
    return true;
  }

  std::span<const NodeId> params() { return checker_.tree().list(checker_.node(step_).a); }
  NameId param_name(uint32_t index) { return NameId{checker_.tree().rec(checker_.node(params()[index]).b, 0)}; }

  bool option(NodeId node, std::string_view name, bool* value) {
    if (node == 0) {
      return true;
    }
    const Value given = checker_.expression(node, kBoolType);
    if (given.is_error()) {
      return false;
    }
    if (!given.is_constant() || given.type != kBoolType) {
      checker_.report(diag::Kind::PatternOptionValue, node, {std::string(name), "recurse", "`true` or `false`"});
      return false;
    }
    *value = given.bits != 0;
    return true;
  }

  /// The first value; its type, or the one written at the step's parameter, is the argument's.
  bool read_argument(NodeId on) {
    const NodeId written = checker_.node(params()[1]).a;
    if (written != 0) {
      argument_type_ = checker_.read_type(written);
      if (argument_type_ == kErrorType) {
        return false;
      }
      argument_ = checker_.operand(on, argument_type_);
    } else {
      const Value value = checker_.runtime_expression(on);
      if (value.is_error()) {
        return false;
      }
      argument_type_ = value.type;
      argument_ = checker_.materialize(value);
    }
    if (memo_ && key_kind(checker_, argument_type_) == 0) {
      checker_.report(diag::Kind::PatternKeyType, on, {checker_.type_text(argument_type_)});
      return false;
    }
    return true;
  }

  /// The result's type: of the cases that do not recur, looked at in code that never runs; else what the context wants, else the argument's.
  TypeId infer_result() {
    if (site_.hint != kNoType && site_.hint != kVoidType) {
      return site_.hint;
    }
    const StepBody body(checker_, param_name(0));
    std::vector<NodeId> cases;
    body.base_cases(checker_.node(step_).b, cases);
    TypeId found = kNoType;
    ir::FunctionBuilder& builder = checker_.builder();
    const Label after = builder.new_label();
    builder.br(after);
    const uint32_t mark = checker_.open_scope();
    const NameId name = param_name(1);
    if (name.valid()) {
      checker_.declare_value(name, argument_type_, checker_.node(params()[1]).token, checker_.poison(argument_type_));
    }
    diag::Sink unseen;
    diag::Sink* const seen = checker_.set_sink(&unseen);
    for (size_t i = 0; i < cases.size() && found == kNoType && builder.is_open(); ++i) {
      if (StepBody::is_declaration(checker_.node(cases[i]).kind)) {
        checker_.statement(cases[i]);
        continue;
      }
      const Value value = checker_.expression(cases[i]);
      if (value.is_value()) {
        found = checker_.default_type(value);
      }
    }
    checker_.set_sink(seen);
    checker_.close_scope(mark);
    if (builder.is_open()) {
      builder.unreachable();
    }
    builder.start_block(after);
    return found == kNoType || found == kErrorType ? argument_type_ : found;
  }

  Value emit() {
    checker_.at(site_.node);
    const uint32_t mark = checker_.open_scope();
    const uint32_t table = memo_ ? declare_table() : 0;
    const TypeId function = checker_.types().function({&argument_type_, 1}, {&result_, 1});
    const Type params_of[] = {Type::Ref, checker_.types().ir(argument_type_)};
    const Type results_of[] = {checker_.types().ir(result_)};
    checker_.begin_closure("recurse", params_of, results_of, step_);
    const bool fine = emit_step(function, table);
    const ValueId closure = checker_.end_closure();
    checker_.close_scope(mark);
    if (!fine) {
      return Value::error();
    }
    checker_.at(site_.node);
    return checker_.call_closure(closure, function, {&argument_, 1});
  }

  uint32_t declare_table() {
    const TypeInfo& result = checker_.info(result_);
    const ValueId table =
        runtime_call(checker_, RuntimeFunctionId::CacheNew,
                     {const_u32(checker_, key_kind(checker_, argument_type_)), const_u32(checker_, element_size(checker_, argument_type_)),
                      const_u32(checker_, result.size), const_u32(checker_, result.is_ref ? 1 : 0), const_s64(checker_, 0), const_s64(checker_, 0)});
    return checker_.declare_value(NameId{}, kRandomType, checker_.node(step_).token, table);
  }

  /// Inside the closure: (closure, argument) -> result.
  bool emit_step(TypeId function, uint32_t table) {
    ir::FunctionBuilder& builder = checker_.builder();
    const ValueId argument = builder.param(1);
    ValueId key = 0;
    ValueId place = 0;
    ValueId memo = 0;
    if (memo_) {
      memo = checker_.read_local(table).id;
      key = checker_.spill(argument, argument_type_);
      place = checker_.stack_object(element_size(checker_, result_));
      const Label known = builder.new_label();
      const Label unknown = builder.new_label();
      builder.cond_br(runtime_call(checker_, RuntimeFunctionId::CacheGet, {memo, key, place}), known, unknown);
      builder.start_block(known);
      builder.ret(checker_.load_field(place, 0, result_));
      builder.start_block(unknown);
    }
    const Value self = Value::of(function, builder.param(0));
    const Value arguments[] = {self, Value::of(argument_type_, argument)};
    const Value value = run_body(arguments, self);
    if (value.is_error()) {
      return false;
    }
    if (value.kind == ValueKind::Void || !checker_.converts(value, result_)) {
      if (value.kind == ValueKind::Void) {
        needs_value(checker_, "recurse", step_);
      } else {
        checker_.mismatch(result_, value, checker_.node(step_).b);
      }
      return false;
    }
    const ValueId result = checker_.materialize(checker_.convert(value, result_, checker_.node(step_).b));
    if (memo_) {
      checker_.store_field(place, 0, result_, result);
      runtime_call(checker_, RuntimeFunctionId::CachePut, {memo, key, place});
    }
    builder.ret(result);
    return true;
  }

  Value run_body(std::span<const Value> arguments, Value self) {
    std::vector<std::vector<NodeId>> groups;
    if (parallel_) {
      StepBody(checker_, param_name(0)).groups(checker_.node(step_).b, groups);
    }
    if (groups.empty()) {
      return checker_.inline_lambda(step_, arguments, result_);
    }
    const uint32_t held = checker_.declare_value(NameId{}, self.type, checker_.node(step_).token, self.id);
    const Forks forks(checker_, std::move(groups), argument_type_, result_, held);
    return checker_.inline_lambda(step_, arguments, result_);
  }

  Checker& checker_;
  const CallSite& site_;
  NodeId step_ = 0;
  bool memo_ = false;
  bool parallel_ = false;
  TypeId argument_type_ = kErrorType;
  ValueId argument_ = 0;
  TypeId result_ = kErrorType;
};

}  // namespace

Value check_recurse(Checker& checker, const CallSite& site, const PatternArguments& arguments) { return Recursion(checker, site).run(arguments); }

}  // namespace omega::check
