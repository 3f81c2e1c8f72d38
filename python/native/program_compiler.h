// SPDX-License-Identifier: Apache-2.0
// The compiler as the package uses it: a program in, the bytes of its artifacts and what is to be said about it out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "omega/base/result.h"
#include "omega/compile/contracts.h"
#include "omega/compile/parallel_compiler.h"
#include "omega/diag/diagnostic.h"
#include "omega/source/source_set.h"
#include "omega/sys/files.h"

namespace omega::python {

/// The machine's files, and one that is only in memory. Any thread.
class FilesWithText final : public sys::FileSystem {
 public:
  FilesWithText(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

  sys::Result<std::string> read_file(const std::string& path, uint64_t largest, const sys::RunTasks& run) override;
  sys::Result<void> write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, sys::FileMode mode) override;
  sys::Result<void> make_folders(const std::string& path) override { return sys::real_files().make_folders(path); }
  sys::Result<void> remove_file(const std::string& path) override { return sys::real_files().remove_file(path); }
  sys::FileType type_of(const std::string& path) override { return path == path_ ? sys::FileType::file : sys::real_files().type_of(path); }
  sys::Result<std::vector<std::string>> list_folder(const std::string& path) override { return sys::real_files().list_folder(path); }

 private:
  const std::string path_;
  const std::string text_;
};

/// What a program is compiled for, and how.
struct ProgramOptions {
  std::string path;
  std::optional<std::string> text;           ///< what the file holds, where it is not to be read
  std::string name;                          ///< of the artifacts
  std::vector<std::string> targets;          ///< native, c; none: the program is checked only
  std::vector<std::string> disabled_passes;  ///< names of optimisation passes that are left out
  unsigned threads = 0;                      ///< of its parallel loops; 0: one for each processor
  bool release = false;
  bool explain = false;
  bool auto_parallel = true;
};

/// What was said about a program: as JSON, one object a line, and as a terminal shows it.
struct Reports {
  std::string json;
  std::string text;
  size_t errors = 0;

  /// Adds what `sink` holds.
  void add(diag::Sink& sink, const source::SourceSet& texts);
};

/// A target's files. Whole, or the target failed.
struct TargetFiles {
  std::string target;
  std::vector<compile::ContractFile> files;
  bool is_whole = false;
  size_t code_bytes = 0;  ///< of what runs
};

struct CompiledProgram {
  Reports reports;
  std::string explanation;  ///< JSON, one loop a line
  std::vector<TargetFiles> targets;
};

/// Compiles a program for native and C, on all cores. Fails when its first file cannot be read, or a pass to be left out is unknown; what is wrong with it is
/// in `reports`. Any thread.
base::Result<CompiledProgram> compile_program(const ProgramOptions& options);
/// Checks a program or contracts and makes nothing.
base::Result<CompiledProgram> check_source(const ProgramOptions& options);
/// The files of a ParallelCompiler's result, and all that was said.
CompiledProgram take_contracts(compile::CompilationResult& result);
/// Puts a target's files into `folder`, as `omega build` does: at every moment what was there before or what is to be there.
base::Result<void> write_files(const std::string& folder, const TargetFiles& target);

}  // namespace omega::python
