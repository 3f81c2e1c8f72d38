// SPDX-License-Identifier: Apache-2.0
// Freestanding x86-64 Linux: entry point, raw threads, signals, jumps, and the four memory functions the compiler may call.
#include "internal.h"

#if defined(OMEGA_FREESTANDING)

// ---- entry, jumps, threads in assembly ------------------------------------------------------------------------------

__asm__(
    ".text\n"
    ".globl _start\n.type _start,@function\n_start:\n"
    "  xorl %ebp, %ebp\n"
    "  movq %rsp, %rdi\n"
    "  andq $-16, %rsp\n"
    "  call om_native_start\n"
    "  ud2\n"
    ".globl om_set_jump\n.type om_set_jump,@function\nom_set_jump:\n"
    "  movq %rbx, 0(%rdi)\n  movq %rbp, 8(%rdi)\n  movq %r12, 16(%rdi)\n  movq %r13, 24(%rdi)\n"
    "  movq %r14, 32(%rdi)\n  movq %r15, 40(%rdi)\n"
    "  leaq 8(%rsp), %rdx\n  movq %rdx, 48(%rdi)\n  movq (%rsp), %rdx\n  movq %rdx, 56(%rdi)\n"
    "  xorl %eax, %eax\n  ret\n"
    ".globl om_long_jump\n.type om_long_jump,@function\nom_long_jump:\n"
    "  movl %esi, %eax\n"
    "  movq 0(%rdi), %rbx\n  movq 8(%rdi), %rbp\n  movq 16(%rdi), %r12\n  movq 24(%rdi), %r13\n"
    "  movq 32(%rdi), %r14\n  movq 40(%rdi), %r15\n  movq 48(%rdi), %rsp\n  jmp *56(%rdi)\n"
    // int64_t om_clone(flags rdi, stack rsi, parent_tid rdx, child_tid rcx, tls r8); the stack holds: thread, entry
    ".globl om_clone\n.type om_clone,@function\nom_clone:\n"
    "  movq %rcx, %r10\n"
    "  movl $56, %eax\n  syscall\n"
    "  testq %rax, %rax\n  jz 1f\n  ret\n"
    "1: xorl %ebp, %ebp\n  popq %rdi\n  popq %rax\n  call *%rax\n"
    "  xorl %edi, %edi\n  movl $60, %eax\n  syscall\n  ud2\n"
    ".globl om_signal_return\n.type om_signal_return,@function\nom_signal_return:\n"
    "  movl $15, %eax\n  syscall\n"
    // A check in the program failed; rax holds what the call of the panic would have pushed.
    ".globl om_failed_check\n.type om_failed_check,@function\nom_failed_check:\n"
    "  pushq %rax\n  jmp om_panic_overflow\n");

int64_t om_clone(uint64_t flags, void *stack, om_atomic32 *parent_tid, om_atomic32 *child_tid, void *tls);
void om_signal_return(void);
void om_failed_check(void);
void om_native_start(uint64_t *stack);

static char **environment_block;

__attribute__((section(".data.program"))) om_program om_program_table = {.magic = OM_PROGRAM_MAGIC};

void om_native_start(uint64_t *stack) {
  om_thread *t = &om_main_thread;
  t->self = t;
  om_syscall3(OM_SYS_arch_prctl, 0x1002 /* ARCH_SET_FS */, (int64_t)t, 0);
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1);
  environment_block = argv + argc + 1;
  // The limit counts the arguments and the environment too, which lie above `stack` and are a fourth of it at most.
  uint64_t limit[2] = {8 << 20, 0};
  om_syscall3(OM_SYS_getrlimit, 3 /* STACK */, (int64_t)limit, 0);
  t->stack_low = limit[0] < (uint64_t)stack ? (uint8_t *)stack - limit[0] + (limit[0] < 1 << 20 ? limit[0] / 4 : 256 << 10) : NULL;
  om_start_thread_main(argc, argv, &om_program_table, stack);
  om_install_fault_handlers();
  om_exit_process(om_finish(om_program_table.main()));
}

