// SPDX-License-Identifier: Apache-2.0
// Loading proceeds in rounds: the files of a round are read, lexed and parsed side by side, then what they import is the next round.
#include "omega/compile/load.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "omega/base/large_heap.h"
#include "omega/check/declarations.h"
#include "omega/diag/edit_distance.h"
#include "omega/lex/lexer.h"
#include "omega/lex/outline.h"
#include "omega/task/parallel_pieces.h"

namespace omega::compile {
namespace {

/// A file with at least this many bytes is lexed and parsed by all threads together, a smaller one by one thread.
constexpr size_t large_file = lex::chunking_threshold;
/// From here on a program is large work for the system's memory too.
constexpr size_t much_text = size_t{1} << 20;
constexpr size_t many_files = 64;
/// How far above an importing file packages are looked for.
constexpr int most_folders_above = 64;
/// A few for each thread, so that one that is slow does not hold up the others.
constexpr uint32_t pieces_per_thread = 4;

parse::Dialect dialect_of(const std::string& path) { return path.ends_with(".sol") ? parse::Dialect::Solidity : parse::Dialect::Omega; }

std::string resolve_import(const std::string& importer, const std::string& path, sys::FileSystem& files) {
  const std::filesystem::path target(path);
  const std::filesystem::path folder = std::filesystem::path(importer).parent_path();
  std::string plain = (target.is_absolute() ? target : folder / target).lexically_normal().string();
  if (target.is_absolute() || path.starts_with("./") || path.starts_with("../") || files.type_of(plain) == sys::FileType::file) {
    return plain;
  }
  // `package/file` may be in a package that is installed beside the importing file or above it. Above the current folder is `..`.
  std::filesystem::path above = folder.empty() ? std::filesystem::path(".") : folder;
  for (int level = 0; level < most_folders_above; ++level) {
    std::string candidate = (above / "node_modules" / target).lexically_normal().string();
    if (files.type_of(candidate) == sys::FileType::file) {
      return candidate;
    }
    if (above.is_absolute() && !above.has_relative_path()) {
      break;
    }
    if (above == ".") {
      above = "..";
    } else if (above.filename() == "..") {
      above /= "..";
    } else {
      above = above.has_parent_path() ? above.parent_path() : std::filesystem::path(".");
    }
  }
  return plain;
}

/// A file that some import named, not read yet.
struct Wanted {
  std::string path;
  base::Span import;  ///< where it was imported; no place for the program's first file
};

/// True for a path whose closing quote is missing, which was reported: nobody knows what was meant to be imported.
bool is_unclosed(std::string_view path) { return path.size() < 2 || path.front() != path.back(); }

void report_unreadable(const Wanted& wanted, const base::Error& error, sys::FileSystem& files, diag::Sink& sink) {
  const std::string reason = error.errno_value != 0 ? std::strerror(error.errno_value) : error.message;
  diag::Diagnostic& report = sink.report(diag::Kind::CannotReadFile, wanted.import, {wanted.path, reason});
  const std::filesystem::path path(wanted.path);
  if (!path.has_extension()) {
    report.with_help("an import names the whole file, from the folder of this one: `import \"./" + path.filename().string() + ".omega\"`");
    return;
  }
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  if (auto names = files.list_folder(folder)) {
    const std::vector<std::string_view> candidates(names->begin(), names->end());
    if (const auto nearest = diag::nearest_name(path.filename().string(), candidates); !nearest.empty()) {
      report.with_help("did you mean `" + (path.parent_path() / nearest).string() + "`?");
    }
  }
}

lex::TokenStream lex_here(base::FileId file, std::string_view text, diag::Sink& sink) {
  source::check_encoding(file, text, sink);
  return lex::lex(file, text, sink);
}

lex::TokenStream outline_here(base::FileId file, std::string_view text, diag::Sink& sink) {
  source::check_encoding(file, text, sink);
  return lex::lex_outline(file, text, sink);
}

/// lex_file() for an outline.
lex::TokenStream outline_file(base::FileId file, std::string_view text, task::Scheduler& scheduler, diag::Sink& sink) {
  // A part stays in the cache from the check of its encoding to its outline.
  constexpr size_t part_size = size_t{256} << 10;
  const std::vector<lex::Chunk> chunks = lex::plan_outline_chunks(text, std::max(size_t{scheduler.threads()} * pieces_per_thread, text.size() / part_size));
  std::vector<lex::OutlineTokens> parts(chunks.size());
  std::atomic<bool> plain{true};
  task::parallel_pieces(scheduler, chunks.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      if (!source::is_plain(text.substr(chunks[i].begin, chunks[i].end - chunks[i].begin))) {
        plain.store(false, std::memory_order_relaxed);
      }
      parts[i] = lex::lex_outline_chunk(file, text, chunks[i]);
    }
  });
  if (!plain) {
    source::check_encoding(file, text, sink);
  }
  std::optional<lex::TokenStream> merged = lex::merge_outlines(file, text, parts, sink);
  return merged ? std::move(*merged) : lex::lex_outline(file, text, sink);
}

