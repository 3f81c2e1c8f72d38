// SPDX-License-Identifier: Apache-2.0
// The core of parallel loops: how a range is cut, who takes what, and when it pays to share. The one source of it for two homes: the threads of
// native programs (loop.c) and Omega's own scheduler (omega/task/loop_core.h).
//
// A loop's cells, numbered from 0, stand in slots, one slot for each thread: the owner takes from the front, others take the back half. A slot
// is one word, so both agree by compare-and-swap; a value that comes back means that the same cells are untaken again, so a late swap is right.
//
// Without include guard: whoever includes it declares before, in the scope where it is included, om_atomic_u64 with om_load_u64 (acquire),
// om_store_u64 (release) and om_cas_u64 (both), and may include it in several scopes. C11 and C++.

#if defined(__cplusplus)
#define OM_CORE [[maybe_unused]] static inline
#define OM_CORE_PURE [[maybe_unused]] constexpr
#else
#define OM_CORE OM_INLINE
#define OM_CORE_PURE OM_INLINE
#endif

// ---- the grid -------------------------------------------------------------------------------------------------------

/// Iterations in a cell where results depend on grouping: by the number of iterations alone. Up to 128 cells of one iteration, since they may be
/// large pieces of work; then 128 cells until a cell has 128 iterations; then up to 1,024.
OM_CORE_PURE uint64_t om_grid_cell(uint64_t count) {
  return count <= 128      ? 1
         : count <= 16384  ? (count + 127) / 128
         : count <= 131072 ? 128
                           : count / 1024 + (uint64_t)(count % 1024 != 0);
}

// ---- cells and slots ------------------------------------------------------------------------------------------------

/// Cells [low 32 bits, high 32 bits).
typedef struct om_slot {
  om_atomic_u64 range;
  uint8_t pad[56];
} om_slot;

/// How many cells one take gets.
typedef struct om_take {
  uint32_t parts;  ///< the owner takes one of so many equal parts of what is there,
  uint32_t least;  ///< but no fewer than this; others take half, but no fewer; at least 1
  uint32_t most;   ///< and no more than this
} om_take;

OM_CORE_PURE uint64_t om_range(uint32_t begin, uint32_t end) { return (uint64_t)end << 32 | begin; }

/// Takes cells from the front of a slot. 0 when there are none.
OM_CORE int om_take_front(om_slot *slot, om_take take, uint32_t *begin, uint32_t *end) {
  uint64_t range = om_load_u64(&slot->range);
  for (;;) {
    uint32_t b = (uint32_t)range, e = (uint32_t)(range >> 32);
    if (b >= e) {
      return 0;
    }
    uint32_t n = (e - b) / take.parts;
    n = n < take.least ? take.least : n;
    n = n > take.most ? take.most : n;
    n = n > e - b ? e - b : n;
    if (om_cas_u64(&slot->range, &range, om_range(b + n, e))) {
      *begin = b;
      *end = b + n;
      return 1;
    }
  }
}

/// Takes the back half of a slot, at least `least` cells. 0 when there are none.
OM_CORE int om_take_back(om_slot *slot, uint32_t least, uint32_t *begin, uint32_t *end) {
  uint64_t range = om_load_u64(&slot->range);
  for (;;) {
    uint32_t b = (uint32_t)range, e = (uint32_t)(range >> 32);
    if (b >= e) {
      return 0;
    }
    uint32_t n = (e - b) - (e - b) / 2;
    n = n < least ? least : n;
    n = n > e - b ? e - b : n;
    if (om_cas_u64(&slot->range, &range, om_range(b, e - n))) {
      *begin = e - n;
      *end = e;
      return 1;
    }
  }
}

/// Takes cells for the owner of slot `own`: from its slot, else from the back of another's, what is too much for one take going to its slot. With
/// `own` < 0 from the front of any. 0 when no slot has cells; some may still be on their way from one slot to another, with who will run them.
OM_CORE int om_take_cells(om_slot *slots, int32_t count, int32_t own, om_take take, uint32_t *begin, uint32_t *end) {
  if (own >= 0 && om_take_front(&slots[own], take, begin, end)) {
    return 1;
  }
  int32_t from = own >= 0 ? own : 0;
  for (int32_t i = own >= 0 ? 1 : 0; i < count; i++) {
    om_slot *victim = &slots[(from + i) % count];
    if (own < 0) {
      if (om_take_front(victim, take, begin, end)) {
        return 1;
      }
    } else if (om_take_back(victim, take.least, begin, end)) {
      uint32_t n = (*end - *begin + take.parts - 1) / take.parts;
      n = n < take.least ? take.least : n;
      n = n > take.most ? take.most : n;
      if (n < *end - *begin) {
        // Nobody else writes an empty slot.
        om_store_u64(&slots[own].range, om_range(*begin + n, *end));
        *end = *begin + n;
      }
      return 1;
    }
  }
  return 0;
}

