// SPDX-License-Identifier: Apache-2.0
// Taking printf formats apart.
#include "omega/check/builtin_format.h"

namespace omega::check {
namespace {

constexpr int32_t kMaxField = 4096;  ///< widths and precisions above are surely mistakes
constexpr std::string_view kConversions = "vdiuxXobcsfFeEgGqt";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

uint8_t flag_of(char c) {
  switch (c) {
    case '-': return 1;
    case '+': return 2;
    case ' ': return 4;
    case '#': return 8;
    case '0': return 16;
    default: return 0;
  }
}

/// Reads one conversion from text[at] (`%`) on.
class ConversionReader {
 public:
  ConversionReader(std::string_view text, size_t at) : text_(text), begin_(at), at_(at + 1) {}

  bool read(FormatPiece& piece, Format& format) {
    while (at_ < text_.size() && flag_of(text_[at_]) != 0) {
      piece.flags |= flag_of(text_[at_++]);
    }
    if (!number(piece.width, format)) {
      return false;
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      piece.precision = 0;
      if (!number(piece.precision, format)) {
        return false;
      }
    }
    return letter(piece, format);
  }

  size_t end() const { return at_; }

 private:
  bool fail(Format& format, std::string error, std::string help = {}) {
    format.wrong = text_.substr(begin_, at_ - begin_);
    format.error = std::move(error);
    format.help = std::move(help);
    return false;
  }

  bool number(int32_t& value, Format& format) {
    if (at_ < text_.size() && text_[at_] == '*') {
      ++at_;
      return fail(format, "width and precision are written as numbers", "use `format` to build text of a computed width");
    }
    if (at_ >= text_.size() || !is_digit(text_[at_])) {
      return true;
    }
    value = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      value = value * 10 + (text_[at_++] - '0');
      if (value > kMaxField) {
        return fail(format, "width or precision is above " + std::to_string(kMaxField));
      }
    }
    return true;
  }

  bool letter(FormatPiece& piece, Format& format) {
    if (at_ >= text_.size()) {
      return fail(format, "the format ends inside a conversion", "write `%%` for a percent sign");
    }
    const char c = text_[at_++];
    if (c == 'l' || c == 'h' || c == 'z' || c == 'j') {
      return fail(format, "length letters are not needed: the type of the argument is known", "write `%d` or `%v`");
    }
    if (kConversions.find(c) == std::string_view::npos) {
      return fail(format, "unknown conversion", "conversions are %v %d %i %u %x %X %o %b %c %s %q %t %f %e %g and %%");
    }
    piece.conversion = c == 'i' ? 'd' : c;
    piece.text = text_.substr(begin_, at_ - begin_);
    return true;
  }

  std::string_view text_;
  size_t begin_;
  size_t at_;
};

void add_text(Format& format, std::string_view text) {
  if (text.empty()) {
    return;
  }
  if (format.pieces.empty() || format.pieces.back().conversion != 0) {
    format.pieces.emplace_back();
  }
  format.pieces.back().text += text;
}

}  // namespace

uint64_t FormatPiece::spec() const {
  return static_cast<uint64_t>(static_cast<unsigned char>(conversion)) | static_cast<uint64_t>(flags) << 8 | static_cast<uint64_t>(width + 1) << 16 |
         static_cast<uint64_t>(precision + 1) << 40;
}

uint32_t Format::conversions() const {
  uint32_t count = 0;
  for (const FormatPiece& piece : pieces) {
    count += piece.conversion != 0;
  }
  return count;
}

Format parse_format(std::string_view text) {
  Format format;
  size_t at = 0;
  while (at < text.size()) {
    const size_t percent = text.find('%', at);
    add_text(format, text.substr(at, percent - at));
    if (percent == std::string_view::npos) {
      break;
    }
    if (percent + 1 < text.size() && text[percent + 1] == '%') {
      add_text(format, "%");
      at = percent + 2;
      continue;
    }
    ConversionReader reader(text, percent);
    FormatPiece piece;
    if (!reader.read(piece, format)) {
      break;
    }
    at = reader.end();
    format.pieces.push_back(std::move(piece));
  }
  return format;
}

bool suits(char conversion, FormatClass type) {
  std::string_view letters;
  switch (type) {
    case FormatClass::Integer: letters = "vduxXobc"; break;
    case FormatClass::Bool: letters = "vt"; break;
    case FormatClass::Float: letters = "vfFeEgG"; break;
    case FormatClass::String: letters = "vsqx"; break;
    case FormatClass::Bytes: letters = "vx"; break;
    case FormatClass::Enum: letters = "vsd"; break;
    case FormatClass::Other: letters = "v"; break;
  }
  return letters.find(conversion) != std::string_view::npos;
}

std::string_view conversions_for(FormatClass type) {
  switch (type) {
    case FormatClass::Integer: return "`%d`, `%x`, `%o`, `%b`, `%c` or `%v`";
    case FormatClass::Bool: return "`%t` or `%v`";
    case FormatClass::Float: return "`%f`, `%e`, `%g` or `%v`";
    case FormatClass::String: return "`%s`, `%q`, `%x` or `%v`";
    case FormatClass::Bytes: return "`%x` or `%v`";
    case FormatClass::Enum: return "`%s`, `%d` or `%v`";
    case FormatClass::Other: return "`%v`";
  }
  return "`%v`";
}

}  // namespace omega::check
