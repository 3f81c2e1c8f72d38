// SPDX-License-Identifier: Apache-2.0
// Parallel loops on the threads of pool.c: the core of loop_core.h, and around it ordered output, panics, deadlines and reductions; the lowest failing
// iteration wins.
#include "loop.h"

// ---- ordered output -------------------------------------------------------------------------------------------------

int om_loop_is_lowest(const om_loop *loop, uint32_t cell) {
  int lowest = (uint32_t)om_load32(&loop->out_next) == cell;
  if (lowest) {
    OM_ACQUIRES(&loop->out_lock);
  }
  return lowest;
}

static void write_out(om_loop *loop, uint32_t begin, uint32_t end, const uint8_t *data, uint64_t len) {
  if (!loop->out_stopped) {
    om_sink_write(loop->sink, data, len);
  }
  uint64_t fail = om_load_u64(&loop->fail_index);
  if (fail != OM_NO_FAILURE && fail / loop->cell_size < end && fail / loop->cell_size >= begin) {
    loop->out_stopped = 1;
  }
  om_store32(&loop->out_next, (int32_t)end);
}

// The output of cells [sink->cell, end) is complete: passes it on, or holds it until its turn.
static void finish_output(om_loop *loop, om_sink *sink, uint32_t end) {
  om_lock_take(&loop->out_lock);
  if (om_loop_is_lowest(loop, sink->cell)) {
    write_out(loop, sink->cell, end, sink->data, sink->len);
    sink->len = 0;
    while (loop->held != NULL && om_loop_is_lowest(loop, loop->held->begin)) {
      om_held *h = loop->held;
      loop->held = h->next;
      write_out(loop, h->begin, h->end, h->data, h->len);
      om_raw_free(h->data, h->cap);
      om_raw_free(h, sizeof *h);
    }
  } else {
    om_held *h = om_raw_alloc(sizeof *h);
    if (h == NULL) {
      om_fatal_memory();
    }
    h->begin = sink->cell;
    h->end = end;
    h->data = sink->data;
    h->len = sink->len;
    h->cap = sink->cap;
    sink->data = NULL;
    sink->len = sink->cap = 0;
    om_held **link = &loop->held;
    while (*link != NULL && (*link)->begin < h->begin) {
      link = &(*link)->next;
    }
    h->next = *link;
    *link = h;
  }
  om_lock_give(&loop->out_lock);
}

// ---- running cells --------------------------------------------------------------------------------------------------

typedef struct participant {
  om_catch landing;
  om_thread *thread;
  om_loop *loop;
  om_loop *outer_loop;
  om_sink *outer_sink;
  om_sink sink;
  int64_t at;
  uint32_t end;        // of the range being run
  int32_t slot;
  int32_t captures;    // output goes through `sink`
  uint64_t done;       // cells run
} participant;

static void enter(participant *p, om_thread *t, om_loop *loop, int32_t slot, int captures) {
  p->thread = t;
  p->loop = loop;
  p->outer_loop = t->loop;
  p->outer_sink = t->sink;
  p->slot = slot;
  p->captures = captures;
  p->done = 0;
  memset(&p->sink, 0, sizeof p->sink);
  t->loop = loop;
  om_catch_push(t, &p->landing, OM_CATCH_LOOP);
}

static void leave(participant *p) {
  om_thread *t = p->thread;
  om_catch_pop(t, &p->landing);
  t->loop = p->outer_loop;
  t->sink = p->outer_sink;
  om_raw_free(p->sink.data, p->sink.cap);
}

