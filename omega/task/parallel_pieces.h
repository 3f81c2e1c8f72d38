// SPDX-License-Identifier: Apache-2.0
// parallel_pieces: loops over index ranges in pieces of a given size, with the number of who runs them, as the compiler's phases use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>

#include "omega/base/run_tasks.h"
#include "omega/task/parallel_for.h"

namespace omega::task {

/// parallel_pieces() without templates.
void run_pieces(Scheduler& scheduler, size_t count, size_t grain, LoopBody body);

/// Calls `body(begin, end, participant)` for [0, count) in pieces of exactly `grain` indices (0 counts as 1), the last one shorter, each index once,
/// and returns when all are done; what they wrote is visible then. All pieces can be taken by others from the start: nothing is measured.
/// Participants have numbers less than the scheduler's threads; one thread has a number at a time, and the caller has 0. If pieces throw, the
/// exception of the lowest is thrown here; those above it may have run or not. Wakes and starts no thread where one piece or one thread is all there is.
/// Loops inside pieces are loops like others: who waits for one may run pieces of another meanwhile. Any thread.
template <class Body>
void parallel_pieces(Scheduler& scheduler, size_t count, size_t grain, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  run_pieces(scheduler, count, grain,
             {[](void* at, size_t begin, size_t end, uint32_t participant) { std::invoke(*static_cast<Plain*>(at), begin, end, participant); },
              const_cast<void*>(static_cast<const void*>(std::addressof(body)))});
}

/// A scheduler as rooms that know no threads take it: tasks run in pieces of `grain`. Lives no longer than the scheduler.
[[nodiscard]] inline base::RunTasks lend(Scheduler& scheduler, size_t grain) {
  return [&scheduler, grain](size_t count, const std::function<void(size_t)>& task) {
    parallel_pieces(scheduler, count, grain, [&](size_t begin, size_t end, uint32_t) {
      for (size_t i = begin; i < end; ++i) {
        task(i);
      }
    });
  };
}

}  // namespace omega::task
