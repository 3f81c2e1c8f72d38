// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/process_tasks.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>

#include "omega/compute/parallel/library_threads.h"
#include "omega/sys/environment.h"
#include "omega/task/forked_process.h"
#include "omega/task/scheduler.h"

namespace omega::compute {
namespace {

constexpr int kPollMs = 20;
constexpr int kBegunAgain = 1;

/// Sent with the descriptor of the result's memory, or with the text of a failure.
struct Answer {
  uint32_t index;
  uint32_t failed;
  double seconds;
  ElementType type;
  uint32_t rank;
  int64_t extents[kMaxRank];
  uint64_t text_size;
  char text[1024];
};

class Mapping {
 public:
  Mapping(int file, size_t size) : data_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)), size_(size) {
    if (data_ == MAP_FAILED) {
      throw std::bad_alloc();
    }
  }
  ~Mapping() { ::munmap(data_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(data_); }

 private:
  void* data_;
  size_t size_;
};

/// A file without a name that holds the elements of `view`, one behind the other.
int file_of(const ArrayView& view) {
  const size_t size = static_cast<size_t>(view.count()) * size_of(view.type);
  const int file = ::memfd_create("omega-result", MFD_CLOEXEC);
  if (file < 0 || ::ftruncate(file, static_cast<off_t>(std::max<size_t>(size, 1))) != 0) {
    throw std::bad_alloc();
  }
  size_t written = 0;
  while (written < size) {
    const ssize_t some = ::pwrite(file, view.data + written, size - written, static_cast<off_t>(written));
    if (some <= 0) {
      ::close(file);
      throw std::bad_alloc();
    }
    written += static_cast<size_t>(some);
  }
  return file;
}

void send_answer(int channel, Answer& answer, int file) {
  iovec part{&answer, sizeof answer};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (file >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
  }
  while (::sendmsg(channel, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

/// False when the other end is gone. `file` is -1 when none came.
bool receive_answer(int channel, Answer& answer, int& file) {
  iovec part{&answer, sizeof answer};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  file = -1;
  if (const cmsghdr* const header = CMSG_FIRSTHDR(&message); got > 0 && header != nullptr) {
    std::memcpy(&file, CMSG_DATA(header), sizeof file);
  }
  return got == static_cast<ssize_t>(sizeof answer);
}

void fail(Answer& answer, const char* what) {
  answer.failed = 1;
  answer.text_size = std::min(std::strlen(what), sizeof answer.text);
  std::memcpy(answer.text, what, answer.text_size);
}

void limit_memory(size_t limit) {
  size_t pages = 0;
  std::ifstream statm("/proc/self/statm");
  for (int i = 0; i < 6; ++i) {
    statm >> pages;
  }
  rlimit bound{};
  ::getrlimit(RLIMIT_DATA, &bound);
  bound.rlim_cur = pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE)) + limit;
  ::setrlimit(RLIMIT_DATA, &bound);
}

/// A worker's life.
void serve(int channel, unsigned number, const std::function<Array(uint32_t)>& task, const ProcessOptions& options) {
  if (!options.processors.empty()) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(options.processors[number % options.processors.size()], &set);
    ::sched_setaffinity(0, sizeof set, &set);
  }
  // The engine's threads are not here; these never end, the process does.
  new task::Attachment(*new task::Scheduler(sys::cpu_count()));
  std::optional<OneLibraryThread> one_library_thread;
  if (options.one_library_thread) {
    one_library_thread.emplace();
  }
  if (options.max_memory) {
    limit_memory(*options.max_memory);
  }
  uint32_t index;
  while (::recv(channel, &index, sizeof index, 0) == static_cast<ssize_t>(sizeof index)) {
    Answer answer{};
    answer.index = index;
    int file = -1;
    const int64_t begin = sys::real_clock().now_ns();
    try {
      const Array result = task(index);
      answer.seconds = static_cast<double>(sys::real_clock().now_ns() - begin) * 1e-9;
      answer.type = result.type();
      answer.rank = static_cast<uint32_t>(result.shape().rank());
      std::ranges::copy(result.shape().extents(), answer.extents);
      file = file_of(result.view());
    } catch (const std::bad_alloc&) {
      fail(answer, "std::bad_alloc: too little memory in the worker process");
    } catch (const std::exception& error) {
      fail(answer, error.what());
    } catch (...) {
      fail(answer, "an exception of unknown type");
    }
    send_answer(channel, answer, file);
    if (file >= 0) {
      ::close(file);
    }
  }
}

struct Worker {
  task::ForkedProcess process;
  std::deque<uint32_t> tasks;
  double seconds = 0;
};

/// The processes of one call, served by the thread that makes it.
class Processes {
 public:
  Processes(TaskHandout& handout, unsigned workers, const std::function<Array(uint32_t)>& task, const std::function<void(ProcessResult)>& done,
            const ProcessOptions& options)
      : handout_(handout), workers_(workers), task_(task), done_(done), options_(options) {}
  ~Processes() {
    for (const Worker& worker : workers_) {
      if (worker.process.running() && !worker.tasks.empty()) {
        worker.process.kill();
      }
    }
  }
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  void run() {
    for (unsigned i = 0; i < workers_.size(); ++i) {
      give(i);  // forked when there is something for it
    }
    std::vector<pollfd> waited(workers_.size());
    while (std::ranges::any_of(workers_, [](const Worker& worker) { return !worker.tasks.empty(); })) {
      for (size_t i = 0; i < waited.size(); ++i) {
        waited[i] = {workers_[i].tasks.empty() ? -1 : workers_[i].process.channel(), POLLIN, 0};
      }
      ::poll(waited.data(), waited.size(), options_.cancellation == nullptr ? -1 : kPollMs);
      if (options_.cancellation != nullptr && options_.cancellation->requested()) {
        handout_.stop();
        return;  // the destructor kills those that are busy
      }
      for (unsigned i = 0; i < workers_.size(); ++i) {
        if (waited[i].revents != 0) {
          hear(i);
        }
      }
    }
  }

