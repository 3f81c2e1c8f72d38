// SPDX-License-Identifier: Apache-2.0
// Patterns that run bodies: run, try, timeout, retry, cache, validate; and which file has which pattern.
#include "omega/base/hash.h"
#include "omega/check/builtin_values.h"
#include "omega/check/pattern_arguments.h"

namespace omega::check {
namespace {

using ir::Type;

/// A closure for the runtime together with the place its value is stored to.
struct Body {
  TypeId type = kErrorType;
  ValueId closure = 0;
  ValueId place = 0;

  bool is_error() const { return type == kErrorType; }
};

Body make_body(Checker& checker, NodeId node, TypeId hint = kNoType) {
  Body body;
  body.closure = checker.task_closure(node, &body.type, hint);
  if (body.type == kErrorType) {
    return body;
  }
  body.place = checker.stack_object(body.type == kVoidType ? 8 : element_size(checker, body.type));
  return body;
}

/// Two ways to one value: `first` and `second` give it (as values of `type`) in their blocks.
template <class First, class Second>
Value choose(Checker& checker, ValueId condition, TypeId type, First&& first, Second&& second) {
  ir::FunctionBuilder& builder = checker.builder();
  const Label yes = builder.new_label();
  const Label no = builder.new_label();
  const Label done = builder.new_label();
  const ir::SlotId slot = type == kVoidType ? ir::kNone : builder.add_slot(checker.types().ir(type));
  builder.cond_br(condition, yes, no);
  bool fine = true;
  const auto way = [&](Label label, Value value) {
    fine = fine && !value.is_error();
    if (slot != ir::kNone && !value.is_error()) {
      builder.set(slot, checker.materialize(value));
    }
    builder.br(done);
    (void)label;
  };
  builder.start_block(yes);
  way(yes, first());
  builder.start_block(no);
  way(no, second());
  builder.start_block(done);
  if (!fine) {
    return Value::error();
  }
  return slot == ir::kNone ? Value::none() : Value::of(type, builder.get(slot));
}

Value value_in(Checker& checker, const Body& body) {
  return body.type == kVoidType ? Value::none() : Value::of(body.type, checker.load_field(body.place, 0, body.type));
}

/// The element type wanted of a Result, for bodies.
TypeId wanted_of_result(Checker& checker, TypeId hint) { return checker.info(hint).kind == TypeKind::Result ? checker.info(hint).element : kNoType; }

/// A body run on the spot, as a value of its own type.
Value run_here(Checker& checker, NodeId body, TypeId hint) {
  const Value value = checker.inline_lambda(body, {}, hint);
  if (value.kind == ValueKind::Void || value.is_error()) {
    return value;
  }
  if (hint != kNoType && checker.converts(value, hint)) {
    const Value converted = checker.convert(value, hint, body);
    return converted.is_error() ? converted : Value::of(hint, checker.materialize(converted));
  }
  const Value own = checker.to_runtime(value, body);
  return own.is_error() ? own : Value::of(own.type, checker.materialize(own));
}

/// `run(.steps: [b1, b2])`: their values, one after another, as an array.
Value run_steps(Checker& checker, const CallSite& site, NodeId steps) {
  if (checker.node(steps).kind != NodeKind::ArrayLiteral) {
    checker.report(diag::Kind::PatternNeedsList, steps, {"steps", "run"});
    return Value::error();
  }
  const std::span<const NodeId> bodies = checker.tree().list(checker.node(steps).b);
  TypeId type = checker.info(site.hint).kind == TypeKind::Array ? checker.info(site.hint).element : kNoType;
  std::vector<ValueId> values;
  bool fine = true;
  for (const NodeId body : bodies) {
    const Value value = run_here(checker, body, type);
    if (value.is_error()) {
      fine = false;
      continue;
    }
    const TypeId own = value.kind == ValueKind::Void ? kVoidType : value.type;
    if (type == kNoType) {
      type = own;
    }
    if (own != type) {
      checker.report(diag::Kind::PatternTasksType, body, {checker.type_text(own), checker.type_text(type)});
      fine = false;
    }
    values.push_back(value.id);
  }
  if (!fine) {
    return Value::error();
  }
  if (type == kVoidType || bodies.empty()) {
    return Value::none();
  }
  checker.at(site.node);
  const ValueId array = checker.new_array(const_s64(checker, static_cast<int64_t>(values.size())), type);
  for (size_t i = 0; i < values.size(); ++i) {
    checker.element_set(array, const_s64(checker, static_cast<int64_t>(i)), values[i]);
  }
  return Value::of(checker.types().array_of(type), array);
}

/// A name as `"a", "b" or "c"`.
std::string choices(std::span<const std::string_view> names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    text += '"';
    text += names[i];
    text += '"';
  }
  return text;
}

}  // namespace