void om_exit_process(int32_t code) {
  for (;;) {
    om_syscall3(OM_SYS_exit_group, code, 0, 0);
  }
}

char **om_environment_block(void) { return environment_block; }

int64_t om_open(const char *path, int32_t mode) {
  static const int32_t flags[] = {0, 01 | 0100 | 01000, 01 | 0100 | 02000};
  return om_syscall3(OM_SYS_open, (int64_t)path, flags[mode] | 02000000, 0644 | 022);
}

// ---- threads --------------------------------------------------------------------------------------------------------

enum { ALTERNATE_STACK = 16384, GUARD = 4096 };

static void set_alternate_stack(uint8_t *base, uint64_t size) {
  struct {
    uint8_t *base;
    int32_t flags;
    uint64_t size;
  } stack = {base, 0, size};
  om_syscall3(OM_SYS_sigaltstack, (int64_t)&stack, 0, 0);
}

static void thread_begin(om_thread *t) {
  set_alternate_stack((uint8_t *)t->stack_map + OM_STACK - ALTERNATE_STACK, ALTERNATE_STACK);
  om_safe_leave(t);
  t->entry(t);
}

// One mapping of OM_STACK bytes, from low to high: guard page, stack growing down from the thread's own record, alternate signal stack.
om_thread *om_thread_create(void (*entry)(om_thread *t), int32_t index) {
  int64_t mapped = om_syscall(OM_SYS_mmap, 0, OM_STACK, 3 /* read, write */, 0x24022 /* private, anonymous, no reserve, stack: no huge pages */, -1, 0);
  if (mapped < 0) {
    return NULL;
  }
  uint8_t *map = (uint8_t *)mapped;
  if (om_syscall3(OM_SYS_mprotect, (int64_t)map, GUARD, 0) < 0) {
    om_pages_unmap(map, OM_STACK);
    return NULL;
  }
  uint64_t size = (sizeof(om_thread) + 63) & ~(uint64_t)63;
  om_thread *t = (om_thread *)(map + OM_STACK - ALTERNATE_STACK - size);
  t->self = t;
  t->index = index;
  t->entry = entry;
  t->stack_map = map;
  t->stack_map_size = OM_STACK;
  t->stack_low = map + GUARD;
  t->stack_high = (uint8_t *)t;
  OM_UNTRACKED(t, sizeof *t);
  t->state = OM_SAFE;  // nothing on its stack yet
  t->scan_sp = t->stack_high;
  uint64_t *top = (uint64_t *)t;
  top[-1] = 0;
  top[-2] = 0;
  top[-3] = (uint64_t)thread_begin;
  top[-4] = (uint64_t)t;
  om_thread_register(t);
  // VM FS FILES SIGHAND THREAD SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID
  int64_t tid = om_clone(0x10f00 | 0x40000 | 0x80000 | 0x100000 | 0x200000, top - 4, &t->tid, &t->tid, t);
  if (tid < 0) {
    om_thread_unregister(t);
    om_pages_unmap(map, OM_STACK);
    return NULL;
  }
  return t;
}

void om_thread_join(om_thread *t) {
  for (int32_t tid; (tid = om_load32(&t->tid)) != 0;) {
    om_syscall(OM_SYS_futex, (int64_t)&t->tid, 0 /* FUTEX_WAIT, shared: the kernel wakes it so */, tid, 0, 0, 0);
  }
  om_thread_unregister(t);
  om_pages_unmap(t->stack_map, t->stack_map_size);
}

// ---- race detectors -------------------------------------------------------------------------------------------------

int32_t om_watched;
extern uint8_t om_data_begin[], om_data_end[];

// Valgrind's client requests: a sequence of rotations that does nothing elsewhere.
static uint64_t valgrind(uint64_t request, uint64_t a, uint64_t b) {
  volatile uint64_t arguments[6] = {request, a, b, 0, 0, 0};
  uint64_t result = 0;
  __asm__ volatile(
      "rolq $3, %%rdi\n\trolq $13, %%rdi\n\trolq $61, %%rdi\n\trolq $51, %%rdi\n\txchgq %%rbx, %%rbx"
      : "=d"(result)
      : "a"(arguments), "0"(result)
      : "cc", "memory");
  return result;
}

