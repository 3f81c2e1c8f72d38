// SPDX-License-Identifier: Apache-2.0
// omega run.
#include <unistd.h>

#include <optional>

#include "omega/compile/native.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/progress.h"
#include "omega/driver/session.h"
#include "omega/interp/run_program.h"
#include "omega/sys/execute.h"

namespace omega::driver {
namespace {

int interpret(Session& session) {
  interp::Options interpreter;
  interpreter.args = session.options.arguments;
  interpreter.sources = &session.program.texts;
  interpreter.threads = static_cast<int32_t>(session.options.threads);
  session.show_times();
  return interp::run(session.checked.module, interpreter);
}

}  // namespace

int run_command(const Options& options) {
  Session session(options);
  std::optional<object::Pieces> image;
  {
    const Progress progress(session.times, !options.quiet);
    int result = options.interpret ? session.prepare() : session.prepare_native();
    if (result == kDone && !options.interpret) {
      image = session.link(result);
    }
    if (result != kDone) {
      return result;
    }
  }
  if (options.interpret) {
    return interpret(session);
  }
  session.show_times();
  std::vector<char*> arguments{session.project.main.data()};
  std::vector<std::string> rest = options.arguments;
  for (std::string& argument : rest) {
    arguments.push_back(argument.data());
  }
  arguments.push_back(nullptr);
  const base::Result<void> failed = sys::execute_in_memory(image->list(), session.project.name.c_str(), arguments.data(), environ);
  return session.show_failure(failed.error());
}

}  // namespace omega::driver