static void run_cells(participant *p, uint32_t begin, uint32_t end) {
  om_loop *loop = p->loop;
  const om_par_desc *d = loop->desc;
  uint64_t first = begin * loop->cell_size, last = end == loop->cells ? loop->count : end * loop->cell_size;
  p->end = end;
  if (p->captures) {
    p->sink.kind = OM_SINK_CAPTURE;
    p->sink.direct = 0;
    p->sink.parent = loop->sink;
    p->sink.loop = loop;
    p->sink.cell = begin;
    p->thread->sink = &p->sink;
  }
  if (first < om_load_u64(&loop->fail_index)) {
    if (d->acc_size == 0) {
      p->at = (int64_t)((uint64_t)d->lo + first);
      d->body((int64_t)((uint64_t)d->lo + first), (int64_t)((uint64_t)d->lo + last), d->env, NULL, &p->at);
    } else {
      for (uint32_t c = begin; c < end; c++) {
        uint64_t from = c * loop->cell_size, to = c + 1 == loop->cells ? loop->count : from + loop->cell_size;
        uint8_t *part = loop->parts + (uint64_t)c * d->acc_size;
        memcpy(part, d->acc_init, d->acc_size);
        p->at = (int64_t)((uint64_t)d->lo + from);
        d->body((int64_t)((uint64_t)d->lo + from), (int64_t)((uint64_t)d->lo + to), d->env, part, &p->at);
      }
    }
  }
  p->done += end - begin;
  if (p->captures) {
    finish_output(loop, &p->sink, end);
  }
}

// A panic landed: notes it when its iteration is the lowest so far. A deadline that passed ends all iterations, those below too.
static void note_failure(participant *p) {
  om_thread *t = p->thread;
  om_loop *loop = p->loop;
  int is_timeout = t->failure.kind == OM_PANIC_TIMEOUT;
  uint64_t offset = is_timeout ? 0 : (uint64_t)p->at - (uint64_t)loop->desc->lo;
  t->catch_top = &p->landing;
  om_lock_take(&loop->fail_lock);
  if (is_timeout || offset < om_load_u64(&loop->fail_index)) {
    loop->failure = t->failure;
    if ((loop->desc->flags & OM_LOOP_AUTO) == 0) {
      if (loop->failure.loops < OM_FAILURE_LOOPS) {
        loop->failure.iteration[loop->failure.loops] = p->at;
      }
      loop->failure.loops++;
    }
    om_store_u64(&loop->fail_index, offset);
  }
  om_lock_give(&loop->fail_lock);
  t->loop = loop;
  p->done += 1;
  if (p->captures) {
    finish_output(loop, &p->sink, p->end);
  }
}

static int next_cells(participant *p, uint32_t *begin, uint32_t *end) {
  om_loop *loop = p->loop;
  om_take take = {8, 1, UINT32_MAX};
  if (loop->slots == 1) {
    take.parts = 4 * (uint32_t)loop->limit;
    return om_take_front(&loop->slot[0], take, begin, end);
  }
  return om_take_cells(loop->slot, loop->slots, p->slot, take, begin, end);
}

int om_loop_has_cells(const om_loop *loop) { return om_has_cells(loop->slot, loop->slots); }

static void run_until_empty(participant *p) {
  uint32_t begin, end;
  while (next_cells(p, &begin, &end)) {
    run_cells(p, begin, end);
  }
}

void om_loop_participate(om_thread *t, om_loop *loop, int32_t slot) {
  participant p;
  void *deadline = t->deadline;
  enter(&p, t, loop, slot, (loop->desc->flags & OM_LOOP_QUIET) == 0);
  p.landing.deadline = loop->deadline;
  if (loop->deadline != deadline) {
    t->deadline = loop->deadline;
    om_deadline_arm(t);
  }
  if (om_set_jump(&p.landing.jump) != 0) {
    om_landed(t, &p.landing);
    note_failure(&p);
  }
  run_until_empty(&p);
  leave(&p);
  if (loop->deadline != deadline) {
    t->deadline = deadline;
    om_deadline_arm(t);
  }
}

// ---- costs learnt from earlier runs ---------------------------------------------------------------------------------

typedef struct cost_entry {
  om_atomic_u64 body;
  om_atomic64 ticks;  // of 1024 iterations
} cost_entry;

static cost_entry costs[64];

static cost_entry *cost_of(const om_par_desc *d) {
  uint64_t key = (uint64_t)(uintptr_t)d->body;
  return &costs[(key * 0x9e3779b97f4a7c15ull) >> 58];
}

static int64_t known_cost(const om_par_desc *d) {
  const cost_entry *c = cost_of(d);
  if (om_load_u64(&c->body) == (uint64_t)(uintptr_t)d->body) {
    return om_load64(&c->ticks);
  }
  return d->cost > 0 ? (int64_t)d->cost * 1024 * OM_TICKS_PER_US / 1000 : -1;
}