Value needs_value(Checker& checker, std::string_view pattern, NodeId body) {
  checker.report(diag::Kind::PatternNoValue, body, {std::string(pattern)});
  return Value::error();
}

Value check_run(Checker& checker, const CallSite& site, const PatternArguments& arguments) {
  if ((arguments[0] == 0) == (arguments[1] == 0)) {
    checker.report(diag::Kind::PatternArgumentMissing, site.node, {"run", "body"}).with_help("`run(.body: ...)` or `run(.steps: [...])`");
    return Value::error();
  }
  return arguments[0] != 0 ? run_here(checker, arguments[0], site.hint) : run_steps(checker, site, arguments[1]);
}

Value check_try(Checker& checker, const CallSite& site, const PatternArguments& arguments) {
  const NodeId handler = arguments[1];
  const TypeId hint = handler != 0 ? site.hint : wanted_of_result(checker, site.hint);
  const Body body = make_body(checker, arguments[0], hint);
  const Value function = handler != 0 ? checker.expression(handler) : Value::none();
  if (body.is_error() || function.is_error()) {
    return Value::error();
  }
  checker.at(site.node);
  ir::FunctionBuilder& builder = checker.builder();
  const ValueId failure = runtime_call(checker, RuntimeFunctionId::Try, {body.closure, body.place});
  const ValueId failed = builder.compare(Op::Ne, failure, builder.const_null());
  if (handler == 0) {
    return result_of(checker, failed, body.type, body.place, [&] { return failure; });
  }
  return choose(
      checker, failed, body.type,
      [&] {
        const Value text = Value::of(kStringType, failure);
        const Value caught = checker.apply(function, handler, {&text, 1}, body.type);
        return body.type == kVoidType || caught.is_error() ? caught : checker.convert(caught, body.type, handler);
      },
      [&] { return value_in(checker, body); });
}

Value check_timeout(Checker& checker, const CallSite& site, const PatternArguments& arguments) {
  const ValueId duration = nanoseconds(checker, arguments[0]);
  const NodeId other = arguments[2];
  const Body body = make_body(checker, arguments[1], other != 0 ? site.hint : wanted_of_result(checker, site.hint));
  if (body.is_error()) {
    return Value::error();
  }
  checker.at(site.node);
  ir::FunctionBuilder& builder = checker.builder();
  const ValueId in_time = runtime_call(checker, RuntimeFunctionId::Timeout, {duration, body.closure, body.place});
  if (other == 0) {
    const ValueId late = builder.unary(Op::Not, Type::U1, in_time);
    return result_of(checker, late, body.type, body.place, [&] { return builder.const_string("timed out"); });
  }
  return choose(
      checker, in_time, body.type, [&] { return value_in(checker, body); },
      [&] {
        const Value value = checker.expression(other, body.type);
        return body.type == kVoidType || value.is_error() ? value : checker.convert(value, body.type, other);
      });
}

