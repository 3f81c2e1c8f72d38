// SPDX-License-Identifier: Apache-2.0
// IdleSet: who sleeps, who looks for work, and who is woken when there is some.
#pragma once

#include <cstdint>
#include <memory>

#include "omega/base/check.h"
#include "omega/task/parker.h"
#include "omega/task/platform.h"

namespace omega::task {

/// The idle protocol of a scheduler. Participants are numbered; each is busy, searching (awake, looking for work) or sleeping.
///
/// Rules that together lose no wake-up and wake no more than needed:
///  1. Who has published work, passes a light fence and then asks wanted(): true when someone sleeps and nobody searches. Then it calls
///  claim()
///     and wakes the one it gets, which is counted as searching from that moment on.
///  2. Who goes to sleep calls enter() first, passes a heavy fence, and looks at all queues once more; if there is work, it claims as in 1
///     (perhaps itself), and only then parks. By the two fences either the publisher sees the sleeper, or the sleeper sees the work.
///  3. Publishers rely on a searcher where there is one. So the last searcher that stops, for whatever reason, passes a heavy fence, looks
///  at
///     all queues, and claims as in 1 if there is work and a sleeper.
///
/// The common question is one load of one word. enter(), leave() and claim() take a lock for a few instructions: each comes with a system
/// call.
template <class Platform = SystemPlatform>
class IdleSet {
 public:
  static constexpr uint32_t none = UINT32_MAX;

  /// For participants 0 to `limit` - 1, at most 65,535; all are busy.
  explicit IdleSet(uint32_t limit) : sleepers_(new uint32_t[limit]), limit_(limit) { OMEGA_CHECK(limit < 1u << 16, "an idle set counts in 16 bits"); }
  IdleSet(const IdleSet&) = delete;
  IdleSet& operator=(const IdleSet&) = delete;

  /// Whether new work should wake someone. Call after a light fence that follows the publication. Any thread.
  [[nodiscard]] bool wanted() const noexcept {
    const uint32_t word = word_.load(std::memory_order_relaxed);
    return word != 0 && searching(word) == 0;
  }

  /// Whether someone searches. Any thread.
  [[nodiscard]] bool someone_searches() const noexcept { return searching(word_.load(std::memory_order_relaxed)) != 0; }
  /// Whether someone sleeps. Any thread.
  [[nodiscard]] bool someone_sleeps() const noexcept { return sleeping(word_.load(std::memory_order_relaxed)) != 0; }

  /// Turns one sleeper, the last that went to sleep, into a searcher if one is wanted(), or `anyway` if someone searches already.
  /// @return whom the caller must wake, or none.
  uint32_t claim(bool anyway = false) noexcept {
    uint32_t chosen = none;
    lock_.lock();
    const uint32_t word = word_.load(std::memory_order_relaxed);
    if ((anyway || searching(word) == 0) && count_ != 0) {
      chosen = sleepers_[--count_];
      word_.fetch_add(one_searching - one_sleeping, std::memory_order_seq_cst);
    }
    lock_.unlock();
    return chosen;
  }

  /// A busy participant begins to search.
  void start_searching() noexcept { word_.fetch_add(one_searching, std::memory_order_seq_cst); }

  /// After work was published by who does not belong to the set's searchers: rule 1. `wake(participant)` wakes a claimed one. Any thread.
  template <class Wake>
  void published(Wake&& wake) noexcept {
    Platform::light_fence();
    if (wanted()) [[unlikely]] {
      claim_and_wake(wake);
    }
  }

  /// A searcher becomes busy: rule 3. `any_work()` tells whether there is something in any queue.
  template <class AnyWork, class Wake>
  void stop_searching(AnyWork&& any_work, Wake&& wake) noexcept {
    const uint32_t before = word_.fetch_sub(one_searching, std::memory_order_seq_cst);
    if (searching(before) == 1 && sleeping(before) != 0) {
      // What is seen without the fence needs none.
      bool found = any_work();
      if (!found) {
        Platform::heavy_fence();
        found = any_work();
      }
      if (found) {
        claim_and_wake(wake);
      }
    }
  }

  /// A searcher sleeps: rule 2. Returns when it is woken, at the deadline, or at once if there is work.
  /// @return whether it is still a searcher; else it is busy.
  template <class AnyWork, class Wake>
  [[nodiscard]] bool sleep(uint32_t participant, Parker<Platform>& parker, int64_t deadline_ns, AnyWork&& any_work, Wake&& wake) noexcept {
    enter(participant);
    Platform::heavy_fence();
    if (any_work()) {
      claim_and_wake(wake);
    }
    parker.park(deadline_ns);
    return !leave(participant);
  }

  /// Claims if one is wanted() and wakes it.
  template <class Wake>
  void claim_and_wake(Wake&& wake) noexcept {
    const uint32_t claimed = claim();
    if (claimed != none) {
      wake(claimed);
    }
  }

  /// A searcher becomes busy for good, without rule 3: one that could not be woken.
  void forget_searcher() noexcept { word_.fetch_sub(one_searching, std::memory_order_seq_cst); }

  /// A searcher says that it is about to sleep.
  void enter(uint32_t participant) noexcept { add(participant, one_sleeping - one_searching); }

  /// A busy participant is put among the sleepers by another thread: a thread that has not started yet.
  void enter_busy(uint32_t participant) noexcept { add(participant, one_sleeping); }

  /// A participant that entered no longer sleeps.
  /// @return true: it left by itself and is busy; false: it had been claimed and is a searcher.
  bool leave(uint32_t participant) noexcept {
    bool found = false;
    lock_.lock();
    for (uint32_t i = 0; i < count_; ++i) {
      if (sleepers_[i] == participant) {
        sleepers_[i] = sleepers_[--count_];
        word_.fetch_sub(one_sleeping, std::memory_order_seq_cst);
        found = true;
        break;
      }
    }
    lock_.unlock();
    return found;
  }

 private:
  static constexpr uint32_t one_sleeping = 1;
  static constexpr uint32_t one_searching = 1u << 16;
  static constexpr uint32_t sleeping(uint32_t word) { return word & 0xffff; }
  static constexpr uint32_t searching(uint32_t word) { return word >> 16; }

  void add(uint32_t participant, uint32_t change) noexcept {
    lock_.lock();
    OMEGA_DCHECK(count_ < limit_, "a participant sleeps twice");
    sleepers_[count_++] = participant;
    word_.fetch_add(change, std::memory_order_seq_cst);
    lock_.unlock();
  }

  /// Searchers in the upper half, sleepers in the lower.
  alignas(64) typename Platform::template Atomic<uint32_t> word_{0};
  alignas(64) BasicMutex<Platform> lock_;
  uint32_t count_ = 0;
  std::unique_ptr<uint32_t[]> sleepers_;
  uint32_t limit_;
};

}  // namespace omega::task
