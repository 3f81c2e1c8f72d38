// SPDX-License-Identifier: Apache-2.0
// Lowering: data, events, errors, messages and calls of other contracts.
#include "omega/base/keccak.h"
#include "omega/codegen/evm/lowering.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::evm {

using ir::DataKind;
using ir::DataTypeId;
using IrOp = ir::Op;
using IrInst = ir::Inst;

namespace {

Word digest_of(std::string_view bytes) {
  const base::Keccak256Digest digest = base::keccak256(bytes);
  return Word::from_bytes(digest.data(), digest.size());
}

}  // namespace

bool Lowering::lower_data(ir::ValueId id, const IrInst& inst) {
  switch (inst.op) {
    case IrOp::DataEncode: {
      const uint32_t* const parts = f_->extra.data() + inst.b;
      const uint32_t* const part_types = parts + inst.c;
      std::vector<DataTypeId> types(part_types, part_types + inst.c);
      Values all = values({parts, inst.c});
      const ValueId made = b_.free_pointer();
      ValueId at = b_.plus(made, 32);
      switch (static_cast<ir::Encoding>(inst.a)) {
        case ir::Encoding::Abi: at = encode(types, all, at); break;
        case ir::Encoding::Packed:
          for (uint32_t k = 0; k < inst.c; ++k) {
            at = encode_packed(all[k], types[k], at);
          }
          break;
        case ir::Encoding::Selector:
          b_.mstore(at, encoded(all[0], types[0]));
          all.erase(all.begin());
          types.erase(types.begin());
          at = encode(types, all, b_.plus(at, 4));
          break;
      }
      b_.mstore(made, b_.sub(at, b_.plus(made, 32)));
      b_.set_free_pointer(b_.round_up(at));
      values_[id] = made;
      return true;
    }
    case IrOp::DataDecode: {
      const ValueId bytes = value(inst.a);
      const ValueId start = b_.plus(bytes, 32);
      const uint32_t* list = f_->extra.data() + inst.b;
      set_results(id, decode(DataSource::Memory, {list, list + inst.c}, start, b_.add(start, b_.mload(bytes))));
      return true;
    }
    case IrOp::DataConcat: {
      const Values all = values(f_->args(inst));
      const ValueId made = b_.free_pointer();
      ValueId at = b_.plus(made, 32);
      for (const ValueId bytes : all) {
        const ValueId length = b_.mload(bytes);
        b_.emit(Op::Mcopy, {at, b_.plus(bytes, 32), length});
        at = b_.add(at, length);
      }
      b_.mstore(made, b_.sub(at, b_.plus(made, 32)));
      b_.set_free_pointer(b_.round_up(at));
      values_[id] = made;
      return true;
    }
    case IrOp::DataSlice: {
      const ValueId bytes = value(inst.a), from = value(inst.b), to = value(inst.c);
      b_.revert_if(b_.gt(from, to));
      b_.revert_if(b_.gt(to, b_.mload(bytes)));
      const ValueId length = b_.sub(to, from);
      const ValueId made = allocate(b_.plus(b_.round_up(length), 32));
      b_.mstore(made, length);
      b_.emit(Op::Mcopy, {b_.plus(made, 32), b_.plus(b_.add(bytes, from), 32), length});
      values_[id] = made;
      return true;
    }
    case IrOp::Hash: values_[id] = hash(inst); return true;
    default: return false;
  }
}

ValueId Lowering::hash(const IrInst& inst) {
  const auto kind = static_cast<ir::HashKind>(inst.b);
  if (kind != ir::HashKind::Keccak256) {
    return precompiled(kind == ir::HashKind::Sha256 ? 2 : 3, value(inst.a));
  }
  if (const std::string* bytes = constant_text(inst.a)) {
    return b_.constant(digest_of(*bytes));
  }
  const ValueId bytes = value(inst.a);
  return b_.emit(Op::Keccak256, {b_.plus(bytes, 32), b_.mload(bytes)});
}

