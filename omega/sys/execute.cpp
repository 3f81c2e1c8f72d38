// SPDX-License-Identifier: Apache-2.0
// memfd_create and execveat.
#include "omega/sys/execute.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "omega/sys/write_pieces.h"

namespace omega::sys {

base::Result<void> execute_in_memory(std::span<const std::span<const uint8_t>> image, const char* name, char* const* argv, char* const* envp) {
  const int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0) {
    return base::Error{"cannot make a file in memory", errno, name};
  }
  if (const int failure = write_pieces(file, image); failure != 0) {
    close(file);
    return base::Error{"cannot write the program to memory", failure, name};
  }
  syscall(SYS_execveat, file, "", argv, envp, AT_EMPTY_PATH);
  const int error = errno;
  close(file);
  return base::Error{"cannot start the program", error, name};
}

}  // namespace omega::sys
