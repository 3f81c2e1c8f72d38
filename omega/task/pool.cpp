// SPDX-License-Identifier: Apache-2.0
// Workers, their ranges and the gate through which they enter a loop.
#include "omega/task/pool.h"

#include <algorithm>
#include <atomic>
#include <climits>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "omega/base/check.h"
#include "omega/sys/environment.h"
#include "omega/sys/processors.h"
#include "omega/task/futex.h"

namespace omega::task {
namespace {

/// Set in the gate while a loop may be entered; the bits below count the workers inside, the caller not among them.
constexpr uint32_t gate_open = 1u << 31;

/// The pieces [begin, end) a worker has yet to run, in one word so that owner and thieves agree by compare-and-swap. A value that
/// comes back means the same pieces are unclaimed in this slot again, so a late swap is right as well.
struct alignas(64) Slot {
  std::atomic<uint64_t> range{0};
};

constexpr uint64_t pack(uint32_t begin, uint32_t end) { return static_cast<uint64_t>(begin) << 32 | end; }
constexpr uint32_t begin_of(uint64_t range) { return static_cast<uint32_t>(range >> 32); }
constexpr uint32_t end_of(uint64_t range) { return static_cast<uint32_t>(range); }

/// The pool (its state) whose loop this thread is running a piece of, or null.
thread_local const void* current_pool = nullptr;
/// The worker index of this thread in that pool.
thread_local unsigned current_worker = 0;

}  // namespace

struct Pool::State {
  explicit State(unsigned threads) : slots(threads) {}

  // The loop being run; written before the gate opens.
  size_t count = 0;
  size_t grain = 1;
  Piece piece = nullptr;
  void* body = nullptr;

  std::vector<Slot> slots;
  alignas(64) std::atomic<uint32_t> gate{0};
  alignas(64) std::atomic<uint32_t> epoch{0};
  std::atomic<bool> stopping{false};

  /// Held by the thread whose loop runs; that thread may come again from a loop of one piece.
  std::recursive_mutex caller;
  std::mutex failure_mutex;
  std::exception_ptr failure;
  uint32_t failed_piece = UINT32_MAX;
  std::vector<std::thread> workers;
  const sys::Processors processors;

  void run_piece(uint32_t index, unsigned worker) {
    const size_t begin = index * grain;
    try {
      piece(body, begin, std::min(begin + grain, count), worker);
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      if (index < failed_piece) {
        failed_piece = index;
        failure = std::current_exception();
      }
    }
  }

  /// Runs the pieces of the worker's own slot from the front.
  void run_own(unsigned worker) {
    std::atomic<uint64_t>& range = slots[worker].range;
    uint64_t seen = range.load(std::memory_order_acquire);
    while (begin_of(seen) < end_of(seen)) {
      if (range.compare_exchange_weak(seen, pack(begin_of(seen) + 1, end_of(seen)), std::memory_order_acq_rel)) {
        run_piece(begin_of(seen), worker);
        seen = range.load(std::memory_order_acquire);
      }
    }
  }

  /// Moves the back half of another's range into the worker's own slot.
  bool steal(unsigned worker) {
    const auto total = static_cast<unsigned>(slots.size());
    for (unsigned i = 1; i < total; ++i) {
      std::atomic<uint64_t>& victim = slots[(worker + i) % total].range;
      uint64_t seen = victim.load(std::memory_order_acquire);
      while (begin_of(seen) < end_of(seen)) {
        const uint32_t middle = begin_of(seen) + (end_of(seen) - begin_of(seen)) / 2;
        if (victim.compare_exchange_weak(seen, pack(begin_of(seen), middle), std::memory_order_acq_rel)) {
          slots[worker].range.store(pack(middle, end_of(seen)), std::memory_order_release);
          return true;
        }
      }
    }
    return false;
  }

  void work(unsigned worker) {
    const void* const outer_pool = std::exchange(current_pool, this);
    const unsigned outer_worker = std::exchange(current_worker, worker);
    do {
      run_own(worker);
    } while (steal(worker));
    current_pool = outer_pool;
    current_worker = outer_worker;
  }

