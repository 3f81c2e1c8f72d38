// SPDX-License-Identifier: Apache-2.0
// Texts, their lines, and finding a place in them.
#include "omega/source/source_set.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>

namespace omega::source {
namespace {

/// Appends the offset after each line feed; true when all bytes are ASCII.
bool find_lines(const char* text, uint32_t size, base::PodVector<uint32_t>& lines) {
  const __m128i line_feed = _mm_set1_epi8('\n');
  __m128i all = _mm_setzero_si128();
  for (uint32_t at = 0; at < size; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    all = _mm_or_si128(all, block);
    auto found = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, line_feed)));
    while (found != 0) {
      lines.push_back(at + static_cast<uint32_t>(std::countr_zero(found)) + 1);
      found &= found - 1;
    }
  }
  return _mm_movemask_epi8(all) == 0;
}

}  // namespace

FileId SourceSet::add(std::string path, std::string text, diag::Sink& sink) {
  if (text.size() > largest_text) {
    sink.report(diag::Kind::FileTooLarge, {}, {path, std::to_string(text.size())});
    return FileId::none;
  }
  if (text.starts_with("\xef\xbb\xbf")) {
    text.erase(0, 3);
  }
  auto file = std::make_unique<File>();
  file->path = std::move(path);
  file->size = static_cast<uint32_t>(text.size());
  text.resize(text.size() + padding);
  file->padded_text = std::move(text);
  files_.push_back(std::move(file));
  return FileId{static_cast<uint32_t>(files_.size() - 1)};
}

std::span<const uint32_t> SourceSet::line_starts(FileId file) const {
  const File& f = get(file);
  std::call_once(f.lines_found, [&f] {
    f.lines.reserve(f.size / 32 + 16);
    f.lines.push_back(0);
    f.is_ascii = find_lines(f.padded_text.data(), f.size, f.lines);
  });
  return {f.lines.data(), f.lines.size()};
}

bool SourceSet::is_ascii(FileId file) const {
  (void)line_starts(file);
  return get(file).is_ascii;
}

uint32_t SourceSet::line_of(FileId file, uint32_t offset) const {
  const auto lines = line_starts(file);
  return static_cast<uint32_t>(std::upper_bound(lines.begin(), lines.end(), offset) - lines.begin());
}

LineColumn SourceSet::locate(FileId file, uint32_t offset) const {
  const std::string_view all = text(file);
  const uint32_t place = std::min(offset, static_cast<uint32_t>(all.size()));
  const uint32_t line = line_of(file, place);
  uint32_t column = 1;
  for (uint32_t i = line_starts(file)[line - 1]; i < place; ++i) {
    column += (static_cast<uint8_t>(all[i]) & 0xc0) != 0x80 ? 1 : 0;
  }
  return {line, column};
}

}  // namespace omega::source
