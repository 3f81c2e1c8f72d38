// SPDX-License-Identifier: Apache-2.0
// Fixed texts of the C output.
#pragma once

#include <string_view>

namespace omega::codegen::c {

/// `omega_support.h`.
extern const std::string_view support_text;
/// The part of main.c that atomics of odd widths use; includes of `atomics.h` and `omega_support.h` stand before it.
extern const std::string_view atomic_text;

}  // namespace omega::codegen::c