  bool enter() {
    uint32_t seen = gate.load(std::memory_order_relaxed);
    while ((seen & gate_open) != 0) {
      if (gate.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  void leave() {
    // The caller sleeps on the gate only after closing it.
    if (gate.fetch_sub(1, std::memory_order_release) == 1) {
      futex_wake(gate, 1);
    }
  }

  void close_gate() {
    uint32_t seen = gate.fetch_and(~gate_open, std::memory_order_acq_rel) & ~gate_open;
    while (seen != 0) {
      futex_wait(gate, seen);
      seen = gate.load(std::memory_order_acquire);
    }
  }

  void worker_main(unsigned worker, uint32_t seen_epoch) {
    while (true) {
      uint32_t now = epoch.load(std::memory_order_acquire);
      while (now == seen_epoch) {
        futex_wait(epoch, now);
        now = epoch.load(std::memory_order_acquire);
      }
      seen_epoch = now;
      processors.go_anywhere();
      if (stopping.load(std::memory_order_acquire)) {
        return;
      }
      if (enter()) {
        work(worker);
        leave();
      }
    }
  }

  /// As many workers as other processors can take begin the next loop there.
  void spread() {
    const size_t others = std::min<size_t>(workers.size(), std::max(processors.count(), 1u) - 1);
    for (size_t i = 0; i < others; ++i) {
      processors.keep_off_here(workers[i].native_handle());
    }
  }

  void start_workers() {
    const uint32_t now = epoch.load(std::memory_order_relaxed);
    try {
      while (workers.size() + 1 < slots.size()) {
        const auto index = static_cast<unsigned>(workers.size() + 1);
        workers.emplace_back([this, index, now] { worker_main(index, now); });
      }
    } catch (const std::system_error&) {
      // The system gives no more threads: those there are, at least the caller, do the work.
      return;
    }
  }
};

Pool::Pool(unsigned threads) : threads_(threads == 0 ? sys::cpu_count() : threads), state_(std::make_unique<State>(threads_)) {}

Pool::~Pool() {
  state_->stopping.store(true, std::memory_order_release);
  state_->epoch.fetch_add(1, std::memory_order_release);
  futex_wake(state_->epoch, INT_MAX);
  for (std::thread& worker : state_->workers) {
    worker.join();
  }
}

void Pool::run(size_t count, size_t grain, Piece piece, void* body) {
  grain = std::max<size_t>(grain, 1);
  // Pieces have 32-bit numbers.
  grain = std::max(grain, count / UINT32_MAX + 1);
  const size_t pieces = count / grain + (count % grain != 0 ? 1 : 0);
  State& state = *state_;
  const bool nested = current_pool == &state;
  if (nested || threads_ == 1 || pieces <= 1) {
    std::unique_lock<std::recursive_mutex> lock(state.caller, std::defer_lock);
    if (!nested) {
      lock.lock();
    }
    const unsigned worker = nested ? current_worker : 0;
    for (size_t begin = 0; begin < count; begin += grain) {
      piece(body, begin, std::min(begin + grain, count), worker);
    }
    return;
  }

  const std::lock_guard lock(state.caller);
  if (state.workers.size() + 1 < threads_) {
    state.start_workers();
  }
  state.count = count;
  state.grain = grain;
  state.piece = piece;
  state.body = body;
  state.failure = nullptr;
  state.failed_piece = UINT32_MAX;
  for (unsigned i = 0; i < threads_; ++i) {
    state.slots[i].range.store(pack(static_cast<uint32_t>(pieces * i / threads_), static_cast<uint32_t>(pieces * (i + 1) / threads_)),
                               std::memory_order_relaxed);
  }
  state.spread();
  state.gate.store(gate_open, std::memory_order_release);
  state.epoch.fetch_add(1, std::memory_order_release);
  futex_wake(state.epoch, INT_MAX);
  state.work(0);
  state.close_gate();
  if (state.failure) {
    std::rethrow_exception(std::exchange(state.failure, nullptr));
  }
}

}  // namespace omega::task
