// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/waiting_threads.h"

namespace omega::graph {

WaitingThreads::~WaitingThreads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void WaitingThreads::submit(double key, std::function<void(unsigned)> call) {
  {
    const std::lock_guard lock(mutex_);
    queue_.emplace(Place{key, submitted_++}, std::move(call));
    if (queue_.size() > idle_ && threads_.size() < most_) {
      threads_.emplace_back([this, number = static_cast<unsigned>(threads_.size())] { loop(number); });
    }
  }
  changed_.notify_one();
}

void WaitingThreads::loop(unsigned number) {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [&] { return ending_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) {
      return;
    }
    std::function<void(unsigned)> call = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    lock.unlock();
    call(number);
    call = nullptr;
    lock.lock();
  }
}

}  // namespace omega::graph
