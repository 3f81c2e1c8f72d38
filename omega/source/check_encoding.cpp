// SPDX-License-Identifier: Apache-2.0
// Is this text UTF-8 without null bytes? ASCII goes by 64 bytes at a time.
#include <emmintrin.h>

#include <algorithm>
#include <string>

#include "omega/diag/unicode.h"
#include "omega/source/check_directions.h"
#include "omega/source/source_set.h"

namespace omega::source {
namespace {

/// True when 64 bytes are ASCII and none is null.
bool plain_block(const char* at) {
  const auto load = [at](int i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at) + i); };
  const __m128i a = load(0);
  const __m128i b = load(1);
  const __m128i c = load(2);
  const __m128i d = load(3);
  const __m128i zero = _mm_setzero_si128();
  const __m128i high = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
  const __m128i smallest = _mm_min_epu8(_mm_min_epu8(a, b), _mm_min_epu8(c, d));
  return _mm_movemask_epi8(_mm_or_si128(high, _mm_cmpeq_epi8(smallest, zero))) == 0;
}

std::string hex(uint8_t byte) {
  static constexpr char digits[] = "0123456789abcdef";
  return {digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

bool is_plain(std::string_view text) {
  size_t at = 0;
  while (at + 64 <= text.size() && plain_block(text.data() + at)) {
    at += 64;
  }
  const std::string_view rest = text.substr(at);
  return rest.size() < 64 && std::all_of(rest.begin(), rest.end(), [](char c) { return c > 0; });
}

void check_encoding(FileId file, std::string_view text, diag::Sink& sink) {
  bool null_seen = false;
  bool turns = false;
  size_t at = 0;
  while (at < text.size()) {
    if (at + 64 <= text.size() && plain_block(text.data() + at)) {
      at += 64;
      continue;
    }
    const size_t block_end = std::min(at + 64, text.size());
    while (at < block_end) {
      const diag::Character character = diag::decode(text, at);
      if (character.valid) {
        if (character.code == 0 && !null_seen) {
          sink.report(diag::Kind::NullByte, {file, static_cast<uint32_t>(at), static_cast<uint32_t>(at + 1)});
          null_seen = true;
        }
        turns |= turn_of(character.code) != 0;
        at += character.size;
        continue;
      }
      const size_t begin = at;
      do {
        ++at;
      } while (at < text.size() && !diag::decode(text, at).valid);
      sink.report(diag::Kind::InvalidUtf8, {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(at)}, {hex(static_cast<uint8_t>(text[begin]))});
    }
  }
  if (turns) {
    check_directions(file, text, sink);
  }
}

}  // namespace omega::source
