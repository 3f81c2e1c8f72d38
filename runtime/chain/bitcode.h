// SPDX-License-Identifier: Apache-2.0
// The C of each chain as LLVM bitcode, put into the binary by the build (cmake/chain_runtime.cmake).
#pragma once

#include <cstdint>
#include <span>

namespace omega::chain_runtime {

/// What a contract for the chain links. Link omega_chain_NAME.
std::span<const uint8_t> solana();
std::span<const uint8_t> cosmos();
std::span<const uint8_t> host();

}  // namespace omega::chain_runtime
