// SPDX-License-Identifier: Apache-2.0
// What the language gives to call: require, hashes, abi, arrays' push and pop.
#include "omega/check/contract/contract_checker.h"

#include "omega/base/keccak.h"

namespace omega::check::contract {

using diag::Kind;

ValueId ContractChecker::bytes_operand(NodeId id) {
  const Value value = rvalue(id);
  if (value.kind == ValueKind::Text) {
    return text_bytes(texts_[value.id], Use::Consume);
  }
  const Value bytes = convert(value, kBytesType, Location::Memory, id, Use::Consume);
  return bytes.is_error() ? builder_.const_null() : bytes.id;
}

Value ContractChecker::call_builtin(const Callable& callee, NodeId id, std::span<const NodeId> arguments) {
  if (has_names(arguments)) {
    return fail(Kind::UnexpectedNamedArgument, arguments[0], {name_text(NameId{node(arguments[0]).a})});
  }
  switch (callee.builtin) {
    case Builtin::Require: return require_call(id, arguments);
    case Builtin::Revert: return revert_call(id, arguments);
    case Builtin::Assert: {
      if (!expect_count(arguments, 1, id, "assert")) {
        return Value::error();
      }
      const ValueId truth = operand(arguments[0], kBoolType);
      at(id);
      builder_.emit(Op::CheckThat, ir::Type::Void, truth, ir::kNone, static_cast<uint32_t>(ir::PanicKind::Assert));
      return Value::none();
    }
    case Builtin::Keccak256:
    case Builtin::Sha256:
    case Builtin::Ripemd160: return hash_call(callee.builtin, id, arguments);
    case Builtin::Ecrecover: {
      if (!expect_count(arguments, 4, id, "ecrecover")) {
        return Value::error();
      }
      const ValueId args[] = {operand(arguments[0], kBytes32Type), operand(arguments[1], kUint8Type), operand(arguments[2], kBytes32Type),
                              operand(arguments[3], kBytes32Type)};
      at(id);
      return Value::of(kAddressType, builder_.emit(Op::Recover, ir::unsigned_type(160), 0, builder_.add_extra(args), 4));
    }
    case Builtin::GasLeft:
      if (!expect_count(arguments, 0, id, "gasleft")) {
        return Value::error();
      }
      note_access(Access::Read, id);
      return Value::of(kUint256Type, message(ir::MessageField::GasLeft, ir::Type::U256));
    case Builtin::AddMod:
    case Builtin::MulMod: {
      const bool adds = callee.builtin == Builtin::AddMod;
      if (!expect_count(arguments, 3, id, adds ? "addmod" : "mulmod")) {
        return Value::error();
      }
      if (const auto constant = constant_number(arguments[2], 0); constant && constant->value.numerator.is_zero()) {
        return fail(Kind::ConstantDivisionByZero, arguments[2]);
      }
      const ValueId a = operand(arguments[0], kUint256Type);
      const ValueId b = operand(arguments[1], kUint256Type);
      const ValueId modulus = operand(arguments[2], kUint256Type);
      at(id);
      return Value::of(kUint256Type, builder_.emit(adds ? Op::AddMod : Op::MulMod, ir::Type::U256, a, b, modulus));
    }
    case Builtin::Encode: return encode(ir::Encoding::Abi, evaluate(arguments), id);
    case Builtin::EncodePacked: return encode(ir::Encoding::Packed, evaluate(arguments), id);
    case Builtin::EncodeWithSelector: {
      std::vector<Value> values = evaluate(arguments);
      if (values.empty()) {
        return fail(Kind::ArgumentCount, id, {"abi.encodeWithSelector", "1 argument or more", "0"});
      }
      values[0] = convert(values[0], fixed_bytes_type(4), Location::None, arguments[0]);
      return encode(ir::Encoding::Selector, values, id);
    }
    case Builtin::EncodeWithSignature: {
      std::vector<Value> values = evaluate(arguments);
      if (values.empty()) {
        return fail(Kind::ArgumentCount, id, {"abi.encodeWithSignature", "1 argument or more", "0"});
      }
      const TypeId bytes4 = fixed_bytes_type(4);
      if (values[0].kind == ValueKind::Text) {
        values[0] = Value::of(bytes4, builder_.const_int(ir::Type::U32, base::keccak256_selector(texts_[values[0].id])));
      } else if (const Value text = convert(values[0], kStringType, Location::Memory, arguments[0], Use::Consume); !text.is_error()) {
        const ValueId digest = builder_.emit(Op::Hash, ir::Type::U256, text.id, static_cast<uint32_t>(ir::HashKind::Keccak256));
        const ValueId first = builder_.binary(Op::Shr, ir::Type::U256, digest, builder_.const_int(ir::Type::U256, 224));
        values[0] = Value::of(bytes4, builder_.cast(ir::Type::U32, first));
      } else {
        return text;
      }
      return encode(ir::Encoding::Selector, values, id);
    }
    case Builtin::EncodeCall: return encode_call(id, arguments);
    case Builtin::Decode: return decode(id, arguments);
    case Builtin::StringConcat: return concat(kStringType, arguments);
    case Builtin::BytesConcat: return concat(kBytesType, arguments);
    case Builtin::Push: return push(callee.self, id, arguments);
    case Builtin::Pop: return expect_count(arguments, 0, id, "pop") ? pop(callee.self, id) : Value::error();
    case Builtin::Call:
    case Builtin::StaticCall:
    case Builtin::DelegateCall: return raw_call(callee, id, arguments);
    case Builtin::Transfer:
    case Builtin::Send: return transfer(callee, id, arguments);
    case Builtin::Wrap:
    case Builtin::Unwrap: {
      const bool wraps = callee.builtin == Builtin::Wrap;
      if (!expect_count(arguments, 1, id, wraps ? "wrap" : "unwrap")) {
        return Value::error();
      }
      const TypeId type = callee.self.type;
      const TypeId underlying = types_[type].element;
      return Value::of(wraps ? type : underlying, operand(arguments[0], wraps ? underlying : type));
    }
  }
  return Value::error();
}

bool ContractChecker::is_harmless(NodeId id) {
  const Node& n = node(id);
  switch (n.kind) {
    case NodeKind::Name:
    case NodeKind::IntLiteral:
    case NodeKind::UnitLiteral:
    case NodeKind::DecimalLiteral:
    case NodeKind::StringLiteral:
    case NodeKind::HexLiteral:
    case NodeKind::UnicodeLiteral:
    case NodeKind::BoolLiteral: return true;
    case NodeKind::Paren:
    case NodeKind::Member: return is_harmless(n.a);
    default: return false;
  }
}

Value ContractChecker::require_call(NodeId id, std::span<const NodeId> arguments) {
  if (arguments.empty() || arguments.size() > 2) {
    return fail(Kind::ArgumentCount, id, {"require", "1 or 2 arguments", std::to_string(arguments.size())});
  }
  const Label holds = builder_.new_label();
  const Label fails = builder_.new_label();
  auto message_of = [&](NodeId message) {
    const Value text = convert(rvalue(message), kStringType, Location::Memory, message, Use::Consume);
    return text.is_error() ? builder_.const_null() : text.id;
  };
  if (arguments.size() == 1) {
    condition(arguments[0], holds, fails);
    builder_.start_block(fails);
    builder_.revert(ir::kNone, {});
    builder_.start_block(holds);
    return Value::none();
  }
  const NodeId reason = arguments[1];
  const bool is_error_call = node(reason).kind == NodeKind::Call;
  Value error;
  if (is_error_call) {
    // A call of a function that gives a string, or an error with arguments.
    NodeId path = node(reason).a;
    error = node(path).kind == NodeKind::Name || node(path).kind == NodeKind::Member ? expression(path) : Value{};
  }
  const bool is_error = error.kind == ValueKind::ErrorName;
  bool is_lazy = is_harmless(reason);
  if (is_error) {
    is_lazy = true;
    for (const NodeId argument : tree_->list(node(reason).b)) {
      is_lazy = is_lazy && is_harmless(node(argument).kind == NodeKind::NamedArg ? node(argument).b : argument);
    }
  }
  if (is_lazy) {
    condition(arguments[0], holds, fails);
    builder_.start_block(fails);
    if (is_error) {
      revert_with(reason);
      if (builder_.is_open()) {
        builder_.unreachable();  // a mistake was reported
      }
    } else {
      revert_message(message_of(reason));
    }
    builder_.start_block(holds);
    return Value::none();
  }
  // Arguments are evaluated whether the condition holds or not.
  const ValueId truth = operand(arguments[0], kBoolType);
  if (!is_error) {
    const ValueId text = message_of(reason);
    builder_.cond_br(truth, holds, fails);
    builder_.start_block(fails);
    revert_message(text);
  } else {
    const Signature& s = signature(error.id);
    const auto order = match_names(tree_->list(node(reason).b), s.params, reason, std::string(program_.name_of(error.id)));
    if (!order || s.has_error) {
      builder_.cond_br(truth, holds, holds);
      builder_.start_block(fails);
      builder_.unreachable();
      builder_.start_block(holds);
      return Value::error();
    }
    const std::vector<ValueId> args = converted(s.params, evaluate(*order), reason, *order, Use::Consume);
    builder_.cond_br(truth, holds, fails);
    builder_.start_block(fails);
    if (args.size() == s.params.size()) {
      builder_.revert(error_index(error.id), args);
    } else {
      builder_.unreachable();
    }
  }
  builder_.start_block(holds);
  return Value::none();
}

void ContractChecker::revert_message(ValueId message) { builder_.revert(message_error(), {&message, 1}); }

Value ContractChecker::revert_call(NodeId id, std::span<const NodeId> arguments) {
  if (arguments.size() > 1) {
    return fail(Kind::ArgumentCount, id, {"revert", "0 or 1 arguments", std::to_string(arguments.size())});
  }
  if (arguments.empty()) {
    builder_.revert(ir::kNone, {});
    return Value::none();
  }
  const Value text = convert(rvalue(arguments[0]), kStringType, Location::Memory, arguments[0], Use::Consume);
  at(id);
  revert_message(text.is_error() ? builder_.const_null() : text.id);
  return Value::none();
}

void ContractChecker::revert_with(NodeId call_id) {
  const Node& n = node(call_id);
  const Value error = expression(n.a);
  if (error.is_error()) {
    return;
  }
  if (error.kind != ValueKind::ErrorName) {
    report(Kind::NotAnError, n.a, {value_text(error)});
    return;
  }
  const Signature& s = signature(error.id);
  const auto order = match_names(tree_->list(n.b), s.params, call_id, std::string(program_.name_of(error.id)));
  if (!order || s.has_error) {
    return;
  }
  const std::vector<ValueId> args = converted(s.params, evaluate(*order), call_id, *order, Use::Consume);
  at(call_id);
  if (args.size() == s.params.size()) {
    builder_.revert(error_index(error.id), args);
  }
}

Value ContractChecker::encode(ir::Encoding encoding, std::span<const Value> values, NodeId where) {
  std::vector<uint32_t> ids;
  std::vector<uint32_t> kinds;
  for (Value value : values) {
    if (value.kind == ValueKind::Number && encoding == ir::Encoding::Packed) {
      return fail(Kind::ContractPackedLiteral, where);
    }
    value = settle(value, where);
    if (value.is_error()) {
      return value;
    }
    if (value.is_storage()) {
      value = convert(value, value.type, Location::Memory, where, Use::Consume);
      if (value.is_error()) {
        return value;
      }
    }
    if (!is_encodable(value.type, where)) {
      return Value::error();
    }
    const Type type = types_[value.type];
    const bool is_array = type.kind == TypeKind::Array || type.kind == TypeKind::FixedArray;
    if (encoding == ir::Encoding::Packed && (type.kind == TypeKind::Struct || (is_array && types_.is_reference(type.element)))) {
      return fail(Kind::NoConversion, where, {value_text(value), "packed bytes"});
    }
    ids.push_back(value.id);
    kinds.push_back(data_type(value.type));
  }
  const uint32_t count = static_cast<uint32_t>(ids.size());
  ids.insert(ids.end(), kinds.begin(), kinds.end());
  at(where);
  return Value::of(kBytesType, builder_.emit(Op::DataEncode, ir::Type::Ref, static_cast<uint32_t>(encoding), builder_.add_extra(ids), count), Location::Memory);
}

Value ContractChecker::encode_call(NodeId id, std::span<const NodeId> arguments) {
  if (!expect_count(arguments, 2, id, "abi.encodeCall")) {
    return Value::error();
  }
  const Value named = callee_of(arguments[0]);
  if (named.is_error()) {
    return named;
  }
  if (named.kind == ValueKind::Callable && callables_[named.id].kind == Callable::Kind::Value) {
    const Value self = callables_[named.id].self;
    const FunctionShape shape = types_.shape(self.type);
    return encode_message(selector_of_function(self), params_of(shape.params, shape.param_locations), types_.text(self.type), id, arguments[1]);
  }
  if (named.kind != ValueKind::Callable || callables_[named.id].candidates.size() != 1) {
    return fail(Kind::NotCallable, arguments[0], {value_text(named)});
  }
  const DeclId function = callables_[named.id].candidates[0];
  const Signature& s = signature(function);
  const bool is_message =
      callables_[named.id].kind == Callable::Kind::External || callables_[named.id].kind == Callable::Kind::Foreign || (s.attributes & parse::kExternal) != 0;
  if (!is_message) {
    return fail(Kind::ContractMessage, arguments[0], {std::string(program_.name_of(function))});
  }
  const Value selector = selector_value(function, arguments[0]);
  return selector.is_error() ? selector : encode_message(selector, s.params, std::string(program_.name_of(function)), id, arguments[1]);
}

Value ContractChecker::encode_message(const Value& selector, std::vector<Param> params, const std::string& of, NodeId id, NodeId list) {
  const auto written = node(list).kind == NodeKind::Tuple ? tree_->list(node(list).b) : std::span<const NodeId>(&list, 1);
  for (Param& param : params) {
    param.location = param.location == Location::None ? Location::None : Location::Memory;
  }
  const auto order = match_names(written, params, id, of);
  if (!order) {
    return Value::error();
  }
  const std::vector<ValueId> args = converted(params, evaluate(*order), id, *order, Use::Consume);
  if (args.size() != params.size()) {
    return Value::error();
  }
  std::vector<Value> values{selector};
  for (size_t i = 0; i < args.size(); ++i) {
    values.push_back(Value::of(params[i].type, args[i], params[i].location));
  }
  return encode(ir::Encoding::Selector, values, id);
}

Value ContractChecker::decode(NodeId id, std::span<const NodeId> arguments) {
  if (!expect_count(arguments, 2, id, "abi.decode")) {
    return Value::error();
  }
  const ValueId bytes = bytes_operand(arguments[0]);
  NodeId list = arguments[1];
  while (node(list).kind == NodeKind::Paren) {
    list = node(list).a;
  }
  const auto type_nodes =
      node(list).kind == NodeKind::Tuple || node(list).kind == NodeKind::TupleType ? tree_->list(node(list).b) : std::span<const NodeId>(&list, 1);
  std::vector<uint32_t> kinds;
  std::vector<Param> results;
  for (const NodeId type_node : type_nodes) {
    const TypeId written = type_node == 0 ? kErrorType : read_type(type_node);
    if (written == kErrorType || !is_encodable(written, type_node)) {
      return Value::error();
    }
    const TypeId type = written == kAddressType ? kPayableType : written;
    results.push_back({type, types_.is_reference(type) ? Location::Memory : Location::None, {}, 0});
    kinds.push_back(data_type(type));
  }
  if (results.empty()) {
    return Value::none();
  }
  at(id);
  const ValueId first = builder_.emit(Op::DataDecode, types_.ir(results[0].type), bytes, builder_.add_extra(kinds), static_cast<uint32_t>(kinds.size()));
  return results_of(first, results, 0);
}

Value ContractChecker::concat(TypeId type, std::span<const NodeId> arguments) {
  std::vector<uint32_t> parts;
  for (const NodeId argument : arguments) {
    Value value = rvalue(argument);
    if (value.is_error()) {
      return value;
    }
    if (value.kind == ValueKind::Text) {
      parts.push_back(text_bytes(texts_[value.id], Use::Consume));
      continue;
    }
    if (type == kBytesType && value.is_data() && types_[value.type].kind == TypeKind::FixedBytes) {
      const uint32_t encoded[] = {value.id, data_type(value.type)};
      parts.push_back(builder_.emit(Op::DataEncode, ir::Type::Ref, static_cast<uint32_t>(ir::Encoding::Packed), builder_.add_extra(encoded), 1));
      continue;
    }
    value = convert(value, type, Location::Memory, argument, Use::Consume);
    if (value.is_error()) {
      return value;
    }
    parts.push_back(value.id);
  }
  const uint32_t count = static_cast<uint32_t>(parts.size());
  return Value::of(type, builder_.emit(Op::DataConcat, ir::Type::Ref, 0, builder_.add_extra(parts), count), Location::Memory);
}

Value ContractChecker::hash_call(Builtin which, NodeId id, std::span<const NodeId> arguments) {
  const bool is_keccak = which == Builtin::Keccak256;
  const bool is_short = which == Builtin::Ripemd160;
  if (!expect_count(arguments, 1, id, is_keccak ? "keccak256" : is_short ? "ripemd160" : "sha256")) {
    return Value::error();
  }
  const Value value = rvalue(arguments[0]);
  if (value.kind == ValueKind::Text && is_keccak) {
    BigInteger number_of;
    for (const uint8_t byte : base::keccak256(texts_[value.id])) {
      number_of = number_of * BigInteger(256) + BigInteger(byte);
    }
    return Value::of(kBytes32Type, emit_number(number_of, kBytes32Type));
  }
  const Value bytes = convert(value, kBytesType, Location::Memory, arguments[0], Use::Consume);
  if (bytes.is_error()) {
    return bytes;
  }
  at(id);
  const ir::HashKind kind = is_keccak ? ir::HashKind::Keccak256 : is_short ? ir::HashKind::Ripemd160 : ir::HashKind::Sha256;
  const TypeId type = is_short ? fixed_bytes_type(20) : kBytes32Type;
  return Value::of(type, builder_.emit(Op::Hash, types_.ir(type), bytes.id, static_cast<uint32_t>(kind)));
}

Value ContractChecker::push(const Value& base, NodeId id, std::span<const NodeId> arguments) {
  if (arguments.size() > 1) {
    return fail(Kind::ArgumentCount, id, {"push", "0 or 1 arguments", std::to_string(arguments.size())});
  }
  const Type type = types_[base.type];
  const bool is_bytes = type.kind == TypeKind::Bytes;
  Value value;
  if (!arguments.empty()) {
    value = rvalue(arguments[0]);
    if (value.is_error()) {
      return value;
    }
  }
  at(id);
  note_access(Access::Write, id);
  const ir::DataTypeId data = data_of(base);
  const ValueId length = builder_.emit(Op::StateLength, ir::Type::U256, base.id, data);
  const ValueId longer = builder_.binary(Op::Add, ir::Type::U256, length, builder_.const_int(ir::Type::U256, 1), ir::kChecked);
  builder_.emit(Op::StateResize, ir::Type::Void, base.id, longer, data);
  const Value place =
      is_bytes ? Value{.kind = ValueKind::StateByte, .is_other_text = base.is_other_text, .type = fixed_bytes_type(1), .id = base.id, .extra = length}
               : state_place(builder_.emit(Op::StateElement, ir::Type::Ref, base.id, length, data), type.element);
  if (arguments.empty()) {
    return place;
  }
  store(place, value, arguments[0]);
  return Value::none();
}

Value ContractChecker::pop(const Value& base, NodeId id) {
  at(id);
  note_access(Access::Write, id);
  const ir::DataTypeId data = data_of(base);
  const ValueId length = builder_.emit(Op::StateLength, ir::Type::U256, base.id, data);
  const ValueId is_full = builder_.compare(Op::Ne, length, builder_.const_int(ir::Type::U256, 0));
  builder_.emit(Op::CheckThat, ir::Type::Void, is_full, ir::kNone, static_cast<uint32_t>(ir::PanicKind::PopEmpty));
  const ValueId shorter = builder_.binary(Op::Sub, ir::Type::U256, length, builder_.const_int(ir::Type::U256, 1));
  builder_.emit(Op::StateResize, ir::Type::Void, base.id, shorter, data);
  return Value::none();
}

}  // namespace omega::check::contract
