// SPDX-License-Identifier: Apache-2.0
// Sets of files that are replaced together.
#include "omega/sys/file_set.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "omega/sys/descriptor.h"
#include "omega/sys/new_file.h"
#include "omega/sys/write_pieces.h"

namespace omega::sys {
namespace {

using base::Error;

constexpr char list_name[] = ".omega-files";
constexpr char aside_name[] = ".omega-new";

std::string path_in(const std::string& folder, std::string_view name) { return std::string(folder).append("/").append(name); }

/// The folder, open and this process's alone until the descriptor is closed. A file system without locks gives it to all who ask.
Result<Descriptor> lock_folder(const std::string& folder) {
  Descriptor open(open_retrying(folder.c_str(), O_RDONLY | O_DIRECTORY));
  if (open.number() < 0) {
    return Error{"cannot open folder", errno, folder};
  }
  while (::flock(open.number(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      break;
    }
  }
  return open;
}

/// True for a regular file in the folder with exactly this text.
bool holds(int folder, const char* name, std::string_view text) {
  struct stat facts{};
  if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode) || static_cast<size_t>(facts.st_size) != text.size()) {
    return false;
  }
  const Descriptor file(open_retrying(name, O_RDONLY | O_NOFOLLOW, 0, folder));
  std::array<char, size_t{16} << 10> part;
  while (file.number() >= 0 && !text.empty()) {
    const ssize_t got = ::read(file.number(), part.data(), part.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0 || text.substr(0, static_cast<size_t>(got)) != std::string_view(part.data(), static_cast<size_t>(got))) {
      return false;
    }
    text.remove_prefix(static_cast<size_t>(got));
  }
  return file.number() >= 0;
}

/// Writes a file that nobody uses yet. 0 or the errno.
int write_aside(const std::string& path, std::string_view text) {
  Descriptor file(open_retrying(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666));
  if (file.number() < 0) {
    return errno;
  }
  const std::span<const uint8_t> piece{reinterpret_cast<const uint8_t*>(text.data()), text.size()};
  const int failure = write_pieces(file.number(), {&piece, 1});
  const int close_failure = file.close();
  return failure != 0 ? failure : close_failure;
}

/// One replacement of a set, in steps; the folder is locked.
class Replacement {
 public:
  Replacement(const std::string& folder, int number, std::span<const NamedText> files, std::string_view main)
      : folder_(folder), number_(number), files_(files), main_(main), aside_path_(path_of(aside_name)) {}

  Result<void> replace(const RunTasks& run) {
    Result<void> done = prepare();
    if (done) {
      done = write_new(run);
      if (done) {
        done = publish();
      }
      const Result<void> cleaned = remove_aside();
      if (done && !cleaned) {
        return cleaned;
      }
    }
    return done;
  }

 private:
  [[nodiscard]] std::string path_of(std::string_view name) const { return path_in(folder_, name); }
  [[nodiscard]] std::string aside_path_of(std::string_view name) const { return path_in(aside_path_, name); }

  /// Reads the names of the old set; removes what a killed process left aside.
  Result<void> prepare() {
    for (const NamedText& file : files_) {
      names_.push_back(file.name);
    }
    std::sort(names_.begin(), names_.end());
    if (real_files().type_of(path_of(list_name)) == FileType::file) {
      Result<std::string> list = real_files().read_file(path_of(list_name));
      if (!list) {
        return list.error();
      }
      old_list_ = std::move(*list);
      read_names(old_list_);
    }
    return remove_aside();
  }

  void read_names(std::string_view list) {
    while (!list.empty()) {
      const size_t end = std::min(list.find('\n'), list.size());
      const std::string_view name = list.substr(0, end);
      list.remove_prefix(std::min(end + 1, list.size()));
      if (!name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos) {
        old_names_.push_back(name);
      }
    }
    std::sort(old_names_.begin(), old_names_.end());
  }

  Result<void> remove_aside() {
    if (::rmdir(aside_path_.c_str()) == 0 || errno == ENOENT) {
      return {};
    }
    const Result<std::vector<std::string>> names = real_files().list_folder(aside_path_);
    if (!names) {
      return names.error();
    }
    for (const std::string& name : *names) {
      if (Result<void> removed = real_files().remove_file(aside_path_of(name)); !removed) {
        return removed;
      }
    }
    return ::rmdir(aside_path_.c_str()) == 0 ? Result<void>() : Error{"cannot remove folder", errno, aside_path_};
  }

  /// Writes all files that change aside.
  Result<void> write_new(const RunTasks& run) {
    if (::mkdir(aside_path_.c_str(), 0777) != 0) {
      return Error{"cannot make folder", errno, aside_path_};
    }
    changes_.assign(files_.size(), 0);
    std::vector<int> failures(files_.size());
    const auto write_one = [&](size_t i) {
      const std::string name(files_[i].name);
      changes_[i] = holds(number_, name.c_str(), files_[i].text) ? 0 : 1;
      if (changes_[i] != 0) {
        failures[i] = real_files().type_of(path_of(name)) == FileType::folder ? EISDIR : write_aside(aside_path_of(name), files_[i].text);
      }
    };
    base::run_tasks(run, files_.size(), write_one);
    for (size_t i = 0; i < files_.size(); ++i) {
      if (failures[i] != 0) {
        return Error{"cannot write file", failures[i], path_of(files_[i].name)};
      }
    }
    return {};
  }

