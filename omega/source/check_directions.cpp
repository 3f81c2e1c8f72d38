// SPDX-License-Identifier: Apache-2.0
// Marks that turn the direction of writing show code in another order than the compiler reads it ("Trojan Source", CVE-2021-42574). They may stand in comments
// and strings where each ends within the one that it begins in.
#include "omega/source/check_directions.h"

#include "omega/diag/unicode.h"

namespace omega::source {
namespace {

/// Follows comments and strings as both languages write them.
class Regions {
 public:
  Regions(FileId file, std::string_view text, diag::Sink& sink) : file_(file), text_(text), sink_(sink) {}

  void run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (c == '/' && next == '/') {
        const size_t end = text_.find('\n', at_);
        look(end == std::string_view::npos ? text_.size() : end);
      } else if (c == '/' && next == '*') {
        const size_t end = text_.find("*/", at_ + 2);
        look(end == std::string_view::npos ? text_.size() : end + 2);
      } else if (c == '"' || c == '\'') {
        look(end_of_string(c));
      } else {
        ++at_;
      }
    }
  }

 private:
  [[nodiscard]] size_t end_of_string(char quote) const {
    size_t at = at_ + 1;
    while (at < text_.size() && text_[at] != quote && text_[at] != '\n') {
      at += text_[at] == '\\' ? 2 : 1;
    }
    return std::min(at + 1, text_.size());
  }

  /// At the region [at_, end).
  void look(size_t end) {
    size_t depth = 0;
    size_t first = 0;
    for (; at_ < end;) {
      const diag::Character character = diag::decode(text_, at_);
      const int turn = turn_of(character.code);
      if (turn < 0 && depth == 0) {
        report(at_, "ends a change of direction that does not begin here");
        depth = 1;
      }
      first = turn > 0 && depth == 0 ? at_ : first;
      depth += static_cast<size_t>(turn);
      at_ += character.size;
    }
    at_ = end;
    if (depth != 0) {
      report(first, "changes the direction of what follows, beyond the end of this comment or string");
    }
  }

  void report(size_t at, const char* what) {
    const auto begin = static_cast<uint32_t>(at);
    sink_.report(diag::Kind::DirectionMark, {file_, begin, begin + 3}, {what});
  }

  FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  size_t at_ = 0;
};

}  // namespace

int turn_of(char32_t code) {
  const bool begins = code == 0x202a || code == 0x202b || code == 0x202d || code == 0x202e || (code >= 0x2066 && code <= 0x2068);
  const bool ends = code == 0x202c || code == 0x2069;
  return begins ? 1 : ends ? -1 : 0;
}

void check_directions(FileId file, std::string_view text, diag::Sink& sink) { Regions(file, text, sink).run(); }

}  // namespace omega::source
