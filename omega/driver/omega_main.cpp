// SPDX-License-Identifier: Apache-2.0
// The program `omega`.
#include <csignal>
#include <cstdio>
#include <new>

#include "omega/driver/command_line.h"
#include "omega/driver/commands.h"
#include "omega/driver/completion.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/operator_new.h"
#include "omega/driver/session.h"

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

}  // namespace
}  // namespace omega::driver

int main(int argc, char** argv) {
  using namespace omega::driver;
  open_large_heap();
  const CommandLine line = parse_command_line(argc, argv);
  std::fputs(line.error.c_str(), stderr);
  if (!line.options) {
    return print_out(line.output) ? line.exit_code : kWorldFailed;
  }
  if (line.options->command != Command::Run) {
    // A file above the limit of `ulimit -f` is a failed write, which is reported. Programs that run get the signal as they would alone.
    std::signal(SIGXFSZ, SIG_IGN);
  }
  try {
    return dispatch(*line.options);
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory\n", stderr);
    return kWorldFailed;
  }
}
