// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/common/interface_names.h"

#include <unordered_map>
#include <unordered_set>

namespace omega::codegen {

namespace {

/// The types of parameters as a part of a name.
std::string suffix(const ir::Contract& contract, ir::DataFields params) {
  std::string out;
  for (uint32_t k = 0; k < params.count; ++k) {
    out += '_';
    for (const char c : ir::canonical_name(contract, contract.fields[params.first + k].type)) {
      const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      out += is_word ? std::string(1, c) : c == '[' ? "_array" : c == '(' ? "_struct_" : c == ',' ? "_" : "";
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> entry_names(const ir::Contract& contract) {
  static constexpr const char* special[] = {"", "constructor", "receive", "fallback"};
  std::unordered_map<std::string, uint32_t> count;
  for (const ir::EntryPoint& entry : contract.entries) {
    ++count[entry.name];
  }
  std::vector<std::string> names;
  std::unordered_set<std::string> taken(std::begin(special), std::end(special));
  for (const ir::EntryPoint& entry : contract.entries) {
    if (entry.kind != ir::EntryKind::Function) {
      names.emplace_back(special[static_cast<size_t>(entry.kind)]);
      continue;
    }
    std::string name = entry.name + (count[entry.name] > 1 ? suffix(contract, entry.params) : "");
    while (!taken.insert(name).second) {
      name += '_';
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string_view short_name(const ir::DataType& type) {
  const size_t dot = type.name.rfind('.');
  return std::string_view(type.name).substr(dot == std::string::npos ? 0 : dot + 1);
}

std::vector<uint8_t> sender_readers(const ir::Module& module) {
  const size_t count = module.functions.size();
  std::vector<uint8_t> reads(count, 0);
  std::vector<std::vector<ir::FunctionId>> callers(count);
  std::vector<ir::FunctionId> found;
  for (ir::FunctionId id = 0; id < count; ++id) {
    for (const ir::Inst& in : module.functions[id].insts) {
      const auto field = static_cast<ir::MessageField>(in.a);
      if (in.op == ir::Op::Call) {
        callers[in.a].push_back(id);
      } else if (in.op == ir::Op::Message && (field == ir::MessageField::Sender || field == ir::MessageField::Origin) && reads[id] == 0) {
        reads[id] = 1;
        found.push_back(id);
      }
    }
  }
  while (!found.empty()) {
    const ir::FunctionId id = found.back();
    found.pop_back();
    for (const ir::FunctionId caller : callers[id]) {
      if (reads[caller] == 0) {
        reads[caller] = 1;
        found.push_back(caller);
      }
    }
  }
  return reads;
}

}  // namespace omega::codegen
