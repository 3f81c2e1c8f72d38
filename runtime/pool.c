// SPDX-License-Identifier: Apache-2.0
// The threads of parallel loops: started at the first need, asleep on a futex when idle, joined at exit.
#include "loop.h"

static om_lock pool_lock;               // published loops, threads
static om_loop *published;              // deepest first
static om_thread *workers;              // all threads of the pool
static om_atomic32 worker_count;
static om_atomic32 work_event;          // bumped when there may be work
static om_atomic32 asleep;
static om_atomic32 wanted;              // sleepers still to be woken, by those just woken
static om_atomic32 quitting;
static int32_t processors;
static int32_t forced_threads;

// ---- how many -------------------------------------------------------------------------------------------------------

static int32_t count_processors(void) {
  uint64_t mask[128];
  memset(mask, 0, sizeof mask);
  int64_t size = om_syscall3(OM_SYS_sched_getaffinity, 0, sizeof mask, (int64_t)(intptr_t)mask);
  int32_t n = 0;
  for (int64_t i = 0; i < size / 8; i++) {
    n += om_popcount64(mask[i]);
  }
  return n < 1 ? 1 : n;
}

int32_t om_processor_count(void) {
  if (processors == 0) {
    processors = count_processors();
  }
  return processors;
}

int32_t om_thread_count(void) {
  if (forced_threads > 0) {
    return forced_threads;
  }
  if (om_the_program->threads > 0) {
    return om_the_program->threads;
  }
  return om_processor_count();
}

void om_set_thread_count(int32_t count) { forced_threads = count > OM_MAX_THREADS ? OM_MAX_THREADS : count < 0 ? 0 : count; }
int32_t om_thread_index(void) { return om_self()->index; }
int32_t om_pool_size(void) { return om_load32(&worker_count); }

// ---- joining loops --------------------------------------------------------------------------------------------------

// Joins `loop` if it has work and room; the slot taken, -1 without slot, -2 no (pool lock held).
static int32_t join(om_loop *loop) {
  if (om_load32(&loop->inside) >= loop->limit - 1 || !om_loop_has_cells(loop)) {
    return -2;
  }
  om_add32(&loop->inside, 1);
  if (loop->free_slots == 0) {
    return -1;
  }
  int32_t slot = om_ctz64(loop->free_slots);
  loop->free_slots &= ~((uint64_t)1 << slot);
  return slot;
}

int om_pool_help(om_thread *t, int32_t depth) {
  om_lock_take(&pool_lock);
  for (om_loop *loop = published; loop != NULL && loop->depth >= depth; loop = loop->next) {
    int32_t slot = join(loop);
    if (slot == -2) {
      continue;
    }
    om_lock_give(&pool_lock);
    om_loop_participate(t, loop, slot);
    om_lock_take(&pool_lock);
    if (slot >= 0) {
      loop->free_slots |= (uint64_t)1 << slot;
    }
    // The caller takes the lock once more after it saw 0 inside, so the loop is there until the lock is given.
    int wake = om_add32(&loop->inside, -1) == 1 && om_load32(&loop->caller_waits);
    if (wake) {
      om_add32(&loop->event, 1);
    }
    om_lock_give(&pool_lock);
    if (wake) {
      om_futex_wake(&loop->event, 1);
    }
    return 1;
  }
  om_lock_give(&pool_lock);
  return 0;
}

void om_pool_publish(om_loop *loop) {
  OM_UNTRACKED(loop, sizeof *loop);
  om_lock_take(&pool_lock);
  om_loop **link = &published;
  while (*link != NULL && (*link)->depth > loop->depth) {
    link = &(*link)->next;
  }
  loop->next = *link;
  *link = loop;
  for (om_loop *p = loop->parent; p != NULL; p = p->parent) {
    if (om_load32(&p->caller_waits)) {
      om_add32(&p->event, 1);
      om_futex_wake(&p->event, 1);
    }
  }
  om_lock_give(&pool_lock);
  om_pool_wake(loop->limit - 1);
}

