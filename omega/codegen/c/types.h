// SPDX-License-Identifier: Apache-2.0
// IR types and constants as C.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "omega/ir/ir.h"

namespace omega::codegen::c {

/// The C type that holds a value: `int16_t`, `uint64_t`, `om_wide`, `double`, `void *`, `void`.
std::string_view c_type(ir::Type type);

/// The type for access to memory, which may alias any other: `omc_s16`, `omc_ref`.
std::string_view memory_type(ir::Type type);

/// The runtime's description of an integer type, as a number.
std::string runtime_type(ir::Type type);

/// A constant of an integer type of at most 64 bits.
std::string integer_literal(ir::Type type, int64_t value);

/// Smallest and largest value of an integer type of at most 63 bits, as int64_t.
int64_t smallest(ir::Type type);
int64_t largest(ir::Type type);

/// A float constant from its bits.
std::string float_literal(ir::Type type, uint64_t bits);

/// A wide constant from its limbs.
std::string wide_literal(const uint64_t limbs[4]);

/// Text as a C string literal with its quotes.
std::string string_literal(std::string_view text);

/// Name of the structure for several results.
std::string result_struct(std::span<const ir::Type> results);

/// What a function with these results gives in C.
std::string result_type(std::span<const ir::Type> results);

}  // namespace omega::codegen::c
