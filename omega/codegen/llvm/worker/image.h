// SPDX-License-Identifier: Apache-2.0
// The worker as an executable file, put into the binary by the build.
#pragma once

#include <cstdint>
#include <span>

namespace omega::codegen::llvm {

std::span<const uint8_t> worker_image();

}  // namespace omega::codegen::llvm
