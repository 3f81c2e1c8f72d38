// SPDX-License-Identifier: Apache-2.0
// What builds put into folders that may hold other things too.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "omega/sys/files.h"

namespace omega::sys {

/// A file and what it shall hold.
struct NamedText {
  std::string_view name;  ///< without folder
  std::string_view text;
};

/// Makes the files of a set those given, and leaves the rest of the folder alone. Files that an earlier call wrote there and that are not
/// in the set any more are removed; files that hold their text already are not touched. The folder must exist.
///
/// All files are written aside before the first one is replaced, so a failure to write (a full disk) leaves the old set whole. `main`
/// names the one file without which the others are of no use: it is taken away before the first and put there after the last, so a set of
/// which some files are old and some new is never complete. A process may be killed at any moment; the next call puts everything right. Calls
/// for one folder, by any processes, wait for each other.
///
/// Two names in the folder are taken: `.omega-files`, the list of the set's names, and `.omega-new`, where files are written first.
[[nodiscard]] Result<void> replace_file_set(const std::string& folder, std::span<const NamedText> files, std::string_view main, const RunTasks& run = {});

/// Makes or replaces one file as FileSystem::write_pieces does, and removes what processes that were killed while they did the same left
/// beside it. Calls for one folder, by any processes, wait for each other. The folder must exist.
[[nodiscard]] Result<void> replace_file(const std::string& folder, const std::string& name, std::span<const std::span<const uint8_t>> pieces, FileMode mode);

/// Makes or replaces each of these files, in order, in the same way; those that hold their text already are not touched. No name may occur twice.
[[nodiscard]] Result<void> replace_files(const std::string& folder, std::span<const NamedText> files);

}  // namespace omega::sys