ValueId Lowering::precompiled(uint32_t address, ValueId bytes) {
  const ValueId out = b_.free_pointer();
  const ValueId went_well = b_.emit(Op::StaticCall, {b_.emit(Op::Gas, {}), b_.constant(address), b_.plus(bytes, 32), b_.mload(bytes), out, b_.constant(32)});
  b_.exit_if(b_.is_zero(went_well), static_cast<uint32_t>(ExitKind::Bubble));
  return b_.mload(out);
}

/// The precompiled contract at 1 gives nothing for what is no signature.
ValueId Lowering::recover(const Values& args) {
  const ValueId at = b_.free_pointer();
  for (uint32_t k = 0; k < args.size(); ++k) {
    b_.mstore(b_.plus(at, kWordBytes * k), args[k]);
  }
  const ValueId out = b_.plus(at, kWordBytes * args.size());
  b_.mstore(out, b_.constant(0));
  b_.emit(Op::StaticCall, {b_.emit(Op::Gas, {}), b_.constant(1), at, b_.constant(kWordBytes * args.size()), out, b_.constant(32)});
  return b_.mload(out);
}

ValueId Lowering::message(ir::MessageField field) {
  using ir::MessageField;
  switch (field) {
    case MessageField::Sender: return b_.emit(Op::Caller, {});
    case MessageField::Value: return b_.emit(Op::CallValue, {});
    case MessageField::Data: {
      const ValueId length = b_.emit(Op::CalldataSize, {});
      const ValueId made = allocate(b_.plus(b_.round_up(length), 32));
      b_.mstore(made, length);
      b_.emit(Op::CalldataCopy, {b_.plus(made, 32), b_.constant(0), length});
      return made;
    }
    case MessageField::Signature: return b_.shr(224, b_.emit(Op::CalldataLoad, {b_.constant(0)}));
    case MessageField::Origin: return b_.emit(Op::Origin, {});
    case MessageField::GasPrice: return b_.emit(Op::GasPrice, {});
    case MessageField::GasLeft: return b_.emit(Op::Gas, {});
    case MessageField::Self: return b_.emit(Op::Address, {});
    case MessageField::SelfBalance: return b_.emit(Op::SelfBalance, {});
    case MessageField::BlockNumber: return b_.emit(Op::Number, {});
    case MessageField::Timestamp: return b_.emit(Op::Timestamp, {});
    case MessageField::ChainId: return b_.emit(Op::ChainId, {});
    case MessageField::Coinbase: return b_.emit(Op::Coinbase, {});
    case MessageField::BaseFee: return b_.emit(Op::BaseFee, {});
    case MessageField::Random: return b_.emit(Op::PrevRandao, {});
    case MessageField::GasLimit: return b_.emit(Op::GasLimit, {});
  }
  return b_.constant(0);
}

/// An indexed argument.
ValueId Lowering::topic(ValueId value, DataTypeId type) {
  if (is_value(type)) {
    return encoded(value, type);
  }
  const DataKind kind = type_of(type).kind;
  if (kind == DataKind::Bytes || kind == DataKind::String) {
    return b_.emit(Op::Keccak256, {b_.plus(value, 32), b_.mload(value)});
  }
  const ValueId start = b_.free_pointer();
  const ValueId end = b_.call(helper(Helper::EncodeTopic, type), {value, start})[0];
  return b_.emit(Op::Keccak256, {start, b_.sub(end, start)});
}

