// SPDX-License-Identifier: Apache-2.0
// From an object file of BPF code to a program that Solana's loaders take: an ELF of sBPF version 3, in which everything stands at its address.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "omega/base/result.h"

namespace omega::object::sbpf {

/// Where constants and code stand. Nothing is at the first bytes of the constants, so that no object has the address 0.
inline constexpr uint64_t kConstantsAddress = 0;
inline constexpr uint64_t kCodeAddress = uint64_t{1} << 32;
/// Bytes of stack that each function has. The machine does not watch over it.
inline constexpr uint32_t kFrameBytes = 4096;

/// The names of the system calls that every cluster has had enabled for long and that do not go away.
std::span<const std::string_view> system_calls();

/// The number by which a program calls the system call of that name: 32-bit MurmurHash3 with seed 0, as Solana's loaders compute it.
uint32_t system_call_number(std::string_view name);

/// Links an object file to a program whose execution begins at the function `entry`. A function that is not in the file must be one of system_calls(), for
/// the loader takes any name and the program would fail only when it calls it. Code whose frame has more than kFrameBytes is an error, for the machine lets it
/// write over its caller's. Pure; any thread.
base::Result<std::string> link(std::string_view object_file, std::string_view entry);

}  // namespace omega::object::sbpf
