// SPDX-License-Identifier: Apache-2.0
// Changes a text word by word instead of byte by byte, so that a fuzzer of a parser or a checker gets past the lexer: what comes out has
// the words of its input, of another input, and of a vocabulary, mostly in balanced brackets.
// After the idea of grammarless structure-aware fuzzing (Salls et al., "Token-Level Fuzzing", USENIX Security 2021).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// libFuzzer's own mutation; absent where a corpus is only replayed.
extern "C" __attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace omega::fuzzing {

/// A word of a text: a name or number (with `.`, `%` and `$` inside), a string, a run of operator characters, one bracket or separator.
struct Word {
  uint32_t begin;
  uint32_t end;
};

/// The words of a text in order; white space belongs to none. Any bytes.
std::vector<Word> words_of(std::string_view text);

/// One to four random changes: words taken out, doubled, exchanged, replaced by others of the text or of the vocabulary; groups in
/// brackets and lines moved, copied, replaced. The result may be longer than the text; equal seeds give equal results.
std::string mutate_words(std::string_view text, std::span<const std::string_view> vocabulary, uint32_t seed);

/// A part of `donor` (words, a bracketed group, lines) in place of, or beside, a part of `text`.
std::string splice_words(std::string_view text, std::string_view donor, uint32_t seed);

/// What LLVMFuzzerCustomMutator returns: mostly mutate_words, sometimes libFuzzer's own changes. The first `kept` bytes are no text and
/// are changed rarely.
size_t mutate_in_place(uint8_t* data, size_t size, size_t max_size, uint32_t seed, std::span<const std::string_view> vocabulary, size_t kept = 0);

/// What LLVMFuzzerCustomCrossOver returns.
size_t splice_into(std::string_view text, std::string_view donor, uint8_t* out, size_t max_size, uint32_t seed, size_t kept = 0);

}  // namespace omega::fuzzing

/// Makes libFuzzer change a fuzzer's inputs by the words of `vocabulary` (an array of std::string_view), behind the first `kept` bytes. Once in a program,
/// outside of every namespace.
#define OMEGA_FUZZ_BY_WORDS(vocabulary, kept)                                                                                                             \
  extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {                                             \
    return omega::fuzzing::mutate_in_place(data, size, max_size, seed, vocabulary, kept);                                                                 \
  }                                                                                                                                                       \
  extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2, uint8_t* out, size_t max_size,      \
                                              unsigned int seed) {                                                                                        \
    return omega::fuzzing::splice_into({reinterpret_cast<const char*>(data1), size1}, {reinterpret_cast<const char*>(data2), size2}, out, max_size, seed, \
                                       kept);                                                                                                             \
  }
