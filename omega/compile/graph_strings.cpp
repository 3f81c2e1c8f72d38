// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/graph_strings.h"

#include <algorithm>

#include "omega/compile/graph_operators.h"
#include "omega/compile/program_array.h"
#include "omega/compile/wide_integer.h"
#include "omega/ir/ir.h"

// Texts of numbers as programs print them; runtime/internal.h says what each gives.
extern "C" {
int om_format_f64(char* buffer, double value);
int om_format_f32(char* buffer, float value);
int om_format_wide(char* buffer, const om_wide* value, uint32_t type);
int om_utf8_encode(char* buffer, int32_t code_point);
int64_t om_find_bytes(const uint8_t* text, int64_t from, int64_t size, const uint8_t* what, int64_t length);
}

namespace omega::compile::strings {
namespace {

using graph::Call;
using graph::Value;

/// A string; null is empty.
std::string_view text(const Value& value) {
  if (value.is_list() && value.as_list().empty()) {
    return {};
  }
  return value.as_string();
}
std::string_view text(const Call& call, size_t i) { return text(call.input(i)); }
void give(Call& call, std::string_view result) { call.set(0, Value(std::string(result))); }

void give_parts(Call& call, const std::vector<std::string_view>& parts) {
  ProgramArray array;
  array.holds_references = true;
  for (const std::string_view part : parts) {
    array.references.emplace_back(std::string(part));
  }
  call.set(0, Value::object(std::make_shared<ProgramArray>(std::move(array))));
}

bool is_space(char c) { return c == ' ' || (c >= 9 && c <= 13); }

/// Bytes of the character that begins at `at`; 1 where it is broken.
size_t width_at(std::string_view string, size_t at) {
  // The runtime reads only; it has no pointer to constant bytes.
  om_array array{const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(string.data())), static_cast<int64_t>(string.size()),
                 static_cast<int64_t>(string.size()), 1, 0};
  int32_t width = 1;
  static_cast<void>(om_string_decode(&array, static_cast<int64_t>(at), &width));
  return static_cast<size_t>(width);
}

std::string with_case(std::string_view string, char low, char high) {
  std::string result(string);
  for (char& c : result) {
    c = c >= low && c <= high ? static_cast<char>(c ^ 32) : c;
  }
  return result;
}

/// Where `what` occurs first at or after `from`, or -1.
int64_t position(std::string_view string, std::string_view what, int64_t from) {
  auto bytes = [](std::string_view all) { return reinterpret_cast<const uint8_t*>(all.data()); };
  return om_find_bytes(bytes(string), from, static_cast<int64_t>(string.size()), bytes(what), static_cast<int64_t>(what.size()));
}

/// The largest text, as the runtime has it.
constexpr uint64_t kLargest = uint64_t{1} << 46;

}  // namespace

void concat(Call& call) {
  std::string result(text(call, 0));
  result += text(call, 1);
  call.set(0, Value(std::move(result)));
}

void equal(Call& call) { call.set(0, Value(text(call, 0) == text(call, 1))); }

void compare(Call& call) {
  const int order = text(call, 0).compare(text(call, 1));
  call.set(0, Value(static_cast<int64_t>(order < 0 ? -1 : order > 0 ? 1 : 0)));
}

