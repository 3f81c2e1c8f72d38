// SPDX-License-Identifier: Apache-2.0
// Machine code for element programs: who makes it, and what was made.
#pragma once

#include <cstdint>
#include <memory>

#include "omega/graph/exec/element_program.h"

namespace omega::graph {

/// An element program as machine code. Any thread.
class ElementCode {
 public:
  virtual ~ElementCode() = default;
  /// Computes the yields of elements that lie one behind the other. `inputs`: by input, the first element, or the scalar; `outputs`: by yield, where its first
  /// element goes; `bytes`: of each array, a multiple of 64 above 0. `streams`: outputs are aligned to 64 and go past the caches.
  virtual void run(const std::byte* const* inputs, std::byte* const* outputs, size_t bytes, bool streams) const = 0;

 protected:
  ElementCode() = default;
  ElementCode(const ElementCode&) = default;
  ElementCode& operator=(const ElementCode&) = default;
  ElementCode(ElementCode&&) = default;
  ElementCode& operator=(ElementCode&&) = default;
};

/// Makes code for a program all of whose inputs and yields are of `dtype`, which is float32 or float64, and whose steps are of it or boolean; folds are left to
/// who runs it. Bit i of `scalars` is set where input i is a scalar. It must give the bits that the steps give one by one; null where it cannot.
using ElementCompiler = std::unique_ptr<const ElementCode> (*)(const ElementProgram& program, DType dtype, uint64_t scalars);

/// From now on programs that are worth it are compiled with this; null: none are. Any thread.
void set_element_compiler(ElementCompiler compiler);

/// The code of a program that is about to run over `count` elements; null where there is none, or not yet: code is made once the program has run over so
/// many that making it costs less than it saves. Any thread; takes no lock but for a program that is new.
const ElementCode* element_code(const ElementProgram& program, DType dtype, uint64_t scalars, size_t count);

}  // namespace omega::graph
