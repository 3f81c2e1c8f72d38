// SPDX-License-Identifier: Apache-2.0
// Reading omega.toml with toml++.
#include "omega/driver/project.h"

#include <array>
#include <cerrno>
#include <filesystem>

#include "omega/diag/edit_distance.h"
#include "omega/driver/checked_toml.h"

namespace omega::driver {
namespace {

using diag::Kind;
namespace fs = std::filesystem;

constexpr const char* file_name = "omega.toml";
constexpr std::array<std::string_view, 3> project_keys = {"name", "main", "targets"};
constexpr std::array<std::string_view, 6> known_targets = {"native", "c", "evm", "move", "solana", "cosmos"};

class Reader {
 public:
  Reader(base::FileId file, std::string folder, const source::SourceSet& texts, diag::Sink& sink)
      : file_(file), folder_(std::move(folder)), texts_(texts), sink_(sink) {}

  std::optional<Project> read() {
    std::optional<toml::parse_result> tried;
    try {
      tried = toml::parse(texts_.text(file_));
    } catch (const UnforeseenText&) {
      sink_.report(Kind::BadProjectFile, {file_, 0, 0}, {"this is not TOML"});
      return std::nullopt;
    }
    const toml::parse_result& parsed = *tried;
    if (!parsed) {
      const toml::parse_error& error = parsed.error();
      sink_.report(Kind::BadProjectFile, place(error.source()), {std::string(error.description())});
      return std::nullopt;
    }
    const toml::table& top = parsed.table();
    check_keys(top, std::array<std::string_view, 1>{"project"});
    const toml::node_view section = top["project"];
    if (!section.is_table()) {
      sink_.report(Kind::ProjectKeyMissing, {file_, 0, 0}, {"[project]"}).with_help("`omega new NAME` makes a project to look at");
      return std::nullopt;
    }
    const toml::table& project = *section.as_table();
    check_keys(project, project_keys);
    Project made;
    made.folder = folder_;
    made.name = text_of(project, "name");
    made.main = text_of(project, "main");
    if (made.main.empty() && !project.contains("main")) {
      made.main = "src/main.omega";
    }
    made.main = (fs::path(folder_) / made.main).lexically_normal().string();
    if (made.name.empty() && !project.contains("name")) {
      made.name = fs::path(made.main).stem().string();
    }
    if (made.name.find('/') != std::string::npos || made.name == "." || made.name == "..") {
      sink_.report(Kind::ProjectKeyWrong, place(project.get("name")->source()), {"name", "a file's name"});
    }
    read_targets(project, made);
    return sink_.has_errors() ? std::nullopt : std::optional(made);
  }

 private:
  base::Span place(const toml::source_region& region) const {
    const std::span<const uint32_t> lines = texts_.line_starts(file_);
    const size_t line = std::min<size_t>(std::max<size_t>(region.begin.line, 1), lines.size()) - 1;
    const auto size = static_cast<uint32_t>(texts_.text(file_).size());
    const uint32_t begin = std::min(size, lines[line] + (region.begin.column > 0 ? region.begin.column - 1 : 0));
    const uint32_t end = region.end.line == region.begin.line ? lines[line] + (region.end.column > 0 ? region.end.column - 1 : 0) : begin;
    return {file_, begin, std::max(begin, std::min(end, size))};
  }

  void check_keys(const toml::table& table, std::span<const std::string_view> known) {
    for (const auto& [key, value] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) {
        continue;
      }
      diag::Diagnostic& report = sink_.report(Kind::UnknownProjectKey, place(key.source()), {std::string(key.str())});
      if (const std::string_view nearest = diag::nearest_name(key.str(), known); !nearest.empty()) {
        report.with_help("did you mean `" + std::string(nearest) + "`?");
      }
    }
  }

  std::string text_of(const toml::table& table, const char* key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return "";
    }
    if (!node->is_string() || node->as_string()->get().empty()) {
      sink_.report(Kind::ProjectKeyWrong, place(node->source()), {key, "a text in quotes"});
      return "";
    }
    return node->as_string()->get();
  }

  void read_targets(const toml::table& project, Project& made) {
    const toml::node* node = project.get("targets");
    if (node == nullptr) {
      return;
    }
    const toml::array* list = node->as_array();
    if (list == nullptr || list->empty()) {
      sink_.report(Kind::ProjectKeyWrong, place(node->source()), {"targets", "a list such as [\"native\", \"c\"]"});
      return;
    }
    for (const toml::node& target : *list) {
      const std::string name = target.is_string() ? target.as_string()->get() : "";
      if (std::find(known_targets.begin(), known_targets.end(), name) == known_targets.end()) {
        diag::Diagnostic& report = sink_.report(Kind::UnknownTarget, place(target.source()), {name.empty() ? "this" : "`" + name + "`"});
        const std::string_view nearest = diag::nearest_name(name, known_targets);
        report.with_help(nearest.empty() ? "targets are `native`, `c`, `evm` and `move`" : "did you mean `" + std::string(nearest) + "`?");
      } else {
        made.targets.push_back(name);
      }
    }
  }

  base::FileId file_;
  std::string folder_;
  const source::SourceSet& texts_;
  diag::Sink& sink_;
};

/// The omega.toml of the working folder or the nearest one above; empty when there is none.
std::string nearest_project_file(sys::FileSystem& files) {
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  if (failed) {
    return "";
  }
  std::string up;
  for (fs::path folder = here;; folder = folder.parent_path(), up += "../") {
    if (files.type_of(up + file_name) == sys::FileType::file) {
      return up + file_name;
    }
    if (folder == folder.root_path()) {
      return "";
    }
  }
}

}  // namespace

base::Result<std::optional<Project>> find_project(const std::string& path, sys::FileSystem& files, source::SourceSet& texts, diag::Sink& sink) {
  std::string project_file = path;
  if (path.empty()) {
    project_file = nearest_project_file(files);
    if (project_file.empty()) {
      return base::Error{"no file was named, and neither this folder nor one above it holds an omega.toml", 0, ""};
    }
  } else if (files.type_of(path) == sys::FileType::folder) {
    project_file = (fs::path(path) / file_name).string();
  } else if (fs::path(path).filename() != file_name) {
    return std::optional(Project{fs::path(path).stem().string(), path, {}, ""});
  }
  base::Result<std::string> text = files.read_file(project_file);
  if (!text) {
    return text.error();
  }
  const base::FileId file = texts.add(project_file, std::move(*text), sink);
  if (!file.valid()) {
    return std::optional<Project>();
  }
  return Reader(file, fs::path(project_file).parent_path().string(), texts, sink).read();
}

}  // namespace omega::driver
