// SPDX-License-Identifier: Apache-2.0
// DWARF 4 for debuggers: a line table and one compile unit that names the functions. No types, no variables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "omega/base/pod_vector.h"

namespace omega::object {

/// Writes `.debug_line`: add rows by address, then take the bytes. Not thread-safe.
class LineTable {
 public:
  /// Starts the table; `files` are the paths, numbered from 0 in row().
  explicit LineTable(std::span<const std::string_view> files);

  /// From `address` on, code belongs to `line` (from 1) of `file`. Addresses must not fall inside a sequence. `is_statement`: a debugger
  /// may stop here for a breakpoint on the line.
  void row(uint64_t address, uint32_t file, uint32_t line, bool is_statement);
  /// Ends the code that rows so far describe.
  void end_sequence(uint64_t address);

  /// The section; nothing may be added afterwards.
  base::PodVector<uint8_t> finish();

 private:
  void put_unsigned(uint64_t value);
  void put_signed(int64_t value);

  base::PodVector<uint8_t> bytes_;
  bool in_sequence_ = false;
  uint64_t address_ = 0;
  uint32_t file_ = 1;
  uint32_t line_ = 1;
  bool is_statement_ = true;
};

/// Writes `.debug_info` and `.debug_abbrev` for one compile unit.
class DebugInfo {
 public:
  /// A unit of code [low, high) made from `name` in `folder`, its lines at the begin of `.debug_line`.
  DebugInfo(std::string_view name, std::string_view folder, uint64_t low, uint64_t high);

  /// A function of the unit.
  void function(std::string_view name, uint64_t low, uint64_t high);

  /// `.debug_info`; nothing may be added afterwards.
  base::PodVector<uint8_t> finish();
  /// `.debug_abbrev`, the same for all units.
  static std::span<const uint8_t> abbreviations();

 private:
  void put_text(std::string_view text);
  template <class T>
  void put(T value);

  base::PodVector<uint8_t> bytes_;
};

}  // namespace omega::object
