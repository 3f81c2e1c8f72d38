// SPDX-License-Identifier: Apache-2.0
// The machine's file system by system calls.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "omega/base/large_memory.h"
#include "omega/sys/files.h"
#include "omega/sys/write_pieces.h"

namespace omega::sys {
namespace {

using base::Error;

constexpr size_t spare_capacity = 64;
constexpr size_t stream_step = size_t{64} << 10;
/// What one task reads of a large file.
constexpr size_t part_size = size_t{2} << 20;

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int number() const { return number_; }
  /// Closes now; 0 or the errno.
  int close() {
    const int number = std::exchange(number_, -1);
    return ::close(number) == 0 ? 0 : errno;
  }

 private:
  int number_;
};

int open_retrying(const char* path, int flags, mode_t mode = 0) {
  int number;
  do {
    number = ::open(path, flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return number;
}

/// Bytes read from `offset` on, at most `size`; less only at the end. -1 with errno on failure. Where there are no offsets (pipes) it must
/// be that of the next byte.
ssize_t read_fully(int number, char* to, size_t size, size_t offset, bool is_stream) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = is_stream ? ::read(number, to + done, size - done) : ::pread(number, to + done, size - done, static_cast<off_t>(offset + done));
    if (got == 0) {
      break;
    }
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return -1;
    }
    done += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

/// The first `size` bytes of a regular file, in parts; how many of them came before one that did not.
size_t read_parts(int number, char* to, size_t size, const RunTasks& run) {
  std::vector<size_t> got((size + part_size - 1) / part_size);
  run(got.size(), [&](size_t part) {
    const size_t begin = part * part_size;
    got[part] = static_cast<size_t>(std::max<ssize_t>(read_fully(number, to + begin, std::min(part_size, size - begin), begin, false), 0));
  });
  size_t whole = 0;
  for (size_t part = 0; part < got.size() && whole == part * part_size; ++part) {
    whole += got[part];
  }
  return whole;
}

/// Appends the next `room` bytes of a file to those read before; less only at the end. Bytes appended, or -1 with errno.
ssize_t read_more(int number, std::string& text, size_t room, bool is_stream, const RunTasks& run) {
  const size_t before = text.size();
  text.reserve(before + room + spare_capacity);
  if (room >= base::large_size) {
    base::prefer_huge_pages(text.data(), text.capacity());
  }
  ssize_t got = 0;
  text.resize_and_overwrite(before + room, [&](char* bytes, size_t) {
    const size_t done = run && !is_stream && before == 0 && room > 2 * part_size ? read_parts(number, bytes, room - 1, run) : 0;
    got = read_fully(number, bytes + before + done, room - done, before + done, is_stream);
    got += got < 0 ? 0 : static_cast<ssize_t>(done);
    return before + static_cast<size_t>(std::max<ssize_t>(got, 0));
  });
  return got;
}

using Pieces = std::span<const std::span<const uint8_t>>;

/// A file that gets its name when it is whole. It has none before where the file system can do that, so that a process that is killed
/// leaves nothing behind; else one of its own beside the path.
class NewFile {
 public:
  NewFile(const std::string& path, mode_t mode) : path_(path) {
    static std::atomic<unsigned> counter{0};
    aside_ = path + ".new." + std::to_string(::getpid()) + "." + std::to_string(counter.fetch_add(1, std::memory_order_relaxed));
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::access("/proc/self/fd", X_OK) == 0) {  // the way to name it later
      number_ = open_retrying(folder.c_str(), O_TMPFILE | O_WRONLY, mode);
    }
    if (number_ < 0) {
      number_ = open_retrying(aside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, mode);
      is_named_ = number_ >= 0;
    }
  }
  ~NewFile() {
    if (number_ >= 0) {
      ::close(number_);
    }
    if (is_named_) {
      ::unlink(aside_.c_str());
    }
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] int number() const { return number_; }

  /// Puts the file in the place of what the path names; 0 or the errno.
  int publish() {
    if (!is_named_ && !give_name()) {
      return errno;
    }
    is_named_ = true;
    if (::close(std::exchange(number_, -1)) != 0 || std::rename(aside_.c_str(), path_.c_str()) != 0) {
      return errno;
    }
    is_named_ = false;
    return 0;
  }

 private:
  bool give_name() {
    const std::string open_file = "/proc/self/fd/" + std::to_string(number_);
    if (::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, aside_.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      return true;
    }
    // What a process of the same number left behind.
    return errno == EEXIST && ::unlink(aside_.c_str()) == 0 && ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, aside_.c_str(), AT_SYMLINK_FOLLOW) == 0;
  }

