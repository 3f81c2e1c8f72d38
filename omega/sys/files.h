// SPDX-License-Identifier: Apache-2.0
// Files: the interface, and the real ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/result.h"
#include "omega/base/run_tasks.h"

namespace omega::sys {

using base::Result;
using base::RunTasks;

/// Who may do what with a new file.
enum class FileMode : uint8_t { data, executable };

/// What a path names.
enum class FileType : uint8_t { missing, file, folder, other };

/// Files by path. All functions may be called from any threads at once.
class FileSystem {
 public:
  /// The most read_file takes unless told otherwise: what source texts may have, and one more to tell that there is more.
  static constexpr uint64_t default_largest = uint64_t{1} << 31;

  virtual ~FileSystem() = default;

  /// The whole contents. Pipes and devices are read to their end. More than `largest` bytes is an error (EFBIG). The string has 64
  /// bytes of spare capacity. Large files are read in parts by `run`.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path, uint64_t largest = default_largest, const RunTasks& run = {}) = 0;

  /// Makes or replaces a file by the pieces in order. At every moment, also when the process is killed or the disk is full, the path names
  /// the old contents or the new ones whole; only a failure of power may leave less. The folder must exist. A path that names a device or a
  /// pipe is written to as it is.
  [[nodiscard]] virtual Result<void> write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, FileMode mode) = 0;

  /// The same for contents in one place.
  [[nodiscard]] Result<void> write_file(const std::string& path, std::string_view contents, FileMode mode = FileMode::data) {
    const std::span<const uint8_t> piece{reinterpret_cast<const uint8_t*>(contents.data()), contents.size()};
    return write_pieces(path, {&piece, 1}, mode);
  }

  /// Makes a folder and those above it; it is fine when they are there.
  [[nodiscard]] virtual Result<void> make_folders(const std::string& path) = 0;

  /// Removes a file; it is fine when it is missing.
  [[nodiscard]] virtual Result<void> remove_file(const std::string& path) = 0;

  /// What the path names, links followed.
  [[nodiscard]] virtual FileType type_of(const std::string& path) = 0;

  /// The names in a folder, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list_folder(const std::string& path) = 0;
};

/// The machine's file system.
FileSystem& real_files();

}  // namespace omega::sys
