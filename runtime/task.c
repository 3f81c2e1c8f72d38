// SPDX-License-Identifier: Apache-2.0
// Tasks, deadlines, retries, caches.
#include "loop.h"

// ---- deadlines ------------------------------------------------------------------------------------------------------

// Ends with the deadline's scope, when all its threads are done; threads that are late set it again every millisecond.
volatile int32_t om_interrupted;

/// A running om_timeout; its landing place is its identity.
typedef struct om_deadline {
  om_catch landing;  ///< first member
  struct om_deadline *outer;
  int64_t end;       ///< om_clock
} om_deadline;

// The outermost deadline of this thread that has passed, or null.
static om_deadline *passed_deadline(const om_thread *t) {
  om_deadline *found = NULL;
  if (t->deadline != NULL) {
    int64_t now = om_clock();
    for (om_deadline *d = t->deadline; d != NULL; d = d->outer) {
      if (d->end <= now) {
        found = d;
      }
    }
  }
  return found;
}

void om_poll(void) {
  om_thread *t = om_self();
  if (t == NULL || t->deadline == NULL) {
    return;
  }
  om_deadline *d = passed_deadline(t);
  if (d != NULL) {
    om_failure f = {.kind = OM_PANIC_TIMEOUT, .exit_code = 1, .deadline = d};
    om_raise(&f);
  }
}

// One timer for each thread that runs under a deadline; it fires again until the deadline's scope is left.
static void arm(om_thread *t, int64_t ns) {
  om_threads_prepare();
  // It is noted before it is set: a handler that comes at once must find it, to set it again.
  if (om_load32(&t->timer) == 0) {
    om_store32(&t->timer, om_timer_new(t) + 1);
  }
  if (om_load32(&t->timer) != 0) {
    om_timer_set(om_load32(&t->timer) - 1, ns);
  }
}

static void disarm(om_thread *t) {
  if (om_load32(&t->timer) != 0) {
    om_timer_delete(om_load32(&t->timer) - 1);
    om_store32(&t->timer, 0);
  }
}

void om_deadline_arm(om_thread *t) {
  int64_t first = INT64_MAX;
  for (const om_deadline *d = t->deadline; d != NULL; d = d->outer) {
    first = d->end < first ? d->end : first;
  }
  if (t->deadline == NULL) {
    disarm(t);
  } else {
    int64_t left = first - om_clock();
    arm(t, left < 1 ? 1 : left);
  }
}

int om_on_timer_signal(const uint8_t *pc) {
  om_thread *t = om_self();
  if (t == NULL || t->deadline == NULL) {
    return 0;
  }
  if (om_load32(&t->timer) != 0) {
    om_timer_set(om_load32(&t->timer) - 1, 1000000);
  }
  if (passed_deadline(t) == NULL) {
    return 0;
  }
  om_interrupted = 1;
  return t->critical == 0 && pc >= om_the_program->code_lo && pc < om_the_program->code_hi;
}

// Runs `work` under a deadline; 1 when it ended in time. The clock decides: work that could not be stopped before it ended late is late.
static OM_NOINLINE int32_t run_with_deadline(om_thread *t, int64_t nanoseconds, void (*work)(void *of), void *of) {
  om_deadline d;
  int64_t now = om_clock();
  d.outer = t->deadline;
  d.end = nanoseconds > INT64_MAX - now ? INT64_MAX : now + (nanoseconds < 0 ? 0 : nanoseconds);
  volatile int32_t in_time = 0;
  om_catch_push(t, &d.landing, OM_CATCH_TIMEOUT);
  if (om_set_jump(&d.landing.jump) == 0) {
    t->deadline = &d;
    om_deadline_arm(t);
    work(of);
    om_catch_pop(t, &d.landing);
    t->deadline = d.outer;
    in_time = om_clock() < d.end;
  } else {
    om_landed(t, &d.landing);
  }
  om_interrupted = 0;
  om_deadline_arm(om_self());
  return in_time;
}

typedef struct closure_call {
  void *closure, *result;
} closure_call;

static void call_closure(void *of) {
  closure_call *c = of;
  om_call_closure(c->closure, c->result);
}

int32_t om_timeout(int64_t nanoseconds, void *closure, void *result) {
  closure_call call = {closure, result};
  return run_with_deadline(om_self(), nanoseconds, call_closure, &call);
}

// ---- retry ----------------------------------------------------------------------------------------------------------

om_array *om_retry(void *closure, void *result, int64_t attempts, int32_t backoff, int64_t delay_ns, int64_t max_delay_ns) {
  om_array *error = NULL;
  if (attempts < 1) {
    om_panic(OM_PANIC_ARGUMENT, NULL);
  }
  for (int64_t n = 1; n <= attempts; n++) {
    error = om_try(closure, result);
    if (error == NULL || n == attempts || om_caught_kind() == OM_PANIC_MEMORY) {
      break;
    }
    int64_t delay = backoff == OM_BACKOFF_NONE ? 0 : delay_ns;
    int64_t times = backoff == OM_BACKOFF_LINEAR ? n : backoff == OM_BACKOFF_EXPONENTIAL ? (int64_t)1 << (n - 1 < 40 ? n - 1 : 40) : 1;
    int64_t longest = max_delay_ns > 0 ? max_delay_ns : INT64_MAX;
    om_sleep(delay > longest / times ? longest : delay * times);
  }
  return error;
}

