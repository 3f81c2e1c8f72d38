// SPDX-License-Identifier: Apache-2.0
// SourceSet: the files of one compilation.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/base/span.h"
#include "omega/diag/diagnostic.h"
#include "omega/diag/render.h"

namespace omega::source {

using base::FileId;
using base::LineColumn;
using base::Span;

/// Zero bytes that follow every text, so that lexers may read past its end.
inline constexpr size_t padding = 64;

/// The largest text accepted; offsets have 32 bits and some are signed.
inline constexpr uint64_t largest_text = INT32_MAX;

/// Holds the files of one compilation. add() is for one thread at a time, with no reader beside it; everything const may be
/// called from any threads at once. Texts and paths do not move while the set lives.
class SourceSet : public diag::SourceReader {
 public:
  SourceSet() = default;
  SourceSet(const SourceSet&) = delete;
  SourceSet& operator=(const SourceSet&) = delete;

  /// Takes a file's text; a byte-order mark at its begin is dropped. A text that is too large is reported and gives none. Cheap when
  /// the string has `padding` bytes of spare capacity.
  FileId add(std::string path, std::string text, diag::Sink& sink);

  /// Forgets all files; ids begin at 0 again.
  void clear() { files_.clear(); }

  [[nodiscard]] std::string_view path(FileId file) const override { return get(file).path; }
  /// The text; at least `padding` zero bytes follow it.
  [[nodiscard]] std::string_view text(FileId file) const override {
    const File& f = get(file);
    return {f.padded_text.data(), f.size};
  }
  [[nodiscard]] LineColumn locate(FileId file, uint32_t offset) const override;

  /// The text of a span.
  [[nodiscard]] std::string_view text(Span span) const { return text(span.file).substr(span.begin, span.size()); }

  /// Offsets at which lines begin, the first one 0; found on first use.
  [[nodiscard]] std::span<const uint32_t> line_starts(FileId file) const;

  /// Whether the text has ASCII bytes only, so that columns are distances in bytes; found with the lines.
  [[nodiscard]] bool is_ascii(FileId file) const;

  /// The line (from 1) of an offset.
  [[nodiscard]] uint32_t line_of(FileId file, uint32_t offset) const;

  /// Number of files; ids are 0 to size() - 1 in the order added.
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(files_.size()); }

 private:
  struct File {
    std::string path;
    std::string padded_text;
    uint32_t size = 0;
    mutable std::once_flag lines_found;
    mutable base::PodVector<uint32_t> lines;
    mutable bool is_ascii = false;
  };

  [[nodiscard]] const File& get(FileId file) const {
    OMEGA_CHECK(file.index < files_.size(), "no such file");
    return *files_[file.index];
  }

  std::vector<std::unique_ptr<File>> files_;
};

/// Whether the text is ASCII without null bytes: check_encoding() would report nothing. Pure; any thread.
bool is_plain(std::string_view text);

/// Reports what makes the text no source text: each run of bytes that is not UTF-8, and the first null byte. `text` must be followed by
/// `padding` readable bytes. Pure; any thread.
void check_encoding(FileId file, std::string_view text, diag::Sink& sink);

}  // namespace omega::source
