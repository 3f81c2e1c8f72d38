// SPDX-License-Identifier: Apache-2.0
// Threads for work that mostly waits, beside those that compute.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace omega::graph {

/// Runs calls, first in, first out, each on a thread of its own while there are fewer than `most`. Threads start when needed and stay, asleep. Any thread may
/// submit. The destructor runs what is queued, then ends the threads.
class WaitingThreads {
 public:
  explicit WaitingThreads(unsigned most) : most_(most) {}
  ~WaitingThreads();
  WaitingThreads(const WaitingThreads&) = delete;
  WaitingThreads& operator=(const WaitingThreads&) = delete;

  /// `call` gets the number of its thread, from 0. It must not throw.
  void submit(std::function<void(unsigned)> call);

 private:
  void loop(unsigned number);

  unsigned most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void(unsigned)>> queue_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool ending_ = false;
};

}  // namespace omega::graph
