// SPDX-License-Identifier: Apache-2.0
// Places in source text: a file, a range of bytes, a line and column.
#pragma once

#include <cstdint>

#include "omega/base/id.h"

namespace omega::base {

struct FileTag;
/// A file of a source::SourceSet. Numbers follow the order in which files were added, so they may order output.
using FileId = Id<FileTag>;

/// The bytes [begin, end) of a file. A span whose file is `none` has no place (a command-line mistake, say).
struct Span {
  FileId file;
  uint32_t begin = 0;
  uint32_t end = 0;

  /// Number of bytes.
  [[nodiscard]] constexpr uint32_t size() const { return end - begin; }
  /// True when it names a place in a file.
  [[nodiscard]] constexpr bool valid() const { return file.valid(); }

  friend constexpr bool operator==(const Span&, const Span&) = default;
};

/// The smallest span that covers both; both must be in one file.
constexpr Span cover(Span a, Span b) { return {a.file, a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end}; }

/// A position for people: both count from 1, the column in Unicode code points.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;

  friend constexpr bool operator==(const LineColumn&, const LineColumn&) = default;
};

}  // namespace omega::base