void Lowering::emit_event(const IrInst& inst) {
  const ir::EventType& event = contract_.events[inst.a];
  const auto args = f_->args(inst);
  std::vector<DataTypeId> types;
  Values topics, data;
  if (!event.is_anonymous) {
    topics.push_back(b_.constant(digest_of(ir::signature(contract_, event.name, event.arguments))));
  }
  bool are_values = true;
  for (uint32_t k = 0; k < args.size(); ++k) {
    const ir::DataField& field = contract_.fields[event.arguments.first + k];
    if (field.is_indexed) {
      topics.push_back(topic(value(args[k]), field.type));
    } else {
      types.push_back(field.type);
      data.push_back(value(args[k]));
      are_values = are_values && is_value(field.type);
    }
  }
  // Two words have room in the scratch space.
  ValueId start = b_.constant(0), size = b_.constant(kWordBytes * data.size());
  if (are_values && data.size() <= 2) {
    for (uint32_t k = 0; k < data.size(); ++k) {
      data[k] = encoded(data[k], types[k]);
    }
    for (uint32_t k = 0; k < data.size(); ++k) {
      b_.mstore(b_.constant(kWordBytes * k), data[k]);
    }
  } else {
    start = b_.free_pointer();
    size = b_.sub(encode(types, data, start), start);
    if (are_values) {
      size = b_.constant(kWordBytes * data.size());
    }
  }
  Values operands = {start, size};
  operands.insert(operands.end(), topics.begin(), topics.end());
  b_.emit(static_cast<Op>(static_cast<uint32_t>(Op::Log0) + topics.size()), operands);
}

bool Lowering::revert_with_text(const IrInst& inst, uint32_t selector) {
  constexpr uint32_t kError = 0x08c379a0;
  const std::string* bytes = selector == kError && inst.c == 1 ? constant_text(f_->args(inst)[0]) : nullptr;
  if (bytes == nullptr) {
    return false;
  }
  const ValueId length = b_.constant(bytes->size());
  if (bytes->size() <= 32) {
    std::string word = *bytes;
    word.resize(32, '\0');
    b_.call(helper(Helper::RevertString, 0), {b_.constant(Word::from_bytes(word)), length});
  } else {
    program_.data.push_back(*bytes);
    const ValueId from = b_.emit(Op::DataOffset, {}, static_cast<uint32_t>(program_.data.size() - 1));
    b_.call(helper(Helper::RevertLongString, 0), {from, length});
  }
  return true;
}

void Lowering::revert_with_values(uint32_t selector, const std::vector<DataTypeId>& types, const Values& all) {
  bool are_values = true;
  for (const DataTypeId type : types) {
    are_values = are_values && is_value(type);
  }
  if (are_values) {
    // Nothing in memory is needed any more.
    Values words;
    for (uint32_t k = 0; k < all.size(); ++k) {
      words.push_back(encoded(all[k], types[k]));
    }
    b_.mstore(b_.constant(0), b_.shl(224, b_.constant(selector)));
    for (uint32_t k = 0; k < words.size(); ++k) {
      b_.emit(Op::Mstore, {b_.constant(4 + 32 * k), words[k]});
    }
    b_.emit(Op::Revert, {b_.constant(0), b_.constant(4 + 32 * all.size())});
    return;
  }
  const ValueId start = b_.free_pointer();
  b_.mstore(start, b_.shl(224, b_.constant(selector)));
  const ValueId end = encode(types, all, b_.plus(start, 4));
  b_.emit(Op::Revert, {start, b_.sub(end, start)});
}

void Lowering::lower_revert(const IrInst& inst) {
  if (inst.op == IrOp::RevertData) {
    const ValueId bytes = value(inst.a);
    b_.emit(Op::Revert, {b_.plus(bytes, 32), b_.mload(bytes)});
    return;
  }
  if (inst.a == ir::kNone) {
    b_.emit(Op::Exit, {}, static_cast<uint32_t>(ExitKind::RevertEmpty));
    return;
  }
  const ir::ErrorType& error = contract_.errors[inst.a];
  const uint32_t selector = base::keccak256_selector(ir::signature(contract_, error.name, error.arguments));
  if (!revert_with_text(inst, selector)) {
    revert_with_values(selector, field_types(error.arguments), values(f_->args(inst)));
  }
}

bool Lowering::lower_outside(ir::ValueId id, const IrInst& inst) {
  switch (inst.op) {
    case IrOp::Message: values_[id] = message(static_cast<ir::MessageField>(inst.a)); return true;
    case IrOp::Balance: values_[id] = b_.emit(Op::Balance, {value(inst.a)}); return true;
    case IrOp::CodeSize: values_[id] = b_.emit(Op::ExtcodeSize, {value(inst.a)}); return true;
    case IrOp::Recover: values_[id] = recover(values(f_->args(inst))); return true;
    case IrOp::EmitEvent: emit_event(inst); return true;
    case IrOp::Create: create(id, inst); return true;
    case IrOp::CreationCode: creation_code(id, inst); return true;
    case IrOp::CallContract: call_contract(id, inst); return true;
    case IrOp::CallRaw: call_raw(id, inst); return true;
    default: return false;
  }
}

