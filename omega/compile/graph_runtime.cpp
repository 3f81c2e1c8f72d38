// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/graph_runtime.h"

#include <algorithm>
#include <map>

#include "omega/compile/graph_operators.h"
#include "omega/compile/graph_strings.h"
#include "omega/compile/program_array.h"
#include "runtime/omega_runtime.h"

namespace omega::compile {

using graph::Call;
using graph::Value;
using Runtime = ir::RuntimeFunctionId;

namespace {

template <double (*function)(double)>
void run_unary(Call& call) {
  call.set(0, Value(function(call.input(0).as_float64())));
}
template <double (*function)(double, double)>
void run_binary(Call& call) {
  call.set(0, Value(function(call.input(0).as_float64(), call.input(1).as_float64())));
}

// ---- places of parallel loops -----------------------------------------------------------------------------------------

/// An array that a path leads to, by row `row` of side 0 or 1.
struct Place {
  const void* array;
  int64_t row;
  int64_t side;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// Steps of a path are 20 bits each behind four bits of flags; 0 ends it. Those into fields of objects do not occur: graphs have none.
constexpr uint32_t kElementStep = 0xf'ffff;
uint32_t step_of(uint64_t path, uint32_t depth) { return depth < 3 ? static_cast<uint32_t>(path >> (4 + 20 * depth)) & kElementStep : 0; }

void collect(std::vector<Place>& places, const Value& array, uint64_t path, uint32_t depth, int64_t row, int64_t side) {
  const uint32_t step = step_of(path, depth);
  if (step == 0) {
    if (const void* identity = identity_of(array)) {
      places.push_back({identity, row, side});
    }
    return;
  }
  if (step != kElementStep) {
    throw std::invalid_argument("a place inside an object in a graph");
  }
  for (int64_t i = 0; i < length_of(array); ++i) {
    collect(places, reference_at(array, static_cast<size_t>(i)), path, depth + 1, row < 0 ? i : row, side);
  }
}

/// Whether arrays that a parallel loop writes are others than those it touches otherwise, as om_places_apart tells: no two arrays of a
/// graph share a part, so it is enough to look which are the same.
void run_places_apart(Call& call) {
  enum Mode : int64_t { rows, same_index, disjoint, same_or_disjoint };
  const auto path_a = static_cast<uint64_t>(call.input(1).as_int64());
  const auto path_b = static_cast<uint64_t>(call.input(3).as_int64());
  const int64_t mode = call.input(4).as_int64();
  if (step_of(path_a, 0) == 0 && step_of(path_b, 0) == 0) {
    const void* a = identity_of(call.input(0));
    call.set(0, Value(a == nullptr || a != identity_of(call.input(2)) || mode == same_or_disjoint));
    return;
  }
  std::vector<Place> places;
  collect(places, call.input(0), path_a, 0, -1, 0);
  if (mode != rows) {
    collect(places, call.input(2), path_b, 0, -1, 1);
  }
  std::ranges::sort(places);
  bool apart = true;
  for (size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    for (end = begin; end < places.size() && places[end].array == places[begin].array; ++end) {
    }
    const bool one_row = places[begin].row == places[end - 1].row;
    const bool both_sides = std::ranges::any_of(places.begin() + static_cast<ptrdiff_t>(begin), places.begin() + static_cast<ptrdiff_t>(end),
                                                [&](const Place& place) { return place.side != places[begin].side; });
    apart &= mode == rows ? one_row : !both_sides || (one_row && mode != disjoint);
  }
  call.set(0, Value(apart));
}

void run_place_row(Call& call) {
  const Value& array = call.input(0);
  const int64_t index = call.input(1).as_int64();
  call.set(0, index >= 0 && index < length_of(array) ? reference_at(array, static_cast<size_t>(index)) : Value(std::vector<Value>{}));
}

// ---- the table --------------------------------------------------------------------------------------------------------

constexpr RuntimeOperator kOperators[] = {
    {Runtime::Cbrt, run_unary<om_cbrt>},
    {Runtime::Hypot, run_binary<om_hypot>},
    {Runtime::Sin, run_unary<om_sin>},
    {Runtime::Cos, run_unary<om_cos>},
    {Runtime::Tan, run_unary<om_tan>},
    {Runtime::Asin, run_unary<om_asin>},
    {Runtime::Acos, run_unary<om_acos>},
    {Runtime::Atan, run_unary<om_atan>},
    {Runtime::Atan2, run_binary<om_atan2>},
    {Runtime::Sinh, run_unary<om_sinh>},
    {Runtime::Cosh, run_unary<om_cosh>},
    {Runtime::Tanh, run_unary<om_tanh>},
    {Runtime::Exp, run_unary<om_exp>},
    {Runtime::Log, run_unary<om_log>},
    {Runtime::Log2, run_unary<om_log2>},
    {Runtime::Log10, run_unary<om_log10>},
    {Runtime::Pow, run_binary<om_pow>},
    {Runtime::Fmod, run_binary<om_fmod>},
    {Runtime::Floor, run_unary<om_floor>},
    {Runtime::Ceil, run_unary<om_ceil>},
    {Runtime::Round, run_unary<om_round>},
    {Runtime::Trunc, run_unary<om_trunc>},
    {Runtime::PlacesApart, run_places_apart, false, true},
    {Runtime::PlaceRow, run_place_row, false, true},
    {Runtime::StringConcat, strings::concat},
    {Runtime::StringEqual, strings::equal},
    {Runtime::StringCompare, strings::compare},
    {Runtime::StringSlice, strings::slice, true},
    {Runtime::StringFind, strings::find},
    {Runtime::StringStartsWith, strings::starts_with},
    {Runtime::StringEndsWith, strings::ends_with},
    {Runtime::StringSplit, strings::split, false, false, true},
    {Runtime::StringWords, strings::words, false, false, true},
    {Runtime::StringLines, strings::lines, false, false, true},
    {Runtime::StringJoin, strings::join, false, true},
    {Runtime::StringTrim, strings::trim},
    {Runtime::StringReplace, strings::replace},
    {Runtime::StringRepeat, strings::repeat, true},
    {Runtime::StringUpper, strings::upper},
    {Runtime::StringLower, strings::lower},
    {Runtime::StringFromChar, strings::from_char},
    {Runtime::StringFromI64, strings::from_i64},
    {Runtime::StringFromU64, strings::from_u64},
    {Runtime::StringFromF64, strings::from_f64},
    {Runtime::StringFromF32, strings::from_f32},
    {Runtime::StringFromBool, strings::from_bool},
    {Runtime::StringFromWide, strings::from_wide, false, false, false, true},
};

}  // namespace

const RuntimeOperator* runtime_operator(Runtime id) {
  const auto found = std::ranges::find(kOperators, id, &RuntimeOperator::id);
  return found == std::end(kOperators) ? nullptr : found;
}

void add_runtime_operators(graph::OperatorRegistry& registry) {
  for (const RuntimeOperator& op : kOperators) {
    registry.add("omega.runtime." + std::string(ir::runtime_function(op.id).name), op.run);
  }
}

}  // namespace omega::compile
