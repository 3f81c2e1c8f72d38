// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "omega/sys/environment.h"

namespace omega::driver {

namespace {

std::string line(const std::string& text, unsigned width) { return (width == 0 || text.size() < width ? text : text.substr(0, width - 1)) + "\n"; }

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

/// "solana   2 of 5   1.3 s".
std::string target_line(const compile::TargetStatus& target, size_t name_width) {
  std::string text = "  " + target.target + std::string(name_width - target.target.size(), ' ') + "  ";
  if (target.has_failed) {
    return text + "failed";
  }
  if (target.contracts == 0 || target.elapsed_ns == 0) {
    return text + "waits";
  }
  text += target.contracts == target.made ? "done" : std::to_string(target.made) + " of " + std::to_string(target.contracts);
  return text + "  " + seconds_text(static_cast<double>(target.elapsed_ns) / 1e9);
}

}  // namespace

std::string progress_text(const char* phase, double seconds, const std::optional<compile::JobStatus>& job, unsigned width) {
  std::string text = line(std::string(phase == nullptr ? "start" : phase) + " " + seconds_text(seconds), width);
  if (job && job->targets.size() > 1) {
    size_t name_width = 0;
    for (const compile::TargetStatus& target : job->targets) {
      name_width = std::max(name_width, target.target.size());
    }
    for (const compile::TargetStatus& target : job->targets) {
      text += line(target_line(target, name_width), width);
    }
  }
  return text;
}

Progress::Progress(const compile::PhaseTimes& times, bool wanted, std::function<std::optional<compile::JobStatus>()> job)
    : times_(times), job_(std::move(job)) {
  if (wanted && isatty(2) != 0) {
    thread_ = std::thread([this] { show(); });
  }
}

void Progress::end() {
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
  std::string erase;  // takes away what was shown last
  for (auto pause = 500ms; !stop_.wait_for(lock, pause, [this] { return stopped_; }); pause = 100ms) {
    const char* phase = times_.running.load(std::memory_order_relaxed);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    const std::string text = progress_text(phase, elapsed.count(), job_ ? job_() : std::nullopt, sys::terminal_at(2).width);
    std::fputs((erase + text).c_str(), stderr);
    std::fflush(stderr);
    erase = "\033[" + std::to_string(std::ranges::count(text, '\n')) + "F\033[J";
  }
  std::fputs(erase.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace omega::driver