/// What a call of a contract gave back, as values; `at` is behind the free memory pointer and holds the head of it when it is static.
Values Lowering::call_results(const std::vector<DataTypeId>& types, ValueId at) {
  uint64_t head = 0;
  bool are_values = true;
  for (const DataTypeId type : types) {
    head += measure(type).head;
    are_values = are_values && is_value(type);
  }
  const ValueId size = b_.emit(Op::ReturndataSize, {});
  if (!are_values) {
    b_.emit(Op::ReturndataCopy, {at, b_.constant(0), size});
    b_.set_free_pointer(b_.round_up(b_.add(at, size)));
    return decode(DataSource::Memory, types, at, b_.add(at, size));
  }
  Values results;
  if (!types.empty()) {
    b_.revert_if(b_.lt(size, b_.constant(head)));
  }
  for (uint32_t k = 0; k < types.size(); ++k) {
    results.push_back(validate(b_.mload(b_.plus(at, kWordBytes * k)), types[k]));
  }
  return results;
}

/// What the last call gave back, as bytes.
ValueId Lowering::returned_bytes() {
  const ValueId length = b_.emit(Op::ReturndataSize, {});
  const ValueId given = allocate(b_.plus(b_.round_up(length), 32));
  b_.mstore(given, length);
  b_.emit(Op::ReturndataCopy, {b_.plus(given, 32), b_.constant(0), length});
  return given;
}

void Lowering::call_contract(ir::ValueId id, const IrInst& inst) {
  const ir::ExternalFunction& callee = contract_.externals[inst.a];
  const auto list = f_->args(inst);
  const bool is_static = callee.mutability == ir::Mutability::Pure || callee.mutability == ir::Mutability::View;
  const std::vector<DataTypeId> params = field_types(callee.params), results = field_types(callee.results);
  const ValueId address = value(list[0]);
  const ValueId amount = list[1] == ir::kNone ? b_.constant(0) : value(list[1]);
  const ValueId gas = list[2] == ir::kNone ? kNone : value(list[2]);
  const bool brings_selector = callee.name.empty();
  const Values args = values(list.subspan(brings_selector ? 4 : 3));
  const ValueId selector = brings_selector ? value(list[3]) : b_.constant(base::keccak256_selector(ir::signature(contract_, callee.name, callee.params)));
  const ValueId start = b_.free_pointer();
  b_.mstore(start, b_.shl(224, selector));
  const ValueId end = encode(params, args, b_.plus(start, 4));
  if (results.empty()) {
    b_.revert_if(b_.is_zero(b_.emit(Op::ExtcodeSize, {address})));
  }
  uint64_t head = 0;
  bool are_values = true;
  for (const DataTypeId type : results) {
    head += 32;
    are_values = are_values && is_value(type);
  }
  const ValueId out_size = b_.constant(are_values ? head : 0);
  const ValueId sent = gas == kNone ? b_.emit(Op::Gas, {}) : gas;
  const ValueId size = b_.sub(end, start);
  const ValueId went_well = is_static ? b_.emit(Op::StaticCall, {sent, address, start, size, start, out_size})
                                      : b_.emit(Op::Call, {sent, address, amount, start, size, start, out_size});
  if ((inst.flags & ir::kTry) == 0) {
    b_.exit_if(b_.is_zero(went_well), static_cast<uint32_t>(ExitKind::Bubble));
    set_results(id, call_results(results, start));
    return;
  }
  Values all = b_.if_else(
      went_well,
      [&] {
        Values given = call_results(results, start);
        given.push_back(null());
        return given;
      },
      [&] {
        Values zeros;
        for (const DataTypeId type : results) {
          zeros.push_back(is_value(type) ? b_.constant(0) : null());
        }
        zeros.push_back(returned_bytes());
        return zeros;
      });
  all.insert(all.begin(), went_well);
  set_results(id, all);
}

