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

/// Bytes read, at most `size`; less only at the end. -1 with errno on failure.
ssize_t read_fully(int number, char* to, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(number, to + done, size - done);
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

class RealFiles final : public FileSystem {
 public:
  Result<std::string> read_file(const std::string& path, uint64_t largest) override {
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
    const uint64_t expected = S_ISREG(facts.st_mode) ? static_cast<uint64_t>(facts.st_size) : 0;
    if (expected > largest) {
      return Error{what, EFBIG, path};
    }
    std::string text;
    // One byte more than expected tells the end of the file in the same call.
    size_t room = static_cast<size_t>(expected) + 1;
    while (true) {
      const size_t before = text.size();
      text.reserve(before + room + spare_capacity);
      if (room >= base::large_size) {
        base::prefer_huge_pages(text.data(), text.capacity());
      }
      ssize_t got = 0;
      text.resize_and_overwrite(before + room, [&](char* bytes, size_t) {
        got = read_fully(file.number(), bytes + before, room);
        return before + static_cast<size_t>(std::max<ssize_t>(got, 0));
      });
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
    static std::atomic<unsigned> counter{0};
    const mode_t bits = mode == FileMode::executable ? 0777 : 0666;
    const FileType type = type_of(path);
    if (type == FileType::folder) {
      return Error{what, EISDIR, path};
    }
    const bool in_place = type == FileType::other;
    const std::string aside =
        in_place ? path
                 : path + ".new." + std::to_string(::getpid()) + "." + std::to_string(counter.fetch_add(1, std::memory_order_relaxed));
    Descriptor file(open_retrying(aside.c_str(), in_place ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC, bits));
    if (file.number() < 0) {
      return Error{what, errno, path};
    }
    int failure = sys::write_pieces(file.number(), pieces);
    const int close_failure = file.close();
    failure = failure != 0 ? failure : close_failure;
    if (failure == 0 && !in_place && std::rename(aside.c_str(), path.c_str()) != 0) {
      failure = errno;
    }
    if (failure != 0) {
      if (!in_place) {
        ::unlink(aside.c_str());
      }
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
