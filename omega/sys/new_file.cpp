// SPDX-License-Identifier: Apache-2.0
#include "omega/sys/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "omega/sys/descriptor.h"

namespace omega::sys {
namespace {

constexpr std::string_view unpublished = ".new.";

}  // namespace

NewFile::NewFile(const std::string& path, mode_t mode) : path_(path) {
  static std::atomic<unsigned> counter{0};
  aside_ = path + std::string(unpublished) + std::to_string(::getpid()) + "." + std::to_string(counter.fetch_add(1, std::memory_order_relaxed));
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

NewFile::~NewFile() {
  if (number_ >= 0) {
    ::close(number_);
  }
  if (is_named_) {
    ::unlink(aside_.c_str());
  }
}

int NewFile::publish() {
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

bool NewFile::give_name() {
  const std::string open_file = "/proc/self/fd/" + std::to_string(number_);
  if (::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, aside_.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    return true;
  }
  // What a process of the same number left behind.
  return errno == EEXIST && ::unlink(aside_.c_str()) == 0 && ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, aside_.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

std::string_view published_name(std::string_view name) {
  const size_t mark = name.rfind(unpublished);
  if (mark == std::string_view::npos) {
    return {};
  }
  const std::string_view numbers = name.substr(mark + unpublished.size());
  const size_t dot = numbers.find('.');
  const auto is_number = [](std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; };
  return dot != std::string_view::npos && is_number(numbers.substr(0, dot)) && is_number(numbers.substr(dot + 1)) ? name.substr(0, mark) : std::string_view();
}

void reserve_room(int descriptor, std::span<const std::span<const uint8_t>> pieces) {
  off_t size = 0;
  for (const std::span<const uint8_t>& piece : pieces) {
    size += static_cast<off_t>(piece.size());
  }
  if (size != 0) {
    (void)::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, size);
  }
}

}  // namespace omega::sys