// ---- tasks ----------------------------------------------------------------------------------------------------------

typedef struct task_set {
  const om_array *closures;
  uint8_t *results;
  int64_t result_size;
  om_array *errors;
  om_atomic64 failed;
  int32_t threads;
} task_set;

static void run_tasks(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {
  task_set *s = env;
  (void)acc;
  for (int64_t i = lo; i < hi; i++) {
    *at = i;
    void *closure = ((void *const *)(const void *)s->closures->data)[i];
    void *result = s->results == NULL ? NULL : s->results + i * s->result_size;
    if (s->errors == NULL) {
      om_call_closure(closure, result);
      continue;
    }
    om_array *error = om_try(closure, result);
    if (error != NULL) {
      ((om_array **)(void *)s->errors->data)[i] = error;
      om_add64(&s->failed, 1);
    }
  }
}

static void run_task_loop(void *of) {
  task_set *s = of;
  // AUTO only keeps the words "in iteration" out of messages: a task is no iteration.
  om_par_desc loop = {0, s->closures->len, run_tasks, s, NULL, NULL, NULL, 0, s->threads, 0, OM_LOOP_EAGER | OM_LOOP_AUTO};
  om_par_for(&loop);
}

int64_t om_tasks_run(const om_array *closures, void *results, int64_t result_size, om_array *errors, int64_t timeout_ns,
                     int64_t max_concurrent) {
  int64_t n = om_length(closures);
  if (n == 0) {
    return 0;
  }
  int64_t most = max_concurrent > 0 ? max_concurrent : 64;
  task_set set = {closures, results, result_size, errors, 0, (int32_t)(n < most ? n : most)};
  if (timeout_ns <= 0) {
    run_task_loop(&set);
  } else if (!run_with_deadline(om_self(), timeout_ns, run_task_loop, &set)) {
    return -1;
  }
  return om_load64(&set.failed);
}

// ---- caches ---------------------------------------------------------------------------------------------------------

struct om_cache {
  om_map *map;       // key -> made (8 bytes), value
  om_lock lock;
  uint32_t value_size;
  int64_t ttl;
  int64_t limit;
  uint32_t key_size;
};

om_cache *om_cache_new(uint32_t key_kind, uint32_t key_size, uint32_t value_size, uint32_t value_refs, int64_t ttl_ns, int64_t max_entries) {
  om_cache *c = om_alloc(sizeof *c, 0);
  c->map = om_map_new(key_kind, key_size, 8 + value_size, value_refs);
  c->value_size = value_size;
  c->key_size = key_size;
  c->ttl = ttl_ns;
  c->limit = max_entries;
  return c;
}

int32_t om_cache_get(om_cache *c, const void *key, void *value) {
  int64_t now = c->ttl > 0 ? om_clock() : 0, made;
  int32_t found = 0;
  om_stack_require(om_self(), OM_STACK_LOCKS);
  om_lock_take(&c->lock);
  uint8_t *entry = om_map_find(c->map, key);
  if (entry != NULL) {
    memcpy(&made, entry, 8);
    if (c->ttl > 0 && now - made >= c->ttl) {
      om_map_delete(c->map, key);
    } else {
      memcpy(value, entry + 8, c->value_size);
      found = 1;
    }
  }
  om_lock_give(&c->lock);
  return found;
}

void om_cache_put(om_cache *c, const void *key, const void *value) {
  int64_t now = c->ttl > 0 ? om_clock() : 0;
  om_map_room room = {.capacity = 0};
  om_stack_require(om_self(), OM_STACK_LOCKS);
  om_lock_take(&c->lock);
  // Room is made without the lock: an allocation that fails does not come back.
  while (!om_map_has_room(c->map) && om_map_find(c->map, key) == NULL) {
    int64_t length = om_map_length(c->map);
    if (room.capacity > length) {
      om_map_move(c->map, &room);
    } else {
      om_lock_give(&c->lock);
      room = om_map_room_for(c->map, length);
      om_lock_take(&c->lock);
    }
  }
  if (om_map_find(c->map, key) == NULL) {
    uint8_t *entry = om_map_slot(c->map, key);
    memcpy(entry, &now, 8);
    memcpy(entry + 8, value, c->value_size);
    if (c->limit > 0 && om_map_length(c->map) > c->limit) {
      uint8_t oldest[32];
      memcpy(oldest, om_map_key_at(c->map, om_map_next(c->map, 0)), c->key_size < 32 ? c->key_size : 32);
      om_map_delete(c->map, oldest);
    }
  }
  om_lock_give(&c->lock);
}
