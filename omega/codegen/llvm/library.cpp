// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/library.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

#include "omega/codegen/llvm/worker/image.h"
#include "omega/codegen/llvm/worker/message.h"

namespace omega::codegen::llvm {

namespace {

/// A process that makes object files, one at a time.
struct Worker {
  pid_t process = -1;
  int socket = -1;
};

/// Workers that wait for work, for the whole process; they end when it does, since that closes their sockets.
class Workers {
 public:
  /// A worker that nobody else has; what went wrong is put into `error` where there is none.
  Worker take(std::string& error) {
    {
      const std::lock_guard guard(lock_);
      if (!idle_.empty()) {
        const Worker worker = idle_.back();
        idle_.pop_back();
        return worker;
      }
    }
    return start(error);
  }

  void give_back(const Worker& worker) {
    const std::lock_guard guard(lock_);
    idle_.push_back(worker);
  }

 private:
  /// The program in memory that can be executed; kept open.
  int program(std::string& error) {
    const std::lock_guard guard(lock_);
    if (program_ < 0) {
      const int file = memfd_create("omega-llvm", MFD_CLOEXEC);
      const std::span<const uint8_t> image = worker_image();
      size_t done = 0;
      while (file >= 0 && done < image.size()) {
        const ssize_t count = write(file, image.data() + done, image.size() - done);
        if (count <= 0) {
          close(file);
          error = std::string("the program that loads LLVM cannot be put into memory: ") + std::strerror(errno);
          return -1;
        }
        done += static_cast<size_t>(count);
      }
      program_ = file;
    }
    return program_;
  }

  Worker start(std::string& error) {
    Worker worker;
    const int file = program(error);
    int ends[2];
    if (file < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      error = error.empty() ? std::string("LLVM's process cannot be started: ") + std::strerror(errno) : error;
      return worker;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    const std::string path = "/proc/self/fd/" + std::to_string(file);
    char name[] = "omega-llvm";
    char* const arguments[] = {name, nullptr};
    const int failure = posix_spawn(&worker.process, path.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failure != 0) {
      close(ends[0]);
      error = std::string("LLVM's process cannot be started: ") + std::strerror(failure);
      return {};
    }
    worker.socket = ends[0];
    return worker;
  }

  std::mutex lock_;
  std::vector<Worker> idle_;
  int program_ = -1;
};

Workers& workers() {
  static Workers all;
  return all;
}

void forget(const Worker& worker) {
  close(worker.socket);
  while (waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

ObjectResult make_object(std::string_view text, std::span<const uint8_t> runtime, const ObjectOptions& options) {
  ObjectResult result;
  const Worker worker = workers().take(result.error);
  if (worker.socket < 0) {
    return result;
  }
  const std::string argument_count = std::to_string(options.arguments.size());
  std::vector<std::string_view> request = {text,
                                           {reinterpret_cast<const char*>(runtime.data()), runtime.size()},
                                           options.triple,
                                           options.cpu,
                                           options.features,
                                           options.passes,
                                           options.is_position_independent ? "1" : "",
                                           argument_count};
  request.insert(request.end(), options.arguments.begin(), options.arguments.end());
  request.insert(request.end(), options.kept.begin(), options.kept.end());
  std::optional<Message> answer;
  if (send_message(worker.socket, request)) {
    answer = receive_message(worker.socket);
  }
  if (!answer || answer->size() != 3) {
    forget(worker);
    result.error = "LLVM's process ended before it was done";
    return result;
  }
  workers().give_back(worker);
  result.error = std::move((*answer)[1]);
  result.cpu_ns = std::stoll((*answer)[2]);
  if (result.error.empty()) {
    result.object = std::move((*answer)[0]);
  }
  return result;
}

}  // namespace omega::codegen::llvm