void om_pool_withdraw(om_loop *loop) {
  om_lock_take(&pool_lock);
  for (om_loop **link = &published; *link != NULL; link = &(*link)->next) {
    if (*link == loop) {
      *link = loop->next;
      break;
    }
  }
  om_lock_give(&pool_lock);
}

// Whether half of the stack is left: iterations that are helped with must find as much room as they would on another thread, nearly.
static int has_room_to_help(const om_thread *t) {
  return t->stack_low == NULL || (uint8_t *)__builtin_frame_address(0) - t->stack_low >= (t->stack_high - t->stack_low) / 2;
}

void om_pool_await(om_thread *t, om_loop *loop) {
  for (int i = 0; i < 400 && om_load32(&loop->inside) != 0; i++) {
    om_pause();
  }
  while (om_load32(&loop->inside) != 0) {
    if (has_room_to_help(t) && om_pool_help(t, loop->depth + 1)) {
      continue;
    }
    int32_t event = om_load32(&loop->event);
    om_swap32(&loop->caller_waits, 1);
    if (om_load32(&loop->inside) != 0) {
      om_safe_enter(t);
      om_futex_wait(&loop->event, event, -1);
      om_safe_leave(t);
    }
    om_swap32(&loop->caller_waits, 0);
  }
  // The last one to leave holds the lock for a moment after it counted itself out.
  om_lock_take(&pool_lock);
  om_lock_give(&pool_lock);
  OM_TRACKED(loop, sizeof *loop);
}

// ---- sleeping and waking --------------------------------------------------------------------------------------------

// Two are woken by the caller; each woken thread wakes two more while some are wanted.
static void wake_some(void) {
  int32_t n = 0;
  while (n < 2) {
    int32_t w = om_load32(&wanted);
    if (w <= 0) {
      break;
    }
    if (om_cas32(&wanted, w, w - 1)) {
      n++;
    }
  }
  if (n != 0 && om_load32(&asleep) != 0) {
    om_futex_wake(&work_event, n);
  }
}

void om_pool_wake(int32_t count) {
  om_add32(&work_event, 1);
  if (om_load32(&asleep) != 0) {
    om_store32(&wanted, count);
    wake_some();
  }
}

static void worker(om_thread *t) {
  while (!om_load32(&quitting)) {
    int32_t event = om_load32(&work_event);
    if (om_pool_help(t, 0)) {
      continue;
    }
    int idle = 0;
    while (idle < 8 && om_load32(&work_event) == event) {
      om_pause();
      idle++;
    }
    if (om_load32(&work_event) != event || om_load32(&quitting)) {
      continue;
    }
    om_safe_enter(t);
    om_add32(&asleep, 1);
    om_futex_wait(&work_event, event, -1);
    om_add32(&asleep, -1);
    om_safe_leave(t);
    wake_some();
  }
}

// ---- starting and stopping ------------------------------------------------------------------------------------------

int32_t om_pool_reserve(int32_t count) {
  om_lock_take(&pool_lock);
  int32_t have = om_load32(&worker_count);
  if (count > OM_MAX_THREADS) {
    count = OM_MAX_THREADS;
  }
  if (have == 0 && count > 0) {
    om_watch_begin();
  }
  while (have < count) {
    om_thread *t = om_thread_create(worker, have + 1);
    if (t == NULL) {
      break;
    }
    t->next_worker = workers;
    workers = t;
    om_store32(&worker_count, ++have);
  }
  om_lock_give(&pool_lock);
  return have;
}

void om_pool_stop(void) {
  if (om_load32(&worker_count) == 0) {
    return;
  }
  om_thread *t = om_self();
  om_store32(&quitting, 1);
  om_add32(&work_event, 1);
  om_futex_wake(&work_event, 0x7fffffff);
  while (workers != NULL) {
    om_thread *ended = workers;
    workers = ended->next_worker;
    om_safe_enter(t);
    om_thread_join(ended);
    om_safe_leave(t);
  }
  om_store32(&worker_count, 0);
  om_store32(&quitting, 0);
}
