// SPDX-License-Identifier: Apache-2.0
// The file system in memory.
#include "omega/sys/memory_files.h"

#include <cerrno>

namespace omega::sys {
namespace {

using base::Error;

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

void MemoryFiles::put(const std::string& path, std::string contents) {
  const std::lock_guard lock(mutex_);
  add_folders(folder_of(path));
  files_[path] = std::move(contents);
}

void MemoryFiles::fail(const std::string& path, int errno_value) {
  const std::lock_guard lock(mutex_);
  failures_[path] = errno_value;
}

int MemoryFiles::failure_of(const std::string& path) const {
  const auto found = failures_.find(path);
  return found == failures_.end() ? 0 : found->second;
}

void MemoryFiles::add_folders(const std::string& path) {
  for (std::string folder = path; !folder.empty(); folder = folder_of(folder)) {
    folders_.insert(folder);
  }
}

Result<std::string> MemoryFiles::read_file(const std::string& path, uint64_t largest, const RunTasks&) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  int failure = failure_of(path);
  if (failure == 0 && found == files_.end()) {
    failure = folders_.contains(path) ? EISDIR : ENOENT;
  }
  if (failure == 0 && found->second.size() > largest) {
    failure = EFBIG;
  }
  if (failure != 0) {
    return Error{"cannot read file", failure, path};
  }
  return found->second;
}

Result<void> MemoryFiles::write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, FileMode) {
  const std::lock_guard lock(mutex_);
  int failure = failure_of(path);
  if (failure == 0 && folders_.contains(path)) {
    failure = EISDIR;
  }
  if (failure == 0 && !folder_of(path).empty() && !folders_.contains(folder_of(path))) {
    failure = ENOENT;
  }
  if (failure != 0) {
    return Error{"cannot write file", failure, path};
  }
  std::string& contents = files_[path];
  contents.clear();
  for (const std::span<const uint8_t> piece : pieces) {
    contents.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  return {};
}

Result<void> MemoryFiles::make_folders(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (std::string folder = path; !folder.empty(); folder = folder_of(folder)) {
    const int failure = files_.contains(folder) ? EEXIST : failure_of(folder);
    if (failure != 0) {
      return Error{"cannot make folder", failure, folder};
    }
  }
  add_folders(path);
  return {};
}

Result<void> MemoryFiles::remove_file(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const int failure = failure_of(path); failure != 0) {
    return Error{"cannot remove file", failure, path};
  }
  files_.erase(path);
  return {};
}

FileType MemoryFiles::type_of(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return files_.contains(path) ? FileType::file : folders_.contains(path) ? FileType::folder : FileType::missing;
}

Result<std::vector<std::string>> MemoryFiles::list_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const int failure = failure_of(path); failure != 0 || (!path.empty() && !folders_.contains(path))) {
    return Error{"cannot list folder", failure != 0 ? failure : ENOENT, path};
  }
  std::set<std::string> names;
  const auto take = [&](const std::string& candidate) {
    if (folder_of(candidate) == path) {
      names.insert(path.empty() ? candidate : candidate.substr(path.size() + 1));
    }
  };
  for (const auto& [file, contents] : files_) {
    take(file);
  }
  for (const std::string& folder : folders_) {
    take(folder);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace omega::sys
