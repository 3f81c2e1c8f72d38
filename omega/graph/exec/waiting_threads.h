// SPDX-License-Identifier: Apache-2.0
// Threads for work that mostly waits, beside those that compute.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace omega::graph {

/// Runs calls, the largest key first, then first in, first out, each on a thread of its own while there are fewer than `most`. Threads
/// start when needed and stay, asleep. Any thread may submit. The destructor runs what is queued, then ends the threads.
class WaitingThreads {
 public:
  explicit WaitingThreads(unsigned most) : most_(most) {}
  ~WaitingThreads();
  WaitingThreads(const WaitingThreads&) = delete;
  WaitingThreads& operator=(const WaitingThreads&) = delete;

  /// `call` gets the number of its thread, from 0. It must not throw.
  void submit(double key, std::function<void(unsigned)> call);

 private:
  /// Largest key first, then in order of submission.
  struct Place {
    double key;
    uint64_t number;
    bool operator<(const Place& other) const { return key != other.key ? key > other.key : number < other.number; }
  };

  void loop(unsigned number);

  unsigned most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Place, std::function<void(unsigned)>> queue_;
  uint64_t submitted_ = 0;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool ending_ = false;
};

}  // namespace omega::graph
