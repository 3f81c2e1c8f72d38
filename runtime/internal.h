// SPDX-License-Identifier: Apache-2.0
// What the runtime's files share: threads, locks, failures, sinks, heap internals. Not part of the contract.
#ifndef OMEGA_RUNTIME_INTERNAL_H
#define OMEGA_RUNTIME_INTERNAL_H

#include "omega_runtime.h"

#include "platform.h"

// ---- what race detectors must know ----------------------------------------------------------------------------------

// Valgrind's helgrind knows pthreads but not these locks. While a program runs under it, it is told which releases order which
// acquisitions, and which memory holds nothing but atomics and what locks guard.
#if defined(OMEGA_FREESTANDING)
extern int32_t om_watched;
/// Asks whether a detector watches; once, before the first further thread.
void om_watch_begin(void);
void om_watch_order(const volatile void *tag, int is_acquire);
void om_watch_range(const volatile void *p, uint64_t size, int is_tracked);
#define OM_RELEASES(tag) (OM_UNLIKELY(om_watched != 0) ? om_watch_order((tag), 0) : (void)0)
#define OM_ACQUIRES(tag) (OM_UNLIKELY(om_watched != 0) ? om_watch_order((tag), 1) : (void)0)
#define OM_UNTRACKED(p, size) (OM_UNLIKELY(om_watched != 0) ? om_watch_range((p), (size), 0) : (void)0)
#define OM_TRACKED(p, size) (OM_UNLIKELY(om_watched != 0) ? om_watch_range((p), (size), 1) : (void)0)
#else
#define om_watch_begin() ((void)0)
#define OM_RELEASES(tag) ((void)0)
#define OM_ACQUIRES(tag) ((void)0)
#define OM_UNTRACKED(p, size) ((void)0)
#define OM_TRACKED(p, size) ((void)0)
#endif

// ---- locks and waiting ----------------------------------------------------------------------------------------------

/// A futex lock: 0 free, 1 held, 2 held with waiters.
typedef struct om_lock {
  om_atomic32 state;
} om_lock;
void om_lock_slow(om_lock *lock);
void om_unlock_slow(om_lock *lock);
OM_INLINE void om_lock_take(om_lock *lock) {
  if (!om_cas32(&lock->state, 0, 1)) {
    om_lock_slow(lock);
  }
  OM_ACQUIRES(lock);
}
OM_INLINE void om_lock_give(om_lock *lock) {
  OM_RELEASES(lock);
  if (om_swap32(&lock->state, 0) == 2) {
    om_unlock_slow(lock);
  }
}
/// Sleeps while `*word` is `value` (spurious returns happen); `ns` < 0 = for ever. Wakes up to `count` sleepers.
void om_futex_wait(om_atomic32 *word, int32_t value, int64_t ns);
void om_futex_wake(om_atomic32 *word, int32_t count);

// ---- failures -------------------------------------------------------------------------------------------------------

#define OM_FAILURE_LOOPS 4

/// A panic on its way.
typedef struct om_failure {
  int32_t kind;
  int32_t exit_code;
  int64_t operand[3];
  const om_array *text;
  om_location at;
  int32_t loops;                       ///< parallel loops it left
  int64_t iteration[OM_FAILURE_LOOPS]; ///< innermost first
  void *deadline;                      ///< OM_PANIC_TIMEOUT: the deadline that passed
} om_failure;

enum om_catch_kind { OM_CATCH_BASE, OM_CATCH_TRY, OM_CATCH_LOOP, OM_CATCH_TIMEOUT };

struct om_sink;

/// A place a panic of this thread can land.
typedef struct om_catch {
  om_jump jump;
  struct om_catch *previous;
  struct om_sink *sink;
  void *deadline;  ///< the thread's innermost deadline outside
  int32_t kind;
} om_catch;

/// Pushes / pops a landing place: `om_catch_push(t, &c, kind); if (om_set_jump(&c.jump) == 0) {...; om_catch_pop(t, &c);} else {om_landed(t, &c); ...}`.
void om_catch_push(struct om_thread *t, om_catch *c, int32_t kind);
OM_INLINE void om_catch_pop(struct om_thread *t, om_catch *c);
/// First thing where a panic has landed: the thread can be stopped again, and what was being printed inside is dropped.
void om_landed(struct om_thread *t, om_catch *c);
/// Raises `f` on this thread.
OM_NORETURN void om_raise(const om_failure *f);
/// Its text without place, as a string / the whole report to standard error.
om_array *om_failure_text(const om_failure *f);
void om_failure_report(const om_failure *f);
/// Where the program is: the nearest caller in the program.
om_location om_here(void);
/// The row for a code address of the program.
om_location om_locate(const uint8_t *pc);
/// Our own bug: says so and ends with 70.
OM_NORETURN void om_bug(const char *what);
/// Out of memory where no panic can be raised: says so and ends with 3.
OM_NORETURN void om_fatal_memory(void);

// ---- threads --------------------------------------------------------------------------------------------------------

enum { OM_CLASSES = 34, OM_SMALL_MAX = 32768 };

