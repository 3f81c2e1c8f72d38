// SPDX-License-Identifier: Apache-2.0
// map, filter, fold, find, collect: a chain of them is gathered from the tree and becomes one counted loop over its source, the lambdas
// inlined, without arrays between. `map` over a known count writes out[i], so that the loop can be found parallel.
#include "omega/check/builtin_values.h"
#include "omega/check/pattern_arguments.h"

namespace omega::check {
namespace {

using ir::Type;

/// A stage between source and end: a map or filter inside the chain.
struct Stage {
  PatternKind kind;
  NodeId function_node;
  Value function;
};

/// What the loop runs over.
struct Source {
  Value value;  ///< Range, or an array, string or fixed array
  TypeId element = 0;
  ValueId low = 0;
  ValueId high = 0;
};

class Pipeline {
 public:
  Pipeline(Checker& checker, PatternKind kind, const CallSite& site) : checker_(checker), builder_(checker.builder()), kind_(kind), site_(site) {}

  Value run(const PatternArguments& arguments) {
    if (!gather(arguments[0])) {
      return Value::error();
    }
    switch (kind_) {
      case PatternKind::Map:
      case PatternKind::Filter: {
        Stage last{kind_, arguments[1], {}};
        return evaluate(last) ? to_array(0) : Value::error();
      }
      case PatternKind::Collect: return collect(arguments[1]);
      case PatternKind::Fold: return fold(arguments[1], arguments[2]);
      default: return find(arguments[1]);
    }
  }

 private:
  std::string_view name() const { return pattern_signature(kind_).name; }

  // ---- gathering ----

  /// Of names that are methods of other types too the receiver has been evaluated to find out; it is no chain then.
  bool receiver_is_evaluated() const { return !site_.receiver.is_error(); }

  /// The pattern a node calls, if it is map or filter; its receiver (method form) in *receiver.
  bool is_stage(NodeId node, PatternKind* kind, NodeId* receiver) {
    const Node& call = checker_.node(node);
    if (call.kind != NodeKind::Call) {
      return false;
    }
    const Node& callee = checker_.node(call.a);
    NameId called;
    if (callee.kind == NodeKind::Name) {
      called = checker_.tree().name(callee);
      *receiver = 0;
    } else if (callee.kind == NodeKind::Member && is_object(callee.a)) {
      called = NameId{callee.b};
      *receiver = callee.a;
    } else {
      return false;
    }
    const Symbol symbol = *receiver == 0 ? checker_.lookup(called) : checker_.declarations().builtins.symbols.find(called);
    *kind = static_cast<PatternKind>(symbol.index);
    return symbol.kind == SymbolKind::Pattern && (*kind == PatternKind::Map || *kind == PatternKind::Filter);
  }

  /// Not the name of a module or type: `m.map(...)` calls the module's function then.
  bool is_object(NodeId node) {
    const Node& base = checker_.node(node);
    if (base.kind != NodeKind::Name) {
      return true;
    }
    const SymbolKind kind = checker_.lookup(checker_.tree().name(base)).kind;
    return kind == SymbolKind::Local || kind == SymbolKind::Constant;
  }

  /// Walks from the last pattern inward, then evaluates outward: source, then each stage's function.
  bool gather(NodeId over) {
    NodeId node = over;
    while (!receiver_is_evaluated()) {
      while (checker_.node(node).kind == NodeKind::Paren) {
        node = checker_.node(node).a;
      }
      PatternKind kind{};
      NodeId receiver = 0;
      if (!is_stage(node, &kind, &receiver)) {
        break;
      }
      const PatternArguments arguments = bind_pattern_arguments(checker_, kind, receiver, call_arguments(checker_, node), checker_.tree().span(node), true);
      if (!arguments.ok) {
        checker_.expression(node);  // says what is wrong
        return false;
      }
      stages_.push_back({kind, arguments[1], {}});
      node = arguments[0];
    }
    if (!open_source(node)) {
      return false;
    }
    std::vector<Stage> inward;
    inward.swap(stages_);
    bool fine = true;
    for (size_t i = inward.size(); i-- > 0;) {
      fine = evaluate(inward[i]) && fine;
    }
    return fine;
  }

