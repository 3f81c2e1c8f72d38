// SPDX-License-Identifier: Apache-2.0
// Any bytes as calldata of a contract that gives back what it takes: no crash; what is accepted is encoded, and that comes back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "omega/base/check.h"
#include "omega/interp/contract_machine.h"
#include "omega/ir/text.h"

namespace {

using namespace omega;

constexpr std::string_view kTypes = R"ir(
contract "Data" {
  type t0 = uint 256
  type t1 = int 16
  type t2 = bytes 3
  type t3 = bool
  type t4 = enum "Colour" 3
  type t5 = bytes
  type t6 = string
  type t7 = struct "Pair" (a: t1, text: t6)
  type t8 = array t7
  type t9 = fixed t6 2
  type t10 = array t9
  type t11 = struct "All" (n: t2, list: t8, flag: t3, rows: t10)
  type t12 = array t4
  type t13 = address
  type t14 = fixed t13 2
}
)ir";

/// What the first byte chooses from.
constexpr ir::DataTypeId kChoices[][2] = {{11, 5}, {8, 12}, {10, 14}, {5, 6}, {1, 2}, {3, 4}, {12, 13}, {14, 0}};

std::string recoded(const interp::DataLayout& layout, std::string_view bytes, std::span<const ir::DataTypeId> types, bool& accepted) {
  interp::ContractBudget budget{1'000'000, 1 << 20};
  interp::ContractMemory memory(budget);
  interp::DataCodec codec(layout, memory, budget);
  try {
    const std::vector<interp::Word> values = codec.decode(bytes, types);
    for (size_t i = 0; i < types.size(); ++i) {
      (void)codec.topic(types[i], values[i]);
    }
    accepted = true;
    return codec.encode(types, values);
  } catch (const interp::ContractRevert&) {
    accepted = false;
    return {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto module = ir::parse_text(kTypes);
  static const interp::DataLayout layout(*module->contract);
  if (size == 0) {
    return 0;
  }
  const std::span<const ir::DataTypeId> types = kChoices[data[0] % std::size(kChoices)];
  bool accepted = false;
  const std::string once = recoded(layout, {reinterpret_cast<const char*>(data) + 1, size - 1}, types, accepted);
  if (accepted) {
    const std::string twice = recoded(layout, once, types, accepted);
    OMEGA_CHECK(accepted && twice == once, "what was encoded decodes to the same");
  }
  return 0;
}
