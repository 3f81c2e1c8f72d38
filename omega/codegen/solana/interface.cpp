// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/interface.h"

#include <unordered_map>
#include <unordered_set>

#include "omega/base/digests.h"
#include "omega/codegen/common/interface_names.h"

namespace omega::codegen::solana {
namespace {

std::string identifier_of(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    made += is_fine ? c : '_';
  }
  return made;
}

/// `wish`, or with the first number behind it that makes it new.
std::string unique(std::unordered_set<std::string>& taken, const std::string& wish) {
  std::string name = wish;
  for (uint32_t k = 2; !taken.insert(name).second; ++k) {
    name = wish + std::to_string(k);
  }
  return name;
}

}  // namespace

Interface interface_of(const ir::Contract& contract) {
  Interface made;
  made.entries = codegen::entry_names(contract);
  std::unordered_set<std::string> taken{"State", "Entry"};  // the accounts
  std::unordered_map<std::string, uint32_t> count;
  for (const ir::EventType& event : contract.events) {
    ++count[event.name];
  }
  for (const ir::EventType& event : contract.events) {
    std::string wish = event.name;
    for (uint32_t k = 0; count[event.name] > 1 && k < event.arguments.count; ++k) {
      wish += "_" + identifier_of(ir::canonical_name(contract, contract.fields[event.arguments.first + k].type));
    }
    made.events.push_back(unique(taken, wish));
  }
  for (ir::DataTypeId id = 0; id < contract.types.size(); ++id) {
    if (contract.types[id].kind == ir::DataKind::Struct) {
      made.structs.emplace(id, unique(taken, identifier_of(contract.types[id].name.empty() ? "Struct" : short_name(contract.types[id]))));
    }
  }
  return made;
}

std::string discriminator(std::string_view space, std::string_view name) {
  const base::Sha256Digest digest = base::sha256(std::string(space) + ":" + std::string(name));
  return {reinterpret_cast<const char*>(digest.data()), 8};
}

uint64_t discriminator_number(std::string_view space, std::string_view name) {
  const std::string bytes = discriminator(space, name);
  uint64_t number = 0;
  for (size_t k = bytes.size(); k-- > 0;) {
    number = number << 8 | static_cast<uint8_t>(bytes[k]);
  }
  return number;
}

}  // namespace omega::codegen::solana
