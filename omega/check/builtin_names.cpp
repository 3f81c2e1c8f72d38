// SPDX-License-Identifier: Apache-2.0
// builtin_names.def as tables.
#include "omega/check/builtins.h"

namespace omega::check {

namespace {

constexpr BuiltinName kPatterns[] = {
#define OMEGA_PATTERN(kind, text) {.name = text, .receivers = {}},
#include "omega/check/builtin_names.def"
};
constexpr BuiltinName kFunctions[] = {
#define OMEGA_BUILTIN_FUNCTION(kind, text) {.name = text, .receivers = {}},
#include "omega/check/builtin_names.def"
};
constexpr BuiltinName kMethods[] = {
#define OMEGA_METHOD(kind, text, letters) {.name = text, .receivers = letters},
#include "omega/check/builtin_names.def"
};
constexpr BuiltinName kConstants[] = {
#define OMEGA_BUILTIN_CONSTANT(kind, text, number) {.name = text, .receivers = {}, .value = number},
#include "omega/check/builtin_names.def"
};

}  // namespace

std::span<const BuiltinName> pattern_names() { return kPatterns; }
std::span<const BuiltinName> function_names() { return kFunctions; }
std::span<const BuiltinName> method_names() { return kMethods; }
std::span<const BuiltinName> constant_names() { return kConstants; }

}  // namespace omega::check
