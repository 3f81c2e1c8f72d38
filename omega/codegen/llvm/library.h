// SPDX-License-Identifier: Apache-2.0
// LLVM's shared library through its C interface. A small program that the binary carries (worker/) loads it, in processes of its own: the omega binary is
// static and cannot load libraries, and an LLVM that gives up takes nobody along.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace omega::codegen::llvm {

/// How a module becomes an object file.
struct ObjectOptions {
  std::string_view triple;
  std::string_view cpu;
  std::string_view features;
  std::span<const std::string_view> arguments;  ///< LLVM's own command line, as `-bpf-stack-size=4096`; must be the same in every call for one triple
  std::string_view passes;                      ///< as `opt -passes=` takes them
  bool is_position_independent = false;
  std::span<const std::string_view> kept;  ///< functions that stay visible: entry points. All others become internal, and unused ones vanish
};

/// An object file, or why there is none.
struct ObjectResult {
  std::optional<std::string> object;
  std::string error;   ///< for people, with the package to install when the library is missing
  int64_t cpu_ns = 0;  ///< what LLVM's process had of processors for this, without what loading the library took
};

/// Parses `text`, links the bitcode `runtime` to it, optimises, and gives a relocatable object file. The result depends on the arguments alone. Any thread;
/// calls run side by side, each in a process that is kept for later ones.
ObjectResult make_object(std::string_view text, std::span<const uint8_t> runtime, const ObjectOptions& options);

}  // namespace omega::codegen::llvm