  bool open_source(NodeId node) {
    source_.value = receiver_is_evaluated() ? site_.receiver : checker_.expression(node);
    const Value& value = source_.value;
    if (value.is_error()) {
      return false;
    }
    if (value.kind == ValueKind::Range) {
      source_.element = kInt64Type;
      source_.low = value.range_low();
      source_.high = value.range_high();
      return true;
    }
    source_.value = checker_.to_runtime(value, node);
    if (source_.value.is_error()) {
      return false;
    }
    source_.value.id = checker_.materialize(source_.value);
    source_.value.kind = ValueKind::Runtime;
    const TypeInfo& info = checker_.info(source_.value.type);
    source_.low = const_s64(checker_, 0);
    switch (info.kind) {
      case TypeKind::Array: source_.element = info.element; break;
      case TypeKind::String:
      case TypeKind::Bytes: source_.element = kUint8Type; break;
      case TypeKind::FixedArray:
        source_.element = info.element;
        source_.high = const_s64(checker_, static_cast<int64_t>(info.length));
        return true;
      default: checker_.report(diag::Kind::PatternNotIterable, node, {std::string(name()), checker_.value_text(source_.value)}); return false;
    }
    source_.high = checker_.array_length(source_.value.id);
    return true;
  }

  /// A stage's function: function values are evaluated once, before the loop.
  bool evaluate(Stage& stage) {
    stage.function = checker_.expression(stage.function_node);
    if (!check_function(stage.kind, stage.function, stage.function_node, 1)) {
      return false;
    }
    stages_.push_back(stage);
    return true;
  }

  /// Is it something to call with `count` arguments?
  bool check_function(PatternKind kind, Value function, NodeId where, uint32_t count) {
    const std::string called{pattern_signature(kind).name};
    uint32_t takes = count;
    if (function.is_error()) {
      return false;
    }
    if (function.kind == ValueKind::Lambda) {
      takes = static_cast<uint32_t>(checker_.tree().list(checker_.node(function.id).a).size());
    } else if (function.is_value() && checker_.info(function.type).kind == TypeKind::Function) {
      takes = checker_.info(function.type).part_count;
    } else if (function.kind != ValueKind::Functions && function.kind != ValueKind::Builtin) {
      const std::string_view parameter = pattern_signature(kind).parameters[pattern_signature(kind).name == "fold" ? 2 : 1].name;
      diag::Diagnostic& diagnostic = checker_.report(diag::Kind::PatternNeedsFunction, where, {called, std::string(parameter), checker_.value_text(function)});
      diagnostic.with_help(kind == PatternKind::Find
                               ? "`find(xs, x => ...)` gives the first element that fits; `xs.contains(x)` says whether there is one like `x`"
                               : "write `" + std::string(pattern_signature(kind).form) + "`");
      return false;
    }
    if (takes != count) {
      checker_.report(diag::Kind::PatternLambdaArity, where, {called, count_text(count), count_text(takes, "parameter")});
      return false;
    }
    return true;
  }

  // ---- the loop ----

  bool has_filter() const {
    for (const Stage& stage : stages_) {
      if (stage.kind == PatternKind::Filter) {
        return true;
      }
    }
    return false;
  }

  bool is_zero(ValueId value) const {
    const ir::Inst& inst = builder_.inst(value);
    return inst.op == Op::Const && inst.b == 0 && inst.c == 0;
  }

  /// Elements of the source, not negative; panics when a range has more than an int64 counts.
  ValueId source_count() {
    if (is_zero(source_.low) && source_.value.kind != ValueKind::Range) {
      return source_.high;
    }
    source_.high = builder_.binary(Op::Max, Type::S64, source_.high, source_.low);
    return is_zero(source_.low) ? source_.high : builder_.binary(Op::Sub, Type::S64, source_.high, source_.low, ir::kChecked);
  }

