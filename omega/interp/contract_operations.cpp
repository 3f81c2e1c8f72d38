// SPDX-License-Identifier: Apache-2.0
// What contracts do beyond computing: state, data, events, calls.
#include <algorithm>

#include "omega/base/digests.h"
#include "omega/base/keccak.h"
#include "omega/interp/contract_execution.h"
#include "omega/interp/contract_recover.h"

namespace omega::interp {

using ir::Inst;
using ir::kNone;
using ir::Op;

namespace {

/// What recovering a signer takes, in instructions.
constexpr uint64_t kStepsOfRecover = 10'000;

template <class Digest>
Word word_of_digest(const Digest& digest) {
  return word_from_bytes({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

void ContractExecution::contract(const Inst& inst) {
  ContractAccount& account = machine_.account(message_.self);
  switch (inst.op) {
    case Op::ImmutableGet: return give(account.immutables[inst.a]);
    case Op::ImmutableSet: account.immutables[inst.a] = value(inst.b); return;
    case Op::TransientGet: return give(state_.at(state_.transient(inst.a)).word);
    case Op::TransientSet: demand_writable(); return machine_.set_transient(state_, state_.transient(inst.a), value(inst.b));
    case Op::Message: return give(message_field(static_cast<ir::MessageField>(inst.a)));
    case Op::Balance: return give(machine_.balance(value(inst.a)));
    // How long the code would be nobody knows here: 1 where there is some.
    case Op::CodeSize: return give(word_of(machine_.code_at(value(inst.a)) != nullptr ? 1 : 0));
    case Op::Recover: {
      const std::vector<Word> words = values(function().args(inst));
      budget_.take_steps(kStepsOfRecover);
      return give(recover_signer(words[0], words[1], words[2], words[3]));
    }
    case Op::DataEncode:
    case Op::DataDecode:
    case Op::DataConcat:
    case Op::DataSlice:
    case Op::Hash: return data(inst);
    case Op::AddMod:
    case Op::MulMod: return give(modular(inst));
    case Op::EmitEvent: return event(inst);
    case Op::Create: return create(inst);
    case Op::CreationCode: throw ContractUnsupported{"the code of a contract"};
    case Op::CallContract: return call_contract(inst);
    case Op::CallRaw: return call_raw(inst);
    case Op::Revert: revert(inst);
    case Op::RevertData: throw ContractRevert{std::string(memory_.text(value(inst.a)))};
    default: return state(inst);
  }
}

std::string ContractExecution::entry_key(const ir::DataType& mapping, const Word& key) {
  return ir::is_value_kind(code_.layout().type(mapping.key).kind) ? word_bytes(key) : std::string(memory_.text(key));
}

Word ContractExecution::place_value(const Inst& inst) {
  switch (inst.op) {
    case Op::StateVariable: return word_of(state_.variable(inst.a));
    case Op::StateEntry: return word_of(state_.place(place(inst.a), ContractState::Step::Entry, entry_key(code_.layout().type(inst.c), value(inst.b))));
    case Op::StateElement: return word_of(state_.place(place(inst.a), ContractState::Step::Element, word_bytes(value(inst.b))));
    default: return word_of(state_.place(place(inst.a), ContractState::Step::Field, word_bytes(word_of(inst.b))));
  }
}

void ContractExecution::state(const Inst& inst) {
  switch (inst.op) {
    case Op::StateVariable:
    case Op::StateEntry:
    case Op::StateElement:
    case Op::StateField: return give(place_value(inst));
    case Op::StateGet: return give(access_.get(inst.b, place(inst.a)));
    case Op::StateLength: return give(access_.length(inst.b, place(inst.a)));
    default: break;
  }
  demand_writable();
  switch (inst.op) {
    case Op::StateSet: return access_.set(inst.c, place(inst.a), value(inst.b));
    case Op::StateResize: return access_.resize(inst.c, place(inst.a), value(inst.b));
    case Op::StateClear: return access_.clear(inst.b, place(inst.a));
    case Op::StateCopy:
      if (place(inst.a) != place(inst.b)) {
        access_.set(inst.c, place(inst.a), access_.get(inst.c, place(inst.b)));
      }
      return;
    default: OMEGA_UNREACHABLE("no operation on the state");
  }
}

Word ContractExecution::message_field(ir::MessageField field) {
  const BlockFields& block = machine_.block();
  // While a contract is made there is no data of the message: the arguments are not it.
  const std::string_view data = message_.makes_contract ? std::string_view() : std::string_view(message_.data);
  switch (field) {
    case ir::MessageField::Sender: return message_.sender;
    case ir::MessageField::Value: return message_.value;
    case ir::MessageField::Data: return memory_.new_bytes(data);
    case ir::MessageField::Signature: {
      std::string selector(data.substr(0, 4));
      selector.resize(4);
      return word_from_bytes(selector);
    }
    case ir::MessageField::Origin: return machine_.origin();
    case ir::MessageField::GasPrice: return word_of(0);
    case ir::MessageField::GasLeft: return word_of(budget_.steps);
    case ir::MessageField::Self: return message_.self;
    case ir::MessageField::SelfBalance: return machine_.balance(message_.self);
    case ir::MessageField::BlockNumber: return block.number;
    case ir::MessageField::Timestamp: return block.timestamp;
    case ir::MessageField::ChainId: return block.chain_id;
    case ir::MessageField::Coinbase: return block.coinbase;
    case ir::MessageField::BaseFee: return block.base_fee;
    case ir::MessageField::Random: return block.random;
    case ir::MessageField::GasLimit: return block.gas_limit;
  }
  OMEGA_UNREACHABLE("no field of a message");
}

void ContractExecution::data(const Inst& inst) {
  switch (inst.op) {
    case Op::DataEncode: return give(memory_.new_bytes(encode(inst)));
    case Op::DataDecode: {
      const std::string bytes(memory_.text(value(inst.a)));
      return give(codec_.decode(bytes, function().args(inst)));
    }
    case Op::DataConcat: return give(concat(inst));
    case Op::DataSlice: return give(slice(inst));
    default: return give(hash(inst));
  }
}

std::string ContractExecution::encode(const Inst& inst) {
  const std::vector<Word> words = values(function().args(inst));
  const std::span<const ir::DataTypeId> types{function().extra.data() + inst.b + inst.c, inst.c};
  switch (static_cast<ir::Encoding>(inst.a)) {
    case ir::Encoding::Abi: return codec_.encode(types, words);
    case ir::Encoding::Packed: return codec_.encode_packed(types, words);
    case ir::Encoding::Selector: break;
  }
  return word_bytes(words[0], 4) + codec_.encode(types.subspan(1), std::span(words).subspan(1));
}

Word ContractExecution::concat(const Inst& inst) {
  std::string all;
  for (const Word& part : values(function().args(inst))) {
    const std::string_view text = memory_.text(part);
    demand(text.size() <= budget_.memory && all.size() <= budget_.memory - text.size());
    all += text;
  }
  return memory_.new_bytes(all);
}

Word ContractExecution::slice(const Inst& inst) {
  const Word from = value(inst.b), to = value(inst.c);
  const std::string_view text = memory_.text(value(inst.a));
  demand(!less_word(to, from) && !less_word(word_of(text.size()), to));
  return memory_.new_bytes(std::string(text.substr(from.limb[0], to.limb[0] - from.limb[0])));
}

Word ContractExecution::hash(const Inst& inst) {
  const std::string_view text = memory_.text(value(inst.a));
  budget_.take_steps(text.size() / 32);
  switch (static_cast<ir::HashKind>(inst.b)) {
    case ir::HashKind::Keccak256: return word_of_digest(base::keccak256(text));
    case ir::HashKind::Sha256: return word_of_digest(base::sha256(text));
    case ir::HashKind::Ripemd160: return word_of_digest(base::ripemd160(text));
  }
  OMEGA_UNREACHABLE("no hash");
}

Word ContractExecution::modular(const Inst& inst) {
  Word r;
  const auto compute = inst.op == Op::AddMod ? om_wide_addmod : om_wide_mulmod;
  if (compute(&r, &value(inst.a), &value(inst.b), &value(inst.c)) != 0) {
    panic(ir::PanicKind::DivisionByZero);
  }
  return r;
}

void ContractExecution::event(const Inst& inst) {
  demand_writable();
  const ir::Contract& contract = code_.contract();
  const ir::EventType& type = contract.events[inst.a];
  const std::vector<Word> words = values(function().args(inst));
  ContractLog log{message_.self, {}, {}};
  if (!type.is_anonymous) {
    log.topics.push_back(word_of_digest(base::keccak256(ir::signature(contract, type.name, type.arguments))));
  }
  std::vector<ir::DataTypeId> types;
  std::vector<Word> plain;
  for (uint32_t k = 0; k < words.size(); ++k) {
    const ir::DataField& field = contract.fields[type.arguments.first + k];
    if (field.is_indexed) {
      log.topics.push_back(codec_.topic(field.type, words[k]));
    } else {
      types.push_back(field.type);
      plain.push_back(words[k]);
    }
  }
  log.data = codec_.encode(types, plain);
  machine_.log(std::move(log));
}

std::string ContractExecution::selector_and_data(uint32_t selector, ir::DataFields fields, std::span<const Word> words) {
  return word_bytes(word_of(selector), 4) + codec_.encode(code_.layout().types_of(fields), words);
}

void ContractExecution::revert(const Inst& inst) {
  if (inst.a == kNone) {
    throw ContractRevert{};
  }
  const ir::ErrorType& error = code_.contract().errors[inst.a];
  const uint32_t selector = base::keccak256_selector(ir::signature(code_.contract(), error.name, error.arguments));
  throw ContractRevert{selector_and_data(selector, error.arguments, values(function().args(inst)))};
}

void ContractExecution::call_contract(const Inst& inst) {
  const ir::ExternalFunction& external = code_.contract().externals[inst.a];
  const uint32_t* list = function().extra.data() + inst.b;
  const bool is_view = external.mutability == ir::Mutability::View || external.mutability == ir::Mutability::Pure;
  const bool tries = (inst.flags & ir::kTry) != 0;
  ContractMessage message;
  message.self = value(list[0]);
  message.sender = message_.self;
  message.value = optional(list[1]);
  const bool brings_selector = external.name.empty();
  const uint32_t selector = brings_selector ? static_cast<uint32_t>(value(list[3]).limb[0]) : code_.external_selector(inst.a);
  const uint32_t before = brings_selector ? 4 : 3;
  message.data = selector_and_data(selector, external.params, values({list + before, inst.c - before}));
  message.code = machine_.code_at(message.self);
  message.is_static = message_.is_static || is_view;
  message.depth = message_.depth + 1;
  demand(message.code != nullptr && (!message_.is_static || is_zero(message.value)));
  const ContractOutcome outcome = machine_.send(message);
  if (!outcome.success && !tries) {
    throw ContractRevert{outcome.data};
  }
  std::vector<Word> results;
  if (outcome.success) {
    results = codec_.decode(outcome.data, code_.layout().types_of(external.results));
  } else {
    results.resize(external.results.count, word_of(0));
  }
  if (tries) {
    results.insert(results.begin(), word_of(outcome.success ? 1 : 0));
    results.push_back(outcome.success ? word_of(0) : memory_.new_bytes(std::string_view(outcome.data)));
  }
  give(results);
}

void ContractExecution::create(const Inst& inst) {
  demand_writable();
  const ir::Creation& creation = code_.contract().creations[inst.a];
  const uint32_t* list = function().extra.data() + inst.b;
  const bool tries = (inst.flags & ir::kTry) != 0;
  const std::string arguments = codec_.encode(code_.layout().types_of(creation.params), values({list + 2, inst.c - 2}));
  const Word salt = optional(list[1]);
  const ContractOutcome outcome = machine_.create(code_.created(inst.a), message_, optional(list[0]), arguments, list[1] == kNone ? nullptr : &salt);
  if (!tries) {
    if (!outcome.success) {
      throw ContractRevert{outcome.data};
    }
    return give(outcome.address);
  }
  const Word results[] = {word_of(outcome.success ? 1 : 0), outcome.success ? outcome.address : word_of(0),
                          outcome.success ? word_of(0) : memory_.new_bytes(std::string_view(outcome.data))};
  give(results);
}

void ContractExecution::call_raw(const Inst& inst) {
  const uint32_t* list = function().extra.data() + inst.b;
  const auto kind = static_cast<ir::RawCallKind>(inst.a);
  ContractMessage message;
  const Address to = value(list[0]);
  message.self = kind == ir::RawCallKind::Delegate ? message_.self : to;
  message.sender = kind == ir::RawCallKind::Delegate ? message_.sender : message_.self;
  message.value = kind == ir::RawCallKind::Delegate ? message_.value : optional(list[1]);
  message.data = std::string(memory_.text(value(list[3])));
  message.code = machine_.code_at(to);
  message.code_address = to;
  message.is_static = message_.is_static || kind == ir::RawCallKind::Static;
  message.keeps_value = kind == ir::RawCallKind::Delegate;
  message.depth = message_.depth + 1;
  demand(!message_.is_static || message.keeps_value || is_zero(message.value));
  const ContractOutcome outcome = machine_.send(message);
  const Word results[] = {word_of(outcome.success ? 1 : 0), memory_.new_bytes(std::string_view(outcome.data))};
  give(results);
}

}  // namespace omega::interp
