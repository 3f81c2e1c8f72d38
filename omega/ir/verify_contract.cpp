// SPDX-License-Identifier: Apache-2.0
// The verifier's rules for contract operations.
#include "omega/ir/text.h"
#include "omega/ir/verifier.h"

namespace omega::ir {

namespace {

bool is_contract_op(Op op) { return op >= Op::StateVariable && op <= Op::RevertData; }

/// Operations on a place, which is their operand a.
bool is_state_op(Op op) { return op >= Op::StateEntry && op <= Op::StateCopy; }

bool is_panic_of_contracts(uint32_t kind) {
  switch (static_cast<PanicKind>(kind)) {
    case PanicKind::Overflow:
    case PanicKind::DivisionByZero:
    case PanicKind::IndexOutOfBounds:
    case PanicKind::BadEnum:
    case PanicKind::Assert:
    case PanicKind::NegativeLength:
    case PanicKind::NullCall:
    case PanicKind::PopEmpty: return true;
    default: return false;
  }
}

/// What abi.encodePacked takes: values, bytes, string, arrays of values.
bool packs(const Contract& contract, const DataType& type) {
  const bool is_array = type.kind == DataKind::Array || type.kind == DataKind::FixedArray;
  return is_value_kind(type.kind) || type.kind == DataKind::Bytes || type.kind == DataKind::String ||
         (is_array && is_value_kind(contract.types[type.element].kind));
}

}  // namespace

DataTypeId Verifier::place_type(ValueId v) const {
  const Inst& inst = f_.insts[v];
  switch (inst.op) {
    case Op::StateVariable: return m_.contract->variables[inst.a].type;
    case Op::StateEntry:
    case Op::StateElement: return data_type(inst.c).element;
    case Op::StateField: {
      const DataType& type = data_type(inst.c);
      return inst.b < type.field_count && type.kind == DataKind::Struct ? m_.contract->fields[type.first_field + inst.b].type : kNone;
    }
    default: return kNone;
  }
}

bool Verifier::is_certainly_memory(ValueId v) const {
  switch (f_.insts[v].op) {
    case Op::Const:
    case Op::ConstString:
    case Op::FunctionRef:
    case Op::NewObject:
    case Op::ArrayNew:
    case Op::MakeClosure:
    case Op::Load:
    case Op::ElementGet:
    case Op::FixedGet:
    case Op::StateGet:
    case Op::Message:
    case Op::DataEncode:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::DataSlice:
    case Op::Create:
    case Op::CreationCode:
    case Op::CallContract:
    case Op::CallRaw: return true;
    default: return false;
  }
}

void Verifier::need_place(ValueId v, DataTypeId type) {
  need(v, Type::Ref, "place");
  require(!is_certainly_memory(v), "a place in the state is needed, not a reference to memory");
  const DataTypeId known = place_type(v);
  require(known == kNone || known == type, "the place is of another data type");
  // A place of a value is made where it is used, so whoever uses it knows it.
  require(known != kNone || !is_value_kind(data_type(type).kind), "a place of a value is not handed on");
}

void Verifier::check_contract_operand_ranges(const Inst& inst) {
  if (!is_contract_op(inst.op)) {
    return;
  }
  if (!require(m_.contract != nullptr, "in contracts only")) {
    return;
  }
  const Contract& contract = *m_.contract;
  if (op_info(inst.op).roles[1] == Role::Extra && require(inst.c <= f_.extra.size(), "list outside of extra")) {
    need_extra(inst.b, list_words(inst));
  }
  auto data_types = [&](uint32_t first, uint32_t count) {
    for (uint32_t i = 0; mistakes_ == 0 && i < count; ++i) {
      require(f_.extra[first + i] < contract.types.size(), "no such data type");
    }
  };
  if (mistakes_ != 0) {
    return;
  }
  switch (inst.op) {
    case Op::StateVariable: require(inst.a < contract.variables.size(), "no such state variable"); break;
    case Op::ImmutableGet:
    case Op::ImmutableSet: require(inst.a < contract.immutables.size(), "no such immutable"); break;
    case Op::TransientGet:
    case Op::TransientSet: require(inst.a < contract.transients.size(), "no such transient variable"); break;
    case Op::EmitEvent: require(inst.a < contract.events.size(), "no such event"); break;
    case Op::Revert: require(inst.a == kNone || inst.a < contract.errors.size(), "no such error"); break;
    case Op::Message: require(inst.a < kMessageFieldCount, "no such field"); break;
    case Op::Hash: require(inst.b < kHashKindCount, "no such hash"); break;
    case Op::DataEncode:
      require(inst.a < kEncodingCount, "no such encoding");
      data_types(inst.b + inst.c, inst.c);
      break;
    case Op::DataDecode: data_types(inst.b, inst.c); break;
    case Op::Create:
      require(inst.a < contract.creations.size(), "no such contract to make");
      require(inst.c >= 2, "a contract is made with value and salt, or none");
      break;
    case Op::CreationCode:
      require(inst.a < contract.creations.size(), "no such contract to make");
      require(inst.b <= static_cast<uint32_t>(CodeKind::Runtime), "no such code");
      break;
    case Op::CallContract:
      require(inst.a < contract.externals.size(), "no such external function");
      require(inst.c >= 3 && f_.extra[inst.b] != kNone, "a call has a receiver");
      if (mistakes_ == 0 && contract.externals[inst.a].name.empty()) {
        require(inst.c >= 4 && f_.extra[inst.b + 3] != kNone, "a call of no certain function has a selector");
      }
      break;
    case Op::CallRaw:
      require(inst.a < kRawCallKindCount, "no such kind of call");
      require(inst.c == 4 && f_.extra[inst.b] != kNone && f_.extra[inst.b + 3] != kNone, "a call has a receiver and data");
      break;
    default: break;
  }
  const uint32_t fields[3] = {inst.a, inst.b, inst.c};
  for (int k = 0; k < 3; ++k) {
    require(op_info(inst.op).roles[k] != Role::DataType || fields[k] < contract.types.size(), "no such data type");
  }
}

void Verifier::check_in_contract(const Inst& inst) {
  require(!is_float(inst.type), "contracts have no floats");
  switch (inst.op) {
    case Op::Cast: require((inst.flags & kChecked) == 0, "a cast of contracts truncates"); break;
    case Op::Load:
    case Op::Store: require(inst.b % kWordBytes == 0, "objects of contracts are made of words"); break;
    case Op::NewObject: require(inst.a % kWordBytes == 0, "objects of contracts are made of words"); break;
    case Op::ArrayNew: require(inst.b == 1 || inst.b == kWordBytes, "arrays of contracts are made of bytes or words"); break;
    case Op::ElementGet:
    case Op::ElementSet:
      require((inst.flags & kWord) != 0 || (inst.op == Op::ElementGet ? inst.type : type_of(inst.c)) == Type::U8, "elements of contracts are bytes or words");
      break;
    case Op::FixedGet:
    case Op::FixedSet: require((inst.flags & kWord) != 0, "elements of contracts are words"); break;
    case Op::StackObject:
    case Op::FieldAddress:
    case Op::ElementAddress:
    case Op::FixedAddress:
    case Op::Atomic:
    case Op::ParallelFor:
    case Op::CallRuntime: mistake("not in contracts"); break;
    case Op::Panic: require(is_panic_of_contracts(inst.a) && inst.b == kNone, "no such panic in contracts"); break;
    case Op::CheckThat: require(is_panic_of_contracts(inst.c) && inst.b == kNone, "no such panic in contracts"); break;
    default: break;
  }
  check_place_uses(inst);
}

void Verifier::check_place_uses(const Inst& inst) {
  const bool hands_on = inst.op == Op::Call || inst.op == Op::CallClosure || inst.op == Op::Ret || inst.op == Op::Select || inst.op == Op::Br ||
                        inst.op == Op::CondBr || inst.op == Op::SlotSet;
  for_each_value(f_, inst, [&](const uint32_t& v) {
    const DataTypeId type = place_type(v);
    if (type == kNone) {
      return;
    }
    const bool as_place = is_state_op(inst.op) && (&v == &inst.a || (inst.op == Op::StateCopy && &v == &inst.b));
    require(as_place || (hands_on && !is_value_kind(data_type(type).kind)), "a place in the state is not used so");
  });
}

void Verifier::check_contract(const Inst& inst) {
  const Contract& contract = *m_.contract;
  switch (inst.op) {
    case Op::ImmutableGet: need_result(inst, value_type(data_type(contract.immutables[inst.a].type))); break;
    case Op::ImmutableSet:
      need(inst.b, value_type(data_type(contract.immutables[inst.a].type)), "value");
      need_result(inst, Type::Void);
      break;
    case Op::TransientGet: need_result(inst, value_type(data_type(contract.transients[inst.a].type))); break;
    case Op::TransientSet:
      need(inst.b, value_type(data_type(contract.transients[inst.a].type)), "value");
      need_result(inst, Type::Void);
      break;
    case Op::Message: need_result(inst, message_field_type(static_cast<MessageField>(inst.a))); break;
    case Op::Balance:
    case Op::CodeSize:
      need(inst.a, unsigned_type(160), "address");
      need_result(inst, Type::U256);
      break;
    case Op::DataEncode:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::DataSlice:
    case Op::Hash: check_data(inst); break;
    case Op::AddMod:
    case Op::MulMod:
      for (const ValueId v : {inst.a, inst.b, inst.c}) {
        need(v, Type::U256, "operand");
      }
      need_result(inst, Type::U256);
      break;
    case Op::Recover: {
      static constexpr Type types[] = {Type::U256, Type::U8, Type::U256, Type::U256};
      check_arguments(f_.args(inst), types, 4, "recover");
      need_result(inst, unsigned_type(160));
      break;
    }
    case Op::EmitEvent:
      check_values(f_.args(inst), contract.events[inst.a].arguments, "the event");
      need_result(inst, Type::Void);
      break;
    case Op::Create: check_create(inst); break;
    case Op::CreationCode: need_result(inst, Type::Ref); break;
    case Op::CallContract:
    case Op::CallRaw: check_call_of_contract(inst); break;
    case Op::Revert:
      check_values(f_.args(inst), inst.a == kNone ? DataFields{} : contract.errors[inst.a].arguments, "the error");
      need_result(inst, Type::Void);
      break;
    case Op::RevertData:
      need(inst.a, Type::Ref, "data");
      need_result(inst, Type::Void);
      break;
    default: check_state(inst); break;
  }
}

void Verifier::check_state(const Inst& inst) {
  if (inst.op == Op::StateVariable) {
    return need_result(inst, Type::Ref);
  }
  const bool is_type_in_b = inst.op == Op::StateGet || inst.op == Op::StateLength || inst.op == Op::StateClear;
  const DataTypeId id = is_type_in_b ? inst.b : inst.c;
  const DataType& type = data_type(id);
  need_place(inst.a, id);
  auto need_data = [&] { require(!facts_[id].has_mapping, "a mapping is no data"); };
  switch (inst.op) {
    case Op::StateEntry:
      if (require(type.kind == DataKind::Mapping, "of mappings only")) {
        need(inst.b, value_type(data_type(type.key)), "key");
      }
      return need_result(inst, Type::Ref);
    case Op::StateElement:
      require(type.kind == DataKind::Array || type.kind == DataKind::FixedArray, "of arrays only");
      need(inst.b, Type::U256, "index");
      return need_result(inst, Type::Ref);
    case Op::StateField: require(type.kind == DataKind::Struct && inst.b < type.field_count, "of a struct's fields only"); return need_result(inst, Type::Ref);
    case Op::StateGet: need_data(); return need_result(inst, value_type(type));
    case Op::StateSet:
      need_data();
      need(inst.b, value_type(type), "value");
      return need_result(inst, Type::Void);
    case Op::StateLength:
    case Op::StateResize:
      require(type.kind == DataKind::Array || type.kind == DataKind::Bytes || type.kind == DataKind::String, "of what has a length only");
      if (inst.op == Op::StateLength) {
        return need_result(inst, Type::U256);
      }
      need(inst.b, Type::U256, "length");
      return need_result(inst, Type::Void);
    case Op::StateCopy:
      need_data();
      need_place(inst.b, id);
      return need_result(inst, Type::Void);
    default: return need_result(inst, Type::Void);  // StateClear
  }
}

void Verifier::check_data(const Inst& inst) {
  auto need_encodable = [&](DataTypeId id) { require(!facts_[id].has_mapping && !facts_[id].is_recursive, "mappings and recursive types have no encoding"); };
  switch (inst.op) {
    case Op::DataEncode:
      for (uint32_t i = 0; i < inst.c; ++i) {
        const DataTypeId id = f_.extra[inst.b + inst.c + i];
        need(f_.extra[inst.b + i], value_type(data_type(id)), "value");
        need_encodable(id);
        require(static_cast<Encoding>(inst.a) != Encoding::Packed || packs(*m_.contract, data_type(id)), "not in packed encoding");
      }
      if (static_cast<Encoding>(inst.a) == Encoding::Selector) {
        const DataType* first = inst.c == 0 ? nullptr : &data_type(f_.extra[inst.b + inst.c]);
        require(first != nullptr && first->kind == DataKind::FixedBytes && first->bits == 32, "the first value is the selector");
      }
      break;
    case Op::DataDecode:
      need(inst.a, Type::Ref, "bytes");
      for (uint32_t i = 0; i < inst.c; ++i) {
        need_encodable(f_.extra[inst.b + i]);
      }
      if (require(inst.c != 0, "gives something")) {
        need_result(inst, value_type(data_type(f_.extra[inst.b])));
      }
      return;
    case Op::DataConcat:
      for (const uint32_t v : f_.args(inst)) {
        need(v, Type::Ref, "bytes");
      }
      break;
    case Op::DataSlice:
      need(inst.a, Type::Ref, "bytes");
      need(inst.b, Type::U256, "begin");
      need(inst.c, Type::U256, "end");
      break;
    default:  // Hash
      need(inst.a, Type::Ref, "bytes");
      return need_result(inst, static_cast<HashKind>(inst.b) == HashKind::Ripemd160 ? unsigned_type(160) : Type::U256);
  }
  need_result(inst, Type::Ref);
}

void Verifier::check_values(std::span<const uint32_t> values, DataFields fields, std::string_view what) {
  if (values.size() != fields.count) {
    mistake(std::string(what) + " takes " + std::to_string(fields.count) + " values, not " + std::to_string(values.size()));
    return;
  }
  for (uint32_t i = 0; i < fields.count; ++i) {
    need(values[i], field_type(fields, i), std::string(what) + "'s value " + std::to_string(i));
  }
}

void Verifier::check_call_of_contract(const Inst& inst) {
  const uint32_t* list = f_.extra.data() + inst.b;
  need(list[0], unsigned_type(160), "address");
  for (const uint32_t amount : {list[1], list[2]}) {
    if (amount != kNone) {
      need(amount, Type::U256, "value or gas");
    }
  }
  if (inst.op == Op::CallRaw) {
    require(list[1] == kNone || static_cast<RawCallKind>(inst.a) == RawCallKind::Call, "only a plain call sends value");
    need(list[3], Type::Ref, "data");
    return need_result(inst, Type::U1);
  }
  const ExternalFunction& external = m_.contract->externals[inst.a];
  require(list[1] == kNone || external.mutability == Mutability::Payable, "only payable functions are sent value");
  const uint32_t before = external.name.empty() ? 4 : 3;
  if (before == 4) {
    need(list[3], Type::U32, "selector");
  }
  check_values({list + before, inst.c - before}, external.params, "the function");
  const Type first = external.results.count == 0 ? Type::Void : field_type(external.results, 0);
  need_result(inst, (inst.flags & kTry) != 0 ? Type::U1 : first);
}

void Verifier::check_create(const Inst& inst) {
  const uint32_t* list = f_.extra.data() + inst.b;
  const Creation& creation = m_.contract->creations[inst.a];
  for (const uint32_t option : {list[0], list[1]}) {
    if (option != kNone) {
      need(option, Type::U256, "value or salt");
    }
  }
  require(list[0] == kNone || creation.is_payable, "only payable constructors are sent value");
  check_values({list + 2, inst.c - 2}, creation.params, "the constructor");
  need_result(inst, (inst.flags & kTry) != 0 ? Type::U1 : unsigned_type(160));
}

void Verifier::check_result_of_contract(const Inst& call, const Inst& inst) {
  Type type = Type::Void;
  if (call.op == Op::DataDecode) {
    type = inst.b < call.c ? value_type(data_type(f_.extra[call.b + inst.b])) : Type::Void;
  } else if (call.op == Op::CallRaw) {
    type = inst.b == 1 ? Type::Ref : Type::Void;
  } else if (call.op == Op::Create) {
    const bool is_try = (call.flags & kTry) != 0;
    type = is_try && inst.b == 1 ? unsigned_type(160) : is_try && inst.b == 2 ? Type::Ref : Type::Void;
  } else {
    const DataFields results = m_.contract->externals[call.a].results;
    const bool is_try = (call.flags & kTry) != 0;
    const uint32_t k = is_try ? inst.b - 1 : inst.b;
    type = k < results.count ? field_type(results, k) : is_try && k == results.count ? Type::Ref : Type::Void;
  }
  require(type == inst.type, "the call has no such result");
}

}  // namespace omega::ir
