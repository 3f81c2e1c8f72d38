// SPDX-License-Identifier: Apache-2.0
// parallel(.tasks: [b1, b2, …]): every body becomes a closure; the runtime runs them, and the values come back in the order of the tasks.
#include "omega/check/builtin_values.h"
#include "omega/check/pattern_arguments.h"

namespace omega::check {
namespace {

using ir::Type;

class ParallelTasks {
 public:
  ParallelTasks(Checker& checker, const CallSite& site) : checker_(checker), builder_(checker.builder()), site_(site) {}

  Value run(const PatternArguments& arguments) {
    if (!read_policy(arguments[2])) {
      return Value::error();
    }
    NodeId tasks = arguments[0];
    while (checker_.node(tasks).kind == NodeKind::Paren) {
      tasks = checker_.node(tasks).a;
    }
    const bool fine = checker_.node(tasks).kind == NodeKind::ArrayLiteral ? written_tasks(tasks) : task_array(tasks);
    const ValueId timeout = arguments[1] != 0 ? nanoseconds(checker_, arguments[1]) : const_s64(checker_, 0);
    const ValueId most = arguments[3] != 0 ? checker_.operand(arguments[3], kInt64Type) : const_s64(checker_, 0);
    if (!fine) {
      return Value::error();
    }
    checker_.at(site_.node);
    return collects_ ? collected(timeout, most) : joined(timeout, most);
  }

 private:
  bool read_policy(NodeId node) {
    std::string_view policy = "fail";
    if (node == 0) {
      return true;
    }
    if (!constant_string(checker_, node, &policy) || (policy != "fail" && policy != "collect")) {
      checker_.report(diag::Kind::PatternOptionValue, node, {"on_error", "parallel", "\"fail\" or \"collect\""});
      return false;
    }
    collects_ = policy == "collect";
    return true;
  }

  /// The type of a task's value that the context would like.
  TypeId wanted() {
    const TypeInfo& info = checker_.info(site_.hint);
    if (info.kind != TypeKind::Array) {
      return kNoType;
    }
    if (!collects_) {
      return info.element;
    }
    return checker_.info(info.element).kind == TypeKind::Result ? checker_.info(info.element).element : kNoType;
  }

  bool written_tasks(NodeId list) {
    const std::span<const NodeId> bodies = checker_.tree().list(checker_.node(list).b);
    count_ = const_s64(checker_, static_cast<int64_t>(bodies.size()));
    closures_ = checker_.builder().emit(Op::ArrayNew, Type::Ref, count_, 8);
    type_ = wanted();
    bool fine = true;
    bool first = true;
    for (size_t i = 0; i < bodies.size(); ++i) {
      TypeId own = kErrorType;
      const ValueId closure = checker_.task_closure(bodies[i], &own, type_ == kVoidType ? kNoType : type_);
      if (own == kErrorType) {
        fine = false;
        continue;
      }
      if (first && type_ == kNoType) {
        type_ = own;
      }
      first = false;
      if (own != type_) {
        checker_.report(diag::Kind::PatternTasksType, bodies[i], {checker_.type_text(own), checker_.type_text(type_)});
        fine = false;
      }
      builder_.emit(Op::ElementSet, Type::Void, closures_, const_s64(checker_, static_cast<int64_t>(i)), closure);
    }
    if (type_ == kNoType) {
      type_ = kVoidType;
    }
    return fine;
  }

