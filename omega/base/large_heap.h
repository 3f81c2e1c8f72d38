// SPDX-License-Identifier: Apache-2.0
// LargeHeap: memory for arrays of some hundred kilobytes and more, side by side on huge pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

namespace omega::base {

/// A heap of large blocks in one range of addresses that the system backs by huge pages. What is freed is handed out again while its pages
/// are there already, and stays until the process ends: a fault for each 4 KiB costs more than filling them, and a build of a large program
/// has ten thousands of them. For programs that end when their work is done. All members may be called from any thread.
class LargeHeap {
 public:
  /// Sizes from here on are worth it.
  static constexpr size_t smallest = size_t{256} << 10;

  LargeHeap() = default;
  LargeHeap(const LargeHeap&) = delete;
  LargeHeap& operator=(const LargeHeap&) = delete;

  /// Reserves addresses. Does nothing where the process has a limit on them, or the system gives none: everything comes from malloc then.
  /// Before there are other threads.
  void open();

  /// Whether allocate() may give anything.
  [[nodiscard]] bool is_open() const { return range_ != 0; }
  /// Whether a block came from here.
  [[nodiscard]] bool owns(const void* block) const { return reinterpret_cast<uintptr_t>(block) - begin_ < range_; }

  /// `size` bytes at the begin of a page, not cleared; null when there is no room.
  void* allocate(size_t size);
  /// Gives back a block of this heap.
  void free(void* block);
  /// Makes a block of this heap larger or smaller without moving it. False when it cannot become so large where it is.
  bool resize(void* block, size_t size);

 private:
  /// What is known of a run of units, kept at the number of its first one and away from it: pages are touched by their users alone, each by
  /// its own thread and not under the lock.
  struct Run {
    uint32_t units;
    uint32_t next;  ///< of a gap: number of the next one, which does not touch it, or none
  };
  /// A link of the list of gaps: the number of a gap, or none.
  using Link = uint32_t;
  static constexpr uint32_t none = UINT32_MAX;
  static constexpr size_t unit = size_t{64} << 10;

  /// At least one, so that every block has a number of its own.
  static uint32_t units_for(size_t size) { return size == 0 ? 1 : static_cast<uint32_t>((size + unit - 1) / unit); }
  [[nodiscard]] uint32_t number_of(const void* block) const { return static_cast<uint32_t>((reinterpret_cast<uintptr_t>(block) - begin_) / unit); }
  void add_gap(uint32_t begin, uint32_t end);
  /// Takes the first `units` units of the gap that `link` names.
  void take(Link& link, uint32_t units);

  uintptr_t begin_ = 0;
  size_t range_ = 0;
  std::mutex mutex_;
  Run* runs_ = nullptr;
  uint32_t used_end_ = 0;  ///< units from here on were never used, or are free again
  Link gaps_ = none;       ///< by address
};

/// For programs whose large heap is open, when large work begins: what malloc gives from now on, to all threads, lies side by side on huge
/// pages too. A huge page costs more than the few small ones that small work needs. Any thread; only the first call does something.
void prepare_malloc_for_large_work();

/// The heap of the process: closed, so that memory comes from malloc, until a program opens it.
extern LargeHeap large_heap;

}  // namespace omega::base