/// Free cells of one size class that this thread may hand out: [current, end).
typedef struct om_run {
  uint8_t *current;
  uint8_t *end;
  struct om_block *block;
} om_run;

enum { OM_RUNNING = 0, OM_SAFE = 1 };

typedef struct om_thread {
  struct om_thread *self;  ///< at %fs:0 in freestanding programs
  om_run runs[2 * OM_CLASSES];
  om_catch *catch_top;
  om_catch *volatile landing;  ///< where a panic is on its way to; null: nowhere
  struct om_sink *sink;    ///< null: standard output
  om_failure failure;      ///< what landed last
  int32_t caught_kind;
  int32_t index;           ///< 0 main, 1.. pool
  struct om_loop *loop;    ///< innermost loop whose iterations this thread runs
  void *deadline;          ///< innermost om_deadline
  om_atomic32 timer;       ///< 1 + its timer for deadlines, or 0
  uint64_t at;             ///< om_at
  // collector
  om_atomic32 critical;    ///< > 0: must not be stopped here
  om_atomic32 stop_pending;
  om_atomic32 state;       ///< OM_RUNNING, OM_SAFE
  om_atomic32 stopped_epoch;
  void *volatile scan_sp;
  om_registers registers;  ///< of a thread in a safe region
  uint8_t *stack_low;      ///< lowest usable byte; of the main thread by its limit and a guess; null: unknown
  uint8_t *stack_high;
  void *stack_map;         ///< mapping to free at join
  uint64_t stack_map_size;
  void *signal_stack;
  om_atomic32 tid;         ///< zeroed and woken by the kernel at exit (freestanding)
  uint64_t handle;         ///< pthread_t (hosted)
  void (*entry)(struct om_thread *t);
  struct om_thread *next;         ///< list of all threads
  struct om_thread *next_worker;  ///< list of the pool's (pool.c)
} om_thread;

OM_INLINE void om_catch_pop(struct om_thread *t, om_catch *c) { t->catch_top = c->previous; }

/// The thread that runs `main`.
extern om_thread om_main_thread;
/// The running program's table.
extern const om_program *om_the_program;
extern int om_argc;
extern char **om_argv;

/// Adds to / removes from the list of threads the collector stops and scans.
void om_thread_register(om_thread *t);
void om_thread_unregister(om_thread *t);
/// Between these the thread cannot be stopped (keep it short, block on nothing but short locks).
void om_stop_here(om_thread *t);
OM_INLINE void om_critical_enter(om_thread *t) {
  t->critical = t->critical + 1;
  om_compiler_fence();
}
OM_INLINE void om_critical_leave(om_thread *t) {
  om_compiler_fence();
  t->critical = t->critical - 1;
  om_compiler_fence();
  if (OM_UNLIKELY(t->stop_pending != 0) && t->critical == 0) {
    om_stop_here(t);
  }
}
/// Room on the stack, in bytes. SIGNALS: two signals and the frames of a leaf of the runtime. Each further one may do what those before do:
/// an allocation, something that allocates under a lock, a parallel loop.
enum { OM_STACK_SIGNALS = 16 << 10, OM_STACK_ALLOCATES = 24 << 10, OM_STACK_LOCKS = 32 << 10, OM_STACK_LOOPS = 48 << 10 };
/// Raises a stack overflow now when less than `room` is left, so that the stack cannot end while a lock is held or the thread cannot be
/// stopped: such a panic would leave the lock taken. Not under a lock, unless more room was asked for before it was taken. (fails)
OM_COLD void om_stack_ends(void);
OM_INLINE void om_stack_require(const om_thread *t, uint64_t room) {
  // On a signal's own stack the difference is no small number.
  if (OM_UNLIKELY((uint64_t)((uint8_t *)__builtin_frame_address(0) - t->stack_low) < room)) {
    om_stack_ends();
  }
}
/// Around waiting: the collector goes on without this thread, which must not touch heap objects meanwhile.
void om_safe_enter_saved(om_thread *t);
#define om_safe_enter(t)                    \
  do {                                      \
    om_spill_registers(&(t)->registers);    \
    om_safe_enter_saved(t);                 \
  } while (0)
void om_safe_leave(om_thread *t);
/// Shared by all uses: what the stop signal does.
void om_on_stop_signal(void);
/// What the timer signal does; returns nonzero when the program (interrupted at `pc`) must be diverted to om_poll.
int om_on_timer_signal(const uint8_t *pc);
/// Sets this thread's timer to its earliest deadline, or ends it.
void om_deadline_arm(om_thread *t);
/// What a fault at `pc` (`frame`: frame pointer there, or null) does: a stack that overflowed is a panic, and its landing place is
/// returned; everything else ends the process.
om_catch *om_on_fault(int signal, const uint8_t *pc, const uint8_t *frame, int is_overflow);

// ---- memory ---------------------------------------------------------------------------------------------------------

