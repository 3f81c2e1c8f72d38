// SPDX-License-Identifier: Apache-2.0
// Loops in equal parts and loops in shrinking pieces; which of the ways to divide a loop is taken.
#include "omega/task/parallel_for.h"

#include <algorithm>

#include "omega/task/running_loop.h"

namespace omega::task {
namespace {

/// Part of a loop in a deque.
struct Part : Job {
  Part(Run r, Loop& l, size_t b, size_t e) noexcept : Job(r), loop(l), begin(b), end(e) {}
  Loop& loop;
  size_t begin;
  size_t end;
};

void run_fixed_part(Job& job, Worker& worker) noexcept {
  Part& part = static_cast<Part&>(job);
  Loop& loop = part.loop;
  const size_t begin = part.begin;
  const size_t end = part.end;
  BlockPool::free(&part, worker.blocks());
  if (loop.goes_on(begin)) {
    loop.run_piece(begin, end, 0);
  }
  worker.arrive(loop.latch);
}

Outcome run_fixed(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options) {
  Loop loop{scheduler, body, options.cancellation};
  const Attachment attachment(loop.scheduler);
  Worker& worker = attachment.worker();
  const size_t count = end - begin;
  const size_t threads = loop.scheduler.threads();
  const size_t size = std::max({(count + threads - 1) / threads, options.grain, size_t{1}});
  const size_t first_end = count <= size ? end : begin + size;
  unsigned given = 0;
  size_t at = end;
  // The last part is given first: thieves take the parts in order.
  while (at > first_end) {
    const size_t from = begin + (at - begin - 1) / size * size;
    if (!give<Part>(worker, loop.latch, run_fixed_part, loop, from, at)) {
      break;
    }
    at = from;
    ++given;
  }
  if (given > 1) {
    loop.scheduler.wake(given - 1);
  }
  while (begin < at) {
    const size_t to = at - begin <= size ? at : begin + size;
    if (loop.goes_on(begin)) {
      loop.run_piece(begin, to, 0);
    }
    begin = to;
  }
  worker.arrive(loop.latch);
  worker.wait(loop.latch);
  return loop.end();
}

struct GuidedLoop : Loop {
  size_t grain;
  /// The next iteration.
  std::atomic<size_t> next;
};

void run_guided_pieces(GuidedLoop& loop, size_t end) noexcept {
  const size_t threads = loop.scheduler.threads();
  size_t at = loop.next.load(std::memory_order_relaxed);
  while (at < end) {
    const size_t count = std::min(std::max({(end - at) / (2 * threads), loop.grain, size_t{1}}), end - at);
    if (loop.next.compare_exchange_weak(at, at + count, std::memory_order_relaxed)) {
      if (loop.goes_on(at)) {
        loop.run_piece(at, at + count, 0);
      }
      at = loop.next.load(std::memory_order_relaxed);
    }
  }
}

void run_guided_part(Job& job, Worker& worker) noexcept {
  Part& part = static_cast<Part&>(job);
  auto& loop = static_cast<GuidedLoop&>(part.loop);
  const size_t end = part.end;
  BlockPool::free(&part, worker.blocks());
  run_guided_pieces(loop, end);
  worker.arrive(loop.latch);
}

Outcome run_guided(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options) {
  GuidedLoop loop{{scheduler, body, options.cancellation}, options.grain, begin};
  const Attachment attachment(loop.scheduler);
  Worker& worker = attachment.worker();
  unsigned given = 0;
  while (given + 1 < loop.scheduler.threads() && given + 1 < end - begin && give<Part>(worker, loop.latch, run_guided_part, loop, begin, end)) {
    ++given;
  }
  if (given > 1) {
    loop.scheduler.wake(given - 1);
  }
  run_guided_pieces(loop, end);
  worker.arrive(loop.latch);
  worker.wait(loop.latch);
  return loop.end();
}

}  // namespace

Outcome run_loop(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options, LoopSite& site) {
  if (begin >= end) {
    return Outcome::done;
  }
  switch (options.partition) {
    case Partition::lazy: return run_lazy(scheduler, begin, end, body, options, site);
    case Partition::fixed: return run_fixed(scheduler, begin, end, body, options);
    case Partition::guided: return run_guided(scheduler, begin, end, body, options);
  }
  return Outcome::done;
}

}  // namespace omega::task
