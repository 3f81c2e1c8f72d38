// SPDX-License-Identifier: Apache-2.0
// Which arguments the patterns take, and how the ones written find their places.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "omega/base/interner.h"
#include "omega/check/builtins.h"
#include "omega/diag/diagnostic.h"
#include "omega/parse/tree.h"

namespace omega::check {

/// A parameter of a pattern.
struct PatternParameter {
  std::string_view name;
  bool is_required = false;
  std::string_view shape;  ///< how it is written, for messages: `x => …`
};

inline constexpr uint32_t kMaxPatternParameters = 5;

/// What a pattern takes.
struct PatternSignature {
  std::string_view name;
  std::array<PatternParameter, kMaxPatternParameters> parameters;
  uint32_t count = 0;
  std::string_view form;  ///< how a call is written, for messages

  std::span<const PatternParameter> params() const { return {parameters.data(), count}; }
};

const PatternSignature& pattern_signature(PatternKind pattern);

/// The argument expression of each parameter; 0 where none was written.
struct PatternArguments {
  std::array<parse::NodeId, kMaxPatternParameters> values{};
  bool ok = false;  ///< false: a mistake was reported

  parse::NodeId operator[](uint32_t index) const { return values[index]; }
};

/// Puts the arguments `args` of a call into places. `receiver` (0 for none) is the first parameter of the method form. Reports unknown
/// names, doubles, too many and missing ones (at `call`), unless `quiet`.
PatternArguments bind_pattern_arguments(Checker& checker, PatternKind pattern, parse::NodeId receiver, std::span<const uint32_t> args, base::Span call,
                                        bool quiet = false);

}  // namespace omega::check