enum { RUNNING_ON_VALGRIND = 0x1001, HELGRIND = 'H' << 24 | 'G' << 16 | 256, ORDER_SEND = 33, ORDER_RECEIVE = 34, UNTRACKED = 39, TRACKED = 40 };

void om_watch_begin(void) {
  om_watched = valgrind(RUNNING_ON_VALGRIND, 0, 0) != 0;
  OM_UNTRACKED(om_data_begin, (uint64_t)(om_data_end - om_data_begin));
}

void om_watch_order(const volatile void *tag, int is_acquire) { valgrind(HELGRIND + (is_acquire ? ORDER_RECEIVE : ORDER_SEND), (uint64_t)tag, 0); }

void om_watch_range(const volatile void *p, uint64_t size, int is_tracked) {
  valgrind(HELGRIND + (is_tracked ? TRACKED : UNTRACKED), (uint64_t)p, size);
}

// ---- signals --------------------------------------------------------------------------------------------------------

enum { SIGNAL_ILL = 4, SIGNAL_BUS = 7, SIGNAL_FPE = 8, SIGNAL_SEGV = 11, SIGNAL_STOP = 23 /* URG */, SIGNAL_TIMER = 26 /* VTALRM */, CODE_KERNEL = 128 };
enum { REG_DI = 8, REG_SI = 9, REG_BP = 10, REG_AX = 13, REG_SP = 15, REG_IP = 16 };

// The kernel's ucontext.
typedef struct context {
  uint64_t flags;
  void *link;
  uint64_t stack[3];
  uint64_t reg[23];
  void *vectors;
  uint64_t reserved[8];
  uint64_t mask;
} context;

typedef struct signal_info {
  int32_t number, error, code, pad;
  uint8_t *address;
} signal_info;

enum { OWN_SIGNALS = 1 << (SIGNAL_STOP - 1) | 1 << (SIGNAL_TIMER - 1) };

