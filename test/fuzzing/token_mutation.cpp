// SPDX-License-Identifier: Apache-2.0
#include "test/fuzzing/token_mutation.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace omega::fuzzing {
namespace {

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_operator(char c) { return std::strchr("+-*/%&|^<>=!@.?:~", c) != nullptr && c != '\0'; }
bool opens(char c) { return c == '(' || c == '[' || c == '{'; }
bool closes(char c) { return c == ')' || c == ']' || c == '}'; }

uint32_t word_end(std::string_view text, uint32_t at) {
  const auto size = static_cast<uint32_t>(text.size());
  const char first = text[at];
  uint32_t end = at + 1;
  if (first == '"' || first == '\'') {
    while (end < size && text[end] != first && text[end] != '\n') {
      end += text[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, size);
  }
  if (is_name(first) || (first == '%' && end < size && is_name(text[end]))) {
    while (end < size && (is_name(text[end]) || (text[end] == '.' && end + 1 < size && is_name(text[end + 1])))) {
      ++end;
    }
    return end;
  }
  if (is_operator(first)) {
    while (end < size && end - at < 3 && is_operator(text[end])) {
      ++end;
    }
  }
  return end;
}

/// A range of bytes of a text.
struct Part {
  uint32_t begin = 0;
  uint32_t end = 0;
};

class Editor {
 public:
  Editor(std::string_view text, uint32_t seed) : random_(seed), text_(text), words_(words_of(text)) {}

  [[nodiscard]] uint32_t below(size_t bound) { return bound == 0 ? 0 : static_cast<uint32_t>(random_() % bound); }
  [[nodiscard]] bool has_words() const { return !words_.empty(); }
  [[nodiscard]] std::string_view view(Part part) const { return text_.substr(part.begin, part.end - part.begin); }

  /// One to `most` words one after the other.
  Part some_words(size_t most) {
    const uint32_t first = below(words_.size());
    const uint32_t last = std::min<uint32_t>(first + below(most), static_cast<uint32_t>(words_.size()) - 1);
    return {words_[first].begin, words_[last].end};
  }

  /// From an opening bracket to the one that closes it, with or without what stands before it; else one word.
  Part group() {
    const uint32_t start = below(words_.size());
    for (uint32_t tried = 0; tried < words_.size(); ++tried) {
      const uint32_t first = (start + tried) % static_cast<uint32_t>(words_.size());
      if (!opens(text_[words_[first].begin])) {
        continue;
      }
      uint32_t depth = 0;
      for (uint32_t i = first; i < words_.size(); ++i) {
        const char c = text_[words_[i].begin];
        depth += opens(c) ? 1 : 0;
        depth -= closes(c) ? 1 : 0;
        if (depth == 0) {
          const bool with_head = first > 0 && below(2) == 0;
          const bool inside = !with_head && i > first + 1 && below(3) == 0;
          return inside ? Part{words_[first + 1].begin, words_[i - 1].end} : Part{words_[with_head ? first - 1 : first].begin, words_[i].end};
        }
      }
    }
    return some_words(1);
  }

  /// One to four whole lines.
  Part lines() {
    const uint32_t at = words_[below(words_.size())].begin;
    const size_t before = text_.rfind('\n', at);
    size_t end = at;
    for (uint32_t more = 1 + below(4); more > 0 && end < text_.size(); --more) {
      const size_t next = text_.find('\n', end);
      end = next == std::string_view::npos ? text_.size() : next + 1;
    }
    return {before == std::string_view::npos ? 0 : static_cast<uint32_t>(before + 1), static_cast<uint32_t>(end)};
  }

  Part any_part() {
    switch (below(4)) {
      case 0: return group();
      case 1: return lines();
      default: return some_words(1 + below(4));
    }
  }

  /// The text with the part replaced.
  [[nodiscard]] std::string with(Part part, std::string_view replacement) const {
    std::string out(text_.substr(0, part.begin));
    out += replacement;
    out += text_.substr(part.end);
    return out;
  }

 private:
  std::minstd_rand random_;
  std::string_view text_;
  std::vector<Word> words_;
};

constexpr std::string_view kNumbers[] = {"0",
                                         "1",
                                         "2",
                                         "-1",
                                         "7",
                                         "8",
                                         "64",
                                         "127",
                                         "255",
                                         "256",
                                         "65535",
                                         "2147483648",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551616",
                                         "0xffffffffffffffffffffffffffffffff",
                                         "1e77",
                                         "1e78",
                                         "0.5",
                                         "1e400"};

std::string change_once(std::string_view text, std::span<const std::string_view> vocabulary, uint32_t seed) {
  Editor editor(text, seed);
  if (!editor.has_words()) {
    return std::string(text) + std::string(vocabulary[editor.below(vocabulary.size())]);
  }
  const auto spaced = [](std::string_view word) { return " " + std::string(word) + " "; };
  switch (editor.below(12)) {
    case 0: return editor.with(editor.some_words(6), "");
    case 1: {
      const Part part = editor.any_part();
      return editor.with({part.end, part.end}, spaced(editor.view(part)));
    }
    case 2:
    case 3: return editor.with(editor.some_words(1), editor.view(editor.some_words(1)));
    case 4:
    case 5: return editor.with(editor.some_words(1), spaced(vocabulary[editor.below(vocabulary.size())]));
    case 6: {
      const Part part = editor.some_words(1);
      return editor.with({part.end, part.end}, spaced(vocabulary[editor.below(vocabulary.size())]));
    }
    case 7: return editor.with(editor.some_words(1), kNumbers[editor.below(std::size(kNumbers))]);
    case 8: return editor.with(editor.group(), editor.view(editor.group()));
    case 9: {
      const Part part = editor.lines();
      return editor.with({part.begin, part.begin}, editor.view(editor.lines()));
    }
    case 10: return editor.with(editor.lines(), "");
    default: return editor.with(editor.group(), editor.view(editor.some_words(3)));
  }
}

}  // namespace

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  for (uint32_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const uint32_t end = word_end(text, at);
    words.push_back({at, end});
    at = end;
  }
  return words;
}

