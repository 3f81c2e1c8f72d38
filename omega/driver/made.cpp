// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/made.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "omega/diag/render.h"
#include "omega/diag/unicode.h"

namespace omega::driver {
namespace {

constexpr const char* kBold = "\033[1m";
constexpr const char* kRed = "\033[1;31m";
constexpr const char* kPlain = "\033[0m";
constexpr size_t kNarrowest = 12;  // columns that are left of an artifact's name

std::string milliseconds(int64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(nanoseconds) / 1e6);
  return text;
}

std::string lines_text(size_t lines) { return std::to_string(lines) + (lines == 1 ? " line" : " lines"); }

/// "out/native/tool: 31.2 KB from 1200 lines in 2.1 ms (571 k lines/s)".
std::string line_of(const Made& made, const BuildSummary& summary) {
  std::string text = made.artifact;
  if (made.files > 1) {
    text += " and " + std::to_string(made.files - 1) + " more";
  }
  text += ": " + size_text(made.bytes) + " from " + lines_text(summary.lines) + " in " + milliseconds(summary.nanoseconds);
  if (summary.lines >= 1000) {
    char speed[48];
    std::snprintf(speed, sizeof speed, " (%.0f k lines/s)", static_cast<double>(summary.lines) * 1e6 / static_cast<double>(summary.nanoseconds));
    text += speed;
  }
  return text + "\n";
}

/// Columns that a text takes on a terminal.
size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for (size_t at = 0; at < text.size();) {
    const diag::Character character = diag::decode(text, at);
    columns += diag::display_width(character.code);
    at += character.size;
  }
  return columns;
}

using Row = std::array<std::string, 4>;

std::vector<Row> rows_of(const BuildSummary& summary) {
  std::vector<Row> rows = {{"target", "artifact", "size", "time"}};
  for (const MadeForTarget& target : summary.targets) {
    if (target.has_failed) {
      rows.push_back({target.target, "failed", "", ""});
    }
    for (const Made& made : target.made) {
      const bool is_first = &made == target.made.data();
      rows.push_back({is_first ? target.target : "", made.artifact, size_text(made.bytes), is_first ? milliseconds(target.nanoseconds) : ""});
    }
  }
  return rows;
}

/// Names keep their ends, which tell them apart.
void shorten(std::string& name, size_t columns) {
  if (columns_of(name) <= columns) {
    return;
  }
  size_t cut = 0;
  while (columns_of(std::string_view(name).substr(cut)) + 1 > columns) {
    do {
      ++cut;
    } while (cut < name.size() && (static_cast<unsigned char>(name[cut]) & 0xc0) == 0x80);
  }
  name = "…" + name.substr(cut);
}

std::string padded(const std::string& text, size_t columns) {
  const size_t width = columns_of(text);
  return text + std::string(width < columns ? columns - width : 0, ' ');
}

std::string table_text(const BuildSummary& summary, unsigned width, bool color) {
  std::vector<Row> rows = rows_of(summary);
  std::array<size_t, 4> widths{};
  const auto measure = [&] {
    widths = {};
    for (const Row& row : rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], columns_of(row[i]));
      }
    }
  };
  measure();
  const size_t others = widths[0] + widths[2] + widths[3] + 6;
  if (width != 0 && others + widths[1] > width) {
    for (Row& row : rows) {
      shorten(row[1], std::max(kNarrowest, width > others ? width - others : 0));
    }
    measure();
  }
  std::string text;
  for (const Row& row : rows) {
    const char* paint = !color ? nullptr : &row == rows.data() ? kBold : row[2].empty() ? kRed : nullptr;
    std::string line = padded(row[0], widths[0]) + "  " + padded(row[1], widths[1]) + "  " + padded(row[2], widths[2]) + "  " + row[3];
    line.erase(line.find_last_not_of(' ') + 1);
    text += paint == nullptr ? line : paint + line + kPlain;
    text += "\n";
  }
  const auto failed = static_cast<size_t>(std::ranges::count(summary.targets, true, &MadeForTarget::has_failed));
  text += std::to_string(summary.targets.size() - failed) + (failed == 0 ? "" : " of " + std::to_string(summary.targets.size())) + " targets from " +
          lines_text(summary.lines) + " in " + milliseconds(summary.nanoseconds);
  if (summary.one_by_one_ns != 0 && summary.nanoseconds != 0) {
    char times[32];
    std::snprintf(times, sizeof times, ": speed-up %.2f", static_cast<double>(summary.one_by_one_ns) / static_cast<double>(summary.nanoseconds));
    text += "; one after another " + milliseconds(summary.one_by_one_ns) + times;
  }
  return text + "\n";
}

std::string json_name(const char* key, std::string_view value) {
  std::string text = std::string("\"") + key + "\":";
  diag::append_json_string(text, value);
  return text;
}

std::string json_milliseconds(const char* key, int64_t nanoseconds) {
  char text[64];
  std::snprintf(text, sizeof text, "\"%s\":%.3f", key, static_cast<double>(nanoseconds) / 1e6);
  return text;
}

}  // namespace

std::string size_text(size_t bytes) {
  char text[32];
  if (bytes < 10'000) {
    std::snprintf(text, sizeof text, "%zu bytes", bytes);
  } else if (bytes < 10'000'000) {
    std::snprintf(text, sizeof text, "%.1f KB", static_cast<double>(bytes) / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  }
  return text;
}

std::string summary_text(const BuildSummary& summary, unsigned width, bool color) {
  if (summary.targets.size() > 1) {
    return table_text(summary, width, color);
  }
  std::string text;
  for (const MadeForTarget& target : summary.targets) {
    for (const Made& made : target.made) {
      text += line_of(made, summary);
    }
  }
  return text;
}

std::string summary_json(const BuildSummary& summary) {
  std::string text;
  std::string failed;
  for (const MadeForTarget& target : summary.targets) {
    for (const Made& made : target.made) {
      text += "{" + json_name("target", target.target) + "," + json_name("artifact", made.artifact) + ",\"files\":" + std::to_string(made.files) +
              ",\"bytes\":" + std::to_string(made.bytes) + ",\"lines\":" + std::to_string(summary.lines) + "," +
              json_milliseconds("milliseconds", summary.nanoseconds) + "," + json_milliseconds("target_milliseconds", target.nanoseconds) + "}\n";
    }
    if (target.has_failed) {
      failed += failed.empty() ? "" : ",";
      diag::append_json_string(failed, target.target);
    }
  }
  if (summary.targets.size() > 1 || !failed.empty()) {
    text += "{\"targets\":" + std::to_string(summary.targets.size()) + ",\"failed\":[" + failed + "]," +
            json_milliseconds("milliseconds", summary.nanoseconds) + "," + json_milliseconds("one_after_another_milliseconds", summary.one_by_one_ns) + "}\n";
  }
  return text;
}

}  // namespace omega::driver
