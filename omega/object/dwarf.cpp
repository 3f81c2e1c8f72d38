// SPDX-License-Identifier: Apache-2.0
// The line number program and the debugging entries, byte by byte.
#include "omega/object/dwarf.h"

#include <cstring>

namespace omega::object {

namespace {

// Standard opcodes of the line number program.
constexpr uint8_t advance_pc = 2, advance_line = 3, set_file = 4, negate_statement = 6, opcode_base = 13;
constexpr uint8_t extended_end = 1, extended_set_address = 2;
constexpr int32_t line_base = -5;
constexpr uint32_t line_range = 14;
constexpr size_t header_length_at = 6;

}  // namespace

Pieces line_table(std::span<const std::string_view> files, Pieces rows) {
  base::PodVector<uint8_t> header;
  const uint8_t begin[] = {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 1, 1, static_cast<uint8_t>(line_base), line_range, opcode_base,
                           0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0};
  header.append(begin, sizeof begin);
  for (const std::string_view file : files) {
    header.append(reinterpret_cast<const uint8_t*>(file.data()), file.size());
    const uint8_t rest[] = {0, 0, 0, 0};
    header.append(rest, sizeof rest);
  }
  header.push_back(0);
  const auto header_length = static_cast<uint32_t>(header.size() - header_length_at - 4);
  std::memcpy(header.data() + header_length_at, &header_length, 4);
  const auto length = static_cast<uint32_t>(header.size() + rows.size() - 4);
  std::memcpy(header.data(), &length, 4);
  Pieces table;
  table.add(std::move(header));
  table.add(std::move(rows));
  return table;
}

namespace {

/// Bytes of the longest row: the begin of a sequence, and each of the row's parts.
constexpr size_t longest_row = 11 + (1 + 5) + 1 + (1 + 10) + (1 + 10) + 1;

uint8_t* put_unsigned(uint8_t* at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    *at++ = static_cast<uint8_t>(value | 0x80);
  }
  *at++ = static_cast<uint8_t>(value);
  return at;
}

uint8_t* put_signed(uint8_t* at, int64_t value) {
  for (;;) {
    const auto low = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    if ((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0)) {
      *at++ = low;
      return at;
    }
    *at++ = low | 0x80;
  }
}

}  // namespace

uint8_t* LineRows::room() {
  if (bytes_.capacity() - bytes_.size() < longest_row) [[unlikely]] {
    bytes_.reserve(2 * bytes_.size() + first_room);
  }
  return bytes_.data() + bytes_.size();
}

void LineRows::row(uint64_t address, uint32_t file, uint32_t line, bool is_statement) {
  uint8_t* at = room();
  if (!in_sequence_) {
    const uint8_t set[] = {0, 9, extended_set_address};
    std::memcpy(at, set, sizeof set);
    std::memcpy(at + sizeof set, &address, 8);
    at += sizeof set + 8;
    in_sequence_ = true;
    address_ = address;
    file_ = line_ = 1;
    is_statement_ = true;
  }
  if (file + 1 != file_) {
    file_ = file + 1;
    *at++ = set_file;
    at = put_unsigned(at, file_);
  }
  if (is_statement != is_statement_) {
    is_statement_ = is_statement;
    *at++ = negate_statement;
  }
  int64_t line_step = static_cast<int64_t>(line) - line_;
  const uint64_t address_step = address - address_;
  line_ = line;
  address_ = address;
  if (line_step < line_base || line_step >= line_base + static_cast<int64_t>(line_range)) {
    *at++ = advance_line;
    at = put_signed(at, line_step);
    line_step = 0;
  }
  const uint64_t special = static_cast<uint64_t>(line_step - line_base) + line_range * address_step + opcode_base;
  if (address_step < 32 && special <= 255) {
    *at++ = static_cast<uint8_t>(special);
  } else {
    *at++ = advance_pc;
    at = put_unsigned(at, address_step);
    *at++ = static_cast<uint8_t>(line_step - line_base + opcode_base);
  }
  bytes_.resize(static_cast<size_t>(at - bytes_.data()));
}

void LineRows::end_sequence(uint64_t address) {
  if (!in_sequence_) {
    return;
  }
  uint8_t* at = room();
  *at++ = advance_pc;
  at = put_unsigned(at, address - address_);
  const uint8_t end[] = {0, 1, extended_end};
  std::memcpy(at, end, sizeof end);
  bytes_.resize(static_cast<size_t>(at + sizeof end - bytes_.data()));
  in_sequence_ = false;
}

// ---- entries --------------------------------------------------------------------------------------------------------

namespace {

template <class T>
void put(base::PodVector<uint8_t>& bytes, T value) {
  bytes.append(reinterpret_cast<const uint8_t*>(&value), sizeof value);
}

void put_text(base::PodVector<uint8_t>& bytes, std::string_view text) {
  bytes.append(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  bytes.push_back(0);
}

}  // namespace

std::span<const uint8_t> debug_abbreviations() {
  static constexpr uint8_t bytes[] = {// 1: compile unit with children: producer, language, name, folder, lines, low, high (as length)
                                      1, 0x11, 1, 0x25, 0x08, 0x13, 0x0b, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0, 0,
                                      // 2: function: name (in .debug_str), low, high (as length), external
                                      2, 0x2e, 0, 0x03, 0x0e, 0x11, 0x01, 0x12, 0x06, 0x3f, 0x19, 0, 0, 0};
  return bytes;
}

namespace {

constexpr size_t entry_size = 1 + 4 + 8 + 4;

}  // namespace

void FunctionEntries::add(uint32_t name, uint64_t low, uint64_t high) {
  const auto size = static_cast<uint32_t>(high - low);
  uint8_t entry[entry_size] = {2};
  std::memcpy(entry + 1, &name, 4);
  std::memcpy(entry + 5, &low, 8);
  std::memcpy(entry + 13, &size, 4);
  bytes_.append(entry, sizeof entry);
}

base::PodVector<uint8_t> FunctionEntries::take(uint32_t names) {
  for (size_t at = 1; at < bytes_.size(); at += entry_size) {
    uint32_t name;
    std::memcpy(&name, bytes_.data() + at, 4);
    name += names;
    std::memcpy(bytes_.data() + at, &name, 4);
  }
  return std::move(bytes_);
}

Pieces debug_info(std::string_view name, std::string_view folder, uint64_t low, uint64_t high, Pieces functions) {
  base::PodVector<uint8_t> header;
  put<uint32_t>(header, 0);
  put<uint16_t>(header, 4);
  put<uint32_t>(header, 0);
  put<uint8_t>(header, 8);
  put<uint8_t>(header, 1);
  put_text(header, "Omega");
  put<uint8_t>(header, 0x0c);  // C99: what debuggers need to read expressions
  put_text(header, name);
  put_text(header, folder);
  put<uint32_t>(header, 0);
  put<uint64_t>(header, low);
  put<uint64_t>(header, high - low);
  const auto length = static_cast<uint32_t>(header.size() + functions.size() + 1 - 4);
  std::memcpy(header.data(), &length, 4);
  Pieces info;
  info.add(std::move(header));
  info.add(std::move(functions));
  info.pad(1);
  return info;
}

}  // namespace omega::object
