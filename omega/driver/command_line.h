// SPDX-License-Identifier: Apache-2.0
// The grammar of the command line.
#pragma once

#include <optional>
#include <string>

#include "omega/driver/options.h"

namespace omega::driver {

/// What reading the command line gave: options, or a text to print and the exit code to end with.
struct CommandLine {
  std::optional<Options> options;
  std::string output;  ///< for standard output: help
  std::string error;   ///< for standard error: wrong usage
  int exit_code = 0;
};

/// Reads the command line. Prints nothing.
CommandLine parse_command_line(int argc, const char* const* argv);

/// Completion script of a shell (bash, zsh, fish); empty for others.
std::string completion_script(const std::string& shell);

}  // namespace omega::driver
