// SPDX-License-Identifier: Apache-2.0
// ForkedProcess: a copy of this process and the channel to it.
#pragma once

#include <sys/types.h>

#include <functional>

namespace omega::task {

/// At most one process at a time, forked when it is asked for and again after a death. For one thread at a time; several of them fork side by side.
class ForkedProcess {
 public:
  ForkedProcess() = default;
  /// Ends a process that still runs, as bury() does.
  ~ForkedProcess();
  ForkedProcess(const ForkedProcess&) = delete;
  ForkedProcess& operator=(const ForkedProcess&) = delete;

  /// Forks, where none runs, a process that does `life(channel)` and ends with status 0; what that throws ends it by SIGABRT. It sees all memory as it is now;
  /// other threads are not there, and what they had locked stays so. It is killed when the thread that forked it ends. Throws std::runtime_error, with the
  /// system's words, when that cannot be had.
  void begin(const std::function<void(int channel)>& life);

  [[nodiscard]] bool running() const { return pid_ > 0; }
  /// Of the process that runs; -1: none does.
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// This process's end of a socket of messages (SOCK_SEQPACKET). What is read there ends when the process has died, however it died.
  [[nodiscard]] int channel() const { return channel_; }

  void kill() const;
  /// Ends the channel, upon which `life` should return, and waits until the process is gone. Gives what waitpid() tells of its end.
  int bury();

 private:
  pid_t pid_ = -1;
  int channel_ = -1;
};

}  // namespace omega::task