Value check_retry(Checker& checker, const CallSite& site, const PatternArguments& arguments) {
  constexpr std::string_view kBackoffs[] = {"constant", "linear", "exponential"};
  constexpr int64_t kDefaultDelay = 10'000'000;  // nanoseconds, where a back-off is named without `.delay:`
  const Body body = make_body(checker, arguments[0], wanted_of_result(checker, site.hint));
  const ValueId attempts = checker.operand(arguments[1], kInt64Type);
  uint32_t backoff = arguments[3] != 0 || arguments[4] != 0 ? 1 : 0;
  if (arguments[2] != 0) {
    std::string_view name;
    backoff = 0;
    if (constant_string(checker, arguments[2], &name)) {
      for (uint32_t i = 0; i < std::size(kBackoffs); ++i) {
        backoff = kBackoffs[i] == name ? i + 1 : backoff;
      }
    }
    if (backoff == 0) {
      checker.report(diag::Kind::PatternOptionValue, arguments[2], {"backoff", "retry", choices(kBackoffs)});
      return Value::error();
    }
  }
  const ValueId delay = arguments[3] != 0 ? nanoseconds(checker, arguments[3]) : const_s64(checker, backoff == 0 ? 0 : kDefaultDelay);
  const ValueId most = arguments[4] != 0 ? nanoseconds(checker, arguments[4]) : const_s64(checker, 0);
  if (body.is_error()) {
    return Value::error();
  }
  checker.at(site.node);
  ir::FunctionBuilder& builder = checker.builder();
  const ValueId enough = builder.compare(Op::Ge, attempts, const_s64(checker, 1));
  builder.emit(Op::CheckThat, Type::Void, enough, builder.const_string("retry needs at least one attempt"), static_cast<uint32_t>(ir::PanicKind::BadArgument));
  const ValueId failure =
      runtime_call(checker, RuntimeFunctionId::Retry, {body.closure, body.place, attempts, builder.const_int(Type::S32, backoff), delay, most});
  const ValueId failed = builder.compare(Op::Ne, failure, builder.const_null());
  return result_of(checker, failed, body.type, body.place, [&] { return failure; });
}

Value check_cache(Checker& checker, const CallSite& site, const PatternArguments& arguments) {
  const Value key = checker.runtime_expression(arguments[0]);
  const ValueId ttl = arguments[2] != 0 ? nanoseconds(checker, arguments[2]) : const_s64(checker, 0);
  if (key.is_error()) {
    return key;
  }
  const uint32_t kind = key_kind(checker, key.type);
  if (kind == 0) {
    checker.report(diag::Kind::PatternKeyType, arguments[0], {checker.type_text(key.type)});
    return Value::error();
  }
  ir::FunctionBuilder& builder = checker.builder();
  checker.at(site.node);
  // The value's type is known only after the body; these are filled in then.
  const ValueId place_id = builder.const_int(Type::U64, 0);
  const ValueId value_size = const_u32(checker, 0);
  const ValueId value_refs = const_u32(checker, 0);
  const ValueId table = runtime_call(checker, RuntimeFunctionId::CacheAt,
                                     {place_id, const_u32(checker, kind), const_u32(checker, element_size(checker, key.type)), value_size, value_refs, ttl});
  const ValueId key_place = checker.spill(checker.materialize(key), key.type);
  const ValueId value_place = checker.stack_object(8);
  const ValueId found = runtime_call(checker, RuntimeFunctionId::CacheGet, {table, key_place, value_place});
  const Label missing = builder.new_label();
  const Label done = builder.new_label();
  builder.cond_br(found, done, missing);
  builder.start_block(missing);
  const Value value = run_here(checker, arguments[1], site.hint);
  if (value.kind == ValueKind::Void) {
    needs_value(checker, "cache", arguments[1]);
  }
  const bool fine = value.kind == ValueKind::Runtime;
  checker.at(site.node);
  if (fine) {
    checker.store_field(value_place, 0, value.type, value.id);
    runtime_call(checker, RuntimeFunctionId::CachePut, {table, key_place, value_place});
  }
  builder.br(done);
  builder.start_block(done);
  if (!fine) {
    return Value::error();
  }
  const TypeInfo& info = checker.info(value.type);
  builder.inst(value_place).a = info.size;
  builder.inst(value_size).b = info.size;
  builder.inst(value_refs).b = info.is_ref ? 1 : 0;
  // One table for each place: its file, offset and types name it, the same in every build.
  const std::string place = checker.type_text(key.type) + ":" + checker.type_text(value.type) + "@" + checker.module().prefix + ":" +
                            std::to_string(checker.tree().tokens->offset(checker.node(site.node).token));
  const uint64_t identity = base::hash_bytes(place);
  builder.inst(place_id).b = static_cast<uint32_t>(identity);
  builder.inst(place_id).c = static_cast<uint32_t>(identity >> 32);
  return Value::of(value.type, checker.load_field(value_place, 0, value.type));
}

