// SPDX-License-Identifier: Apache-2.0
// The machine's file system by system calls.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "omega/base/large_memory.h"
#include "omega/sys/descriptor.h"
#include "omega/sys/files.h"
#include "omega/sys/new_file.h"
#include "omega/sys/write_pieces.h"

namespace omega::sys {
namespace {

using base::Error;

constexpr size_t spare_capacity = 64;
constexpr size_t stream_step = size_t{64} << 10;
/// What one task reads of a large file.
constexpr size_t part_size = size_t{2} << 20;

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
