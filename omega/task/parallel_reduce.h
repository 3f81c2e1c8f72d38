// SPDX-License-Identifier: Apache-2.0
// parallel_reduce: many values folded into one, the same bits at every thread count.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "omega/task/grid.h"
#include "omega/task/parallel_for.h"

namespace omega::task {

namespace reduce_detail {
/// Keeps neighbours in a vector apart from std::vector<bool>.
template <class T>
struct Cell {
  T value;
};

inline LoopOptions block_options(const LoopOptions& options) {
  LoopOptions blocks = options;
  blocks.grain = 0;  // the grid is the grain
  return blocks;
}

inline void tell(Outcome outcome, Outcome* told) {
  if (told != nullptr) {
    *told = outcome;
  }
}
}  // namespace reduce_detail

/// Folds [begin, end): `fold(from, to, value)` returns `value` joined with all of [from, to), in order; `join(a, b)` puts two neighbouring
/// results together and must be associative as far as the caller cares, `identity` neutral to it. The range is cut by a Grid, blocks are
/// folded from `identity` in parallel, and their results are joined from left to right: which thread ran what leaves no trace in the
/// result. Exceptions as in parallel_for.
/// @param outcome where to tell that options.cancellation stopped it; the result then lacks the blocks that did not run.
template <class T, class Fold, class Join>
T parallel_reduce(Scheduler& scheduler, size_t begin, size_t end, T identity, Fold&& fold, Join&& join, const LoopOptions& options = {},
                  Outcome* outcome = nullptr) {
  if (begin >= end) {
    reduce_detail::tell(Outcome::done, outcome);
    return identity;
  }
  const Grid grid(end - begin);
  std::vector<reduce_detail::Cell<T>> parts(grid.blocks(), reduce_detail::Cell<T>{identity});
  const Outcome ended = parallel_for(
      scheduler, 0, grid.blocks(),
      [&](size_t block) {
        T& part = parts[block].value;
        part = fold(begin + grid.begin(block), begin + grid.end(block), std::move(part));
      },
      reduce_detail::block_options(options));
  reduce_detail::tell(ended, outcome);
  T result = std::move(parts[0].value);
  for (size_t block = 1; block < parts.size(); ++block) {
    result = join(std::move(result), std::move(parts[block].value));
  }
  return result;
}

/// The same in the scheduler in which the calling thread works, else the global one.
template <class T, class Fold, class Join>
T parallel_reduce(size_t begin, size_t end, T identity, Fold&& fold, Join&& join, const LoopOptions& options = {}, Outcome* outcome = nullptr) {
  return parallel_reduce(Scheduler::current(), begin, end, std::move(identity), fold, join, options, outcome);
}

}  // namespace omega::task
