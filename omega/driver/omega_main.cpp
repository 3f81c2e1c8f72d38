// SPDX-License-Identifier: Apache-2.0
// The program `omega`.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <new>

#include "omega/driver/command_line.h"
#include "omega/driver/commands.h"
#include "omega/driver/completion.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/help_text.h"
#include "omega/driver/operator_new.h"
#include "omega/driver/session.h"
#include "omega/sys/environment.h"

namespace omega::driver {
namespace {

int dispatch(const Options& options) {
  switch (options.command) {
    case Command::Run: return run_command(options);
    case Command::Build: return build_command(options);
    case Command::Check: return check_command(options);
    case Command::Emit: return emit_command(options);
    case Command::New: return new_command(options);
    case Command::Explain: return explain_command(options);
    case Command::Completion: return print_out(completion_script(options.path)) ? kDone : kWorldFailed;
  }
  return kInternalError;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// Sanitizers have handlers of their own, which tell more.
void report_crashes() {}
#else
/// A crash of the compiler is our bug, said and ended with like a failed check.
void on_crash(int) {
  static constexpr char text[] = "omega: internal error: the compiler crashed\nThis is a bug in Omega, not in your program.\n";
  (void)!::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(kInternalError);
}

void report_crashes() {
  static char stack[64 << 10];
  const stack_t own = {stack, 0, sizeof stack};
  ::sigaltstack(&own, nullptr);
  struct sigaction action = {};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    ::sigaction(signal, &action, nullptr);
  }
}
#endif

}  // namespace
}  // namespace omega::driver

int main(int argc, char** argv) {
  using namespace omega::driver;
  report_crashes();
  open_large_heap();
  const CommandLine line = parse_command_line(argc, argv);
  std::fputs(line.error.c_str(), stderr);
  if (!line.options) {
    return print_out(wrapped(line.output, omega::sys::terminal_at(1).width)) ? line.exit_code : kWorldFailed;
  }
  if (line.options->command != Command::Run) {
    // A file above the limit of `ulimit -f` is a failed write, which is reported. Programs that run get the signal as they would alone.
    ::signal(SIGXFSZ, SIG_IGN);
  }
  try {
    return dispatch(*line.options);
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory\n", stderr);
    return kWorldFailed;
  }
}
