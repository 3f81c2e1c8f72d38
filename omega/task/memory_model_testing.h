// SPDX-License-Identifier: Apache-2.0
// A modelled machine on which the tests run the scheduler's lock-free code in every possible way.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace omega::task::model {

/// How far each atomic's history is known: by a thread, or with a message. Numbered like the atomics.
constexpr size_t max_locations = 24;
using View = std::array<uint8_t, max_locations>;

/// Explores all executions of a small concurrent program: every interleaving of its atomic operations, and for every load every value that
/// the memory model lets it see. Stores keep their history; each thread has a view of how much of every history it must have seen, which
/// release and acquire, fences and read-modify-writes pass on (the operational form of C++'s model: Kang et al., "A promising semantics for
/// relaxed-memory concurrency", POPL 2017, without promises). Loads see only stores that were made before them in the execution, and stores
/// enter their history at its end; seq_cst operations are taken as acquire and release only, so that what passes does not rest on more.
/// States seen before (per thread: all values it has read; memory and views up to renumbering) are not explored twice.
class Machine {
 public:
  /// The machine on which the current program runs.
  static Machine& running();

  /// Makes the threads of one execution: the program's state lives in the closures.
  using Program = std::function<void(Machine&)>;
  /// Runs the program in all ways; stops at the first failure or after `state_limit` states.
  void explore(const Program& program, uint64_t state_limit = 50'000'000);

  /// Adds a thread to the execution.
  void thread(std::function<void()> body);
  /// Called once all threads have ended or sleep for ever, with nothing running; may call fail().
  void at_end(std::function<void()> check);
  /// Whether threads that sleep for ever are a failure; true unless set.
  void sleep_may_last(bool may) { sleep_may_last_ = may; }
  /// Says that what the calling thread does from here on depends, of all it has read, on `local` alone: the head of a loop. Threads that
  /// come there with equal numbers are alike, however they came, so that fewer states are explored.
  void forget_all_but(uint64_t local);
  /// Ends the exploration with this message.
  void fail(const std::string& why);

  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] uint64_t executions() const { return executions_; }
  [[nodiscard]] uint64_t states() const { return states_; }
  [[nodiscard]] bool complete() const { return complete_; }

  // What the model atomics call.
  uint8_t new_location(uint64_t value);
  uint64_t load(uint8_t location, bool acquire);
  void store(uint8_t location, uint64_t value, bool release);
  /// Replaces the newest value; `change` gives the new one.
  uint64_t modify(uint8_t location, bool acquire, bool release, uint64_t (*change)(uint64_t old, uint64_t operand), uint64_t operand);
  bool compare_exchange(uint8_t location, uint64_t& expected, uint64_t desired, bool acquire_success, bool acquire_failure, bool release);
  void fence();
  /// A full fence in every thread, one after another, while others go on.
  void fence_everywhere();
  void futex_wait(uint8_t location, uint64_t expected);
  void futex_wake(uint8_t location);
  void futex_wake_all(uint8_t location);
  /// A plain access: fails unless all earlier writes are known to the thread.
  void plain_access(uint8_t location, bool write);

  ~Machine();
  Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

 private:
  struct Impl;
  Impl* impl_;
  std::string failure_;
  uint64_t executions_ = 0;
  uint64_t states_ = 0;
  bool complete_ = false;
  bool sleep_may_last_ = false;
};

/// Explores a program and expects that it holds in all executions; tells the test's report how many states there were.
void explore(const std::string& name, const Machine::Program& program);

/// The state of one execution, at the same address each time, so that equal states of the machine hold equal pointers.
template <class State, class... Args>
std::shared_ptr<State> make_state(Args&&... args) {
  alignas(State) static std::byte place[sizeof(State)];
  return std::shared_ptr<State>(new (place) State(std::forward<Args>(args)...), [](State* state) { state->~State(); });
}

constexpr bool acquires(std::memory_order order) {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst || order == std::memory_order_consume;
}
constexpr bool releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

/// std::atomic on the modelled machine, as far as the scheduler uses it.
template <class T>
class Atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

 public:
  Atomic(T value = T()) : location_(Machine::running().new_location(word(value))) {}  // NOLINT(google-explicit-constructor)
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(std::memory_order order) const { return value(Machine::running().load(location_, acquires(order))); }
  void store(T desired, std::memory_order order) { Machine::running().store(location_, word(desired), releases(order)); }
  T exchange(T desired, std::memory_order order) {
    return value(Machine::running().modify(location_, acquires(order), releases(order), [](uint64_t, uint64_t to) { return to; }, word(desired)));
  }
  T fetch_add(T operand, std::memory_order order) {
    return value(Machine::running().modify(
        location_, acquires(order), releases(order), [](uint64_t old, uint64_t by) { return word(static_cast<T>(value(old) + value(by))); }, word(operand)));
  }
  T fetch_and(T operand, std::memory_order order) {
    return value(Machine::running().modify(location_, acquires(order), releases(order), [](uint64_t old, uint64_t mask) { return old & mask; }, word(operand)));
  }
  T fetch_sub(T operand, std::memory_order order) {
    return value(Machine::running().modify(
        location_, acquires(order), releases(order), [](uint64_t old, uint64_t by) { return word(static_cast<T>(value(old) - value(by))); }, word(operand)));
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success, std::memory_order failure) {
    uint64_t seen = word(expected);
    const bool done = Machine::running().compare_exchange(location_, seen, word(desired), acquires(success), acquires(failure), releases(success));
    expected = value(seen);
    return done;
  }

  /// Never fails without a reason: that would only repeat the caller's loop.
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success, std::memory_order failure) {
    return compare_exchange_strong(expected, desired, success, failure);
  }

  [[nodiscard]] uint8_t location() const { return location_; }

 private:
  static uint64_t word(T value) {
    uint64_t bits = 0;
    std::memcpy(&bits, static_cast<const void*>(&value), sizeof(T));
    return bits;
  }
  static T value(uint64_t bits) {
    T result;
    std::memcpy(static_cast<void*>(&result), &bits, sizeof(T));
    return result;
  }
  uint8_t location_;
};

/// Plain memory whose users must be ordered by something else.
class Plain {
 public:
  Plain() : location_(Machine::running().new_location(0)) {}
  void write() { Machine::running().plain_access(location_, true); }
  void read() { Machine::running().plain_access(location_, false); }

 private:
  uint8_t location_;
};

/// The policy that puts the modelled machine under Deque, Injector, Parker, IdleSet, latches, barriers and cancellations.
struct ModelPlatform {
  template <class T>
  using Atomic = model::Atomic<T>;
  static void full_fence() { Machine::running().fence(); }
  static void light_fence() {}  // nothing but a compiler barrier: the other side pays
  static void heavy_fence() { Machine::running().fence_everywhere(); }
  static void wait(model::Atomic<uint32_t>& word, uint32_t expected, int64_t) { Machine::running().futex_wait(word.location(), expected); }
  static void wake_one(model::Atomic<uint32_t>& word) { Machine::running().futex_wake(word.location()); }
  static void wake_all(model::Atomic<uint32_t>& word) { Machine::running().futex_wake_all(word.location()); }
  static int64_t now_ns() { return 0; }
};

/// As ModelPlatform, on a machine without asymmetric fences.
struct SymmetricModelPlatform : ModelPlatform {
  static void light_fence() { Machine::running().fence(); }
  static void heavy_fence() { Machine::running().fence(); }
};

}  // namespace omega::task::model