  const std::string& path_;
  std::string aside_;
  int number_ = -1;
  bool is_named_ = false;
};

/// Writes to what is there: a device or a pipe. 0 or the errno.
int write_in_place(const std::string& path, Pieces pieces) {
  Descriptor file(open_retrying(path.c_str(), O_WRONLY));
  if (file.number() < 0) {
    return errno;
  }
  const int failure = sys::write_pieces(file.number(), pieces);
  const int close_failure = file.close();
  return failure != 0 ? failure : close_failure;
}

/// Gives the file its room on the disk at once. Without it a file system that chooses places late (ext4) starts writing to the disk when
/// the file takes another's name, and the caller waits. A refusal is no failure: writing tells what is wrong.
void reserve_room(int number, Pieces pieces) {
  off_t size = 0;
  for (const std::span<const uint8_t>& piece : pieces) {
    size += static_cast<off_t>(piece.size());
  }
  if (size != 0) {
    (void)::fallocate(number, FALLOC_FL_KEEP_SIZE, 0, size);
  }
}

int write_new(const std::string& path, Pieces pieces, mode_t mode) {
  NewFile file(path, mode);
  if (file.number() < 0) {
    return errno;
  }
  reserve_room(file.number(), pieces);
  const int failure = sys::write_pieces(file.number(), pieces);
  return failure != 0 ? failure : file.publish();
}

class RealFiles final : public FileSystem {
 public:
  Result<std::string> read_file(const std::string& path, uint64_t largest, const RunTasks& run) override {
    static constexpr char what[] = "cannot read file";
    const Descriptor file(open_retrying(path.c_str(), O_RDONLY));
    if (file.number() < 0) {
      return Error{what, errno, path};
    }
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) {
      return Error{what, errno, path};
    }
    if (S_ISDIR(facts.st_mode)) {
      return Error{what, EISDIR, path};
    }
    const bool is_stream = !S_ISREG(facts.st_mode);
    const uint64_t expected = is_stream ? 0 : static_cast<uint64_t>(facts.st_size);
    if (expected > largest) {
      return Error{what, EFBIG, path};
    }
    std::string text;
    // One byte more than expected tells the end of the file in the same call.
    size_t room = static_cast<size_t>(expected) + 1;
    while (true) {
      const ssize_t got = read_more(file.number(), text, room, is_stream, run);
      if (got < 0) {
        return Error{what, errno, path};
      }
      if (text.size() > largest) {
        return Error{what, EFBIG, path};
      }
      if (static_cast<size_t>(got) < room) {
        break;
      }
      room = std::max(stream_step, text.size());
    }
    text.reserve(text.size() + spare_capacity);
    return text;
  }

  Result<void> write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, FileMode mode) override {
    static constexpr char what[] = "cannot write file";
    const FileType type = type_of(path);
    if (type == FileType::folder) {
      return Error{what, EISDIR, path};
    }
    const int failure = type == FileType::other ? write_in_place(path, pieces) : write_new(path, pieces, mode == FileMode::executable ? 0777 : 0666);
    if (failure != 0) {
      return Error{what, failure, path};
    }
    return {};
  }

  Result<void> make_folders(const std::string& path) override {
    for (size_t end = 0; end != std::string::npos && !path.empty();) {
      end = path.find('/', end + 1);
      const std::string part = path.substr(0, end);
      if (::mkdir(part.c_str(), 0777) != 0) {
        const int failure = errno;
        const FileType there = type_of(part);
        if (there != FileType::folder) {
          return Error{"cannot make folder", there == FileType::missing ? failure : ENOTDIR, part};
        }
      }
    }
    return {};
  }

  Result<void> remove_file(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return Error{"cannot remove file", errno, path};
    }
    return {};
  }

  FileType type_of(const std::string& path) override {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) {
      return FileType::missing;
    }
    return S_ISREG(facts.st_mode) ? FileType::file : S_ISDIR(facts.st_mode) ? FileType::folder : FileType::other;
  }

  Result<std::vector<std::string>> list_folder(const std::string& path) override {
    struct Close {
      void operator()(DIR* folder) const { ::closedir(folder); }
    };
    const std::unique_ptr<DIR, Close> folder(::opendir(path.c_str()));
    if (folder == nullptr) {
      return Error{"cannot list folder", errno, path};
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") {
        names.emplace_back(name);
      }
    }
    if (errno != 0) {
      return Error{"cannot list folder", errno, path};
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

}  // namespace

FileSystem& real_files() {
  static RealFiles files;
  return files;
}

}  // namespace omega::sys
