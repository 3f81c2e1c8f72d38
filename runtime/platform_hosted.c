// SPDX-License-Identifier: Apache-2.0
// Linux with a C library: the interpreter and programs of the C target.
#if !defined(OMEGA_FREESTANDING)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "internal.h"

#if defined(__TINYC__)
static pthread_key_t self_key;
static om_atomic32 self_key_made;
struct om_thread *om_self(void) {
  if (om_load32(&self_key_made) == 0) {
    return NULL;
  }
  return pthread_getspecific(self_key);
}
static void set_self(om_thread *t) {
  if (om_load32(&self_key_made) == 0) {
    pthread_key_create(&self_key, NULL);
    om_store32(&self_key_made, 1);
  }
  pthread_setspecific(self_key, t);
}
#else
__thread struct om_thread *om_self_pointer;
static void set_self(om_thread *t) { om_self_pointer = t; }
#endif

int64_t om_syscall(int64_t n, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) {
  int saved = errno;
  long result = syscall((long)n, a, b, c, d, e, f);
  if (result == -1) {
    result = -errno;
  }
  errno = saved;
  return result;
}

#if !defined(__x86_64__)
uint64_t om_ticks(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
#endif

void om_exit_process(int32_t code) { _exit(code); }

char **om_environment_block(void) { return environ; }

int64_t om_open(const char *path, int32_t mode) {
  static const int flags[] = {O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC, O_WRONLY | O_CREAT | O_APPEND};
  int fd = open(path, flags[mode] | O_CLOEXEC, 0666);
  return fd < 0 ? -errno : fd;
}

// ---- threads --------------------------------------------------------------------------------------------------------

enum { HOSTED_STACK = 8 << 20, ALTERNATE_STACK = 65536 };

static void find_stack(om_thread *t) {
  pthread_attr_t attributes;
  void *low = NULL;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
  }
  t->stack_low = low;
  t->stack_high = (uint8_t *)low + size;
}

static void enter_thread(om_thread *t) {
  t->self = t;
  set_self(t);
  om_store32(&t->tid, (int32_t)om_syscall3(OM_SYS_gettid, 0, 0, 0));
}

static void alternate_stack(om_thread *t) {
  stack_t stack;
  t->signal_stack = om_pages_map(ALTERNATE_STACK);
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = t->signal_stack;
  stack.ss_size = ALTERNATE_STACK;
  if (t->signal_stack != NULL) {
    sigaltstack(&stack, NULL);
  }
}

static void alternate_stack_free(om_thread *t) {
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_flags = SS_DISABLE;
  if (t->signal_stack != NULL) {
    sigaltstack(&stack, NULL);
    om_pages_unmap(t->signal_stack, ALTERNATE_STACK);
    t->signal_stack = NULL;
  }
}

static int faults_installed;

static void *thread_begin(void *argument) {
  om_thread *t = argument;
  enter_thread(t);
  find_stack(t);
  if (faults_installed) {
    alternate_stack(t);
  }
  om_thread_register(t);
  t->entry(t);
  om_thread_unregister(t);
  alternate_stack_free(t);
  return NULL;
}

om_thread *om_thread_create(void (*entry)(om_thread *t), int32_t index) {
  om_thread *t = om_raw_alloc(sizeof(om_thread));
  if (t == NULL) {
    return NULL;
  }
  memset(t, 0, sizeof *t);
  t->entry = entry;
  t->index = index;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, HOSTED_STACK);
  pthread_t handle;
  int error = pthread_create(&handle, &attributes, thread_begin, t);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    om_raw_free(t, sizeof(om_thread));
    return NULL;
  }
  t->handle = (uint64_t)handle;
  return t;
}

void om_thread_join(om_thread *t) {
  pthread_join((pthread_t)t->handle, NULL);
  om_raw_free(t, sizeof(om_thread));
}

// ---- foreign threads and embedding ----------------------------------------------------------------------------------

static pthread_key_t foreign_key;
static om_lock foreign_lock;
static int foreign_key_made;

static void foreign_end(void *argument) {
  set_self(argument);
  om_detach_thread();
}

void om_attach_thread(void) {
  if (om_self() != NULL) {
    return;
  }
  om_lock_take(&foreign_lock);
  if (!foreign_key_made) {
    foreign_key_made = pthread_key_create(&foreign_key, foreign_end) == 0;
  }
  om_lock_give(&foreign_lock);
  om_thread *t = om_raw_alloc(sizeof(om_thread));
  if (t == NULL) {
    om_fatal_memory();
  }
  memset(t, 0, sizeof *t);
  t->index = -1;
  enter_thread(t);
  find_stack(t);
  if (faults_installed) {
    alternate_stack(t);
  }
  pthread_setspecific(foreign_key, t);
  om_thread_register(t);
}

void om_detach_thread(void) {
  om_thread *t = om_self();
  if (t == NULL || t->index != -1) {
    return;
  }
  om_thread_unregister(t);
  alternate_stack_free(t);
  pthread_setspecific(foreign_key, NULL);
  set_self(NULL);
  om_raw_free(t, sizeof(om_thread));
}

