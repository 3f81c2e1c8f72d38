// SPDX-License-Identifier: Apache-2.0
// What newcomers write, from the languages they come from. Looked at only when something is wrong.
#include "omega/check/foreign_names.h"

#include <span>

namespace omega::check {
namespace {

struct Advice {
  std::string_view name;
  std::string_view help;
};

constexpr Advice names[] = {
    // types
    {"double", "write `float64`"},
    {"Double", "write `float64`"},
    {"Float", "write `float64` or `float32`"},
    {"float", "write `float64` or `float32`"},
    {"f64", "write `float64`"},
    {"f32", "write `float32`"},
    {"number", "write `int64` or `float64`"},
    {"integer", "write `int64`"},
    {"Integer", "write `int64`"},
    {"Int", "write `int64`"},
    {"Long", "write `int64`"},
    {"long", "write `int64`"},
    {"short", "write `int16`"},
    {"i8", "write `int8`"},
    {"i16", "write `int16`"},
    {"i32", "write `int32`"},
    {"i64", "write `int64`"},
    {"i128", "write `int128`"},
    {"u8", "write `uint8`"},
    {"u16", "write `uint16`"},
    {"u32", "write `uint32`"},
    {"u64", "write `uint64`"},
    {"u128", "write `uint128`"},
    {"usize", "write `int64`"},
    {"isize", "write `int64`"},
    {"size_t", "write `int64`"},
    {"byte", "write `uint8`, or `bytes` for several"},
    {"char", "write `uint8`: the elements of a string are bytes"},
    {"str", "write `string`; `string(x)` makes one of a value"},
    {"String", "write `string`"},
    {"boolean", "write `bool`"},
    {"Boolean", "write `bool`"},
    {"Bool", "write `bool`"},
    {"void", "leave it out: a function without result has no `returns`"},
    {"map_of", "write `mapping(K => V)`"},
    {"dict", "write `mapping(K => V)`"},
    {"Map", "write `mapping(K => V)`"},
    {"list", "write `T[]`"},
    {"List", "write `T[]`"},
    {"ArrayList", "write `T[]`"},
    {"HashMap", "write `mapping(K => V)`"},
    {"Array", "write `T[]`"},
    {"vector", "write `T[]`"},
    {"Vec", "write `T[]`"},
    {"Option", "write `Result<T>`"},
    {"Optional", "write `Result<T>`"},
    // values
    {"Ok", "write `Result.ok(x)`"},
    {"Err", "write `Result.error(\"message\")`"},
    {"Some", "write `Result.ok(x)`"},
    {"null", "there is no null: `Result<T>` says that a value may be missing"},
    {"nil", "there is no null: `Result<T>` says that a value may be missing"},
    {"None", "there is no null: `Result<T>` says that a value may be missing"},
    {"undefined", "there is no null: `Result<T>` says that a value may be missing"},
    {"NULL", "there is no null: `Result<T>` says that a value may be missing"},
    {"nullptr", "there is no null: `Result<T>` says that a value may be missing"},
    {"True", "write `true`"},
    {"False", "write `false`"},
    {"TRUE", "write `true`"},
    {"FALSE", "write `false`"},
    {"pi", "write `PI`"},
    {"self", "a function gets the value that it works on as a parameter"},
    {"inf", "write `INF`"},
    {"nan", "write `NAN`"},
    // declarations and statements
    {"var", "write `let`, or the type"},
    {"val", "write `let`, or the type"},
    {"auto", "write `let`"},
    {"mut", "write `let`: variables may be assigned again"},
    {"const", "a constant is written with its type: `int64 constant N = 10`"},
    {"throw", "write `revert(\"message\")`"},
    {"raise", "write `revert(\"message\")`"},
    {"panic", "write `revert(\"message\")`"},
    {"loop", "write `while true { }`"},
    {"then", "a block stands in `{ }`"},
    {"elif", "write `else if`"},
    {"not", "write `!`"},
    {"and", "write `&&`"},
    {"or", "write `||`"},
    {"pass", "an empty block is `{ }`"},
    {"yield", "fill an array, or use `map`"},
    // functions and modules
    {"len", "write `xs.length`"},
    {"strlen", "write `s.length`"},
    {"size", "write `xs.length`"},
    {"sum", "write `fold(xs, 0, (sum, x) => sum + x)`"},
    {"range", "a range is `a..<b` or `a..=b`"},
    {"puts", "write `println(...)`"},
    {"echo", "write `println(...)`"},
    {"console", "write `println(...)`"},
    {"cout", "write `println(...)`"},
    {"System", "write `println(...)`"},
    {"fmt", "write `printf(...)`"},
    {"write", "write `print(...)`"},
    {"input", "write `read_line()`"},
    {"Math", "the functions of mathematics stand alone: `sqrt(x)`, `PI`"},
    {"math", "the functions of mathematics stand alone: `sqrt(x)`, `PI`"},
    {"open", "write `read_file(path)`"},
    {"sprintf", "write `format(...)`"},
    {"argv", "write `args()`"},
    {"forEach", "write `@ x in xs { }`"},
    {"reduce", "write `fold`"},
    {"msg", "this belongs to contracts, which are not on this target yet"},
    {"block", "this belongs to contracts, which are not on this target yet"},
    {"tx", "this belongs to contracts, which are not on this target yet"}};

constexpr Advice members[] = {{"len", "write `.length`"},
                              {"size", "write `.length`"},
                              {"count", "write `.length`"},
                              {"Length", "write `.length`"},
                              {"isEmpty", "write `.length == 0`"},
                              {"is_empty", "write `.length == 0`"},
                              {"empty", "write `.length == 0`"},
                              {"push_back", "write `.push(x)`"},
                              {"add", "write `.push(x)`"},
                              {"extend", "write `.append(ys)`"},
                              {"concat", "write `.append(ys)`"},
                              {"includes", "write `.contains(x)`"},
                              {"has", "write `.contains(x)`"},
                              {"has_key", "write `.contains(key)`"},
                              {"delete", "write `.remove(key)`"},
                              {"sorted", "`.sort()` sorts in place; `copy(xs)` keeps the first"},
                              {"sum", "write `.fold(0, (sum, x) => sum + x)`"},
                              {"reduce", "write `.fold(first, (acc, x) => ...)`"},
                              {"forEach", "write `@ x in xs { }`"},
                              {"iter", "patterns work on the array itself: `xs.map(x => ...)`"},
                              {"each", "write `@ x in xs { }`"},
                              {"max", "write `.fold(xs[0], (a, x) => max(a, x))`"},
                              {"min", "write `.fold(xs[0], (a, x) => min(a, x))`"},
                              {"first", "write `xs[0]`"},
                              {"last", "write `xs[xs.length - 1]`"},
                              {"join", "write `join(xs, separator)`"},
                              {"unwrap", "write `.value`"},
                              {"unwrap_or", "write `.or(default)`"},
                              {"is_ok", "write `.ok`"},
                              {"isOk", "write `.ok`"},
                              {"is_err", "write `!r.ok`"},
                              {"isErr", "write `!r.ok`"},
                              {"transfer", "this belongs to contracts, which are not on this target yet"},
                              {"send", "this belongs to contracts, which are not on this target yet"},
                              {"balance", "this belongs to contracts, which are not on this target yet"},
                              {"toString", "write `string(x)`"},
                              {"to_string", "write `string(x)`"},
                              {"substring", "write `.slice(from, to)`"},
                              {"substr", "write `.slice(from, to)`"},
                              {"indexOf", "write `.find(text)`"},
                              {"index", "write `.find(text)`"},
                              {"toUpperCase", "write `.upper()`"},
                              {"toLowerCase", "write `.lower()`"},
                              {"strip", "write `.trim()`"},
                              {"startsWith", "write `.starts_with(text)`"},
                              {"endsWith", "write `.ends_with(text)`"},
                              {"charAt", "write `s[i]`: the byte at i"}};

std::string_view find(std::span<const Advice> list, std::string_view name) {
  for (const Advice& entry : list) {
    if (entry.name == name) {
      return entry.help;
    }
  }
  return {};
}

}  // namespace

std::string_view help_for_foreign_name(std::string_view name) { return find(names, name); }

std::string_view help_for_foreign_member(std::string_view name) { return find(members, name); }

}  // namespace omega::check
