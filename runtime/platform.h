// SPDX-License-Identifier: Apache-2.0
// What differs between a freestanding program and one with a C library: system calls, threads, signals, jumps.
#ifndef OMEGA_RUNTIME_PLATFORM_H
#define OMEGA_RUNTIME_PLATFORM_H

#include "atomics.h"

struct om_thread;

#if defined(OMEGA_FREESTANDING)

enum {
  OM_SYS_read = 0, OM_SYS_write = 1, OM_SYS_open = 2, OM_SYS_close = 3, OM_SYS_mmap = 9, OM_SYS_mprotect = 10, OM_SYS_munmap = 11,
  OM_SYS_rt_sigaction = 13, OM_SYS_rt_sigprocmask = 14, OM_SYS_rt_sigreturn = 15, OM_SYS_ioctl = 16, OM_SYS_madvise = 28,
  OM_SYS_nanosleep = 35, OM_SYS_clone = 56, OM_SYS_exit = 60, OM_SYS_sigaltstack = 131, OM_SYS_arch_prctl = 158, OM_SYS_gettid = 186,
  OM_SYS_futex = 202, OM_SYS_sched_getaffinity = 204, OM_SYS_timer_create = 222, OM_SYS_timer_settime = 223, OM_SYS_timer_delete = 226,
  OM_SYS_clock_gettime = 228, OM_SYS_exit_group = 231, OM_SYS_tgkill = 234, OM_SYS_getpid = 39, OM_SYS_getrlimit = 97, OM_SYS_fstat = 5
};

OM_INLINE int64_t om_syscall(int64_t n, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) {
  register int64_t r10 __asm__("r10") = d;
  register int64_t r8 __asm__("r8") = e;
  register int64_t r9 __asm__("r9") = f;
  int64_t result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

/// Callee-saved registers, stack pointer and return address.
typedef struct om_jump {
  uint64_t word[8];
} om_jump;
__attribute__((returns_twice)) int om_set_jump(om_jump *jump);
OM_NORETURN void om_long_jump(om_jump *jump, int value);

OM_INLINE struct om_thread *om_self(void) {
  struct om_thread *t;
  __asm__("movq %%fs:0, %0" : "=r"(t));
  return t;
}

#else

#include <setjmp.h>
#include <sys/syscall.h>

enum {
  OM_SYS_read = SYS_read, OM_SYS_write = SYS_write, OM_SYS_close = SYS_close, OM_SYS_mmap = SYS_mmap,
  OM_SYS_mprotect = SYS_mprotect, OM_SYS_munmap = SYS_munmap, OM_SYS_ioctl = SYS_ioctl, OM_SYS_madvise = SYS_madvise,
  OM_SYS_nanosleep = SYS_nanosleep, OM_SYS_gettid = SYS_gettid, OM_SYS_futex = SYS_futex,
  OM_SYS_sched_getaffinity = SYS_sched_getaffinity, OM_SYS_timer_create = SYS_timer_create, OM_SYS_timer_settime = SYS_timer_settime,
  OM_SYS_timer_delete = SYS_timer_delete, OM_SYS_clock_gettime = SYS_clock_gettime, OM_SYS_exit_group = SYS_exit_group,
  OM_SYS_tgkill = SYS_tgkill, OM_SYS_getpid = SYS_getpid
};

/// The result, or minus the errno.
int64_t om_syscall(int64_t n, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f);

typedef struct om_jump {
  jmp_buf buffer;
} om_jump;
#define om_set_jump(jump) _setjmp((jump)->buffer)
#define om_long_jump(jump, value) longjmp((jump)->buffer, value)

#if defined(__TINYC__)
struct om_thread *om_self(void);
#else
extern __thread struct om_thread *om_self_pointer;
OM_INLINE struct om_thread *om_self(void) { return om_self_pointer; }
#endif

#endif

/// The callee-saved registers, so that the collector sees what they hold.
typedef struct om_registers {
  uint64_t word[8];
#if !defined(__x86_64__)
  jmp_buf buffer;
#endif
} om_registers;
#if defined(__TINYC__)
#define om_spill_registers(r) ((r)->word[0] = 0) /* tcc keeps nothing in them */
#elif defined(__x86_64__)
#define om_spill_registers(r)                                                                                        \
  __asm__ __volatile__(                                                                                              \
      "movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\tmovq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)" \
      :                                                                                                              \
      : "r"((r)->word)                                                                                               \
      : "memory")
#else
#define om_spill_registers(r) ((void)_setjmp((r)->buffer))
#endif

OM_INLINE int64_t om_syscall3(int64_t n, int64_t a, int64_t b, int64_t c) { return om_syscall(n, a, b, c, 0, 0, 0); }

#define OM_ERR_INTR 4
#define OM_ERR_TIMEDOUT 110

/// Opens a file: flags as Linux's O_* for reading (0), or writing with create and truncate or append. A descriptor or minus errno.
int64_t om_open(const char *path, int32_t mode);
enum { OM_OPEN_READ = 0, OM_OPEN_WRITE = 1, OM_OPEN_APPEND = 2 };

/// Starts a thread that runs `entry(thread)` on its own stack with a guard page; null when the system refuses.
struct om_thread *om_thread_create(void (*entry)(struct om_thread *t), int32_t index);
/// Waits for its end and frees thread and stack.
void om_thread_join(struct om_thread *t);
#define OM_STACK (8u << 20)

/// Installs the handlers of faults (once) / of the stop and timer signals (once).
void om_install_fault_handlers(void);
void om_install_stop_handler(void);
/// Is `address` where this thread's stack would overflow into? (`stack_pointer`: where it was)
int om_is_stack_overflow(const struct om_thread *t, const uint8_t *address, const uint8_t *stack_pointer);
/// Sends the stop signal to a thread; nonzero when it no longer exists.
int om_signal_stop(struct om_thread *t);
/// Makes a timer that will interrupt thread `t`, not yet set: its id or -1. Sets it to fire once after `ns`. Deletes it.
int32_t om_timer_new(struct om_thread *t);
void om_timer_set(int32_t timer, int64_t ns);
void om_timer_delete(int32_t timer);

/// Ends the process at once.
OM_NORETURN void om_exit_process(int32_t code);
/// Environment as `NAME=value` strings, null-ended.
char **om_environment_block(void);

/// Ticks of a fast constant-rate counter, about this many a microsecond.
#if defined(__x86_64__)
#define OM_TICKS_PER_US 2500
OM_INLINE uint64_t om_ticks(void) {
  uint32_t lo, hi;
  __asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi));
  return (uint64_t)hi << 32 | lo;
}
#else
#define OM_TICKS_PER_US 1000
uint64_t om_ticks(void);
#endif

#if defined(OMEGA_FREESTANDING)
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);
void *memchr(const void *text, int value, size_t size);
#else
#include <string.h>
#endif

#endif