/// Whether a slot has cells that nobody took yet.
OM_CORE int om_has_cells(const om_slot *slots, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    uint64_t range = om_load_u64(&slots[i].range);
    if ((uint32_t)range < (uint32_t)(range >> 32)) {
      return 1;
    }
  }
  return 0;
}

/// Puts [begin, end) into the slots in equal parts; before others know of them.
OM_CORE void om_split_cells(om_slot *slots, int32_t count, uint32_t begin, uint32_t end) {
  uint64_t left = end - begin;
  for (int32_t i = 0; i < count; i++) {
    uint64_t b = begin + left * (uint64_t)i / (uint64_t)count, e = begin + left * (uint64_t)(i + 1) / (uint64_t)count;
    om_store_u64(&slots[i].range, om_range((uint32_t)b, (uint32_t)e));
  }
}

// ---- when it pays to share ------------------------------------------------------------------------------------------

/// Ticks of 1,024 iterations from those of some.
OM_CORE uint64_t om_cost_of(uint64_t ticks, uint64_t iterations) {
  return ticks > (uint64_t)1 << 50 ? ticks / iterations * 1024 : ticks * 1024 / iterations;
}

/// Ticks of so many iterations at a cost, at most 2^63.
OM_CORE uint64_t om_ticks_at(uint64_t cost, uint64_t iterations) {
  return iterations != 0 && cost > ((uint64_t)1 << 63) / iterations ? (uint64_t)1 << 63 : cost * iterations / 1024;
}

/// One thread at the start of a loop, alone, with an eye on the clock: it runs cells until all are done or it is clear that others pay.
typedef struct om_pace {
  uint64_t start;   ///< ticks
  uint64_t before;  ///< ticks when the last cells were done
  uint32_t ran;     ///< cells
  uint32_t span;    ///< cells to run next
  uint32_t most;    ///< at a time
} om_pace;

/// Begins a loop of so many cells at the time `now`. `known`: ticks that it takes on one thread, if `is_known`; `pays`: ticks of work for which
/// others are worth their waking.
OM_CORE void om_pace_begin(om_pace *pace, uint32_t cells, int is_known, uint64_t known, uint64_t pays, uint64_t now) {
  // Reading the clock costs too: a loop known to be short is looked at four times, others about sixteen.
  int is_short = is_known && known < pays / 2;
  uint32_t looks = is_short ? 4 : 16;
  pace->start = pace->before = now;
  pace->ran = 0;
  pace->most = cells / looks + (uint32_t)(cells % looks != 0);
  pace->span = is_known ? pace->most : 1;
}

/// Whether `left` cells, at the pace of `ran` in so many ticks (less than 2^48), take more than `pays` ticks (less than 2^24).
OM_CORE_PURE int om_rest_pays(uint64_t ticks, uint32_t ran, uint32_t left, uint64_t pays) {
  return ticks >> 31 != 0 ? (ticks >> 16) * left > (pays * ran) >> 16 : ticks * left > pays * ran;
}

/// `ran` more cells are done at the time `now`, `left` are left. Whether they pay for others, at the pace of all so far or of the last ones.
OM_CORE int om_pace_shares(om_pace *pace, uint32_t ran, uint32_t left, uint64_t pays, uint64_t now) {
  pace->ran += ran;
  int shares = om_rest_pays(now - pace->start, pace->ran, left, pays) || om_rest_pays(now - pace->before, ran, left, pays);
  pace->before = now;
  pace->span = pace->span > pace->most / 2 ? pace->most : 2 * pace->span;
  return shares;
}

/// Whether a loop is shared before its first iteration: by what it is known to take, or, if nothing is known, where iterations are so few that
/// each may be much.
OM_CORE int om_shares_at_once(int is_known, uint64_t known, uint64_t count, uint64_t pays) {
  return is_known ? known > 2 * pays : count < 64;
}

#undef OM_CORE
#undef OM_CORE_PURE
