// SPDX-License-Identifier: Apache-2.0
#include "omega/task/forked_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>

namespace omega::task {
namespace {

/// Held from making a channel until its far end is closed here: a process forked meanwhile by another thread would keep that end open, and the death of the
/// first one would not be heard.
std::mutex& fork_mutex() {
  static std::mutex mutex;
  return mutex;
}

[[noreturn]] void fail(const char* what, int failure) {
  throw std::runtime_error(std::string("cannot ") + what + " a worker process: " + std::strerror(failure));
}

/// What `life` throws ends the child, and does not go on in code of the parent.
[[noreturn]] void live(const std::function<void(int channel)>& life, int channel) noexcept {
  life(channel);
  ::_exit(0);
}

}  // namespace

ForkedProcess::~ForkedProcess() {
  if (running()) {
    bury();
  }
}

void ForkedProcess::begin(const std::function<void(int channel)>& life) {
  const std::lock_guard lock(fork_mutex());
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    fail("make a channel to", errno);
  }
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  const int failure = errno;
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
      ::_exit(0);
    }
    ::close(ends[0]);
    live(life, ends[1]);
  }
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    fail("fork", failure);
  }
  channel_ = ends[0];
  pid_ = child;
}

void ForkedProcess::kill() const { ::kill(pid_, SIGKILL); }

int ForkedProcess::bury() {
  ::shutdown(channel_, SHUT_RDWR);  // processes forked later have this end too
  ::close(channel_);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  channel_ = -1;
  return status;
}

}  // namespace omega::task
