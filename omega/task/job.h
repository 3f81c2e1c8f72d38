// SPDX-License-Identifier: Apache-2.0
// Job: what deques and injectors hold.
#pragma once

#include <atomic>
#include <cstdint>

namespace omega::task {

class Worker;

/// A piece of work that runs once. The scheduler never copies, moves or frees it: it lives on the stack of whoever waits for it, in a
/// larger structure of its owner, or in a worker's pool, and must stay in place until `run` is called. `run` may destroy it.
struct Job {
  /// Called on some worker of the scheduler; must not throw.
  using Run = void (*)(Job& job, Worker& worker) noexcept;

  Job() noexcept = default;
  explicit Job(Run r) noexcept : run(r) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  Run run;
  /// The link of the injector.
  std::atomic<Job*> next;
};

/// Which work a worker that looks for some takes first: high before what lies in its own deque, low when nothing else is there. A running
/// task is never interrupted.
enum class Priority : uint8_t { high, normal, low };

}  // namespace omega::task