  /// Opens the loop and gives the element that comes out of all stages; an error when a stage has a mistake.
  Value begin() {
    checker_.at(site_.node);
    loop_ = checker_.begin_counted_loop(source_.low, source_.high, site_.node);
    Value element = source_element();
    for (const Stage& stage : stages_) {
      element = stage.kind == PatternKind::Map ? transformed(stage, element) : passed(stage, element);
      if (element.is_error()) {
        break;
      }
    }
    return element;
  }

  void end() { checker_.end_counted_loop(loop_); }

  Value source_element() {
    const ValueId index = builder_.get(loop_.iv);
    if (source_.value.kind == ValueKind::Range) {
      return Value::of(kInt64Type, index);
    }
    const ValueId array = source_.value.id;
    const TypeInfo& info = checker_.info(source_.value.type);
    if (info.kind == TypeKind::FixedArray) {
      return Value::of(source_.element, builder_.binary(Op::FixedGet, checker_.types().ir(source_.element), array, index));
    }
    if (info.kind != TypeKind::String) {
      builder_.emit(Op::CheckIndex, Type::Void, index, array);  // what the lambdas call may shrink the array
    }
    return Value::of(source_.element, checker_.element_get(array, index, source_.element));
  }

  Value transformed(const Stage& stage, Value element) {
    const bool is_last = &stage == &stages_.back();
    const TypeId hint =
        is_last && kind_ != PatternKind::Fold && checker_.info(site_.hint).kind == TypeKind::Array ? checker_.info(site_.hint).element : kNoType;
    Value result = checker_.apply(stage.function, stage.function_node, {&element, 1}, hint);
    if (result.kind == ValueKind::Void) {
      return needs_value(checker_, pattern_signature(stage.kind).name, stage.function_node);
    }
    if (hint != kNoType && checker_.converts(result, hint)) {
      result = checker_.convert(result, hint, stage.function_node);
    }
    result = checker_.to_runtime(result, stage.function_node);
    return result.is_error() ? result : Value::of(result.type, checker_.materialize(result));
  }

  /// Goes on behind the filter only with elements that pass.
  Value passed(const Stage& stage, Value element) { return decide(stage.function, stage.function_node, element, loop_.latch) ? element : Value::error(); }

  /// Branches to `otherwise` unless the function gives true for the element. False after a report.
  bool decide(Value function, NodeId where, Value element, Label otherwise) {
    const Value result = checker_.apply(function, where, {&element, 1}, kBoolType);
    if (result.is_error()) {
      return false;
    }
    if (!checker_.converts(result, kBoolType)) {
      diag::Diagnostic& diagnostic = checker_.report(diag::Kind::PatternNeedsBool, where, {checker_.value_text(result)});
      if (result.is_value() && is_integer_type(result.type)) {
        diagnostic.with_help("compare it: `... != 0`");
      }
      return false;
    }
    const ValueId passes = checker_.materialize(checker_.convert(result, kBoolType, where));
    const Label next = builder_.new_label();
    builder_.cond_br(passes, next, otherwise);
    builder_.start_block(next);
    return true;
  }

  // ---- the ends ----

  /// An empty or full array whose element type is put in once it is known.
  ValueId begin_array(ValueId length) { return builder_.emit(Op::ArrayNew, Type::Ref, length, 8); }
  void set_element_type(ValueId array, TypeId element) {
    ir::Inst& inst = builder_.inst(array);
    inst.b = element_size(checker_, element);
    inst.flags = checker_.info(element).is_ref ? 0 : ir::kNoRefs;
  }