/// Pages from the system, zeroed; null when it has none. / Gives them back.
void *om_pages_map(uint64_t size);
void om_pages_unmap(void *p, uint64_t size);
/// Raw memory outside the collected heap, for the runtime itself (rounded up to a power of two; contents undefined).
void *om_raw_alloc(uint64_t size);
void om_raw_free(void *p, uint64_t size);
void *om_raw_grow(void *p, uint64_t used, uint64_t size, uint64_t new_size);

// ---- output sinks ---------------------------------------------------------------------------------------------------

enum { OM_SINK_TEXT, OM_SINK_CAPTURE };

/// Where a thread's pieces go when not to standard output.
typedef struct om_sink {
  int32_t kind;
  int32_t direct;          ///< capture: goes straight on to `parent`
  struct om_sink *parent;
  struct om_loop *loop;
  uint32_t cell;           ///< capture: first cell of the range being run
  uint8_t *data;
  uint64_t len;
  uint64_t cap;
} om_sink;

void om_sink_write(om_sink *sink, const void *data, uint64_t size);
/// Frees the sinks the thread has above `keep`.
void om_sink_unwind(om_thread *t, om_sink *keep);
/// Appends to the buffer.
void om_sink_append(om_sink *sink, const void *data, uint64_t size);
/// Nonzero: standard output could not be written.
extern int32_t om_output_error;
/// Writes `size` bytes to descriptor `fd`; 0 or the errno.
int32_t om_write_all(int fd, const void *data, uint64_t size);
/// Has everything below `cell` of `loop` been written? (loop.c)
int om_loop_is_lowest(const struct om_loop *loop, uint32_t cell);

// ---- formatting -----------------------------------------------------------------------------------------------------

/// Digits of integers into `buffer` (at least 20 bytes); their count.
int om_format_u64(char *buffer, uint64_t value);
/// Shortest decimal: digits (at most 17) and exponent so that value = 0.d1d2... * 10^exponent. `value` finite and not 0.
int om_shortest_f64(double value, char *digits, int32_t *exponent);
int om_shortest_f32(float value, char *digits, int32_t *exponent);
/// `%v` of a float into `buffer` (32 bytes); its length.
int om_format_f64(char *buffer, double value);
int om_format_f32(char *buffer, float value);
/// Exactly rounded digits: `places` after the point (fixed) or in all (not fixed). Digits to `buffer` (800 + places bytes); *count digits with
/// the point after *point of them. `value` finite, not negative.
void om_exact_digits(double value, int fixed, int32_t places, char *buffer, int32_t *count, int32_t *point);
/// Decimal text [-]digits[.digits][e[-]digits] to the nearest double / float; 0, 1 (no number), 2 (out of range).
int32_t om_read_f64(const char *text, int64_t size, double *out);
int32_t om_read_f32(const char *text, int64_t size, float *out);
/// Decimal digits of a wide integer (at most 78, and a sign) into `buffer`; their count.
int om_format_wide(char *buffer, const om_wide *value, uint32_t type);

/// Tables of a mapping: entries and the table of their numbers.
typedef struct om_map_room {
  int32_t *slots;
  uint32_t *hashes;
  uint8_t *keys;
  uint8_t *values;
  int64_t capacity;  ///< entries; 0: none
} om_map_room;
/// Whether an entry can be added without an allocation.
int om_map_has_room(const om_map *m);
/// Tables for more than `length` entries of mapping m, whose contents may change meanwhile. Panics when there is no memory.
om_map_room om_map_room_for(const om_map *m, int64_t length);
/// Moves the entries of m, fewer than there is room for, into `room`. Does not fail.
void om_map_move(om_map *m, const om_map_room *room);

/// Hash of bytes, the same everywhere.
uint64_t om_hash_bytes(const void *data, uint64_t size);
/// One Unicode code point as UTF-8 into `buffer` (4 bytes); its length.
int om_utf8_encode(char *buffer, int32_t code_point);
/// Where `what` occurs first in `text` at or after `from` (at least 0), or -1. Linear in both sizes, whatever the bytes.
int64_t om_find_bytes(const uint8_t *text, int64_t from, int64_t size, const uint8_t *what, int64_t length);

// ---- pool -----------------------------------------------------------------------------------------------------------

/// Before threads are stopped or timers started: installs the signals for it.
void om_threads_prepare(void);
/// Stops and joins the pool (at exit, from the main thread, with no loop running).
void om_pool_stop(void);
/// Flushes, stops the pool and gives the exit code to end with.
int om_finish(int code);
/// Called at the end and the start of om_start and native start-up.
void om_start_thread_main(int argc, char **argv, const om_program *program, void *stack_high);

OM_INLINE void om_call_closure(void *closure, void *result) {
  if (closure == NULL) {
    om_panic(OM_PANIC_NULL_CALL, NULL);
  }
  if (om_the_program->call != NULL) {
    om_the_program->call(closure, result);
  } else {
    void (*code)(void *, void *);
    memcpy(&code, closure, sizeof code);
    code(closure, result);
  }
}

OM_INLINE int64_t om_length(const om_array *a) { return a == NULL ? 0 : a->len; }

#endif