std::string mutate_words(std::string_view text, std::span<const std::string_view> vocabulary, uint32_t seed) {
  std::minstd_rand random(seed);
  std::string out(text);
  const uint32_t changes = 1 + static_cast<uint32_t>(random() % 4);
  for (uint32_t i = 0; i < changes; ++i) {
    out = change_once(out, vocabulary, static_cast<uint32_t>(random()));
  }
  return out;
}

std::string splice_words(std::string_view text, std::string_view donor, uint32_t seed) {
  Editor editor(text, seed);
  Editor giver(donor, seed ^ 0x5bd1e995u);
  if (!editor.has_words() || !giver.has_words()) {
    return std::string(text) + std::string(donor);
  }
  const std::string given = " " + std::string(giver.view(giver.any_part())) + " ";
  Part part = editor.any_part();
  if (editor.below(2) == 0) {
    part.begin = part.end;
  }
  return editor.with(part, given);
}

size_t mutate_in_place(uint8_t* data, size_t size, size_t max_size, uint32_t seed, std::span<const std::string_view> vocabulary, size_t kept) {
  if (seed % 8 == 0 || size <= kept) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + kept, size - kept);
  const std::string out = mutate_words(text, vocabulary, seed / 8);
  const size_t length = std::min(out.size(), max_size - kept);
  std::copy_n(out.data(), length, data + kept);
  return kept + length;
}

size_t splice_into(std::string_view text, std::string_view donor, uint8_t* out, size_t max_size, uint32_t seed, size_t kept) {
  if (text.size() < kept || donor.size() < kept || max_size < kept) {
    return 0;
  }
  const std::string spliced = std::string(text.substr(0, kept)) + splice_words(text.substr(kept), donor.substr(kept), seed);
  const size_t length = std::min(spliced.size(), max_size);
  std::copy_n(spliced.data(), length, out);
  return length;
}

}  // namespace omega::fuzzing
