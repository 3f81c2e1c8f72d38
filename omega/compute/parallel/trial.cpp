// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/trial.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "omega/sys/descriptor.h"
#include "omega/task/forked_process.h"

namespace omega::compute {
namespace {

/// Of what a process wrote, the end.
constexpr size_t kMostText = 1024;

/// A death there is expected: it leaves no core, and no handler of this process has a say.
void make_harmless(int output) {
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTERM}) {
    ::signal(number, SIG_DFL);
  }
  constexpr rlimit kNone{};
  ::setrlimit(RLIMIT_CORE, &kNone);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
}

std::string written_text(int file) {
  const off_t size = ::lseek(file, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(kMostText));
  std::string text(static_cast<size_t>(std::max<off_t>(0, size - begin)), '\0');
  const ssize_t got = ::pread(file, text.data(), text.size(), begin);
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  text.resize(text.find_last_not_of(" \n") + 1);
  return text;
}

/// False: it still runs.
bool ends_within(const task::ForkedProcess& process, std::chrono::milliseconds most) {
  const auto deadline = std::chrono::steady_clock::now() + most;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waited{process.channel(), POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) {
      return ready != 0;
    }
  }
}

}  // namespace

std::string failure_of_trial(const std::function<void()>& work, std::chrono::milliseconds most) {
  const sys::Descriptor output(::memfd_create("omega-trial", MFD_CLOEXEC));
  if (output.number() < 0) {
    throw std::runtime_error(std::string("cannot make a file in memory: ") + std::strerror(errno));
  }
  task::ForkedProcess process;
  process.begin([&](int) {
    make_harmless(output.number());
    try {
      work();
    } catch (...) {
      return;  // its business, not that of the trial
    }
  });
  const bool ended = ends_within(process, most);
  if (!ended) {
    process.kill();
  }
  const int status = process.bury();
  if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return {};
  }
  const std::string text = written_text(output.number());
  return (!ended                ? "still busy after " + std::to_string(most.count()) + " ms"
          : WIFSIGNALED(status) ? "killed by signal " + std::to_string(WTERMSIG(status)) + ", " + ::strsignal(WTERMSIG(status))
                                : "ended with status " + std::to_string(WEXITSTATUS(status))) +
         (text.empty() ? "" : ": " + text);
}

}  // namespace omega::compute
