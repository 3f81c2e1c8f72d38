// SPDX-License-Identifier: Apache-2.0
// One mistake, one message: what the checker says only because a line could not be read is not said.
#pragma once

#include <string_view>
#include <vector>

#include "omega/base/span.h"
#include "omega/diag/diagnostic.h"
#include "omega/source/source_set.h"

namespace omega::compile {

/// Lines that hold a mistake, and the names in them: declarations that may have been lost.
class BrokenLines {
 public:
  /// The lines of the errors in `reported`.
  BrokenLines(diag::Sink& reported, const source::SourceSet& texts);

  /// Takes back from `sink` the errors that follow from these lines: names unknown because their declaration was lost, calls of such
  /// functions, and whatever else was found in a line that could not be read or points to one.
  void forget_consequences(diag::Sink& sink) const;

 private:
  void add(base::Span place, const source::SourceSet& texts, bool has_extra_brace = false);
  [[nodiscard]] bool follows_inside(const diag::Diagnostic& diagnostic) const;
  [[nodiscard]] bool holds_name(std::string_view name) const;
  [[nodiscard]] bool holds(base::Span place) const;

  struct Line {
    base::Span text;
    std::vector<std::string_view> names;  ///< sorted
    bool has_extra_brace = false;         ///< the body before it was closed too early
  };

  std::vector<Line> lines_;
  std::vector<base::FileId> importers_;  ///< files that miss all names of another one
};

}  // namespace omega::compile
