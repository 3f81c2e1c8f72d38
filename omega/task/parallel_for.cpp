// SPDX-License-Identifier: Apache-2.0
// Three ways to divide a loop. Pieces that are given away are jobs in pool memory that nobody waits for one by one: the loop has one latch.
#include "omega/task/parallel_for.h"

#include <algorithm>
#include <new>

#include "omega/task/first_failure.h"
#include "omega/task/ticks.h"

namespace omega::task {
namespace {

/// A piece should run about this long: far above the cost of taking it, far below what an imbalance at the end may cost.
constexpr uint64_t piece_ticks = 8 * ticks_per_us;

/// Less work than this [ticks] is not worth another thread that is awake, or one that has to be woken.
constexpr uint64_t worth_sharing = 3 * ticks_per_us;
constexpr uint64_t worth_waking = 30 * ticks_per_us;
/// Loops of fewer iterations whose cost is not known are taken for coarse.
constexpr size_t coarse_count = 64;

struct Loop {
  Scheduler& scheduler;
  LoopBody body;
  const Cancellation* cancellation;
  size_t grain;
  LoopSite& site;
  FirstFailure failure{};
  Latch latch{1};
  /// For guided loops: the next iteration.
  std::atomic<size_t> next{0};
  std::atomic<Outcome> outcome{Outcome::done};

  /// Whether iterations from `begin` on should still run.
  [[nodiscard]] bool goes_on(size_t begin) noexcept {
    if (failure.index() < begin) [[unlikely]] {
      return false;
    }
    if (cancellation != nullptr) {
      const Outcome state = cancellation->state();
      if (state != Outcome::done) [[unlikely]] {
        outcome.store(state, std::memory_order_relaxed);
        return false;
      }
    }
    return true;
  }

