// SPDX-License-Identifier: Apache-2.0
// parallel_for: a loop whose iterations may run at the same time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "omega/task/cancellation.h"
#include "omega/task/scheduler.h"

namespace omega::task {

/// How a loop is divided among workers.
enum class Partition : uint8_t {
  lazy,    ///< small loops on the calling thread; else all that has not begun can be stolen, by halves. For every kind of work.
  fixed,   ///< one equal part for each thread, at once. For equal iterations whose data stay in a thread's cache.
  guided,  ///< pieces from a common counter, large ones first. For work that gets smaller or larger along the loop.
};

/// What may be said about a loop; all of it can be left unsaid.
struct LoopOptions {
  Partition partition = Partition::lazy;
  /// Iterations in a piece: at most (lazy), at least (fixed, guided); 0: found at run time by measuring (lazy), or 1. A loop with a grain
  /// is taken to be worth sharing until it has been measured.
  size_t grain = 0;
  /// Looked at between pieces; must outlive the loop.
  const Cancellation* cancellation = nullptr;
};

/// What a call site remembers: the time of an iteration, from the last run. Any thread.
class LoopSite {
 public:
  /// Ticks for 1,024 iterations; 0: not known.
  [[nodiscard]] uint64_t cost() const noexcept { return cost_.load(std::memory_order_relaxed); }
  /// Small changes are not written, so that loops of one site that run side by side do not wait for each other's writes.
  void remember(uint64_t cost) noexcept {
    const uint64_t old = cost_.load(std::memory_order_relaxed);
    if (cost > old + old / 8 || cost + cost / 8 < old) {
      cost_.store(cost < 1 ? 1 : cost, std::memory_order_relaxed);
    }
  }

 private:
  std::atomic<uint64_t> cost_{0};
};

/// A loop's body: runs the iterations [begin, end) in order. `participant` is the number of who runs them: 0 the thread that came with the
/// loop, less than the scheduler's threads; one thread has it at a time. Loops that are fixed or guided have no such numbers and give 0.
struct LoopBody {
  void (*run)(void* body, size_t begin, size_t end, uint32_t participant);
  void* body;
};

/// parallel_for() without templates.
Outcome run_loop(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options, LoopSite& site);

/// Calls `body(i)`, or `body(piece_begin, piece_end)` if it takes two numbers, for all of [begin, end), each index once, and returns when
/// all are done; what they wrote is visible then. If iterations throw, the exception of the lowest is thrown here, as in a sequential loop;
/// iterations above it may have run. Small loops stay on the calling thread: how long an iteration takes is measured as it runs and
/// remembered for the next time.
/// @return Outcome::done, or why the cancellation stopped it.
template <class Body>
Outcome parallel_for(Scheduler& scheduler, size_t begin, size_t end, Body&& body, const LoopOptions& options = {}) {
  using Plain = std::remove_reference_t<Body>;
  // One for each call site whose body is a lambda.
  static constinit LoopSite site;
  LoopBody erased{nullptr, const_cast<void*>(static_cast<const void*>(std::addressof(body)))};
  if constexpr (std::is_invocable_v<Plain&, size_t, size_t>) {
    erased.run = [](void* at, size_t from, size_t to, uint32_t) { std::invoke(*static_cast<Plain*>(at), from, to); };
  } else {
    erased.run = [](void* at, size_t from, size_t to, uint32_t) {
      Plain& each = *static_cast<Plain*>(at);
      for (size_t i = from; i < to; ++i) {
        std::invoke(each, i);
      }
    };
  }
  return run_loop(scheduler, begin, end, erased, options, site);
}

/// The same in the scheduler in which the calling thread works, else the global one.
template <class Body>
  requires(!std::is_base_of_v<Scheduler, Body>)
Outcome parallel_for(size_t begin, size_t end, Body&& body, const LoopOptions& options = {}) {
  return parallel_for(Scheduler::current(), begin, end, std::forward<Body>(body), options);
}

}  // namespace omega::task
