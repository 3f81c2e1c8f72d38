// SPDX-License-Identifier: Apache-2.0
// printf formats, taken apart at compile time: text runs and conversions, and which conversion suits which type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omega::check {

/// A run of text (conversion 0) or a conversion of one argument.
struct FormatPiece {
  char conversion = 0;     ///< 0: `text`; else the letter
  uint8_t flags = 0;       ///< OM_FLAG_* of the runtime
  int32_t width = -1;      ///< -1: none
  int32_t precision = -1;  ///< -1: none
  std::string text;        ///< what is printed (conversion 0), or the conversion as written

  /// True for `%v`, `%d` and the like without flags, width and precision.
  bool is_plain() const { return flags == 0 && width < 0 && precision < 0; }
  /// As the runtime's om_out_spec_* functions take it (OM_SPEC).
  uint64_t spec() const;
};

/// A format taken apart. When `error` is not empty it says what is wrong with the conversion `wrong`; the pieces before it hold.
struct Format {
  std::vector<FormatPiece> pieces;
  std::string error;
  std::string wrong;
  std::string help;

  /// How many arguments it takes.
  uint32_t conversions() const;
};

/// Takes apart a format: `%[flags][width][.precision]letter`, `%%`.
Format parse_format(std::string_view text);

/// Groups of types that the same conversions suit.
enum class FormatClass : uint8_t { Integer, Bool, Float, String, Bytes, Enum, Other };
/// Does the conversion suit values of this class?
bool suits(char conversion, FormatClass type);
/// The conversions that do, for messages: "`%d`, `%x` or `%v`".
std::string_view conversions_for(FormatClass type);

}  // namespace omega::check
