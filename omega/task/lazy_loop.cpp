// SPDX-License-Identifier: Apache-2.0
// Loops of which all that has not begun can be taken by others: the core of loop_core.h on this scheduler's workers. A helper is a job; who
// joins invites more, so that a loop reaches all idle workers in steps that double.
#include <algorithm>
#include <memory>

#include "omega/task/loop_core.h"
#include "omega/task/parallel_for.h"
#include "omega/task/parallel_pieces.h"
#include "omega/task/running_loop.h"
#include "omega/task/ticks.h"

namespace omega::task {
namespace {

using loop_core::om_slot;
using loop_core::om_take;

/// Less work than this [ticks] is not worth another thread that is awake, or one that has to be woken.
constexpr uint64_t pays_awake = ticks_per_us;
constexpr uint64_t pays_to_wake = 30 * ticks_per_us;
/// Pieces [ticks]: far above the cost of taking one, far below what others would notice of waiting for one.
constexpr uint64_t least_piece = ticks_per_us;
constexpr uint64_t most_piece = 50 * ticks_per_us;
/// Loops that each stay on their thread, but come one after another for so long [ticks] with pauses of less than the other, are worth a
/// second thread that stays awake between them.
constexpr uint64_t stream_pays = 200 * ticks_per_us;
constexpr uint64_t stream_pause = 10 * ticks_per_us;

/// Threads above this number take from others' slots.
constexpr uint32_t max_slots = 64;

struct LazyLoop : Loop {
  LazyLoop(Scheduler& s, LoopBody b, const Cancellation* c, size_t first_iteration, size_t iterations, size_t iterations_in_cell) noexcept
      : Loop{s, b, c},
        first(first_iteration),
        count(iterations),
        cell(iterations_in_cell),
        cells(static_cast<uint32_t>((iterations - 1) / iterations_in_cell + 1)),
        limit(std::min<uint32_t>(s.threads(), cells)) {}

  size_t first;
  size_t count;
  size_t cell;  ///< iterations in a cell
  uint32_t cells;
  uint32_t limit;  ///< participants
  size_t grain = 0;
  uint64_t cost = 0;   ///< ticks of 1,024 iterations when it was shared; 0: not known
  bool exact = false;  ///< a piece is a cell
  int32_t slots = 0;
  std::atomic<uint32_t> invited{1};
  std::atomic<uint32_t> joined{1};
  alignas(64) std::byte slot_memory[max_slots * sizeof(om_slot)];

  [[nodiscard]] om_slot* slot() noexcept { return std::launder(reinterpret_cast<om_slot*>(slot_memory)); }
  [[nodiscard]] size_t begin_of(uint32_t at) const noexcept { return first + at * cell; }
  [[nodiscard]] size_t end_of(uint32_t at) const noexcept { return at == cells ? first + count : first + at * cell; }

  void make_slots(uint32_t begin) noexcept {
    slots = static_cast<int32_t>(std::min(limit, max_slots));
    std::uninitialized_default_construct_n(reinterpret_cast<om_slot*>(slot_memory), slots);
    loop_core::om_split_cells(slot(), slots, begin, cells);
  }