  /// All elements that come out where a filter decides how many: each block of the source fills an array of its own, so that blocks can run in
  /// parallel, and these are joined in order.
  Value to_filtered_array() {
    constexpr int64_t kBlock = 8192;
    checker_.at(site_.node);
    const ValueId count = source_count();
    const ValueId low = source_.low;
    const ValueId high = source_.high;
    const ValueId block_size = const_s64(checker_, kBlock);
    const ValueId most = builder_.binary(Op::Div, Type::S64, count, block_size);
    const ValueId rest = builder_.compare(Op::Ne, builder_.binary(Op::Mul, Type::S64, most, block_size), count);
    const ValueId blocks = builder_.binary(Op::Add, Type::S64, most, builder_.cast(Type::S64, rest));
    const ValueId parts = builder_.emit(Op::ArrayNew, Type::Ref, blocks, 8);
    const CountedLoop outer = checker_.begin_counted_loop(const_s64(checker_, 0), blocks, site_.node);
    const ValueId block = builder_.get(outer.iv);
    const ValueId first = builder_.binary(Op::Mul, Type::S64, block, block_size);
    source_.low = is_zero(low) ? first : builder_.binary(Op::Add, Type::S64, low, first);
    const ValueId left = builder_.binary(Op::Sub, Type::S64, high, source_.low);
    source_.high = builder_.binary(Op::Add, Type::S64, source_.low, builder_.binary(Op::Min, Type::S64, left, block_size));
    const ValueId part = begin_array(const_s64(checker_, 0));
    const Value element = begin();
    if (!element.is_error()) {
      checker_.at(site_.node);
      set_element_type(part, element.type);
      checker_.push(part, element.id, element.type);
    }
    end();
    checker_.element_set(parts, builder_.get(outer.iv), part);
    checker_.end_counted_loop(outer);
    if (element.is_error()) {
      return element;
    }
    const TypeInfo& info = checker_.info(element.type);
    const ValueId out = runtime_call(checker_, RuntimeFunctionId::ArrayJoin, {parts, const_u32(checker_, info.size), const_u32(checker_, info.is_ref ? 1 : 0)});
    return Value::of(checker_.types().array_of(element.type), out);
  }

  /// All elements that come out. `limit`: an s64 value, at least 0, or 0 for none.
  Value to_array(ValueId limit) {
    const bool is_counted = !has_filter();
    if (!is_counted && limit == 0) {
      return to_filtered_array();
    }
    checker_.at(site_.node);
    ValueId out = 0;
    if (is_counted) {
      ValueId count = source_count();
      if (limit != 0) {
        count = builder_.binary(Op::Min, Type::S64, count, limit);
        source_.high = is_zero(source_.low) ? count : builder_.binary(Op::Add, Type::S64, source_.low, count);
      }
      out = begin_array(count);
    } else {
      out = begin_array(const_s64(checker_, 0));
      const ValueId none = builder_.compare(Op::Eq, limit, const_s64(checker_, 0));
      source_.high = builder_.select(Type::S64, none, source_.low, source_.high);
    }
    const ir::SlotId low = is_counted && !is_zero(source_.low) ? builder_.add_slot(Type::S64) : ir::kNone;
    if (low != ir::kNone) {
      builder_.set(low, source_.low);
    }
    const Value element = begin();
    if (!element.is_error()) {
      checker_.at(site_.node);
      set_element_type(out, element.type);
      if (is_counted) {
        const ValueId index = builder_.get(loop_.iv);
        checker_.element_set(out, low == ir::kNone ? index : builder_.binary(Op::Sub, Type::S64, index, builder_.get(low)), element.id);
      } else {
        checker_.push(out, element.id, element.type);
        stop_at(limit, out);
      }
    }
    end();
    return element.is_error() ? element : Value::of(checker_.types().array_of(element.type), out);
  }

  /// Leaves the loop when the array has reached its limit.
  void stop_at(ValueId limit, ValueId out) {
    const Label more = builder_.new_label();
    builder_.cond_br(builder_.compare(Op::Lt, checker_.array_length(out), limit), more, loop_.exit);
    builder_.start_block(more);
  }