static void enter_main(int argc, char **argv, const om_program *program, void *stack_high) {
  om_thread *t = &om_main_thread;
  memset(t, 0, sizeof *t);
  enter_thread(t);
  if (stack_high == NULL) {
    find_stack(t);
    stack_high = t->stack_high;
  }
  om_start_thread_main(argc, argv, program, stack_high);
}

void om_attach_main(int argc, char **argv, const om_program *program, void *stack_high) {
  enter_main(argc, argv, program, stack_high);
}

int om_detach_main(void) {
  int code = om_finish(0);
  set_self(NULL);
  return code;
}

int om_start(int argc, char **argv, const om_program *program) {
  enter_main(argc, argv, program, NULL);
  om_install_fault_handlers();
  om_thread *t = &om_main_thread;
  alternate_stack(t);
  volatile int code = 0;
  om_catch base;
  om_catch_push(t, &base, OM_CATCH_BASE);
  if (om_set_jump(&base.jump) == 0) {
    code = program->main();
    om_catch_pop(t, &base);
  } else {
    om_landed(t, &base);
    code = t->failure.exit_code;
    if (t->failure.kind != OM_PANIC_EXIT) {
      om_failure_report(&t->failure);
    }
  }
  code = om_finish(code);
  alternate_stack_free(t);
  set_self(NULL);
  return code;
}

// ---- signals --------------------------------------------------------------------------------------------------------

static const int stop_signal = SIGURG, timer_signal = SIGVTALRM;

int om_is_stack_overflow(const om_thread *t, const uint8_t *address, const uint8_t *stack_pointer) {
  (void)t;
  return address < stack_pointer + 65536 && address + 65536 > stack_pointer;
}

// Where the stack pointer and the code were. Where a context is not known, a fault is looked for at the stack's end.
static void read_context(const om_thread *t, const void *context, const uint8_t **sp, const uint8_t **pc) {
#if defined(__x86_64__)
  const ucontext_t *c = context;
  (void)t;
  *sp = (const uint8_t *)c->uc_mcontext.gregs[REG_RSP];
  *pc = (const uint8_t *)c->uc_mcontext.gregs[REG_RIP];
#else
  (void)context;
  *sp = t != NULL ? t->stack_low : NULL;
  *pc = NULL;
#endif
}

static void own_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, stop_signal);
  sigaddset(set, timer_signal);
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  om_thread *t = om_self();
  const uint8_t *sp, *pc, *address = info->si_addr;
  read_context(t, context, &sp, &pc);
  om_stress_point();
  int overflow = signal == SIGSEGV && t != NULL;
  if (info->si_code == SI_KERNEL) {  // no room on the stack for a signal's frame: such a fault carries no address
    overflow = overflow && sp - t->stack_low < 65536;
  } else {
    overflow = overflow && address > (const uint8_t *)65536 && om_is_stack_overflow(t, address, sp);
  }
  om_catch *landing = om_on_fault(signal, pc, NULL, overflow);
  // Blocked here, and where the fault was one of their own handlers' there too. Until it has landed the thread is not stopped.
  sigset_t own;
  own_signals(&own);
  pthread_sigmask(SIG_UNBLOCK, &own, NULL);
  om_long_jump(&landing->jump, 1);
}

static void on_stop(int signal) {
  (void)signal;
  om_on_stop_signal();
}

static void on_timer(int signal) {
  (void)signal;
  om_on_timer_signal(NULL);
}

void om_install_fault_handlers(void) {
  static const int signals[] = {SIGILL, SIGBUS, SIGFPE, SIGSEGV};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  own_signals(&action.sa_mask);  // a thread that is stopped on the signals' stack cannot be scanned
  for (int i = 0; i < 4; i++) {
    sigaction(signals[i], &action, NULL);
  }
  faults_installed = 1;
}

void om_install_stop_handler(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_RESTART;
  action.sa_handler = on_stop;
  sigaddset(&action.sa_mask, timer_signal);
  sigaction(stop_signal, &action, NULL);
  action.sa_flags = 0;  // it cuts waiting short
  action.sa_handler = on_timer;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, stop_signal);
  sigaction(timer_signal, &action, NULL);
}

int om_signal_stop(om_thread *t) { return om_syscall3(OM_SYS_tgkill, getpid(), t->tid, stop_signal) < 0; }

int32_t om_timer_new(om_thread *t) {
  struct {
    uint64_t value;
    int32_t signal, notify, thread, pad[11];
  } event;
  memset(&event, 0, sizeof event);
  event.signal = timer_signal;
  event.notify = 4;  // SIGEV_THREAD_ID
  event.thread = t->tid;
  int32_t timer = -1;
  return om_syscall3(OM_SYS_timer_create, CLOCK_MONOTONIC, (int64_t)&event, (int64_t)&timer) < 0 ? -1 : timer;
}

void om_timer_set(int32_t timer, int64_t ns) {
  int64_t spec[4];
  spec[0] = spec[1] = 0;
  spec[2] = ns / 1000000000;
  spec[3] = ns % 1000000000;
  if (spec[2] == 0 && spec[3] <= 0) {
    spec[3] = 1;
  }
  om_syscall(OM_SYS_timer_settime, timer, 0, (int64_t)spec, 0, 0, 0);
}

void om_timer_delete(int32_t timer) { om_syscall3(OM_SYS_timer_delete, timer, 0, 0); }

#else
typedef int om_platform_hosted_is_empty;
#endif
