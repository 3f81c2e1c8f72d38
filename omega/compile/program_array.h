// SPDX-License-Identifier: Apache-2.0
// Arrays that a function makes while its graph runs.
#pragma once

#include <vector>

#include "omega/graph/exec/value.h"

namespace omega::compile {

/// Elements are words, one each or, for integers wider than 64 bits, four; or references: strings and arrays. Different elements may be
/// written by different threads.
struct ProgramArray {
  uint32_t words_each = 1;
  bool holds_references = false;
  std::vector<int64_t> words;
  std::vector<graph::Value> references;

  [[nodiscard]] size_t length() const { return holds_references ? references.size() : words.size() / words_each; }
};

/// Elements of an array of the program, or of an array, list or string that was given; 0 for null. Throws std::invalid_argument for
/// another thing.
int64_t length_of(const graph::Value& array);
/// What two values share when they are the same array; null for what is empty or null.
const void* identity_of(const graph::Value& array);
/// Element of an array of references; the index must be inside.
const graph::Value& reference_at(const graph::Value& array, size_t index);

}  // namespace omega::compile
