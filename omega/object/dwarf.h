// SPDX-License-Identifier: Apache-2.0
// DWARF 4 for debuggers: a line table and one compile unit that names the functions. No types, no variables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "omega/base/pod_vector.h"
#include "omega/object/pieces.h"

namespace omega::object {

/// Rows of `.debug_line` for some of a program's code, made apart from the others: add them by address. Not thread-safe.
class LineRows {
 public:
  /// From `address` on, code belongs to `line` (from 1) of `file` (from 0). Addresses must not fall inside a sequence. `is_statement`: a debugger
  /// may stop here for a breakpoint on the line.
  void row(uint64_t address, uint32_t file, uint32_t line, bool is_statement);
  /// Ends the code that rows so far describe.
  void end_sequence(uint64_t address);

  /// The rows; nothing may be added afterwards.
  base::PodVector<uint8_t> take() { return std::move(bytes_); }

 private:
  static constexpr size_t first_room = 4096;
  /// The end of the bytes, behind which a row has room.
  uint8_t* room();

  base::PodVector<uint8_t> bytes_;
  bool in_sequence_ = false;
  uint64_t address_ = 0;
  uint32_t file_ = 1;
  uint32_t line_ = 1;
  bool is_statement_ = true;
};

/// `.debug_line` of all rows; `files` are the paths.
Pieces line_table(std::span<const std::string_view> files, Pieces rows);

/// Entries of functions in `.debug_info`, made apart from the others. Not thread-safe.
class FunctionEntries {
 public:
  /// A function with code [low, high), whose name stands at `name` behind where the names of this part begin in `.debug_str`.
  void add(uint32_t name, uint64_t low, uint64_t high);

  /// The entries, when this part's names begin at `names` of `.debug_str`; nothing may be added afterwards.
  base::PodVector<uint8_t> take(uint32_t names);

 private:
  base::PodVector<uint8_t> bytes_;
};

/// `.debug_info` of one unit with these functions: code [low, high) made from `name` in `folder`, its lines at the begin of `.debug_line`.
Pieces debug_info(std::string_view name, std::string_view folder, uint64_t low, uint64_t high, Pieces functions);

/// `.debug_abbrev`, the same for all units.
std::span<const uint8_t> debug_abbreviations();

}  // namespace omega::object
