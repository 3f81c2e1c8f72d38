// SPDX-License-Identifier: Apache-2.0
// toml++ 3.3, or 3.4, whose parts have other names, for texts that anyone may have written. Its parser asserts much that a text can contradict (a table's name
// behind `[`, digits behind the `T` of a time, a value before `}`), which ends a debug build and is undefined where NDEBUG is set; here each becomes an
// exception.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#if __has_include(<toml++/impl/preprocessor.hpp>)
#include <toml++/impl/preprocessor.hpp>
#else
#include <toml++/impl/preprocessor.h>
#endif

namespace omega::driver {

/// Thrown by toml::parse where the text is none that the parser foresaw.
struct UnforeseenText {};

}  // namespace omega::driver

#undef TOML_ASSERT
#undef TOML_ASSERT_ASSUME
#undef TOML_UNREACHABLE
#define TOML_ASSERT(condition) (static_cast<bool>(condition) ? void() : throw omega::driver::UnforeseenText{})
#define TOML_ASSERT_ASSUME(condition) TOML_ASSERT(condition)
// Questions about a character are noexcept: their answer is no.
#define TOML_UNREACHABLE \
  return {}
// What is noexcept ends the process where its condition fails; no text is known that gets there.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wterminate"
#if __has_include(<toml++/impl/unicode.hpp>)
#include <toml++/impl/forward_declarations.hpp>
#include <toml++/impl/unicode.hpp>
#else
#include <toml++/impl/forward_declarations.h>
#include <toml++/impl/unicode.h>
#endif
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE \
  throw omega::driver::UnforeseenText {}
#include <toml++/toml.h>
#pragma GCC diagnostic pop
