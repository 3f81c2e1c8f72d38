// SPDX-License-Identifier: Apache-2.0
// What starts and ends every program, whatever it runs on; clocks; waiting.
#include "internal.h"

om_thread om_main_thread;
static const om_program no_program = {.magic = OM_PROGRAM_MAGIC};
const om_program *om_the_program = &no_program;
int om_argc;
char **om_argv;

void om_start_thread_main(int argc, char **argv, const om_program *program, void *stack_high) {
  om_thread *t = &om_main_thread;
  t->stack_high = stack_high;
  om_the_program = program == NULL ? &no_program : program;
  om_argc = argc;
  om_argv = argv;
  om_thread_register(t);
}

int om_finish(int code) {
  om_flush();
  om_pool_stop();
  if (om_output_error != 0) {
    code = 3;
  }
  om_thread_unregister(&om_main_thread);
  return code & 255;
}

void om_exit(int32_t code) {
  om_thread *t = om_self();
  if (t->loop == NULL && t == &om_main_thread && t->catch_top == NULL) {
    om_exit_process(om_finish(code));
  }
  om_failure f = {.kind = OM_PANIC_EXIT, .exit_code = code};
  om_raise(&f);
}

void om_threads_prepare(void) {
  static om_lock lock;
  static om_atomic32 prepared;
  if (om_load32(&prepared) != 0) {
    return;
  }
  om_lock_take(&lock);
  if (om_load32(&prepared) == 0) {
    if (om_load32(&om_main_thread.tid) == 0) {  // freestanding: the main thread's is the process's
      om_store32(&om_main_thread.tid, (int32_t)om_syscall3(OM_SYS_getpid, 0, 0, 0));
    }
    om_install_stop_handler();
    om_store32(&prepared, 1);
  }
  om_lock_give(&lock);
}

// ---- waiting --------------------------------------------------------------------------------------------------------

enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };

void om_futex_wait(om_atomic32 *word, int32_t value, int64_t ns) {
  int64_t time[2] = {ns / 1000000000, ns % 1000000000};
  om_syscall(OM_SYS_futex, (int64_t)(intptr_t)word, FUTEX_WAIT_PRIVATE, value, ns < 0 ? 0 : (int64_t)(intptr_t)time, 0, 0);
}

void om_futex_wake(om_atomic32 *word, int32_t count) {
  om_syscall3(OM_SYS_futex, (int64_t)(intptr_t)word, FUTEX_WAKE_PRIVATE, count);
}

void om_lock_slow(om_lock *lock) {
  for (int i = 0; i < 64; i++) {
    om_pause();
    if (om_load32(&lock->state) == 0 && om_cas32(&lock->state, 0, 1)) {
      return;
    }
  }
  while (om_swap32(&lock->state, 2) != 0) {
    om_futex_wait(&lock->state, 2, -1);
  }
}

void om_unlock_slow(om_lock *lock) { om_futex_wake(&lock->state, 1); }

// ---- clocks ---------------------------------------------------------------------------------------------------------

static int64_t clock_now(int clock) {
  int64_t time[2] = {0, 0};
  om_syscall3(OM_SYS_clock_gettime, clock, (int64_t)(intptr_t)time, 0);
  return time[0] * 1000000000 + time[1];
}

int64_t om_clock(void) { return clock_now(1); }
int64_t om_wall_clock(void) { return clock_now(0); }

void om_sleep(int64_t nanoseconds) {
  om_thread *t = om_self();
  int64_t end = om_clock() + nanoseconds;
  for (int64_t left = nanoseconds; left > 0; left = end - om_clock()) {
    int64_t time[2] = {left / 1000000000, left % 1000000000};
    om_safe_enter(t);
    om_syscall3(OM_SYS_nanosleep, (int64_t)(intptr_t)time, 0, 0);
    om_safe_leave(t);
    om_poll();
  }
}