Value check_validate(Checker& checker, const CallSite& site, const PatternArguments& arguments) {
  const Value value = checker.runtime_expression(arguments[0], wanted_of_result(checker, site.hint));
  if (checker.node(arguments[1]).kind != NodeKind::ArrayLiteral) {
    checker.report(diag::Kind::PatternNeedsList, arguments[1], {"rules", "validate"})
        .with_help("write `" + std::string(pattern_signature(PatternKind::Validate).form) + "`");
    return Value::error();
  }
  if (value.is_error()) {
    return value;
  }
  ir::FunctionBuilder& builder = checker.builder();
  const Value subject = Value::of(value.type, checker.materialize(value));
  const TypeId strings = checker.types().array_of(kStringType);
  checker.at(site.node);
  const ValueId errors = checker.new_array(const_s64(checker, 0), kStringType);
  bool fine = true;
  for (const NodeId rule : checker.tree().list(checker.node(arguments[1]).b)) {
    const std::span<const NodeId> parts = checker.node(rule).kind == NodeKind::Tuple ? checker.tree().list(checker.node(rule).b) : std::span<const NodeId>{};
    if (parts.size() != 2 || parts[0] == 0 || parts[1] == 0) {
      checker.report(diag::Kind::PatternOptionValue, rule, {"rules", "validate", "pairs of a condition and a text: `(x => x > 0, \"not positive\")`"});
      fine = false;
      continue;
    }
    const Value holds = checker.inline_lambda(parts[0], {&subject, 1}, kBoolType);
    if (holds.is_error()) {
      fine = false;
      continue;
    }
    if (!checker.converts(holds, kBoolType)) {
      checker.report(diag::Kind::PatternNeedsBool, parts[0], {checker.value_text(holds)});
      fine = false;
      continue;
    }
    const Label broken = builder.new_label();
    const Label next = builder.new_label();
    builder.cond_br(checker.materialize(checker.convert(holds, kBoolType, parts[0])), next, broken);
    builder.start_block(broken);
    checker.push(errors, checker.operand(parts[1], kStringType), kStringType);
    builder.br(next);
    builder.start_block(next);
  }
  if (!fine) {
    return Value::error();
  }
  checker.at(site.node);
  const TypeId type = result_type_of(checker, subject.type);
  (void)strings;
  const ValueId none = builder.compare(Op::Eq, checker.array_length(errors), const_s64(checker, 0));
  return choose(
      checker, none, type, [&] { return Value::of(type, make_ok(checker, subject.type, subject.id)); },
      [&] {
        const ValueId failed = make_error(checker, subject.type, checker.element_get(errors, const_s64(checker, 0), kStringType));
        builder.store(failed, kResultErrors, errors);
        return Value::of(type, failed);
      });
}

Value check_pattern(Checker& checker, PatternKind kind, const CallSite& site) {
  if (kind == PatternKind::Match) {
    checker.report(diag::Kind::PatternArgumentMissing, site.node, {"match", "value"}).with_help("write `match(x, 1 => \"one\", _ => \"other\")`");
    return Value::error();
  }
  const PatternArguments arguments = bind_pattern_arguments(checker, kind, site.receiver_node, site.arguments, checker.tree().span(site.node));
  if (!arguments.ok) {
    return Value::error();
  }
  switch (kind) {
    case PatternKind::Run: return check_run(checker, site, arguments);
    case PatternKind::Try: return check_try(checker, site, arguments);
    case PatternKind::Timeout: return check_timeout(checker, site, arguments);
    case PatternKind::Retry: return check_retry(checker, site, arguments);
    case PatternKind::Parallel: return check_parallel(checker, site, arguments);
    case PatternKind::Cache: return check_cache(checker, site, arguments);
    case PatternKind::Validate: return check_validate(checker, site, arguments);
    case PatternKind::Recurse: return check_recurse(checker, site, arguments);
    default: return check_pipeline(checker, kind, site, arguments);
  }
}

}  // namespace omega::check
