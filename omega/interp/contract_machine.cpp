// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_machine.h"

#include "omega/base/digests.h"
#include "omega/base/keccak.h"
#include "omega/interp/contract_execution.h"
#include "omega/interp/contract_recover.h"

namespace omega::interp {

namespace {

uint32_t selector_of(const ir::Contract& contract, const std::string& name, ir::DataFields params) {
  return base::keccak256_selector(ir::signature(contract, name, params));
}

/// A byte string of recursive-length prefix encoding, of up to 55 bytes.
std::string rlp_string(std::string_view bytes) {
  if (bytes.size() == 1 && static_cast<uint8_t>(bytes[0]) < 0x80) {
    return std::string(bytes);
  }
  return static_cast<char>(0x80 + bytes.size()) + std::string(bytes);
}

/// Where the contract lies that `sender` makes with this nonce.
Address contract_address(const Address& sender, uint64_t nonce) {
  std::string number = word_bytes(word_of(nonce), 8);
  number.erase(0, std::min(number.find_first_not_of('\0'), number.size()));
  std::string list = rlp_string(word_bytes(sender, 20)) + rlp_string(number);
  list.insert(list.begin(), static_cast<char>(0xc0 + list.size()));
  const base::Keccak256Digest digest = base::keccak256(list);
  return word_from_bytes({reinterpret_cast<const char*>(digest.data()) + 12, 20});
}

template <class Digest>
std::string padded(const Digest& digest) {
  std::string bytes(32 - digest.size(), '\0');
  return bytes.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

constexpr uint64_t kLastBuiltin = 10;

/// The contracts that every EVM has, at the addresses 1 to 10.
std::string run_builtin(uint64_t number, std::string_view data) {
  switch (number) {
    case 1: {
      std::string padded_data(data.substr(0, 128));
      padded_data.resize(128);
      const auto word = [&](size_t k) { return word_from_bytes(std::string_view(padded_data).substr(k * 32, 32)); };
      const Address signer = recover_signer(word(0), word(1), word(2), word(3));
      return is_zero(signer) ? std::string() : word_bytes(signer);
    }
    case 2: return padded(base::sha256(data));
    case 3: return padded(base::ripemd160(data));
    case 4: return std::string(data);
    default: throw ContractUnsupported{"the built-in contract at address " + std::to_string(number)};
  }
}

}  // namespace

ContractCode::ContractCode(std::shared_ptr<const ir::Module> module) : module_(std::move(module)), layout_(*module_->contract) {
  for (const ir::EntryPoint& entry : contract().entries) {
    if (entry.kind == ir::EntryKind::Function) {
      functions_.emplace(selector_of(contract(), entry.name, entry.params), &entry);
    } else {
      of_kind_[static_cast<size_t>(entry.kind)] = &entry;
    }
  }
  for (const std::shared_ptr<ir::Module>& created : module_->created) {
    created_.push_back(std::make_shared<const ContractCode>(created));
  }
  for (const ir::ExternalFunction& external : contract().externals) {
    external_selectors_.push_back(selector_of(contract(), external.name, external.params));
  }
}

const ir::EntryPoint* ContractCode::entry_for(std::string_view data) const {
  if (data.size() >= 4) {
    const auto found = functions_.find(static_cast<uint32_t>(word_from_bytes(data.substr(0, 4)).limb[0]));
    if (found != functions_.end()) {
      return found->second;
    }
  }
  const ir::EntryPoint* receive = of_kind_[static_cast<size_t>(ir::EntryKind::Receive)];
  return data.empty() && receive != nullptr ? receive : of_kind_[static_cast<size_t>(ir::EntryKind::Fallback)];
}

const ContractCode* ContractMachine::code_at(const Address& address) const {
  const auto found = accounts_.find(address);
  return found == accounts_.end() ? nullptr : found->second.code.get();
}

ContractOutcome ContractMachine::deploy(const std::shared_ptr<const ContractCode>& code, const Address& sender, const Word& value, std::string_view arguments) {
  const Address address = contract_address(sender, account(sender).nonce);
  ContractAccount& made = account(address);
  OMEGA_CHECK(made.code == nullptr, "nobody is at a new address");
  made.nonce = 1;
  made.immutables.assign(code->contract().immutables.size(), word_of(0));
  ContractMessage message;
  message.self = address;
  message.value = value;
  message.data = arguments;
  message.code = code.get();
  message.makes_contract = true;
  ContractOutcome outcome = begin(sender, std::move(message));
  outcome.address = address;
  if (outcome.success) {
    made.code = code;
  }
  return outcome;
}

ContractOutcome ContractMachine::create(const std::shared_ptr<const ContractCode>& code, const ContractMessage& maker, const Word& value,
                                        std::string_view arguments, const Word* salt) {
  const uint64_t nonce = account(maker.self).nonce++;
  Address address = contract_address(maker.self, nonce);
  if (salt != nullptr) {
    std::string seed = word_bytes(maker.self, 20) + word_bytes(*salt) + code->contract().name + '\0';
    const base::Keccak256Digest digest = base::keccak256(seed.append(arguments));
    address = word_from_bytes({reinterpret_cast<const char*>(digest.data()) + 12, 20});
  }
  if (code_at(address) != nullptr) {
    return {};
  }
  ContractMessage message;
  message.self = address;
  message.sender = maker.self;
  message.value = value;
  message.data = arguments;
  message.code = code.get();
  message.makes_contract = true;
  message.depth = maker.depth + 1;
  ContractAccount& made = account(address);
  made.nonce = 1;
  made.immutables.assign(code->contract().immutables.size(), word_of(0));
  ContractOutcome outcome = send(message);
  outcome.address = address;
  if (outcome.success) {
    made.code = code;
    made_.push_back(address);
  }
  return outcome;
}

ContractOutcome ContractMachine::call(const Address& to, const Address& sender, const Word& value, std::string_view data) {
  ContractMessage message;
  message.self = to;
  message.value = value;
  message.data = data;
  message.code = code_at(to);
  return begin(sender, std::move(message));
}

ContractOutcome ContractMachine::begin(const Address& sender, ContractMessage message) {
  budget_ = {limits_.steps, limits_.memory};
  origin_ = sender;
  message.sender = sender;
  ++account(sender).nonce;
  ContractOutcome outcome = send(message);
  outcome.logs = std::move(logs_);
  logs_.clear();
  for (const auto& [state, place] : transients_) {
    state->set(place, {}, journal_);
  }
  transients_.clear();
  journal_.clear();
  paid_.clear();
  made_.clear();
  return outcome;
}

void ContractMachine::set_transient(ContractState& state, PlaceId place, const Word& value) {
  transients_.emplace_back(&state, place);
  state.set(place, {value, {}}, journal_);
}

bool ContractMachine::move_value(const Address& from, const Address& to, const Word& value) {
  if (is_zero(value)) {
    return true;
  }
  if (less_word(balance(from), value)) {
    return false;
  }
  paid_.emplace_back(from, balance(from));
  om_wide_sub(&balance(from), &balance(from), &value, kUnsignedWord);
  paid_.emplace_back(to, balance(to));
  om_wide_add(&balance(to), &balance(to), &value, kUnsignedWord);
  return true;
}

ContractOutcome ContractMachine::send(const ContractMessage& message) {
  ContractOutcome outcome;
  const size_t written = journal_.size(), paid = paid_.size(), logged = logs_.size(), made = made_.size();
  if (message.depth > limits_.depth || (!message.keeps_value && !move_value(message.sender, message.self, message.value))) {
    return outcome;
  }
  try {
    outcome.data = run(message);
    outcome.success = true;
  } catch (ContractRevert& revert) {
    outcome.data = std::move(revert.data);
    while (journal_.size() > written) {
      journal_.back().state->take_back(journal_);
    }
    for (; paid_.size() > paid; paid_.pop_back()) {
      balance(paid_.back().first) = paid_.back().second;
    }
    logs_.resize(logged);
    for (; made_.size() > made; made_.pop_back()) {
      account(made_.back()).code = nullptr;
    }
  }
  return outcome;
}

std::string ContractMachine::run(const ContractMessage& message) {
  if (message.code != nullptr) {
    return ContractExecution(*this, message).run();
  }
  const Address& to = message.keeps_value ? message.code_address : message.self;
  return fits_64(to) && to.limb[0] != 0 && to.limb[0] <= kLastBuiltin ? run_builtin(to.limb[0], message.data) : std::string();
}

}  // namespace omega::interp
