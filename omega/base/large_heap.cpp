// SPDX-License-Identifier: Apache-2.0
// The lowest gap that fits is taken, so that what is in use stays on few pages.
#include "omega/base/large_heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>

#include "omega/base/large_memory.h"

namespace omega::base {
namespace {

constexpr size_t huge_page = size_t{2} << 20;
constexpr size_t largest_range = size_t{64} << 30;
constexpr size_t smallest_range = size_t{1} << 30;

/// How far malloc's own heap is extended at once: addresses, not memory.
constexpr int malloc_extension = 256 << 20;
/// Below this a block of malloc lies in its heap.
constexpr int malloc_smallest_mapping = 4 << 20;
/// Blocks of this size are taken until malloc's heap is extended; small, since malloc writes behind each, and a small page that is there keeps a huge
/// one out. Small work leaves less than so many of them.
constexpr size_t malloc_probe = size_t{128} << 10;
constexpr size_t most_probes = 16;

}  // namespace

constinit LargeHeap large_heap;

void LargeHeap::open() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // those watch each block of malloc
  rlimit limit{};
  if (range_ != 0 || ::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY) {
    return;
  }
  for (size_t size = largest_range; size >= smallest_range; size /= 4) {
    const size_t runs_size = (size / unit * sizeof(Run) + huge_page - 1) & ~(huge_page - 1);
    void* const pages = ::mmap(nullptr, runs_size + size + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages != MAP_FAILED) {
      runs_ = static_cast<Run*>(pages);
      begin_ = (reinterpret_cast<uintptr_t>(pages) + runs_size + huge_page - 1) & ~(huge_page - 1);
      range_ = size;
      prefer_huge_pages(reinterpret_cast<void*>(begin_), size);
      return;
    }
  }
#endif
}

void* LargeHeap::allocate(size_t size) {
  if (size > range_) {
    return nullptr;
  }
  const uint32_t units = units_for(size);
  const std::lock_guard lock(mutex_);
  Link* link = &gaps_;
  while (*link != none && runs_[*link].units < units) {
    link = &runs_[*link].next;
  }
  uint32_t at = used_end_;
  if (*link != none) {
    at = *link;
    take(*link, units);
  } else if (units <= range_ / unit - used_end_) {
    used_end_ += units;
  } else {
    return nullptr;
  }
  runs_[at].units = units;
  return reinterpret_cast<void*>(begin_ + at * unit);
}

void LargeHeap::free(void* block) {
  const uint32_t at = number_of(block);
  const std::lock_guard lock(mutex_);
  add_gap(at, at + runs_[at].units);
}

bool LargeHeap::resize(void* block, size_t size) {
  if (size > range_) {
    return false;
  }
  const uint32_t at = number_of(block);
  const uint32_t units = units_for(size);
  const std::lock_guard lock(mutex_);
  const uint32_t end = at + runs_[at].units;
  const uint32_t new_end = at + units;
  if (new_end < end) {
    add_gap(new_end, end);
  } else if (new_end > end) {
    if (end == used_end_) {
      if (new_end > range_ / unit) {
        return false;
      }
      used_end_ = new_end;
    } else {
      Link* link = &gaps_;
      while (*link < end) {
        link = &runs_[*link].next;
      }
      if (*link != end || runs_[end].units < new_end - end) {
        return false;
      }
      take(*link, new_end - end);
    }
  }
  runs_[at].units = units;
  return true;
}

void LargeHeap::take(Link& link, uint32_t units) {
  const Run gap = runs_[link];
  if (gap.units == units) {
    link = gap.next;
    return;
  }
  link += units;
  runs_[link] = {gap.units - units, gap.next};
}

void LargeHeap::add_gap(uint32_t begin, uint32_t end) {
  Link* link = &gaps_;
  Link* link_before = nullptr;
  while (*link < begin) {
    link_before = link;
    link = &runs_[*link].next;
  }
  uint32_t next = *link;
  if (next == end) {
    end += runs_[next].units;
    next = runs_[next].next;
  }
  if (link_before != nullptr && *link_before + runs_[*link_before].units == begin) {
    link = link_before;
    begin = *link;
  }
  if (end == used_end_) {
    used_end_ = begin;
    *link = none;
    return;
  }
  *link = begin;
  runs_[begin] = {end - begin, next};
}

void prepare_malloc_for_large_work() {
  static std::atomic<bool> is_prepared{false};
  if (!large_heap.is_open() || is_prepared.exchange(true)) {
    return;
  }
  // Heaps of other threads grow by a system call for every few pages.
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, malloc_smallest_mapping);
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
  ::mallopt(M_TOP_PAD, malloc_extension);
  std::array<void*, most_probes> probes{};
  const char* const end_before = static_cast<char*>(::sbrk(0));
  for (void*& probe : probes) {
    probe = std::malloc(malloc_probe);
    const char* const end = static_cast<char*>(::sbrk(0));
    if (probe == nullptr || end != end_before) {
      if (probe != nullptr && probe < end) {
        prefer_huge_pages(probe, static_cast<size_t>(end - static_cast<char*>(probe)));
      }
      break;
    }
  }
  std::for_each(probes.rbegin(), probes.rend(), std::free);
  ::mallopt(M_TOP_PAD, malloc_smallest_mapping);
}

}  // namespace omega::base
