// SPDX-License-Identifier: Apache-2.0
// parallel_scan: running totals, the same bits at every thread count.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "omega/base/check.h"
#include "omega/task/grid.h"
#include "omega/task/parallel_for.h"
#include "omega/task/parallel_reduce.h"

namespace omega::task {

/// Whether a running total holds the element at its own place.
enum class ScanKind : uint8_t { inclusive, exclusive };

/// Writes to out[i] the total of in[0] to in[i] (inclusive) or in[i - 1] (exclusive, beginning with `identity`). `join` must be associative
/// as far as the caller cares, `identity` neutral to it. `out` is as long as `in` and may be the same memory. Blocks of a Grid are totalled
/// in parallel, their totals joined from left to right, and each block scanned from where the ones before it end; on one thread too, so
/// that grouping never differs. Exceptions as in parallel_for; `out` is then partly written.
/// @return the total of all.
template <class T, class Join>
T parallel_scan(Scheduler& scheduler, std::span<const T> in, std::span<T> out, T identity, Join&& join, ScanKind kind = ScanKind::inclusive,
                const LoopOptions& options = {}, Outcome* outcome = nullptr) {
  OMEGA_CHECK(in.size() == out.size(), "a scan writes as many values as it reads");
  reduce_detail::tell(Outcome::done, outcome);
  if (in.empty()) {
    return identity;
  }
  const Grid grid(in.size());
  const LoopOptions blocks = reduce_detail::block_options(options);
  std::vector<reduce_detail::Cell<T>> starts(grid.blocks(), reduce_detail::Cell<T>{identity});
  Outcome ended = parallel_for(
      scheduler, 0, grid.blocks(),
      [&](size_t block) {
        T total = identity;
        for (size_t i = grid.begin(block); i < grid.end(block); ++i) {
          total = join(std::move(total), in[i]);
        }
        starts[block].value = std::move(total);
      },
      blocks);
  T total = identity;
  for (reduce_detail::Cell<T>& start : starts) {
    T next = join(total, start.value);
    start.value = std::exchange(total, std::move(next));
  }
  if (ended == Outcome::done) {
    ended = parallel_for(
        scheduler, 0, grid.blocks(),
        [&](size_t block) {
          T running = starts[block].value;
          for (size_t i = grid.begin(block); i < grid.end(block); ++i) {
            T next = join(running, in[i]);
            out[i] = kind == ScanKind::inclusive ? next : std::move(running);
            running = std::move(next);
          }
        },
        blocks);
  }
  reduce_detail::tell(ended, outcome);
  return total;
}

/// The same in the scheduler in which the calling thread works, else the global one.
template <class T, class Join>
T parallel_scan(std::span<const T> in, std::span<T> out, T identity, Join&& join, ScanKind kind = ScanKind::inclusive, const LoopOptions& options = {},
                Outcome* outcome = nullptr) {
  return parallel_scan(Scheduler::current(), in, out, std::move(identity), join, kind, options, outcome);
}

}  // namespace omega::task