  /// Tasks in an array of functions without parameters: each gets a closure that calls it.
  bool task_array(NodeId tasks) {
    const Value array = checker_.runtime_expression(tasks);
    if (array.is_error()) {
      return false;
    }
    const TypeInfo& info = checker_.info(array.type);
    const TypeId function_type = info.kind == TypeKind::Array ? info.element : kNoType;
    const TypeInfo& function = checker_.info(function_type);
    if (function.kind != TypeKind::Function || function.part_count != 0 || function.result_count > 1) {
      wrong_argument(checker_, "parallel", "a list of bodies or an array of functions without parameters", array, tasks);
      return false;
    }
    type_ = function.result_count == 0 ? kVoidType : function.results()[0];
    count_ = checker_.array_length(array.id);
    closures_ = builder_.emit(Op::ArrayNew, Type::Ref, count_, 8);
    const CountedLoop loop = checker_.begin_counted_loop(const_s64(checker_, 0), count_, tasks);
    const ValueId index = builder_.get(loop.iv);
    const uint32_t mark = checker_.open_scope();
    const uint32_t held = checker_.declare_value(NameId{}, function_type, checker_.node(tasks).token, checker_.element_get(array.id, index, function_type));
    const Type params[] = {Type::Ref, Type::Ref};
    checker_.begin_closure("task", params, {}, tasks);
    const Value result = checker_.call_closure(checker_.read_local(held).id, function_type, {});
    if (type_ != kVoidType) {
      checker_.store_field(checker_.builder().param(1), 0, type_, result.id);
    }
    checker_.builder().ret();
    const ValueId closure = checker_.end_closure();
    checker_.close_scope(mark);
    checker_.element_set(closures_, index, closure);
    checker_.end_counted_loop(loop);
    return true;
  }

  /// Where the values go: the data of an array of `count_` of them.
  ValueId value_array() {
    const TypeInfo& info = checker_.info(type_);
    return builder_.emit(Op::ArrayNew, Type::Ref, count_, info.size, 0, info.is_ref ? 0 : ir::kNoRefs);
  }
  ValueId first_of(ValueId array) { return builder_.load(Type::Ref, array, 0); }

  ValueId run_tasks(ValueId values, ValueId errors, ValueId timeout, ValueId most) {
    const bool has_values = type_ != kVoidType;
    return runtime_call(checker_, RuntimeFunctionId::TasksRun,
                        {closures_, has_values ? first_of(values) : builder_.const_null(), const_s64(checker_, has_values ? checker_.info(type_).size : 0),
                         errors, timeout, most});
  }

  Value joined(ValueId timeout, ValueId most) {
    const ValueId values = type_ == kVoidType ? ir::kNone : value_array();
    const ValueId failed = run_tasks(values, builder_.const_null(), timeout, most);
    const ValueId in_time = builder_.compare(Op::Ge, failed, const_s64(checker_, 0));
    builder_.emit(Op::CheckThat, Type::Void, in_time, builder_.const_string("timed out"), static_cast<uint32_t>(ir::PanicKind::ResultError));
    return type_ == kVoidType ? Value::none() : Value::of(checker_.types().array_of(type_), values);
  }

  /// A Result for each task. When time ran out, the tasks that had no error by then all count as timed out: which of them had ended by chance must
  /// not decide the result.
  Value collected(ValueId timeout, ValueId most) {
    const ValueId values = type_ == kVoidType ? ir::kNone : value_array();
    const ValueId errors = checker_.new_array(count_, kStringType);
    const ValueId failed = run_tasks(values, errors, timeout, most);
    const ValueId late = builder_.compare(Op::Lt, failed, const_s64(checker_, 0));
    const TypeId result = result_type_of(checker_, type_);
    const ValueId out = checker_.new_array(count_, result);
    const CountedLoop loop = checker_.begin_counted_loop(const_s64(checker_, 0), count_, site_.node);
    const ValueId index = builder_.get(loop.iv);
    const ValueId text = builder_.select(Type::Ref, late, builder_.const_string("timed out"), checker_.element_get(errors, index, kStringType));
    const Label good = builder_.new_label();
    const Label bad = builder_.new_label();
    builder_.cond_br(builder_.compare(Op::Eq, text, builder_.const_null()), good, bad);
    builder_.start_block(good);
    const ValueId value = type_ == kVoidType ? ir::kNone : checker_.element_get(values, index, type_);
    checker_.element_set(out, index, make_ok(checker_, type_, value));
    builder_.br(loop.latch);
    builder_.start_block(bad);
    checker_.element_set(out, index, make_error(checker_, type_, text));
    checker_.end_counted_loop(loop);
    return Value::of(checker_.types().array_of(result), out);
  }

  Checker& checker_;
  ir::FunctionBuilder& builder_;
  const CallSite& site_;
  bool collects_ = false;
  TypeId type_ = kNoType;
  ValueId closures_ = 0;
  ValueId count_ = 0;
};

}  // namespace

Value check_parallel(Checker& checker, const CallSite& site, const PatternArguments& arguments) { return ParallelTasks(checker, site).run(arguments); }

}  // namespace omega::check
