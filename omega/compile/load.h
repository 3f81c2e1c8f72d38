// SPDX-License-Identifier: Apache-2.0
// From the path of a program's first file to the trees of all its files.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "omega/base/interner.h"
#include "omega/compile/phase_times.h"
#include "omega/diag/diagnostic.h"
#include "omega/lex/tokens.h"
#include "omega/parse/parse.h"
#include "omega/source/source_set.h"
#include "omega/sys/files.h"
#include "omega/task/scheduler.h"

namespace omega::compile {

/// One source file: its tokens, its tree, and for each of its imports the position in Program::files (check::kUnresolvedImport: reported).
struct LoadedFile {
  std::string path;  ///< as found: relative imports resolved, lexically normal
  base::FileId id;
  parse::Dialect dialect = parse::Dialect::Omega;
  lex::TokenStream tokens;
  parse::Tree tree;
  std::vector<uint32_t> imports;
};

/// All files of a program, the first one first. Files refer to `texts` and `names`; nothing moves once loaded.
struct LoadedProgram {
  source::SourceSet texts;
  base::NameInterner names;
  std::deque<LoadedFile> files;
  bool is_outline = false;  ///< the files' tokens and trees lack the bodies that check_program() reads

  /// Forgets the files; the names stay.
  void clear() {
    files.clear();
    texts.clear();
  }
};

/// Up to which phase files are taken.
enum class LoadUntil : uint8_t {
  Tokens,
  Outlines,  ///< tokens and trees without the functions' bodies, which check_program() reads
  Trees,
};

/// Loads the file and, transitively, its imports into `program` (empty). Files come in an order that depends on the sources alone: by rounds
/// of imports. Returns the error when the first file cannot be read; everything else is reported to `sink`.
base::Result<void> load(LoadedProgram& program, const std::string& path, LoadUntil until, sys::FileSystem& files, task::Scheduler& scheduler, PhaseTimes& times,
                        diag::Sink& sink);

/// Checks a text's encoding and lexes it, on all of the scheduler's threads when it is large. The result does not depend on the scheduler.
lex::TokenStream lex_file(base::FileId file, std::string_view text, task::Scheduler& scheduler, diag::Sink& sink);

/// Parses tokens, on all of the scheduler's threads when there are many. The result does not depend on the scheduler.
parse::Tree parse_file(const lex::TokenStream& tokens, base::NameInterner& names, parse::Dialect dialect, task::Scheduler& scheduler, diag::Sink& sink);

}  // namespace omega::compile