  Value collect(NodeId limit_node) {
    ValueId limit = 0;
    if (limit_node != 0) {
      const ValueId wanted = checker_.operand(limit_node, kInt64Type);
      limit = builder_.binary(Op::Max, Type::S64, wanted, const_s64(checker_, 0));
    }
    return to_array(limit);
  }

  /// The accumulator's type: what `.from:` has; a literal takes the wanted type, else float64 or the elements' own where int64 would not do.
  TypeId accumulator_type(Value from) {
    if (from.type != kNumberType) {
      return checker_.default_type(from);
    }
    if (site_.hint != kNoType && checker_.converts(from, site_.hint)) {
      return site_.hint;
    }
    const TypeId element = stages_.empty() ? source_.element : kNoType;
    const TypeInfo& info = checker_.info(element);
    const bool takes_element = is_float_type(element) || (is_integer_type(element) && (info.bits > 64 || (info.bits == 64 && !info.is_signed)));
    return takes_element && checker_.converts(from, element) ? element : checker_.default_type(from);
  }

  Value fold(NodeId from_node, NodeId step_node) {
    const Value from = checker_.expression(from_node, site_.hint);
    const Value step = checker_.expression(step_node);
    if (from.is_error() || !check_function(PatternKind::Fold, step, step_node, 2)) {
      return Value::error();
    }
    const TypeId type = accumulator_type(from);
    const Value first = checker_.convert(from, type, from_node);
    if (first.is_error()) {
      return first;
    }
    const ir::SlotId slot = builder_.add_slot(checker_.types().ir(type));
    builder_.set(slot, checker_.materialize(first));
    const Value element = begin();
    bool fine = !element.is_error();
    if (fine) {
      const Value arguments[] = {Value::of(type, builder_.get(slot)), element};
      const Value next = checker_.apply(step, step_node, arguments, type);
      fine = !next.is_error();
      if (fine && (next.kind == ValueKind::Void || !checker_.converts(next, type))) {
        checker_.report(diag::Kind::PatternFoldType, step_node,
                        {checker_.type_text(type), next.kind == ValueKind::Void ? "nothing" : checker_.value_text(next)});
        fine = false;
      }
      if (fine) {
        builder_.set(slot, checker_.materialize(checker_.convert(next, type, step_node)));
      }
    }
    end();
    return fine ? Value::of(type, builder_.get(slot)) : Value::error();
  }

  Value find(NodeId where_node) {
    const Value test = checker_.expression(where_node);
    if (!check_function(PatternKind::Find, test, where_node, 1)) {
      return Value::error();
    }
    const ir::SlotId slot = builder_.add_slot(Type::Ref);
    builder_.set(slot, builder_.const_null());
    const Value element = begin();
    bool fine = !element.is_error();
    if (fine) {
      fine = decide(test, where_node, element, loop_.latch);
      checker_.at(site_.node);
      builder_.set(slot, make_ok(checker_, element.type, element.id));
      builder_.br(loop_.exit);
    }
    end();
    if (!fine) {
      return Value::error();
    }
    const Label missing = builder_.new_label();
    const Label done = builder_.new_label();
    builder_.cond_br(builder_.compare(Op::Eq, builder_.get(slot), builder_.const_null()), missing, done);
    builder_.start_block(missing);
    builder_.set(slot, make_error(checker_, element.type, builder_.const_string("not found")));
    builder_.br(done);
    builder_.start_block(done);
    return Value::of(checker_.types().result_of(element.type), builder_.get(slot));
  }

  Checker& checker_;
  ir::FunctionBuilder& builder_;
  PatternKind kind_;
  const CallSite& site_;
  std::vector<Stage> stages_;
  Source source_;
  CountedLoop loop_;
};

}  // namespace

Value check_pipeline(Checker& checker, PatternKind kind, const CallSite& site, const PatternArguments& arguments) {
  return Pipeline(checker, kind, site).run(arguments);
}

}  // namespace omega::check
