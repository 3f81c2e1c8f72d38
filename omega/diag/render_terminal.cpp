// SPDX-License-Identifier: Apache-2.0
// Diagnostics for people: place, message, the source line with what is meant underlined, notes and help.
#include <algorithm>
#include <cstring>
#include <string>

#include "omega/diag/render.h"
#include "omega/diag/unicode.h"

namespace omega::diag {
namespace {

constexpr unsigned tab_width = 4;
constexpr unsigned smallest_width = 40;

enum class Color { plain, bold, red, yellow, blue, cyan, green };

class Painter {
 public:
  explicit Painter(bool enabled) : enabled_(enabled) {}

  /// Appends text in a color.
  void paint(std::string& out, Color color, std::string_view text) const {
    if (!enabled_ || color == Color::plain) {
      out += text;
      return;
    }
    static constexpr std::string_view codes[] = {"", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1;36m", "\x1b[1;32m"};
    out += codes[static_cast<size_t>(color)];
    out += text;
    out += "\x1b[0m";
  }

 private:
  bool enabled_;
};

Color color_of(Severity severity) {
  switch (severity) {
    case Severity::error: return Color::red;
    case Severity::warning: return Color::yellow;
    case Severity::note: return Color::cyan;
  }
  return Color::plain;
}

/// A line as it will be shown: tabs made spaces, unprintable characters made visible, with the columns that are underlined.
struct ShownLine {
  std::string text;
  unsigned mark_begin = 0;
  unsigned mark_end = 0;
};

/// What a character becomes on the screen, and its width.
unsigned append_shown(std::string& out, const Character& character, unsigned column) {
  if (character.code == '\t') {
    const unsigned width = tab_width - column % tab_width;
    out.append(width, ' ');
    return width;
  }
  const bool control = character.code < 0x20 || (character.code >= 0x7f && character.code < 0xa0);
  // Characters that would reorder or hide the text around them are shown as a mark as well.
  const bool deceptive = (character.code >= 0x200b && character.code <= 0x200f) || (character.code >= 0x202a && character.code <= 0x202e) ||
                         (character.code >= 0x2066 && character.code <= 0x2069);
  const char32_t shown = control || deceptive ? 0xfffd : character.code;
  append_utf8(out, shown);
  return display_width(shown);
}

/// Lays out the bytes [begin, end) of `text`; marks the bytes of [mark_begin, mark_end). Where `room` is not 0 and the line is wider,
/// only a part around the mark is kept, with "..." where something is missing.
ShownLine lay_out(std::string_view text, size_t begin, size_t end, size_t mark_begin, size_t mark_end, unsigned room) {
  // A line can have megabytes; only what can be seen is looked at.
  const size_t reach = room == 0 ? end - begin : size_t{room} * 4;
  size_t from = begin;
  if (mark_begin - begin > reach) {
    from = mark_begin - reach;
    while (from < mark_begin && (static_cast<uint8_t>(text[from]) & 0xc0) == 0x80) {
      ++from;
    }
  }
  const size_t to = end - mark_begin > reach * 2 ? mark_begin + reach * 2 : end;

  struct Cell {
    unsigned column;
    size_t at;
  };
  ShownLine line;
  std::vector<Cell> cells;
  unsigned column = 0;
  bool mark_open = false;
  bool mark_closed = false;
  for (size_t i = from; i < to;) {
    if (!mark_open && i >= mark_begin) {
      line.mark_begin = column;
      mark_open = true;
    }
    if (!mark_closed && i >= mark_end) {
      line.mark_end = column;
      mark_closed = true;
    }
    cells.push_back({column, line.text.size()});
    const Character character = decode(text.substr(0, to), i);
    column += append_shown(line.text, character, column);
    i += character.size;
  }
  if (!mark_open) {
    line.mark_begin = column;
  }
  if (!mark_closed) {
    line.mark_end = column;
  }
  line.mark_end = std::max(line.mark_end, line.mark_begin + 1);
  const bool cut_left_already = from != begin;
  if (room == 0 || (column <= room && !cut_left_already && to == end)) {
    return line;
  }

  // Keep the window of `room` columns in which the mark begins after a third.
  constexpr unsigned dots = 3;
  unsigned window_begin = line.mark_begin > room * 2 / 3 ? line.mark_begin - room / 3 : 0;
  if (cut_left_already && window_begin == 0) {
    window_begin = 1;
  }
  const bool cut_left = window_begin > 0;
  const unsigned left = cut_left ? dots : 0;
  const unsigned window_end = window_begin + room - left - dots;
  ShownLine clipped;
  clipped.text = cut_left ? "..." : "";
  const auto first = std::lower_bound(cells.begin(), cells.end(), window_begin, [](const Cell& c, unsigned w) { return c.column < w; });
  const auto last = std::lower_bound(first, cells.end(), window_end, [](const Cell& c, unsigned w) { return c.column < w; });
  const unsigned shift = first == cells.end() ? column : first->column;
  const size_t text_from = first == cells.end() ? line.text.size() : first->at;
  const size_t text_to = last == cells.end() ? line.text.size() : last->at;
  clipped.text += line.text.substr(text_from, text_to - text_from);
  const unsigned shown_end = last == cells.end() ? column : last->column;
  if (last != cells.end() || to != end) {
    clipped.text += "...";
  }
  clipped.mark_begin = line.mark_begin - std::min(shift, line.mark_begin) + left;
  clipped.mark_end = std::min(line.mark_end, std::max(shown_end, line.mark_begin + 1)) - std::min(shift, line.mark_begin) + left;
  clipped.mark_end = std::max(clipped.mark_end, clipped.mark_begin + 1);
  return clipped;
}

void append_snippet(std::string& out, Span span, const SourceReader& sources, const TerminalStyle& style, const Painter& painter, Color mark_color) {
  const std::string_view text = sources.text(span.file);
  const size_t mark_begin = std::min<size_t>(span.begin, text.size());
  const void* const line_end = mark_begin == 0 ? nullptr : ::memrchr(text.data(), '\n', mark_begin);
  const size_t begin = line_end == nullptr ? 0 : static_cast<size_t>(static_cast<const char*>(line_end) - text.data()) + 1;
  size_t end = text.find('\n', mark_begin);
  end = end == std::string_view::npos ? text.size() : end;
  if (end > mark_begin && text[end - 1] == '\r') {
    --end;
  }
  const size_t mark_end = std::clamp<size_t>(span.end, mark_begin, end);
  const std::string number = std::to_string(sources.locate(span.file, static_cast<uint32_t>(mark_begin)).line);
  const auto gutter = static_cast<unsigned>(std::max<size_t>(number.size(), 4)) + 3;
  const unsigned room = style.width == 0 ? 0 : std::max(style.width, smallest_width) - gutter - 1;
  const ShownLine line = lay_out(text, begin, end, mark_begin, mark_end, room);

  painter.paint(out, Color::blue, std::string(gutter - 3 - number.size(), ' ') + number + " |");
  if (!line.text.empty()) {
    out += ' ';
    out += line.text;
  }
  out += '\n';
  painter.paint(out, Color::blue, std::string(gutter - 2, ' ') + "|");
  out.append(line.mark_begin + 1, ' ');
  painter.paint(out, mark_color, "^" + std::string(line.mark_end - line.mark_begin - 1, '~'));
  out += '\n';
}

void append_place(std::string& out, Span span, const SourceReader& sources, const Painter& painter) {
  if (!span.valid()) {
    painter.paint(out, Color::bold, "omega:");
    return;
  }
  const LineColumn place = sources.locate(span.file, span.begin);
  painter.paint(out, Color::bold, std::string(sources.path(span.file)) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ":");
}

}  // namespace

std::string render_terminal(const Diagnostic& diagnostic, const SourceReader& sources, const TerminalStyle& style) {
  const Painter painter(style.color);
  const Severity severity = diagnostic.severity();
  std::string out;
  append_place(out, diagnostic.span, sources, painter);
  out += ' ';
  painter.paint(out, color_of(severity), std::string(severity_name(severity)) + "[" + info(diagnostic.kind).code + "]:");
  out += ' ';
  painter.paint(out, Color::bold, diagnostic.message());
  out += '\n';
  if (diagnostic.span.valid()) {
    append_snippet(out, diagnostic.span, sources, style, painter, color_of(severity));
  }
  for (const Note& note : diagnostic.notes) {
    if (note.span.valid()) {
      append_place(out, note.span, sources, painter);
      out += ' ';
      painter.paint(out, Color::cyan, "note:");
      out += ' ' + note.text + '\n';
      append_snippet(out, note.span, sources, style, painter, Color::cyan);
    } else {
      painter.paint(out, Color::blue, "     = ");
      painter.paint(out, Color::cyan, "note:");
      out += ' ' + note.text + '\n';
    }
  }
  if (!diagnostic.help.empty()) {
    painter.paint(out, Color::blue, "     = ");
    painter.paint(out, Color::green, "help:");
    out += ' ' + diagnostic.help + '\n';
  }
  return out;
}

std::string render_terminal(Sink& sink, const SourceReader& sources, const TerminalStyle& style) {
  std::string out;
  for (const Diagnostic& diagnostic : sink.diagnostics()) {
    out += render_terminal(diagnostic, sources, style);
  }
  if (sink.too_many_errors()) {
    out += "omega: too many errors; the first " + std::to_string(Sink::max_shown) + " are shown\n";
  }
  return out;
}

}  // namespace omega::diag