class Loader {
 public:
  Loader(LoadedProgram& program, LoadUntil until, sys::FileSystem& files, task::Scheduler& scheduler, PhaseTimes& times, diag::Sink& sink)
      : program_(program), until_(until), files_(files), scheduler_(scheduler), times_(times), sink_(sink) {}

  base::Result<void> run(const std::string& path) {
    std::vector<Wanted> round{{std::filesystem::path(path).lexically_normal().string(), {}}};
    positions_.emplace(round[0].path, 0);
    while (!round.empty()) {
      const size_t first = program_.files.size();
      if (auto read = read_round(round); !read) {
        return read;
      }
      {
        PhaseTimer timer(times_, "lex");
        for_each_file(first, [&](LoadedFile& file, task::Scheduler* scheduler, diag::Sink& sink) {
          const std::string_view text = program_.texts.text(file.id);
          if (until_ == LoadUntil::Outlines) {
            file.tokens = scheduler != nullptr ? outline_file(file.id, text, *scheduler, sink) : outline_here(file.id, text, sink);
          } else {
            file.tokens = scheduler != nullptr ? lex_file(file.id, text, *scheduler, sink) : lex_here(file.id, text, sink);
          }
        });
      }
      if (until_ == LoadUntil::Tokens) {
        return {};
      }
      {
        PhaseTimer timer(times_, "parse");
        for_each_file(first, [&](LoadedFile& file, task::Scheduler* scheduler, diag::Sink& sink) {
          file.tree = scheduler != nullptr ? parse_file(file.tokens, program_.names, file.dialect, *scheduler, sink)
                                           : parse::parse(file.tokens, program_.names, file.dialect, sink);
        });
      }
      round = next_round(first);
    }
    return {};
  }

  /// Fills LoadedFile::imports once all positions are known.
  void connect() {
    for (Imports& imports : unresolved_) {
      for (size_t i = 0; i < imports.targets.size(); ++i) {
        for (const std::string& target : imports.targets[i]) {
          program_.files[imports.first + i].imports.push_back(positions_.at(target));
        }
      }
    }
  }

 private:
  /// Reads the files of a round and appends those that exist. Only the first file of all is an error when it is missing.
  base::Result<void> read_round(std::vector<Wanted>& round) {
    PhaseTimer timer(times_, "read");
    if (round.size() >= many_files) {
      base::prepare_malloc_for_large_work();
    }
    std::vector<std::optional<base::Result<std::string>>> texts(round.size());
    task::parallel_pieces(scheduler_, round.size(), 1, [&](size_t begin, size_t end, unsigned) {
      for (size_t i = begin; i < end; ++i) {
        texts[i] = files_.read_file(round[i].path, sys::FileSystem::default_largest, task::lend(scheduler_, 1));
      }
    });
    for (size_t i = 0; i < round.size(); ++i) {
      if (!*texts[i]) {
        if (program_.files.empty()) {
          return texts[i]->error();
        }
        const base::Span place = round[i].import;
        if (!is_unclosed(program_.texts.text(place.file).substr(place.begin, place.end - place.begin))) {
          report_unreadable(round[i], texts[i]->error(), files_, sink_);
        }
        positions_[round[i].path] = check::kUnresolvedImport;
        continue;
      }
      if ((**texts[i]).size() >= much_text) {
        base::prepare_malloc_for_large_work();
      }
      const base::FileId id = program_.texts.add(round[i].path, std::move(**texts[i]), sink_);
      if (!id.valid()) {
        positions_[round[i].path] = check::kUnresolvedImport;
        continue;
      }
      positions_[round[i].path] = static_cast<uint32_t>(program_.files.size());
      LoadedFile& file = program_.files.emplace_back();
      file.path = round[i].path;
      file.id = id;
      file.dialect = dialect_of(file.path);
    }
    return {};
  }