static void learn_cost(const om_par_desc *d, uint64_t ticks, uint64_t iterations) {
  cost_entry *c = cost_of(d);
  if (iterations != 0) {
    om_store64(&c->ticks, (int64_t)om_cost_of(ticks, iterations));
    om_store_u64(&c->body, (uint64_t)(uintptr_t)d->body);
  }
}

// ---- the calling thread ---------------------------------------------------------------------------------------------

// Waking sleeping threads pays above this many ticks of remaining work; starting them above that many.
enum { PAYS_TO_WAKE = 16 * OM_TICKS_PER_US, PAYS_TO_START = 80 * OM_TICKS_PER_US };

// Runs cells alone, looking at the clock, until all are done or others pay. Returns the cells done.
static uint32_t run_measured(participant *p, uint64_t pays, int64_t known) {
  om_loop *loop = p->loop;
  om_pace pace;
  om_pace_begin(&pace, loop->cells, known >= 0, om_ticks_at((uint64_t)known, loop->count), pays, om_ticks());
  uint32_t done = 0;
  while (done < loop->cells) {
    uint32_t n = loop->cells - done < pace.span ? loop->cells - done : pace.span;
    run_cells(p, done, done + n);
    done += n;
    if (om_pace_shares(&pace, n, loop->cells - done, pays, om_ticks())) {
      break;
    }
  }
  if (known < 0) {
    learn_cost(loop->desc, pace.before - pace.start, (uint64_t)done * loop->cell_size);
  }
  return done;
}

#if defined(_OPENMP)
// The threads are OpenMP's: a team for this loop. A panic must not jump out of the team, so each member lands its own.
static void run_team(participant *p, om_loop *loop) {
  om_thread *caller = p->thread;
  om_atomic32 next_slot = 1;
#pragma omp parallel num_threads(loop->limit)
  {
    if (om_self() == caller) {
      om_loop_participate(caller, loop, 0);
    } else {
      om_attach_thread();
      int32_t slot = om_add32(&next_slot, 1);
      om_loop_participate(om_self(), loop, slot < loop->slots ? slot : -1);
    }
  }
  p->done = loop->cells;
}
#endif

// Shares cells [from, cells) with the pool and takes part until all are done.
static void run_shared(participant *p, uint32_t from) {
  om_loop *loop = p->loop;
  int quiet = (loop->desc->flags & OM_LOOP_QUIET) != 0;
  loop->slots = !quiet ? 1 : loop->limit < OM_MAX_SLOTS ? loop->limit : OM_MAX_SLOTS;
  loop->free_slots = (loop->slots >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << loop->slots) - 1) & ~(uint64_t)1;
  loop->out_next = (int32_t)from;
  om_split_cells(loop->slot, loop->slots, from, loop->cells);
  p->captures = !quiet;
  p->slot = 0;
  uint64_t start = om_ticks();
  p->done = 0;
#if defined(_OPENMP)
  run_team(p, loop);
#else
  om_pool_publish(loop);
  run_until_empty(p);
#endif
  if (om_load_u64(&loop->fail_index) == OM_NO_FAILURE) {
    learn_cost(loop->desc, om_ticks() - start, p->done * loop->cell_size);
  }
}

static void await_others(om_thread *t, om_loop *loop) {
  om_pool_withdraw(loop);
  om_pool_await(t, loop);
}

static void fold_parts(om_loop *loop) {
  const om_par_desc *d = loop->desc;
  for (uint32_t c = 1; c < loop->cells; c++) {
    d->combine(loop->parts, loop->parts + (uint64_t)c * d->acc_size);
  }
  d->combine(d->acc_out, loop->parts);
}

