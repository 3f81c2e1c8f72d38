// SPDX-License-Identifier: Apache-2.0
// A running parallel loop as its threads see it.
#ifndef OMEGA_RUNTIME_LOOP_H
#define OMEGA_RUNTIME_LOOP_H

#include "internal.h"
#include "loop_core.h"

enum { OM_MAX_SLOTS = 64, OM_MAX_THREADS = 1024 };

#define OM_NO_FAILURE (~(uint64_t)0)

/// Output of a finished range of cells that waits for its turn.
typedef struct om_held {
  struct om_held *next;
  uint32_t begin, end;
  uint8_t *data;
  uint64_t len, cap;
} om_held;

typedef struct om_loop {
  const om_par_desc *desc;
  struct om_loop *next;        ///< list of published loops
  struct om_loop *parent;      ///< loop whose iteration runs this one, or null
  void *deadline;              ///< of the caller
  om_sink *sink;               ///< the caller's
  uint64_t count;              ///< iterations
  uint64_t cell_size;
  uint32_t cells;
  int32_t depth;
  int32_t limit;               ///< threads, with the caller
  int32_t slots;
  uint8_t *parts;              ///< accumulators of all cells
  uint64_t free_slots;         ///< bit i: slot i has no owner (pool lock)
  om_atomic32 inside;          ///< participants besides the caller
  om_atomic32 event;           ///< the caller waits on it
  om_atomic32 caller_waits;
  om_atomic_u64 fail_index;    ///< lowest failed iteration, as offset from lo; ranges that begin there or above are not run
  om_lock fail_lock;
  om_failure failure;
  om_lock out_lock;
  om_atomic32 out_next;        ///< all output of cells below is written
  int32_t out_stopped;         ///< a failed cell's turn has come: nothing follows
  om_held *held;               ///< sorted by begin
  om_slot slot[OM_MAX_SLOTS];
} om_loop;

/// Makes `loop` (which has cells in its slots) visible to the pool / ends that: afterwards no thread joins it.
void om_pool_publish(om_loop *loop);
void om_pool_withdraw(om_loop *loop);
/// Starts threads until there are `count`; how many there are.
int32_t om_pool_reserve(int32_t count);
int32_t om_pool_size(void);
/// Wakes up to `count` sleeping threads of the pool.
void om_pool_wake(int32_t count);
/// Lets the calling thread take part in a published loop of at least `depth`; 0 when there is none with work.
int om_pool_help(om_thread *t, int32_t depth);
/// Runs cells of the loop until none is left to take. `slot` < 0: without an own slot. (loop.c)
void om_loop_participate(om_thread *t, om_loop *loop, int32_t slot);
/// Has the loop cells nobody took yet?
int om_loop_has_cells(const om_loop *loop);
/// Waits until all participants have left. (pool.c)
void om_pool_await(om_thread *t, om_loop *loop);

#endif