  /// Calls `work(file, scheduler or null, sink)` for each file from `first` on: small files side by side (null), large ones one by one.
  template <class Work>
  void for_each_file(size_t first, Work&& work) {
    const size_t count = program_.files.size() - first;
    std::vector<diag::Sink> sinks(count);
    const auto is_large = [&](size_t i) { return program_.texts.text(program_.files[first + i].id).size() >= large_file; };
    task::parallel_pieces(scheduler_, count, 1, [&](size_t begin, size_t end, unsigned) {
      for (size_t i = begin; i < end; ++i) {
        if (!is_large(i)) {
          work(program_.files[first + i], static_cast<task::Scheduler*>(nullptr), sinks[i]);
        }
      }
    });
    for (size_t i = 0; i < count; ++i) {
      if (is_large(i)) {
        work(program_.files[first + i], &scheduler_, sinks[i]);
      }
      sink_.merge(std::move(sinks[i]));
    }
  }

  /// Resolves the imports of the files from `first` on and gives those files that were not met before.
  std::vector<Wanted> next_round(size_t first) {
    std::vector<Wanted> round;
    std::vector<std::vector<std::string>> targets(program_.files.size() - first);
    for (size_t i = first; i < program_.files.size(); ++i) {
      for (const check::ImportPath& import : check::import_paths(program_.files[i].tree)) {
        std::string target = resolve_import(program_.files[i].path, import.path, files_);
        if (positions_.try_emplace(target, check::kUnresolvedImport).second) {
          round.push_back({target, import.span});
        }
        targets[i - first].push_back(std::move(target));
      }
    }
    unresolved_.push_back({first, std::move(targets)});
    return round;
  }

  struct Imports {
    size_t first;
    std::vector<std::vector<std::string>> targets;
  };

  LoadedProgram& program_;
  LoadUntil until_;
  sys::FileSystem& files_;
  task::Scheduler& scheduler_;
  PhaseTimes& times_;
  diag::Sink& sink_;
  std::unordered_map<std::string, uint32_t> positions_;  ///< of each path met, in program_.files
  std::vector<Imports> unresolved_;
};

}  // namespace

lex::TokenStream lex_file(base::FileId file, std::string_view text, task::Scheduler& scheduler, diag::Sink& sink) {
  if (text.size() < lex::chunking_threshold || scheduler.threads() == 1) {
    return lex_here(file, text, sink);
  }
  const std::vector<lex::Chunk> chunks = lex::plan_chunks(text, size_t{scheduler.threads()} * pieces_per_thread);
  std::vector<lex::ChunkTokens> lexed(chunks.size());
  std::atomic<bool> plain{true};
  task::parallel_pieces(scheduler, chunks.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      if (!source::is_plain(text.substr(chunks[i].begin, chunks[i].end - chunks[i].begin))) {
        plain.store(false, std::memory_order_relaxed);
      }
      lexed[i] = lex::lex_chunk(file, text, chunks[i], lex::ChunkStart::code);
    }
  });
  if (!plain) {
    source::check_encoding(file, text, sink);
  }
  lex::MergedTokens merged = lex::merge_chunks(file, text, chunks, lexed, sink);
  task::parallel_pieces(scheduler, chunks.size() - 1, 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      lex::place_chunk(merged, lexed, i + 1);
    }
  });
  return std::move(merged.stream);
}

parse::Tree parse_file(const lex::TokenStream& tokens, base::NameInterner& names, parse::Dialect dialect, task::Scheduler& scheduler, diag::Sink& sink) {
  const std::vector<parse::Piece> pieces =
      scheduler.threads() == 1 ? std::vector<parse::Piece>{} : parse::plan_pieces(tokens, scheduler.threads() * pieces_per_thread);
  if (pieces.size() < 2) {
    return parse::parse(tokens, names, dialect, sink);
  }
  if (const auto bodies = std::count(tokens.kinds.begin(), tokens.kinds.end(), lex::TokenKind::OutlinedBody); bodies != 0) {
    // Nearly every function brings a new name.
    names.expect(static_cast<size_t>(bodies));
  }
  parse::Tree tree = parse::Tree::reserve(tokens);
  std::vector<parse::PieceResult> results(pieces.size());
  task::parallel_pieces(scheduler, pieces.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      results[i] = parse::parse_piece(tree, pieces[i], names, dialect);
    }
  });
  parse::join(tree, pieces, results, names, dialect, sink);
  return tree;
}

base::Result<void> load(LoadedProgram& program, const std::string& path, LoadUntil until, sys::FileSystem& files, task::Scheduler& scheduler, PhaseTimes& times,
                        diag::Sink& sink) {
  program.is_outline = until == LoadUntil::Outlines;
  Loader loader(program, until, files, scheduler, times, sink);
  base::Result<void> result = loader.run(path);
  loader.connect();
  return result;
}

}  // namespace omega::compile
