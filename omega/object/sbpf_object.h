// SPDX-License-Identifier: Apache-2.0
// What LLVM's BPF back end gives: a relocatable ELF of machine 247, read into tables of which every index and offset is checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/result.h"

namespace omega::object::sbpf {

/// No section: an undefined symbol.
inline constexpr uint32_t kNoSection = 0xffffffffu;
/// Bytes of an instruction; a 64-bit constant takes two.
inline constexpr uint32_t kInstructionBytes = 8;

/// The relocations of a linked program: R_BPF_64_64, R_BPF_64_ABS64, R_BPF_64_32 of LLVM's "BPF ABI" (docs/…/bpf.rst of Linux).
enum class RelocationKind : uint8_t {
  Load64 = 1,      ///< both immediates of a 64-bit constant; what stands there is added
  Absolute64 = 2,  ///< eight bytes of data; what stands there is added
  Call32 = 10,     ///< the immediate of a call, in instructions behind it; what stands there, plus one, is added
};

struct Relocation {
  uint32_t offset = 0;  ///< in the section; the bytes it changes lie inside
  RelocationKind kind = RelocationKind::Load64;
  uint32_t symbol = 0;  ///< of Object::symbols
};

/// A part of the program that is loaded: code, or constants.
struct Section {
  std::string_view name;
  bool is_code = false;
  uint32_t alignment = 1;  ///< a power of two
  std::string_view bytes;
  std::vector<Relocation> relocations;
};

struct Symbol {
  std::string_view name;
  uint32_t section = kNoSection;  ///< of Object::sections
  uint32_t offset = 0;            ///< inside the section, or at its end
  bool is_function = false;
};

/// Texts and bytes are parts of the file's.
struct Object {
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
};

/// Reads a file. Malformed ones, those of other machines, with writable data, or with relocations beside RelocationKind in what is loaded are errors. Pure.
base::Result<Object> read_object(std::string_view file);

}  // namespace omega::object::sbpf
