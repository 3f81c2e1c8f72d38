// SPDX-License-Identifier: Apache-2.0
// An open file that is closed at the end of a scope.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace omega::sys {

/// Closes a descriptor at the end of a scope. Negative: none is open.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }

  [[nodiscard]] int number() const { return number_; }
  /// Closes now; 0 or the errno.
  int close() { return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno; }

 private:
  int number_;
};

/// open() that no signal interrupts and that children do not inherit; relative paths start at `folder`. A descriptor, or -1 with errno.
inline int open_retrying(const char* path, int flags, mode_t mode = 0, int folder = AT_FDCWD) {
  int number;
  do {
    number = ::openat(folder, path, flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return number;
}

}  // namespace omega::sys
