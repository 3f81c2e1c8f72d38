// SPDX-License-Identifier: Apache-2.0
// omega check and omega emit: the front end's stages.
#include <cerrno>

#include "omega/compile/native.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/graph_text.h"
#include "omega/driver/session.h"
#include "omega/ir/text.h"

namespace omega::driver {
namespace {

std::string tokens_text(const lex::TokenStream& tokens, const source::SourceSet& texts) {
  std::string out;
  for (uint32_t i = 0; i < tokens.size(); ++i) {
    const base::LineColumn at = texts.locate(tokens.file, tokens.offset(i));
    out += std::to_string(at.line) + ":" + std::to_string(at.column) + (tokens.newline_before(i) ? " \\n " : "    ") +
           std::string(lex::spelling(tokens.kind(i))) + "  " + std::string(tokens.spelled(i)) + "\n";
  }
  return out;
}

}  // namespace

int check_command(const Options& options) {
  Session session(options);
  bool is_of_contracts;
  int code = session.look_for_contracts(is_of_contracts);
  if (code == kDone && is_of_contracts) {
    code = session.check_contracts();
  } else if (code == kDone) {
    code = session.check(false);
    if (code == kDone) {
      code = session.check_races();
    }
  }
  session.show_times();
  return code;
}

int emit_command(const Options& options) {
  Session session(options);
  std::string text;
  bool accepted = true;
  bool is_of_contracts = false;
  int code = options.stage == Stage::Ir ? session.look_for_contracts(is_of_contracts) : kDone;
  if (code != kDone) {
    return code;
  }
  if (options.stage == Stage::Tokens || options.stage == Stage::Tree) {
    const bool tokens = options.stage == Stage::Tokens;
    code = session.load(tokens ? compile::LoadUntil::Tokens : compile::LoadUntil::Trees);
    if (code != kDone) {
      return code;
    }
    // What could be read is shown beside what could not.
    accepted = session.show_diagnostics();
    text =
        tokens ? tokens_text(session.program.files[0].tokens, session.program.texts) : parse::dump_tree(session.program.files[0].tree, session.program.names);
  } else if (is_of_contracts) {
    code = options.release ? session.prepare_contracts() : session.check_contracts();
    if (code != kDone) {
      return code;
    }
    for (const std::shared_ptr<ir::Module>& module : session.contracts) {
      text += ir::print(*module, &session.program.names);
    }
  } else {
    code = session.prepare();
    if (code != kDone) {
      return code;
    }
    if (options.stage == Stage::Asm) {
      session.code.emplace(session.program, session.loop_options, session.scheduler);
      session.code->finish(session.checked.module, session.times, session.sink);
      accepted = session.show_diagnostics();
      text = accepted ? session.code->listing() : std::string();
    } else if (options.stage == Stage::Graph) {
      text = graph_text(session.checked.module, session.program.names);
    } else {
      text = ir::print(session.checked.module, &session.program.names);
    }
  }
  session.show_times();
  if (!print_out(text)) {
    return session.show_failure({"cannot write to standard output", errno, ""});
  }
  return accepted ? kDone : kRejected;
}

}  // namespace omega::driver