  /// Puts the new files in the place of the old ones. While it does, the list has the names of both. Old files are removed first: a file
  /// system that chooses places late (ext4) writes a file to the disk at once when it takes another's name.
  Result<void> publish() {
    std::vector<std::string_view> gone;
    std::set_difference(old_names_.begin(), old_names_.end(), names_.begin(), names_.end(), std::back_inserter(gone));
    std::vector<std::string_view> both = names_;
    both.insert(both.end(), gone.begin(), gone.end());
    std::sort(both.begin(), both.end());
    std::vector<const NamedText*> in_order;
    const NamedText* last = nullptr;
    for (size_t i = 0; i < files_.size(); ++i) {
      const bool is_main = files_[i].name == main_;
      last = is_main ? &files_[i] : last;
      if (changes_[i] != 0 && !is_main) {
        in_order.push_back(&files_[i]);
      }
    }
    const bool main_changes = last != nullptr && changes_[static_cast<size_t>(last - files_.data())] != 0;
    if (in_order.empty() && gone.empty() && !main_changes) {
      return write_list(names_);
    }
    Result<void> done = write_list(both);
    if (done && last != nullptr) {
      done = take_away(*last, main_changes);
    }
    for (size_t i = 0; done && i < in_order.size(); ++i) {
      done = real_files().remove_file(path_of(in_order[i]->name));
      if (done) {
        done = put(in_order[i]->name);
      }
    }
    for (size_t i = 0; done && i < gone.size(); ++i) {
      done = real_files().remove_file(path_of(gone[i]));
    }
    if (done && last != nullptr) {
      done = put(last->name);
    }
    return done ? write_list(names_) : done;
  }

  /// Makes the list name these.
  Result<void> write_list(const std::vector<std::string_view>& names) {
    if (old_names_ == names) {
      return {};
    }
    old_names_ = names;
    std::string list;
    for (const std::string_view name : names) {
      list.append(name).append("\n");
    }
    if (const int failure = write_aside(aside_path_of(list_name), list); failure != 0) {
      return Error{"cannot write file", failure, path_of(list_name)};
    }
    return put(list_name);
  }

  /// Moves the main file out of the way: to where the new one waits, when there is none.
  Result<void> take_away(const NamedText& main, bool changes) {
    if (changes) {
      return real_files().remove_file(path_of(main.name));
    }
    return rename(path_of(main.name), aside_path_of(main.name), main.name);
  }

  Result<void> put(std::string_view name) { return rename(aside_path_of(name), path_of(name), name); }

  Result<void> rename(const std::string& from, const std::string& to, std::string_view name) {
    return std::rename(from.c_str(), to.c_str()) == 0 ? Result<void>() : Error{"cannot replace file", errno, path_of(name)};
  }

  const std::string& folder_;
  int number_;
  std::span<const NamedText> files_;
  std::string_view main_;
  std::string aside_path_;
  std::string old_list_;
  std::vector<std::string_view> names_;      ///< of the new set, sorted
  std::vector<std::string_view> old_names_;  ///< in the list, sorted
  std::vector<uint8_t> changes_;             ///< file by file: whether there is something else in the folder
};

/// Removes what processes that were killed while they wrote files left, where `is_ours` says so of the file's name.
template <class IsOurs>
Result<void> remove_unpublished(const std::string& folder, IsOurs&& is_ours) {
  const Result<std::vector<std::string>> names = real_files().list_folder(folder);
  if (!names) {
    return names.error();
  }
  for (const std::string& left : *names) {
    const std::string_view name = published_name(left);
    if (!name.empty() && is_ours(name)) {
      if (Result<void> removed = real_files().remove_file(path_in(folder, left)); !removed) {
        return removed;
      }
    }
  }
  return {};
}

}  // namespace

Result<void> replace_file_set(const std::string& folder, std::span<const NamedText> files, std::string_view main, const RunTasks& run) {
  const Result<Descriptor> lock = lock_folder(folder);
  if (!lock) {
    return lock.error();
  }
  return Replacement(folder, lock->number(), files, main).replace(run);
}

Result<void> replace_file(const std::string& folder, const std::string& name, std::span<const std::span<const uint8_t>> pieces, FileMode mode) {
  const Result<Descriptor> lock = lock_folder(folder);
  if (!lock) {
    return lock.error();
  }
  if (Result<void> removed = remove_unpublished(folder, [&](std::string_view candidate) { return candidate == name; }); !removed) {
    return removed;
  }
  return real_files().write_pieces(path_in(folder, name), pieces, mode);
}

Result<void> replace_files(const std::string& folder, std::span<const NamedText> files) {
  const Result<Descriptor> lock = lock_folder(folder);
  if (!lock) {
    return lock.error();
  }
  std::vector<std::string_view> names;
  for (const NamedText& file : files) {
    names.push_back(file.name);
  }
  std::sort(names.begin(), names.end());
  Result<void> done = remove_unpublished(folder, [&](std::string_view candidate) { return std::binary_search(names.begin(), names.end(), candidate); });
  for (size_t i = 0; done && i < files.size(); ++i) {
    const std::string name(files[i].name);
    if (!holds(lock->number(), name.c_str(), files[i].text)) {
      done = real_files().write_file(path_in(folder, name), files[i].text);
    }
  }
  return done;
}

}  // namespace omega::sys