static void install(int signal, void (*handler)(int, signal_info *, context *), uint64_t flags, uint64_t mask) {
  struct {
    void (*handler)(int, signal_info *, context *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
  } action = {handler, flags | 4 /* SIGINFO */ | 0x04000000 /* RESTORER */, om_signal_return, mask};
  om_syscall(OM_SYS_rt_sigaction, signal, (int64_t)&action, 0, 8, 0, 0);
}

// The kernel found no room on the stack for a signal's frame: such a fault carries no address.
static int has_no_room_for_signals(const om_thread *t, const uint8_t *stack_pointer) { return stack_pointer - t->stack_low < OM_STACK_SIGNALS; }

// Compiled code tells an overflow by `ud2`: it goes on as if it had called om_panic_overflow there.
static int is_failed_check(const uint8_t *pc) {
  return pc >= om_the_program->code_lo && pc < om_the_program->code_hi && pc[0] == 0x0f && pc[1] == 0x0b;
}

static void on_fault(int signal, signal_info *info, context *c) {
  if (signal == SIGNAL_ILL && is_failed_check((const uint8_t *)c->reg[REG_IP])) {
    c->reg[REG_AX] = c->reg[REG_IP] + 2;
    c->reg[REG_SP] &= ~(uint64_t)15;
    c->reg[REG_IP] = (uint64_t)om_failed_check;
    return;
  }
  const uint8_t *stack_pointer = (const uint8_t *)c->reg[REG_SP], *frame = (const uint8_t *)c->reg[REG_BP];
  om_thread *t = om_self();
  int overflow = signal == SIGNAL_SEGV && (info->code == CODE_KERNEL ? has_no_room_for_signals(t, stack_pointer)
                                                                     : om_is_stack_overflow(t, info->address, stack_pointer));
  om_catch *landing = om_on_fault(signal, (const uint8_t *)c->reg[REG_IP], frame >= stack_pointer ? frame : NULL, overflow);
  c->reg[REG_DI] = (uint64_t)&landing->jump;
  c->reg[REG_SI] = 1;
  c->reg[REG_IP] = (uint64_t)om_long_jump;
  c->mask &= ~(uint64_t)OWN_SIGNALS;  // blocked there when the fault was one of their handlers'
}

static void on_stop(int signal, signal_info *info, context *c) {
  (void)signal, (void)info, (void)c;
  om_on_stop_signal();
}

static void on_timer(int signal, signal_info *info, context *c) {
  (void)signal, (void)info;
  if (om_on_timer_signal((const uint8_t *)c->reg[REG_IP])) {
    c->reg[REG_SP] = ((c->reg[REG_SP] - 512) & ~(uint64_t)15) - 8;
    c->reg[REG_IP] = (uint64_t)om_poll;
  }
}

static OM_LARGE uint8_t main_signal_stack[32768];

void om_install_fault_handlers(void) {
  static const int signals[] = {SIGNAL_ILL, SIGNAL_BUS, SIGNAL_FPE, SIGNAL_SEGV};
  set_alternate_stack(main_signal_stack, sizeof main_signal_stack);
  uint64_t faults = 0;
  for (int i = 0; i < 4; i++) {
    faults |= 1ull << (signals[i] - 1);
    install(signals[i], on_fault, 0x08000000 /* ONSTACK */, OWN_SIGNALS);
  }
  // Whoever started the program may have blocked signals, and a fault that is blocked ends it.
  om_syscall(OM_SYS_rt_sigprocmask, 1 /* SIG_UNBLOCK */, (int64_t)&faults, 0, 8, 0, 0);
}

void om_install_stop_handler(void) {
  install(SIGNAL_STOP, on_stop, 0x10000000 /* RESTART */, 1ull << (SIGNAL_TIMER - 1));
  install(SIGNAL_TIMER, on_timer, 0 /* it cuts waiting short */, 1ull << (SIGNAL_STOP - 1));
}

int om_signal_stop(om_thread *t) {
  return om_syscall3(OM_SYS_tgkill, om_syscall3(OM_SYS_getpid, 0, 0, 0), t->tid, SIGNAL_STOP) < 0;
}

int om_is_stack_overflow(const om_thread *t, const uint8_t *address, const uint8_t *stack_pointer) {
  if (t->stack_map != NULL) {
    return address < t->stack_low && address >= t->stack_low - GUARD;
  }
  return address < stack_pointer + 4096 && address + (1 << 20) > stack_pointer && address > (uint8_t *)0x10000;
}

int32_t om_timer_new(om_thread *t) {
  struct {
    uint64_t value;
    int32_t signal, notify, thread, pad[11];
  } event = {0, SIGNAL_TIMER, 4 /* SIGEV_THREAD_ID */, t->tid, {0}};
  int32_t timer = -1;
  return om_syscall3(OM_SYS_timer_create, 1 /* MONOTONIC */, (int64_t)&event, (int64_t)&timer) < 0 ? -1 : timer;
}

void om_timer_set(int32_t timer, int64_t ns) {
  int64_t spec[4] = {0, 0, ns / 1000000000, ns % 1000000000};
  if (spec[2] == 0 && spec[3] <= 0) {
    spec[3] = 1;
  }
  om_syscall(OM_SYS_timer_settime, timer, 0, (int64_t)spec, 0, 0, 0);
}

void om_timer_delete(int32_t timer) { om_syscall3(OM_SYS_timer_delete, timer, 0, 0); }

// ---- memory functions -----------------------------------------------------------------------------------------------

typedef long long word_unaligned __attribute__((aligned(1), may_alias));
typedef int half_unaligned __attribute__((aligned(1), may_alias));
typedef short quarter_unaligned __attribute__((aligned(1), may_alias));
typedef long long vector __attribute__((vector_size(16), aligned(1), may_alias));

static inline void copy_small(uint8_t *to, const uint8_t *from, size_t size) {
  if (size >= 8) {
    word_unaligned a = *(const word_unaligned *)from, b = *(const word_unaligned *)(from + size - 8);
    *(word_unaligned *)to = a;
    *(word_unaligned *)(to + size - 8) = b;
  } else if (size >= 4) {
    half_unaligned a = *(const half_unaligned *)from, b = *(const half_unaligned *)(from + size - 4);
    *(half_unaligned *)to = a;
    *(half_unaligned *)(to + size - 4) = b;
  } else if (size >= 2) {
    quarter_unaligned a = *(const quarter_unaligned *)from, b = *(const quarter_unaligned *)(from + size - 2);
    *(quarter_unaligned *)to = a;
    *(quarter_unaligned *)(to + size - 2) = b;
  } else if (size) {
    *to = *from;
  }
}

// Low to high addresses; right also when `to` lies at least 16 bytes below `from`.
static void copy_forward(uint8_t *to, const uint8_t *from, size_t size) {
  if (size <= 16) {
    copy_small(to, from, size);
    return;
  }
  if (size >= 1024) {
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return;
  }
  vector last = *(const vector *)(from + size - 16);
  for (size_t i = 0; i + 16 < size; i += 16) {
    *(vector *)(to + i) = *(const vector *)(from + i);
  }
  *(vector *)(to + size - 16) = last;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  copy_forward(to, from, size);
  return to;
}

void *memmove(void *to_, const void *from_, size_t size) {
  uint8_t *to = to_;
  const uint8_t *from = from_;
  if (size <= 16) {
    copy_small(to, from, size);
  } else if (to - from >= (ptrdiff_t)size || to <= from) {
    if (from - to >= 16 || to - from >= (ptrdiff_t)size) {
      copy_forward(to, from, size);
    } else {
      for (size_t i = 0; i < size; i++) {
        to[i] = from[i];
        om_compiler_fence();
      }
    }
  } else {
    while (size >= 16) {
      size -= 16;
      *(vector *)(to + size) = *(const vector *)(from + size);
    }
    copy_small(to, from, size);
  }
  return to_;
}

void *memset(void *to_, int value, size_t size) {
  uint8_t *to = to_;
  if (size >= 1024) {
    void *t = to;
    __asm__ volatile("rep stosb" : "+D"(t), "+c"(size) : "a"(value) : "memory");
    return to_;
  }
  long long pattern = (long long)(0x0101010101010101ull * (uint8_t)value);
  if (size >= 16) {
    vector v = {pattern, pattern};
    for (size_t i = 0; i + 16 < size; i += 16) {
      *(vector *)(to + i) = v;
    }
    *(vector *)(to + size - 16) = v;
  } else if (size >= 8) {
    *(word_unaligned *)to = pattern;
    *(word_unaligned *)(to + size - 8) = pattern;
  } else {
    for (size_t i = 0; i < size; i++) {
      to[i] = (uint8_t)value;
      om_compiler_fence();
    }
  }
  return to_;
}

int memcmp(const void *a_, const void *b_, size_t size) {
  const uint8_t *a = a_, *b = b_;
  size_t i = 0;
  while (i + 8 <= size && *(const word_unaligned *)(a + i) == *(const word_unaligned *)(b + i)) {
    i += 8;
  }
  for (; i < size; i++) {
    if (a[i] != b[i]) {
      return a[i] < b[i] ? -1 : 1;
    }
  }
  return 0;
}

size_t strlen(const char *text) {
  size_t n = 0;
  while (text[n] != 0) {
    n++;
    om_compiler_fence();
  }
  return n;
}

void *memchr(const void *text, int value, size_t size) {
  typedef char __attribute__((vector_size(16), may_alias, aligned(1))) bytes;
  const uint8_t *p = text;
  char c = (char)value;
  bytes wanted = {c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c};
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    int equal = __builtin_ia32_pmovmskb128((bytes)(*(const bytes *)(p + i) == wanted));
    if (equal != 0) {
      return (void *)(uintptr_t)(p + i + __builtin_ctz((unsigned)equal));
    }
  }
  for (; i < size; i++) {
    if (p[i] == (uint8_t)value) {
      return (void *)(uintptr_t)(p + i);
    }
  }
  return NULL;
}

#else
typedef int om_platform_native_is_empty;
#endif
