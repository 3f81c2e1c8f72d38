// SPDX-License-Identifier: Apache-2.0
// A file system in memory, for tests and for texts that never were on a disk.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "omega/sys/files.h"

namespace omega::sys {

/// Files in a table. Paths are taken literally; "a/../b" is not "b".
class MemoryFiles final : public FileSystem {
 public:
  /// Puts a file there, folders made as needed.
  void put(const std::string& path, std::string contents);
  /// From now on, each operation on this path fails with this errno; 0 takes that back.
  void fail(const std::string& path, int errno_value);

  Result<std::string> read_file(const std::string& path, uint64_t largest = default_largest, const RunTasks& run = {}) override;
  Result<void> write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, FileMode mode) override;
  Result<void> make_folders(const std::string& path) override;
  Result<void> remove_file(const std::string& path) override;
  FileType type_of(const std::string& path) override;
  Result<std::vector<std::string>> list_folder(const std::string& path) override;

 private:
  [[nodiscard]] int failure_of(const std::string& path) const;
  void add_folders(const std::string& path);

  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::set<std::string> folders_;
  std::map<std::string, int> failures_;
};

}  // namespace omega::sys