void slice(Call& call) {
  const std::string_view string = text(call, 0);
  const int64_t from = call.input(1).as_int64();
  const int64_t to = call.input(2).as_int64();
  if (from < 0 || to < from || to > static_cast<int64_t>(string.size())) {
    panic("index out of bounds");
  }
  give(call, string.substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
}

void find(Call& call) { call.set(0, Value(position(text(call, 0), text(call, 1), std::max<int64_t>(call.input(2).as_int64(), 0)))); }
void starts_with(Call& call) { call.set(0, Value(text(call, 0).starts_with(text(call, 1)))); }
void ends_with(Call& call) { call.set(0, Value(text(call, 0).ends_with(text(call, 1)))); }

void split(Call& call) {
  const std::string_view string = text(call, 0);
  const std::string_view separator = text(call, 1);
  std::vector<std::string_view> parts;
  if (separator.empty()) {
    for (size_t from = 0, width = 0; from < string.size(); from += width) {
      width = width_at(string, from);
      parts.push_back(string.substr(from, width));
    }
    return give_parts(call, parts);
  }
  size_t from = 0;
  for (int64_t at = 0; (at = position(string, separator, static_cast<int64_t>(from))) >= 0; from = static_cast<size_t>(at) + separator.size()) {
    parts.push_back(string.substr(from, static_cast<size_t>(at) - from));
  }
  parts.push_back(string.substr(from));
  give_parts(call, parts);
}

void words(Call& call) {
  const std::string_view string = text(call, 0);
  std::vector<std::string_view> parts;
  for (size_t i = 0; i < string.size();) {
    while (i < string.size() && is_space(string[i])) {
      ++i;
    }
    const size_t from = i;
    while (i < string.size() && !is_space(string[i])) {
      ++i;
    }
    if (i > from) {
      parts.push_back(string.substr(from, i - from));
    }
  }
  give_parts(call, parts);
}

void lines(Call& call) {
  const std::string_view string = text(call, 0);
  std::vector<std::string_view> parts;
  for (size_t from = 0; from < string.size();) {
    const size_t newline = string.find('\n', from);
    std::string_view line = string.substr(from, newline == std::string_view::npos ? newline : newline - from);
    from += line.size() + 1;
    if (newline != std::string_view::npos && line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    parts.push_back(line);
  }
  give_parts(call, parts);
}

void join(Call& call) {
  const Value& parts = call.input(0);
  std::string result;
  for (int64_t i = 0; i < length_of(parts); ++i) {
    result += i == 0 ? std::string_view{} : text(call, 1);
    result += text(reference_at(parts, static_cast<size_t>(i)));
  }
  call.set(0, Value(std::move(result)));
}

void trim(Call& call) {
  std::string_view string = text(call, 0);
  while (!string.empty() && is_space(string.front())) {
    string.remove_prefix(1);
  }
  while (!string.empty() && is_space(string.back())) {
    string.remove_suffix(1);
  }
  give(call, string);
}

void replace(Call& call) {
  const std::string_view string = text(call, 0);
  const std::string_view what = text(call, 1);
  std::string result;
  size_t from = 0;
  for (int64_t at = 0; !what.empty() && (at = position(string, what, static_cast<int64_t>(from))) >= 0; from = static_cast<size_t>(at) + what.size()) {
    result += string.substr(from, static_cast<size_t>(at) - from);
    result += text(call, 2);
  }
  result += string.substr(from);
  call.set(0, Value(std::move(result)));
}

void repeat(Call& call) {
  const std::string_view string = text(call, 0);
  const int64_t times = call.input(1).as_int64();
  if (times < 0) {
    panic("negative length");
  }
  if (!string.empty() && static_cast<uint64_t>(times) > kLargest / string.size()) {
    panic("out of memory");
  }
  std::string result;
  result.reserve(string.size() * static_cast<size_t>(times));
  for (int64_t i = 0; i < times && !string.empty(); ++i) {
    result += string;
  }
  call.set(0, Value(std::move(result)));
}

void upper(Call& call) { give(call, with_case(text(call, 0), 'a', 'z')); }
void lower(Call& call) { give(call, with_case(text(call, 0), 'A', 'Z')); }

void from_char(Call& call) {
  char buffer[4];
  const int size = om_utf8_encode(buffer, static_cast<int32_t>(call.input(0).as_int64()));
  give(call, {buffer, static_cast<size_t>(size)});
}

void from_i64(Call& call) { give(call, std::to_string(call.input(0).as_int64())); }
void from_u64(Call& call) { give(call, std::to_string(static_cast<uint64_t>(call.input(0).as_int64()))); }

void from_f64(Call& call) {
  char buffer[40];
  const int size = om_format_f64(buffer, call.input(0).as_float64());
  give(call, {buffer, static_cast<size_t>(size)});
}

void from_f32(Call& call) {
  char buffer[40];
  const int size = om_format_f32(buffer, call.input(0).as_float32());
  give(call, {buffer, static_cast<size_t>(size)});
}

void from_bool(Call& call) { give(call, call.input(0).as_boolean() ? "true" : "false"); }

void from_wide(Call& call) {
  char buffer[96];
  const om_wide wide = wide_of(call.input(0), ir::Type::U256);
  const int size = om_format_wide(buffer, &wide, static_cast<uint32_t>(call.input(1).as_int64()));
  give(call, {buffer, static_cast<size_t>(size)});
}

}  // namespace omega::compile::strings