// How many threads an `N @` or `@@` loop may use; starts them for `N @` and for loops whose iterations block.
static int32_t limit_of(const om_par_desc *d, uint64_t count) {
  int32_t limit = d->threads > 0 ? d->threads : om_thread_count();
  if (limit > OM_MAX_THREADS) {
    limit = OM_MAX_THREADS;
  }
#if defined(_OPENMP)
  return (uint64_t)limit > count ? (int32_t)count : limit;
#endif
  if (d->threads > 1 && (d->flags & (OM_LOOP_AUTO | OM_LOOP_EAGER)) != OM_LOOP_AUTO && om_pool_size() < limit - 1) {
    om_pool_reserve(limit - 1);
  }
  return (uint64_t)limit > count ? (int32_t)count : limit;
}

static OM_NOINLINE void run_loop(om_thread *t, om_loop *loop, int32_t pool_before) {
  const om_par_desc *d = loop->desc;
  participant p;
  volatile int shared = 0;
  enter(&p, t, loop, 0, 0);
  if (om_set_jump(&p.landing.jump) == 0) {
    uint32_t done = 0;
    if (loop->limit > 1) {
      int64_t known = known_cost(d);
#if defined(_OPENMP)
      int cold = 0;
#else
      int cold = om_pool_size() == 0;
#endif
      uint64_t pays = cold ? PAYS_TO_START : PAYS_TO_WAKE;
      int at_once = (d->flags & OM_LOOP_EAGER) != 0 || om_pool_size() > pool_before ||
                    (om_shares_at_once(known >= 0, om_ticks_at((uint64_t)known, loop->count), loop->count, pays) && (known >= 0 || (d->flags & OM_LOOP_AUTO) == 0));
      if (!at_once) {
        done = run_measured(&p, pays, known);
      }
      if (done < loop->cells && (!cold || om_pool_reserve(loop->limit - 1) > 0)) {
        shared = 1;
        run_shared(&p, done);
        done = loop->cells;
      }
      if (done < loop->cells) {
        run_cells(&p, done, loop->cells);
      }
    } else {
      run_cells(&p, 0, loop->cells);
    }
  } else {
    // An iteration failed on this thread. Alone everything below it is done; else the others go on with what is below.
    om_landed(t, &p.landing);
    note_failure(&p);
    if (shared) {
      run_until_empty(&p);
    }
  }
  if (shared) {
    await_others(t, loop);
  }
  leave(&p);
}

void om_par_for(const om_par_desc *d) {
  if (d->lo >= d->hi) {
    return;
  }
  om_thread *t = om_self();
#if !defined(OMEGA_FREESTANDING)
  if (t == NULL) {
    om_attach_thread();
    t = om_self();
  }
#endif
  om_stack_require(t, OM_STACK_LOOPS);
  int32_t pool_before = om_pool_size();
  om_loop loop;
  loop.desc = d;
  loop.next = NULL;
  loop.parent = t->loop;
  loop.deadline = t->deadline;
  loop.sink = t->sink;
  loop.count = (uint64_t)d->hi - (uint64_t)d->lo;
  loop.cell_size = om_grid_cell(loop.count);
  loop.cells = (uint32_t)(loop.count / loop.cell_size + (loop.count % loop.cell_size != 0));
  loop.depth = t->loop == NULL ? 0 : t->loop->depth + 1;
  loop.limit = limit_of(d, loop.count);
  loop.inside = 0;
  loop.event = 0;
  loop.caller_waits = 0;
  loop.fail_index = OM_NO_FAILURE;
  loop.fail_lock.state = 0;
  loop.out_lock.state = 0;
  loop.out_next = 0;
  loop.out_stopped = 0;
  loop.held = NULL;
  loop.slots = 0;
  uint64_t parts[128];
  uint64_t parts_size = (uint64_t)loop.cells * d->acc_size;
  loop.parts = parts_size <= sizeof parts ? (uint8_t *)parts : om_alloc(parts_size, OM_NO_REFS);
  run_loop(t, &loop, pool_before);
  if (om_load_u64(&loop.fail_index) != OM_NO_FAILURE) {
    int program_failed = loop.failure.kind < OM_PANIC_MEMORY;
    if ((d->flags & OM_LOOP_AUTO) != 0 && d->acc_size != 0 && program_failed) {
      return;
    }
    om_raise(&loop.failure);
  }
  if (d->acc_size != 0) {
    fold_parts(&loop);
  }
}
