// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/bfloat16_tiles.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "omega/compute/kernels/bfloat16_loops.h"
#include "omega/compute/kernels/instruction_choice.h"

namespace omega::compute {

namespace isa_baseline {
extern const Bfloat16Loops bfloat16_loops;
}
namespace isa_avx2 {
extern const Bfloat16Loops bfloat16_loops;
}
namespace isa_avx512 {
extern const Bfloat16Loops bfloat16_loops;
}
namespace isa_amx {
extern const Bfloat16Products bfloat16_products;
}

namespace {

/// Linux gives a process the memory in which it saves tiles only when asked for it (arch/x86, "Using XSTATE features in user space applications").
bool ask_for_tiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return best_instruction_set() == InstructionSet::avx512 && __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
         syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool& chosen() {
  static bool use = true;
  return use;
}

}  // namespace

bool has_tiles() {
  static const bool lent = ask_for_tiles();
  return lent;
}

bool uses_tiles() { return chosen() && instruction_set() == InstructionSet::avx512 && has_tiles(); }

void use_tiles(bool use) { chosen() = use; }

const Bfloat16Loops& bfloat16_loops() { return loops_of(&isa_baseline::bfloat16_loops, &isa_avx2::bfloat16_loops, &isa_avx512::bfloat16_loops); }

const Bfloat16Products& bfloat16_products(int64_t batch) {
  // Of a state by itself reading the weights takes the time, and vectors need no tiles filled.
  return batch > 1 && uses_tiles() ? isa_amx::bfloat16_products : bfloat16_loops().products;
}

}  // namespace omega::compute
