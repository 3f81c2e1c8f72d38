// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/progress.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace omega::driver {

Progress::Progress(const compile::PhaseTimes& times, bool wanted) : times_(times) {
  if (wanted && isatty(2) != 0) {
    thread_ = std::thread([this] { show(); });
  }
}

Progress::~Progress() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    stop_.notify_one();
    thread_.join();
  }
}

void Progress::show() {
  using namespace std::chrono_literals;
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  bool shown = false;
  for (auto pause = 500ms; !stop_.wait_for(lock, pause, [this] { return stopped_; }); pause = 100ms) {
    const char* phase = times_.running.load(std::memory_order_relaxed);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    std::fprintf(stderr, "\r\033[K%s %.1f s", phase == nullptr ? "start" : phase, elapsed.count());
    std::fflush(stderr);
    shown = true;
  }
  if (shown) {
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
  }
}

}  // namespace omega::driver
