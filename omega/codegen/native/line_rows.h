// SPDX-License-Identifier: Apache-2.0
// The rows of a function's line table as the runtime reads them (om_function_lines in runtime/omega_runtime.h): mostly two bytes a row.
#pragma once

#include <cstdint>

#include "omega/base/pod_vector.h"
#include "runtime/omega_runtime.h"

namespace omega::codegen::native {

/// From `offset` on, code belongs to this place.
struct LineEntry {
  uint32_t offset;  ///< in the buffer's code
  uint32_t line;    ///< from 1
  uint16_t column;  ///< from 1
  uint16_t file;
};
static_assert(sizeof(LineEntry) == 12);

/// Writes the rows of one function, by rising offset. Not thread-safe.
class LineRowWriter {
 public:
  /// Rows go to the end of `bytes`; the function's code begins at `offset`.
  void begin(base::PodVector<uint8_t>& bytes, uint32_t offset) {
    bytes_ = &bytes;
    before_ = {offset, 0, 0, 0};
    has_row_ = false;
  }

  /// A row; at the same offset the later one holds.
  void put(const LineEntry& row) {
    if (has_row_ && row_.offset != row.offset) {
      write();
    }
    row_ = row;
    has_row_ = true;
  }

  /// Writes what is left; nothing may be put afterwards.
  void finish() {
    if (has_row_) {
      write();
    }
    has_row_ = false;
  }

 private:
  static constexpr size_t longest_row = 1 + 5 + 5 + 3 + 3;

  static uint8_t* put_unsigned(uint8_t* at, uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      *at++ = static_cast<uint8_t>(value | 0x80);
    }
    *at++ = static_cast<uint8_t>(value);
    return at;
  }

  void write() {
    const size_t used = bytes_->size();
    if (bytes_->capacity() < used + longest_row) [[unlikely]] {
      bytes_->reserve(2 * used + 4096);
    }
    bytes_->resize(used + longest_row);
    uint8_t* at = bytes_->data() + used;
    const uint32_t distance = row_.offset - before_.offset;
    const uint32_t step = row_.line - before_.line;  // huge when it goes back
    const bool other_file = row_.file != before_.file;
    if (distance < OM_ROW_DISTANCES && step < OM_ROW_STEPS && !other_file) [[likely]] {
      *at++ = static_cast<uint8_t>(step * OM_ROW_DISTANCES + distance);
    } else {
      *at++ = static_cast<uint8_t>(OM_ROW_LONG + (other_file ? 1 : 0));
      at = put_unsigned(at, distance);
      const auto forward = static_cast<int32_t>(step);
      at = put_unsigned(at, forward >= 0 ? 2 * static_cast<uint64_t>(forward) : 2 * ~static_cast<uint64_t>(static_cast<int64_t>(forward)) + 1);
      if (other_file) {
        at = put_unsigned(at, row_.file);
      }
    }
    at = put_unsigned(at, row_.column);
    bytes_->resize(static_cast<size_t>(at - bytes_->data()));
    before_ = row_;
  }

  base::PodVector<uint8_t>* bytes_ = nullptr;
  LineEntry before_{};
  LineEntry row_{};
  bool has_row_ = false;
};

/// Reads the rows of one function one after the other. Not thread-safe.
class LineRowReader {
 public:
  /// The rows in [begin, end) of a function whose code begins at `offset`.
  LineRowReader(const uint8_t* begin, const uint8_t* end, uint32_t offset) : at_(begin), end_(end), row_{offset, 0, 0, 0} {}

  /// The next row, or null behind the last.
  const LineEntry* next() {
    if (at_ >= end_) {
      return nullptr;
    }
    const uint8_t head = *at_++;
    if (head < OM_ROW_LONG) {
      row_.offset += head % OM_ROW_DISTANCES;
      row_.line += head / OM_ROW_DISTANCES;
    } else {
      row_.offset += static_cast<uint32_t>(get_unsigned());
      const uint64_t step = get_unsigned();
      const auto magnitude = static_cast<uint32_t>(step >> 1);
      row_.line += (step & 1) != 0 ? ~magnitude : magnitude;
      if (head > OM_ROW_LONG) {
        row_.file = static_cast<uint16_t>(get_unsigned());
      }
    }
    row_.column = static_cast<uint16_t>(get_unsigned());
    return &row_;
  }

 private:
  uint64_t get_unsigned() {
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      const uint8_t byte = *at_++;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
  }

  const uint8_t* at_;
  const uint8_t* end_;
  LineEntry row_;
};

}  // namespace omega::codegen::native
