// SPDX-License-Identifier: Apache-2.0
// A first look at loops, which costs little and settles most of them.
#pragma once

#include "omega/ir/ir.h"

namespace omega::opt {

/// Instructions that a found loop must run in all before it is worth starting threads.
inline constexpr uint64_t kMinWork = 100'000;

/// False for plain loops that will not run in parallel whatever a closer look says: not counted, printing, left early, or short. True for
/// loops written as parallel. Time linear in the loop's size.
bool is_candidate(const ir::Function& function, const ir::Loop& loop);

}  // namespace omega::opt