  void run_piece(size_t begin, size_t end) noexcept {
    try {
      body.run(body.body, begin, end);
    } catch (...) {
      // Within a piece iterations run in order, so the lowest piece that fails holds the lowest iteration that fails.
      failure.note(begin);
    }
  }
};

/// Part of a loop in a deque.
struct Part : Job {
  Part(Run r, Loop& l, size_t b, size_t e) noexcept : Job(r), loop(l), begin(b), end(e) {}
  Loop& loop;
  size_t begin;
  size_t end;
};
static_assert(sizeof(Part) <= BlockPool::block_size);

/// Gives a part away. False when there is no memory for it.
bool give(Worker& worker, Job::Run run, Loop& loop, size_t begin, size_t end) noexcept {
  void* memory = nullptr;
  try {
    memory = worker.blocks().allocate();
    loop.latch.add(1);
    worker.push(*new (memory) Part(run, loop, begin, end));
    return true;
  } catch (const std::bad_alloc&) {
    if (memory != nullptr) {
      BlockPool::free(memory, worker.blocks());
      static_cast<void>(loop.latch.arrive());  // the loop's own count keeps it above zero
    }
    return false;
  }
}

// ---- lazy -----------------------------------------------------------------------------------------------------------

/// How many iterations make a piece, by what the site knows.
size_t piece_of(const Loop& loop) {
  const uint32_t cost = loop.site.cost();
  const size_t piece = cost == 0 ? 1 : std::max<size_t>(piece_ticks * 1024 / cost, 1);
  return loop.grain != 0 ? std::min(piece, loop.grain) : piece;
}

/// Runs a piece and tells the site what it took.
/// @return ticks.
uint64_t run_measured(Loop& loop, size_t begin, size_t end) noexcept {
  const uint64_t before = ticks();
  loop.run_piece(begin, end);
  const uint64_t spent = ticks() - before;
  const double cost = static_cast<double>(spent) * 1024 / static_cast<double>(end - begin);
  loop.site.remember(static_cast<uint32_t>(std::clamp(cost, 1.0, 4e9)));
  return spent;
}

void run_lazy_part(Job& job, Worker& worker) noexcept;

/// Puts halves of [begin, end) into the deque until a piece is left, and runs that. So all that has not begun can be stolen, the largest
/// parts first, and the worker itself goes on with the nearest.
void run_splitting(Loop& loop, Worker& worker, size_t begin, size_t end) noexcept {
  if (!loop.goes_on(begin)) {
    return;
  }
  size_t piece = piece_of(loop);
  while (end - begin > piece) {
    const size_t middle = begin + (end - begin + 1) / 2;
    if (!give(worker, run_lazy_part, loop, middle, end)) {
      break;
    }
    end = middle;
  }
  // More than a piece only where there was no memory for parts.
  for (; end - begin > piece && loop.goes_on(begin); begin += piece) {
    run_measured(loop, begin, begin + piece);
  }
  if (loop.goes_on(begin)) {
    run_measured(loop, begin, end);
  }
}

void run_lazy_part(Job& job, Worker& worker) noexcept {
  Part& part = static_cast<Part&>(job);
  Loop& loop = part.loop;
  const size_t begin = part.begin;
  const size_t end = part.end;
  BlockPool::free(&part, worker.blocks());
  run_splitting(loop, worker, begin, end);
  worker.arrive(loop.latch);
}

/// Runs iterations on the calling thread alone until all are done or it is clear that sharing the rest pays.
/// @return the first iteration that has not run.
size_t run_alone(Loop& loop, size_t begin, size_t end) {
  const bool others = loop.scheduler.threads() > 1;
  while (begin < end && loop.goes_on(begin)) {
    const size_t count = std::min(piece_of(loop), end - begin);
    const uint64_t spent = run_measured(loop, begin, begin + count);
    begin += count;
    // From the last piece, not from all: where cost varies the next iterations are like the last.
    const double rest = static_cast<double>(end - begin) * static_cast<double>(spent) / static_cast<double>(count);
    if (others && rest > static_cast<double>(loop.scheduler.someone_searches() ? worth_sharing : worth_waking)) {
      break;
    }
  }
  return begin;
}

/// Whether the loop is so much work that it is shared before its first iteration.
bool is_coarse(const Loop& loop, size_t count) {
  if (loop.scheduler.threads() == 1) {
    return false;
  }
  const uint32_t cost = loop.site.cost();
  if (cost == 0) {
    return loop.grain != 0 || count < coarse_count;
  }
  return static_cast<double>(cost) / 1024 * static_cast<double>(count) > static_cast<double>(2 * worth_waking);
}

void run_lazy(Loop& loop, size_t begin, size_t end) {
  if (!is_coarse(loop, end - begin)) {
    begin = run_alone(loop, begin, end);
    if (begin == end || !loop.goes_on(begin)) {
      return;
    }
  }
  const Attachment attachment(loop.scheduler);
  Worker& worker = attachment.worker();
  run_splitting(loop, worker, begin, end);
  worker.arrive(loop.latch);
  worker.wait(loop.latch);
}

// ---- fixed and guided -----------------------------------------------------------------------------------------------

void run_fixed_part(Job& job, Worker& worker) noexcept {
  Part& part = static_cast<Part&>(job);
  Loop& loop = part.loop;
  const size_t begin = part.begin;
  const size_t end = part.end;
  BlockPool::free(&part, worker.blocks());
  if (loop.goes_on(begin)) {
    loop.run_piece(begin, end);
  }
  worker.arrive(loop.latch);
}

void run_fixed(Loop& loop, size_t begin, size_t end) {
  const Attachment attachment(loop.scheduler);
  Worker& worker = attachment.worker();
  const size_t count = end - begin;
  const size_t threads = loop.scheduler.threads();
  const size_t size = std::max({(count + threads - 1) / threads, loop.grain, size_t{1}});
  const size_t first_end = count <= size ? end : begin + size;
  unsigned given = 0;
  size_t at = end;
  // The last part is given first: thieves take the parts in order.
  while (at > first_end) {
    const size_t from = begin + (at - begin - 1) / size * size;
    if (!give(worker, run_fixed_part, loop, from, at)) {
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
      loop.run_piece(begin, to);
    }
    begin = to;
  }
  worker.arrive(loop.latch);
  worker.wait(loop.latch);
}

void run_guided_pieces(Loop& loop, size_t end) noexcept {
  const size_t threads = loop.scheduler.threads();
  size_t at = loop.next.load(std::memory_order_relaxed);
  while (at < end) {
    const size_t count = std::min(std::max({(end - at) / (2 * threads), loop.grain, size_t{1}}), end - at);
    if (loop.next.compare_exchange_weak(at, at + count, std::memory_order_relaxed)) {
      if (loop.goes_on(at)) {
        loop.run_piece(at, at + count);
      }
      at = loop.next.load(std::memory_order_relaxed);
    }
  }
}

void run_guided_part(Job& job, Worker& worker) noexcept {
  Part& part = static_cast<Part&>(job);
  Loop& loop = part.loop;
  const size_t end = part.end;
  BlockPool::free(&part, worker.blocks());
  run_guided_pieces(loop, end);
  worker.arrive(loop.latch);
}

void run_guided(Loop& loop, size_t begin, size_t end) {
  const Attachment attachment(loop.scheduler);
  Worker& worker = attachment.worker();
  loop.next.store(begin, std::memory_order_relaxed);
  unsigned given = 0;
  while (given + 1 < loop.scheduler.threads() && given + 1 < end - begin && give(worker, run_guided_part, loop, begin, end)) {
    ++given;
  }
  if (given > 1) {
    loop.scheduler.wake(given - 1);
  }
  run_guided_pieces(loop, end);
  worker.arrive(loop.latch);
  worker.wait(loop.latch);
}

}  // namespace

Outcome run_loop(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options, LoopSite& site) {
  if (begin >= end) {
    return Outcome::done;
  }
  Loop loop{scheduler, body, options.cancellation, options.grain, site};
  switch (options.partition) {
    case Partition::lazy:
      run_lazy(loop, begin, end);
      break;
    case Partition::fixed:
      run_fixed(loop, begin, end);
      break;
    case Partition::guided:
      run_guided(loop, begin, end);
      break;
  }
  loop.failure.rethrow();
  return loop.outcome.load(std::memory_order_relaxed);
}

}  // namespace omega::task
