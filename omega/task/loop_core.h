// SPDX-License-Identifier: Apache-2.0
// The core of parallel loops for this scheduler: the source that the runtime of native programs is compiled from.
#pragma once

#include <atomic>
#include <cstdint>

namespace omega::task::loop_core {

using om_atomic_u64 = std::atomic<uint64_t>;
inline uint64_t om_load_u64(const om_atomic_u64* word) noexcept { return word->load(std::memory_order_acquire); }
inline void om_store_u64(om_atomic_u64* word, uint64_t value) noexcept { word->store(value, std::memory_order_release); }
inline bool om_cas_u64(om_atomic_u64* word, uint64_t* expected, uint64_t desired) noexcept {
  return word->compare_exchange_strong(*expected, desired, std::memory_order_acq_rel, std::memory_order_acquire);
}

#include "runtime/loop_core.h"

}  // namespace omega::task::loop_core
