// SPDX-License-Identifier: Apache-2.0
// The grammar of the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// What stands behind a command: a program's file or folder, a new name, a code of a diagnostic, the name of a shell.
enum class Operand : uint8_t { Program, Name, Code, Shell };

/// What an option takes: nothing, one of a few words, several of them with commas, a number, a folder.
enum class Value : uint8_t { None, Word, Words, Number, Folder };

/// An option as completion needs to know it.
struct OptionSyntax {
  std::string name;        ///< "--jobs"
  std::string short_name;  ///< "j", or empty
  std::string summary;
  Value value = Value::None;
  std::vector<std::string> words;  ///< what a Word or Words may be
};

/// A command as completion needs to know it.
struct CommandSyntax {
  std::string name;
  std::string summary;
  Operand operand = Operand::Program;
  std::vector<OptionSyntax> options;
};

/// All commands with all their options, in the order of `omega --help`.
std::vector<CommandSyntax> command_syntax();

}  // namespace omega::driver