  /// How much to take where 1,024 iterations take so many ticks (0: not known).
  [[nodiscard]] om_take take(uint64_t of_1024) const noexcept {
    if (exact || of_1024 == 0) {
      return {.parts = 8, .least = 1, .most = 1};
    }
    const auto cells_in = [&](uint64_t ticks) {
      uint64_t iterations = ticks * 1024 / of_1024;
      iterations = grain != 0 ? std::min<uint64_t>(iterations, grain) : iterations;
      return static_cast<uint32_t>(std::clamp<uint64_t>(iterations / cell, 1, cells));
    };
    return {.parts = 8, .least = cells_in(least_piece), .most = cells_in(most_piece)};
  }
};

struct Helper : Job {
  Helper(Run r, LazyLoop& l) noexcept : Job(r), loop(l) {}
  LazyLoop& loop;
};

void run_helper(Job& job, Worker& worker) noexcept;

void invite(LazyLoop& loop, Worker& worker) noexcept {
  for (int i = 0; i < 2; ++i) {
    if (loop.invited.load(std::memory_order_relaxed) >= loop.limit || loop.invited.fetch_add(1, std::memory_order_relaxed) >= loop.limit ||
        !give<Helper>(worker, loop.latch, run_helper, loop)) {
      return;
    }
  }
  loop.scheduler.wake(1);
}

/// Takes cells and runs them until there are none.
/// @return ticks of 1,024 iterations, as measured or, where none was run, as given.
uint64_t take_part(LazyLoop& loop, uint32_t participant, uint64_t cost) noexcept {
  const int32_t own = participant < static_cast<uint32_t>(loop.slots) ? static_cast<int32_t>(participant) : -1;
  const uint64_t start = ticks();
  uint64_t before = start;
  uint64_t iterations = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  while (loop_core::om_take_cells(loop.slot(), loop.slots, own, loop.take(cost), &begin, &end)) {
    const size_t from = loop.begin_of(begin);
    const size_t to = loop.end_of(end);
    if (loop.failure.index() < from) [[unlikely]] {
      continue;
    }
    if (loop.stopped()) [[unlikely]] {
      break;
    }
    loop.run_piece(from, to, participant);
    if (!loop.exact) {
      // From the last piece or from all, whichever is slower: where cost varies a piece must not become too long.
      const uint64_t now = ticks();
      iterations += to - from;
      cost = std::max({loop_core::om_cost_of(now - before, to - from), loop_core::om_cost_of(now - start, iterations), uint64_t{1}});
      before = now;
    }
  }
  return iterations != 0 ? loop_core::om_cost_of(before - start, iterations) : cost;
}

void run_helper(Job& job, Worker& worker) noexcept {
  auto& helper = static_cast<Helper&>(job);
  LazyLoop& loop = helper.loop;
  BlockPool::free(&helper, worker.blocks());
  if (loop_core::om_has_cells(loop.slot(), loop.slots)) {
    const uint32_t participant = loop.joined.fetch_add(1, std::memory_order_relaxed);
    invite(loop, worker);
    take_part(loop, participant, loop.cost);
  }
  worker.arrive(loop.latch);
}

/// Shares the cells from `begin` on.
/// @return as take_part().
uint64_t share(LazyLoop& loop, uint32_t begin) {
  const Attachment attachment(loop.scheduler);
  Worker& worker = attachment.worker();
  loop.make_slots(begin);
  invite(loop, worker);
  const uint64_t cost = take_part(loop, 0, loop.cost);
  worker.arrive(loop.latch);
  worker.wait(loop.latch);
  return cost;
}

/// Loops on this thread that stayed alone.
struct Stream {
  uint64_t end = 0;   ///< of the last one [ticks]
  uint64_t work = 0;  ///< since a pause [ticks]
};
constinit thread_local Stream stream;

/// A loop stayed alone from `start` to `now`.
void note_alone(Scheduler& scheduler, uint64_t start, uint64_t now) {
  stream.work = start - stream.end < stream_pause ? stream.work + (now - start) : now - start;
  stream.end = now;
  if (stream.work > stream_pays && scheduler.someone_sleeps() && !scheduler.someone_searches()) {
    stream.work = 0;
    scheduler.wake(1);
  }
}

/// Runs cells on the calling thread alone until all are done or it is clear that sharing the rest pays.
/// @return the first cell that has not run.
uint32_t run_alone(LazyLoop& loop, LoopSite& site, uint64_t pays) {
  const uint64_t cost = site.cost();
  loop_core::om_pace pace;
  loop_core::om_pace_begin(&pace, loop.cells, static_cast<int>(cost != 0), loop_core::om_ticks_at(cost, loop.count), pays, ticks());
  uint32_t done = 0;
  while (done < loop.cells && loop.goes_on(loop.begin_of(done))) {
    const uint32_t ran = std::min(pace.span, loop.cells - done);
    loop.run_piece(loop.begin_of(done), loop.end_of(done + ran), 0);
    done += ran;
    if (loop_core::om_pace_shares(&pace, ran, loop.cells - done, loop.scheduler.someone_searches() ? pays_awake : pays_to_wake, ticks()) != 0 &&
        loop.limit > 1) {
      break;
    }
  }
  if (pace.ran != 0) {
    site.remember(loop_core::om_cost_of(pace.before - pace.start, std::min<uint64_t>(uint64_t{pace.ran} * loop.cell, loop.count)));
    if (done == loop.cells && loop.limit > 1 && pace.before - pace.start > 2 * pays_awake) {
      note_alone(loop.scheduler, pace.start, pace.before);
    }
  }
  return done;
}

}  // namespace

Outcome run_lazy(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options, LoopSite& site) {
  const size_t count = end - begin;
  LazyLoop loop(scheduler, body, options.cancellation, begin, count, count / UINT32_MAX + 1);
  loop.grain = options.grain;
  const uint64_t cost = site.cost();
  const uint64_t pays = scheduler.someone_searches() ? pays_awake : pays_to_wake;
  // Who gives a grain says that the loop is worth sharing, until it has been measured.
  const bool at_once = loop.limit > 1 && ((cost == 0 && options.grain != 0) ||
                                          loop_core::om_shares_at_once(static_cast<int>(cost != 0), loop_core::om_ticks_at(cost, count), count, pays) != 0);
  const uint32_t done = at_once ? 0 : run_alone(loop, site, pays);
  if (done < loop.cells && loop.goes_on(loop.begin_of(done))) {
    loop.cost = site.cost();
    site.remember(share(loop, done));
  }
  return loop.end();
}

void run_pieces(Scheduler& scheduler, size_t count, size_t grain, LoopBody body) {
  // Cells have 32-bit numbers.
  grain = std::max({grain, size_t{1}, count / UINT32_MAX + 1});
  if (count <= grain || scheduler.threads() == 1) {
    for (size_t begin = 0; begin < count; begin += std::min(grain, count - begin)) {
      body.run(body.body, begin, begin + std::min(grain, count - begin), 0);
    }
    return;
  }
  LazyLoop loop(scheduler, body, nullptr, 0, count, grain);
  loop.exact = true;
  share(loop, 0);
  loop.end();
}

}  // namespace omega::task