ValueId Lowering::data_at(const std::string& bytes) {
  const auto [known, is_new] = data_pieces_.try_emplace(&bytes, static_cast<uint32_t>(program_.data.size()));
  if (is_new) {
    program_.data.push_back(bytes);
  }
  return b_.emit(Op::DataOffset, {}, known->second);
}

void Lowering::create(ir::ValueId id, const IrInst& inst) {
  const auto list = f_->args(inst);
  const ValueId amount = list[0] == ir::kNone ? b_.constant(0) : value(list[0]);
  const ValueId salt = list[1] == ir::kNone ? kNone : value(list[1]);
  const Values args = values(list.subspan(2));
  const std::string& code = created_[inst.a]->init;
  const ValueId start = b_.free_pointer();
  b_.emit(Op::CodeCopy, {start, data_at(code), b_.constant(code.size())});
  const ValueId end = encode(field_types(contract_.creations[inst.a].params), args, b_.plus(start, code.size()));
  const ValueId size = b_.sub(end, start);
  const ValueId made = salt == kNone ? b_.emit(Op::Create, {amount, start, size}) : b_.emit(Op::Create2, {amount, start, size, salt});
  if ((inst.flags & ir::kTry) == 0) {
    b_.exit_if(b_.is_zero(made), static_cast<uint32_t>(ExitKind::Bubble));
    values_[id] = made;
    return;
  }
  const ValueId failed = b_.is_zero(made);
  const Values data = b_.if_else(failed, [&] { return Values{returned_bytes()}; }, [&] { return Values{null()}; });
  set_results(id, {b_.is_zero(failed), made, data[0]});
}

void Lowering::creation_code(ir::ValueId id, const IrInst& inst) {
  const bool is_runtime = static_cast<ir::CodeKind>(inst.b) == ir::CodeKind::Runtime;
  if (is_runtime && created_[inst.a]->has_immutables) {
    refuse("`runtimeCode` of a contract with immutables");
  }
  const std::string& code = is_runtime ? created_[inst.a]->runtime : created_[inst.a]->init;
  const ValueId made = allocate(b_.constant((code.size() + 31) / 32 * 32 + 32));
  b_.mstore(made, b_.constant(code.size()));
  b_.emit(Op::CodeCopy, {b_.plus(made, 32), data_at(code), b_.constant(code.size())});
  values_[id] = made;
}

void Lowering::call_raw(ir::ValueId id, const IrInst& inst) {
  const auto list = f_->args(inst);
  const auto kind = static_cast<ir::RawCallKind>(inst.a);
  const ValueId address = value(list[0]);
  const ValueId amount = list[1] == ir::kNone ? b_.constant(0) : value(list[1]);
  const ValueId gas = list[2] == ir::kNone ? kNone : value(list[2]);
  const ValueId bytes = value(list[3]);
  const ValueId from = b_.plus(bytes, 32), size = b_.mload(bytes), zero = b_.constant(0);
  const ValueId sent = gas == kNone ? b_.emit(Op::Gas, {}) : gas;
  ValueId went_well = kNone;
  switch (kind) {
    case ir::RawCallKind::Call: went_well = b_.emit(Op::Call, {sent, address, amount, from, size, zero, zero}); break;
    case ir::RawCallKind::Static: went_well = b_.emit(Op::StaticCall, {sent, address, from, size, zero, zero}); break;
    case ir::RawCallKind::Delegate: went_well = b_.emit(Op::DelegateCall, {sent, address, from, size, zero, zero}); break;
  }
  ValueId given = null();
  const bool has_result = id + 1 < f_->insts.size() && f_->insts[id + 1].op == IrOp::Result;
  if (has_result && is_used(id + 1)) {
    given = returned_bytes();
  }
  set_results(id, {went_well, given});
}

}  // namespace omega::codegen::evm
