// SPDX-License-Identifier: Apache-2.0
// Pool: worker threads that run loops over index ranges, balanced by stealing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "omega/base/run_tasks.h"

namespace omega::task {

/// A fixed number of workers, the calling thread among them. Threads start at the first loop that can use them and sleep between
/// loops. Loops from several threads run one after another; a loop inside a loop's body runs on the worker that came to it.
class Pool {
 public:
  /// `threads` workers in all; 0 means one for each processor.
  explicit Pool(unsigned threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Workers, the calling thread included. Worker indices are less than this.
  [[nodiscard]] unsigned threads() const { return threads_; }

  /// Calls `body(begin, end, worker)` for pieces of at most `grain` indices that cover [0, count) exactly once, and returns when all
  /// are done; what they wrote is visible then. At one time a worker index is used by one thread only. If pieces throw, the exception
  /// of the lowest of them is thrown here; pieces after it may have run or not. Starts no thread when one piece or one worker is all there
  /// is.
  template <class Body>
  void parallel_for(size_t count, size_t grain, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    run(
        count, grain, [](void* at, size_t begin, size_t end, unsigned worker) { (*static_cast<Plain*>(at))(begin, end, worker); },
        const_cast<void*>(static_cast<const void*>(std::addressof(body))));
  }

  /// This pool as rooms that know no threads take it: tasks run in pieces of at most `grain`. Lives no longer than the pool.
  [[nodiscard]] base::RunTasks tasks(size_t grain) {
    return [this, grain](size_t count, const std::function<void(size_t)>& task) {
      parallel_for(count, grain, [&](size_t begin, size_t end, unsigned) {
        for (size_t i = begin; i < end; ++i) {
          task(i);
        }
      });
    };
  }

 private:
  using Piece = void (*)(void* body, size_t begin, size_t end, unsigned worker);
  struct State;

  void run(size_t count, size_t grain, Piece piece, void* body);

  unsigned threads_;
  std::unique_ptr<State> state_;
};

}  // namespace omega::task
