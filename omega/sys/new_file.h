// SPDX-License-Identifier: Apache-2.0
// Files that are written whole before they have a name.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace omega::sys {

/// A file that gets its name when it is whole. It has none before where the file system can do that, so that a process that is killed
/// leaves nothing behind; else one of its own beside the path.
class NewFile {
 public:
  /// Opens it for writing; number() is negative and errno set when that failed. `path` must outlive it.
  NewFile(const std::string& path, mode_t mode);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] int number() const { return number_; }

  /// Puts the file in the place of what the path names; 0 or the errno.
  int publish();

 private:
  bool give_name();

  const std::string& path_;
  std::string aside_;
  int number_ = -1;
  bool is_named_ = false;
};

/// The name under which a NewFile would be published that has this name until then; empty for all other names.
std::string_view published_name(std::string_view name);

/// Gives an open file its room on the disk at once. Without it a file system that chooses places late (ext4) starts writing to the disk when
/// the file takes another's name, and the caller waits. A refusal is no failure: writing tells what is wrong.
void reserve_room(int descriptor, std::span<const std::span<const uint8_t>> pieces);

}  // namespace omega::sys
