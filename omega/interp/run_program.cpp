// SPDX-License-Identifier: Apache-2.0
// Running in a child process.
#include "omega/interp/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "omega/base/check.h"

namespace omega::interp {

Outcome run_in_child(const ir::Module& module, const Options& options) {
  int out[2], err[2];
  OMEGA_CHECK(pipe(out) == 0 && pipe(err) == 0, "no pipe");
  const int null = open("/dev/null", O_RDONLY);
  OMEGA_CHECK(null >= 0, "no input");
  const pid_t child = fork();
  OMEGA_CHECK(child >= 0, "no process");
  if (child == 0) {
    dup2(null, 0), dup2(out[1], 1), dup2(err[1], 2);
    close(out[0]), close(err[0]), close(out[1]), close(err[1]), close(null);
    _exit(run(module, options) & 255);
  }
  close(out[1]), close(err[1]), close(null);
  Outcome outcome;
  pollfd polled[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  std::string* texts[2] = {&outcome.output, &outcome.errors};
  int open_pipes = 2;
  while (open_pipes > 0) {
    poll(polled, 2, -1);
    for (int i = 0; i < 2; ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) {
        continue;
      }
      char bytes[4096];
      const ssize_t size = read(polled[i].fd, bytes, sizeof bytes);
      if (size <= 0) {
        close(polled[i].fd);
        polled[i].fd = -1;
        --open_pipes;
      } else {
        texts[i]->append(bytes, static_cast<size_t>(size));
      }
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace omega::interp