 private:
  void give(unsigned number) {
    Worker& worker = workers_[number];
    std::vector<uint32_t> tasks;
    if (!again_.empty()) {
      tasks.push_back(again_.front());
      again_.pop_front();
    } else {
      tasks = handout_.next(number, worker.seconds);
      worker.seconds = 0;
    }
    if (tasks.empty()) {
      return;
    }
    if (!worker.process.running()) {
      worker.process.begin([&](int channel) { serve(channel, number, task_, options_); });
    }
    for (const uint32_t index : tasks) {
      worker.tasks.push_back(index);
      while (::send(worker.process.channel(), &index, sizeof index, MSG_NOSIGNAL) < 0 && errno == EINTR) {
      }  // a death is heard by who reads
    }
  }

  void hear(unsigned number) {
    Worker& worker = workers_[number];
    Answer answer;
    int file = -1;
    if (!receive_answer(worker.process.channel(), answer, file)) {
      if (file >= 0) {
        ::close(file);
      }
      replace(number);
      return;
    }
    ProcessResult result{.index = answer.index, .worker = number, .seconds = answer.seconds, .result = {}, .failure = {}};
    if (answer.failed != 0) {
      result.failure = answer.text_size == 0 ? "an exception without a text" : std::string(answer.text, answer.text_size);
    } else {
      const Shape shape(std::span<const int64_t>(answer.extents, answer.rank));
      const size_t size = std::max<size_t>(static_cast<size_t>(shape.count()) * size_of(answer.type), 1);
      const auto memory = std::make_shared<Mapping>(file, size);
      result.result = Array({memory->data(), answer.type, shape, contiguous_strides(answer.type, shape)}, memory);
      ::close(file);
    }
    std::erase(worker.tasks, answer.index);
    worker.seconds += answer.seconds;
    done_(std::move(result));
    if (worker.tasks.empty()) {
      give(number);
    }
  }

  void replace(unsigned number) {
    Worker& worker = workers_[number];
    const pid_t pid = worker.process.pid();
    const int status = worker.process.bury();
    std::deque<uint32_t> tasks = std::exchange(worker.tasks, {});
    if (!tasks.empty() && begun_again_[tasks.front()]++ == kBegunAgain) {
      ProcessResult result{.index = tasks.front(), .worker = number, .seconds = 0, .result = {}, .failure = {}};
      result.failure =
          "its worker process " + std::to_string(pid) +
          (WIFSIGNALED(status) ? " was killed by signal " + std::to_string(WTERMSIG(status)) : " ended with status " + std::to_string(WEXITSTATUS(status))) +
          ", as the one before";
      tasks.pop_front();
      done_(std::move(result));
    }
    again_.insert(again_.end(), tasks.begin(), tasks.end());
    give(number);
  }

  TaskHandout& handout_;
  std::vector<Worker> workers_;
  const std::function<Array(uint32_t)>& task_;
  const std::function<void(ProcessResult)>& done_;
  const ProcessOptions& options_;
  std::deque<uint32_t> again_;
  std::map<uint32_t, int> begun_again_;
};

}  // namespace

void run_in_processes(TaskHandout& handout, unsigned workers, const std::function<Array(uint32_t)>& task, const std::function<void(ProcessResult)>& done,
                      const ProcessOptions& options) {
  Processes(handout, workers, task, done, options).run();
}

}  // namespace omega::compute
