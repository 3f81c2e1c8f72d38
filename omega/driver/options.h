// SPDX-License-Identifier: Apache-2.0
// What the command line said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace omega::driver {

enum class Command : uint8_t { Run, Build, Check, Emit, New, Explain, Completion };
enum class MessageFormat : uint8_t { Human, Json };
enum class ColorChoice : uint8_t { Auto, Always, Never };
enum class Stage : uint8_t { Tokens, Tree, Ir, Asm, Graph };

/// Every field holds its default when the command line does not name it.
struct Options {
  Command command = Command::Run;
  std::string
      path;  ///< run, build, check, emit: the file or project, empty for the project around; new: the project's name; explain: the code; completion: the shell
  std::vector<std::string> arguments;  ///< run: what the program gets
  std::vector<std::string> targets;    ///< build; empty: native
  std::vector<std::string> disabled_passes;
  std::string move_address = "0xc0de";        ///< build: account of Move modules
  std::string cosmos_denomination = "stake";  ///< build: the coin that value is counted in on CosmWasm
  std::string output;                         ///< build: folder for what is made; empty: out/
  Stage stage = Stage::Ir;
  MessageFormat message_format = MessageFormat::Human;
  ColorChoice color = ColorChoice::Auto;
  unsigned jobs = 0;     ///< threads of the compiler; 0: one for each processor
  unsigned threads = 0;  ///< threads of the program's parallel loops; 0: one for each processor it runs on
  bool release = false;  ///< optimise
  bool explain = false;  ///< say for each loop what was done and why
  bool no_auto_parallel = false;
  bool interpret = false;  ///< run: by the reference interpreter
  bool quiet = false;
  bool verbose = false;
};

}  // namespace omega::driver
