// SPDX-License-Identifier: Apache-2.0
// memfd_create and execveat.
#include "omega/sys/execute.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace omega::sys {

base::Result<void> execute_in_memory(std::span<const uint8_t> image, const char* name, char* const* argv, char* const* envp) {
  const int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0) {
    return base::Error{"cannot make a file in memory", errno, name};
  }
  size_t written = 0;
  while (written < image.size()) {
    const ssize_t n = write(file, image.data() + written, image.size() - written);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      const int error = errno;
      close(file);
      return base::Error{"cannot write the program to memory", error, name};
    }
    written += static_cast<size_t>(n);
  }
  syscall(SYS_execveat, file, "", argv, envp, AT_EMPTY_PATH);
  const int error = errno;
  close(file);
  return base::Error{"cannot start the program", error, name};
}

}  // namespace omega::sys
