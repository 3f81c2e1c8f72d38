// SPDX-License-Identifier: Apache-2.0
// Values of type Result<T>: making them, `.or()`.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

/// `.ok` of a result, which may be null (the zero value).
ValueId load_ok(Checker& checker, ValueId result) {
  ir::FunctionBuilder& builder = checker.builder();
  const ir::SlotId slot = builder.add_slot(ir::Type::U1);
  const Label there = builder.new_label();
  const Label done = builder.new_label();
  builder.set(slot, builder.const_bool(false));
  builder.cond_br(builder.compare(Op::Ne, result, builder.const_null()), there, done);
  builder.start_block(there);
  builder.set(slot, builder.load(ir::Type::U1, result, kResultOk));
  builder.br(done);
  builder.start_block(done);
  return builder.get(slot);
}

}  // namespace

TypeId result_type_of(Checker& checker, TypeId type) { return checker.types().result_of(type == kVoidType ? kBoolType : type); }

ValueId make_ok(Checker& checker, TypeId type, ValueId value) {
  ir::FunctionBuilder& builder = checker.builder();
  if (type == kVoidType) {
    type = kBoolType;
    value = builder.const_bool(true);
  }
  const ValueId object = builder.emit(Op::NewObject, ir::Type::Ref, result_size(element_size(checker, type)));
  builder.store(object, kResultOk, builder.const_bool(true));
  checker.store_field(object, kResultValue, type, value);
  return object;
}

ValueId make_error(Checker& checker, TypeId type, ValueId text) {
  ir::FunctionBuilder& builder = checker.builder();
  const uint32_t value_size = type == kVoidType ? 1 : element_size(checker, type);
  const ValueId object = builder.emit(Op::NewObject, ir::Type::Ref, result_size(value_size));
  builder.store(object, kResultError, text);
  return object;
}

Value result_or(Checker& checker, const CallSite& site) {
  if (!check_argument_count(checker, site, "or", 1, 1)) {
    return Value::error();
  }
  const TypeId type = checker.info(site.receiver.type).element;
  const ValueId result = checker.materialize(site.receiver);
  ir::FunctionBuilder& builder = checker.builder();
  const ir::SlotId slot = builder.add_slot(checker.types().ir(type));
  const Label good = builder.new_label();
  const Label bad = builder.new_label();
  const Label done = builder.new_label();
  builder.cond_br(load_ok(checker, result), good, bad);
  builder.start_block(good);
  builder.set(slot, checker.load_field(result, kResultValue, type));
  builder.br(done);
  builder.start_block(bad);
  builder.set(slot, checker.operand(site.arguments[0], type));
  builder.br(done);
  builder.start_block(done);
  return Value::of(type, builder.get(slot));
}

}  // namespace omega::check
