// SPDX-License-Identifier: Apache-2.0
// omega check and omega emit: the front end's stages.
#include <cstdio>

#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
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
  const int code = session.check();
  session.show_times();
  return code;
}

int emit_command(const Options& options) {
  Session session(options);
  std::string text;
  if (options.stage == Stage::Tokens || options.stage == Stage::Tree) {
    const bool tokens = options.stage == Stage::Tokens;
    if (const int code = session.load(tokens ? compile::LoadUntil::Tokens : compile::LoadUntil::Trees); code != kDone) {
      return code;
    }
    text = tokens ? tokens_text(session.program.files[0].tokens, session.program.texts)
                  : parse::dump_tree(session.program.files[0].tree, session.program.names);
  } else {
    if (const int code = session.check(); code != kDone) {
      return code;
    }
    text = ir::print(session.checked.module, &session.program.names);
  }
  const bool accepted = session.show_diagnostics();
  if (!print_out(text)) {
    std::fputs("error: cannot write to standard output\n", stderr);
    return kWorldFailed;
  }
  return accepted ? kDone : kRejected;
}

}  // namespace omega::driver
