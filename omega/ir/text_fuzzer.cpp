// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as IR: no crash; what is read prints and reads again as the same text; the verifier stands any module.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "test/fuzzing/token_mutation.h"

namespace {

constexpr std::string_view kVocabulary[] = {
#define OMEGA_OP(name, text, operands, effects) text,
#include "omega/ir/ops.def"
#define OMEGA_RUNTIME(name, symbol, result, parameters, effects) #name,
#include "omega/ir/runtime_functions.def"
    "u1",
    "u8",
    "u64",
    "u72",
    "u256",
    "s8",
    "s24",
    "s64",
    "s65",
    "s256",
    "f32",
    "f64",
    "ref",
    "void",
    "_",
    "checked",
    "norefs",
    "file 1",
    "at 10",
    "depth 0",
    "user",
    "iv",
    "hi",
    "step",
    "threads",
    "parent",
    "header",
    "body",
    "latch",
    "exit",
    "Sequential",
    "Parallel",
    "While",
    "Auto",
    "Overflow",
    "Require",
    "Assert",
    "Add",
    "Xor",
    "Sender",
    "%0",
    "%1",
    "%2",
    "%3",
    "s0",
    "s1",
    "b0:",
    "b1:",
    "b1",
    "b2",
    "@7",
    "-> (s64)",
    "-> ()",
    "(s64, ref)",
    "\"main\"",
    "\"\\x00\"",
    "entry \"f\"",
    "br b1",
    "ret",
    "ret (%0)",
    "condbr %0, b1, b2",
    "%9 = const s64 1\n",
    "%9 = add s64 %1, %1\n",
    "slot s9: s64 depth 0 at 0\n",
    "extern \"e\"(s64) -> ()\n",
    "function \"g\"() -> () at 0 {\nb0:\n  ret\n}\n",
    "0x7fc00001",
    "0xffffffffffffffffffffffffffffffff",
    "; comment\n",
    "word",
    "try",
    "t0",
    "t1",
    "t2",
    "contract \"C\" {\n type t0 = uint 256\n}\n",
    " type t1 = mapping t0 t0\n",
    " type t2 = struct \"S\" (a: t0, b: t2)\n",
    " type t2 = array t1\n",
    " variable \"v\": t0\n",
    " immutable \"i\": t0\n",
    " transient \"i\": t0\n",
    " event \"E\" (t0 indexed)\n",
    " error \"E\" (t0)\n",
    " external \"f\" view (t0) -> (t0)\n",
    " function \"f\" payable (t0) -> (t0) = \"f\"\n",
    " fallback nonpayable () = \"f\"\n",
    "Packed",
    "Keccak256",
    "Delegate",
    "value _, gas _",
    "indexed",
    "anonymous",
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::ir;
  const auto module = parse_text({reinterpret_cast<const char*>(data), size});
  if (!module.has_value()) {
    return 0;
  }
  verify(*module);
  const std::string text = print(*module);
  const auto again = parse_text(text);
  if (!again.has_value() || print(*again) != text) {
    std::abort();
  }
  return 0;
}

OMEGA_FUZZ_BY_WORDS(kVocabulary, 0)
