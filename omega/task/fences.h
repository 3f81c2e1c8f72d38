// SPDX-License-Identifier: Apache-2.0
// Fences in pairs: one side that runs often pays nothing, the other that runs seldom pays for both.
#pragma once

#include <atomic>

namespace omega::task {

namespace fence_detail {
/// True once the kernel makes every thread of this process pass a full fence on request (membarrier).
extern std::atomic<bool> asymmetric;
void heavy_fence_slow() noexcept;
}  // namespace fence_detail

/// Orders everything before it against everything after it, as std::atomic_thread_fence(seq_cst) does. An instruction of our own on
/// x86-64, where compilers choose the slower mfence and ThreadSanitizer knows no fences.
inline void full_fence() noexcept {
#if defined(__x86_64__)
  asm volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

/// Asks the kernel, once for the process, to let heavy_fence() act on all its threads. Where it cannot (an old kernel, a sandbox), the
/// light fence is a full one from then on. Any thread; cheap while the process has one thread.
void prepare_fences() noexcept;

/// One side of a pair: between a light fence in one thread and a heavy fence in another the order is as between two full fences.
/// Costs no instruction where the kernel helps.
inline void light_fence() noexcept {
  if (fence_detail::asymmetric.load(std::memory_order_relaxed)) [[likely]] {
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } else {
    full_fence();
  }
}

/// The other side: when it returns, every thread of the process has passed a full fence since it was called. About half a microsecond.
inline void heavy_fence() noexcept {
  full_fence();
  if (fence_detail::asymmetric.load(std::memory_order_relaxed)) {
    fence_detail::heavy_fence_slow();
  }
}

}  // namespace omega::task
