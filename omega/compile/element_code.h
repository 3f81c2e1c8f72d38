// SPDX-License-Identifier: Apache-2.0
// Element-wise work of graphs as machine code of the native back end.
#pragma once

#include "omega/graph/exec/element_compiler.h"

namespace omega::compile {

/// The code of a program of arithmetic, comparisons and selections for this processor; null for other steps, for more arrays than there are registers, and for
/// processors without AVX2.
std::unique_ptr<const graph::ElementCode> compile_element_program(const graph::ElementProgram& program, graph::DType dtype, uint64_t scalars);

/// Has element programs of all graphs compiled so (graph::set_element_compiler).
void use_native_element_code();

}  // namespace omega::compile
