// SPDX-License-Identifier: Apache-2.0
// Small messages go over a socket, whose end tells of a death at once; values lie in the shared region.
#include "omega/graph/exec/process_worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "omega/graph/exec/wire.h"

namespace omega::graph {
namespace {

struct Request {
  uint32_t operation;
  uint32_t reserved;
  uint64_t bytes;
};
struct Answer {
  uint64_t reply;  ///< ProcessWorker::Reply
  uint64_t bytes;
};

constexpr int kPollMs = 20;  ///< how often a waiting caller looks at its cancellation

bool write_all(int channel, const void* data, size_t size) { return ::send(channel, data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size); }

bool read_all(int channel, void* data, size_t size) {
  ssize_t got;
  do {
    got = ::recv(channel, data, size, 0);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(size);
}

}  // namespace

SharedRegion::SharedRegion() : file_(::memfd_create("omega-values", MFD_CLOEXEC)) {
  if (file_ < 0) {
    throw std::bad_alloc();
  }
  reach(size_t{64} << 10);
}

SharedRegion::~SharedRegion() {
  if (data_ != nullptr) {
    ::munmap(data_, size_);
  }
  ::close(file_);
}

void SharedRegion::reach(size_t size) {
  if (size <= size_) {
    return;
  }
  size_t grown = size_ == 0 ? size : size_;
  while (grown < size) {
    grown *= 2;
  }
  if (::posix_fallocate(file_, 0, static_cast<off_t>(grown)) != 0) {
    throw std::bad_alloc();
  }
  void* memory = data_ == nullptr ? ::mmap(nullptr, grown, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0) : ::mremap(data_, size_, grown, MREMAP_MAYMOVE);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  data_ = static_cast<std::byte*>(memory);
  size_ = grown;
}

void ProcessWorker::bury() {
  dead_pid_ = process_.pid();
  death_status_ = process_.bury();
}

void ProcessWorker::serve(int channel) {
  std::vector<Value> slots(graph_.values().size());
  CallContext context = context_;
  context.scheduler = nullptr;  // its threads are not here
  context.cancellation = nullptr;
  context.resources = nullptr;
  Request request;
  while (read_all(channel, &request, sizeof request)) {
    Answer answer{static_cast<uint64_t>(Reply::done), 0};
    std::string message;
    try {
      region_.reach(request.bytes);
      const Operation& op = graph_.operations()[request.operation];
      const std::byte* at = region_.data();
      for (const ValueRef input : graph_.inputs(op)) {
        slots[input.index] = read_value(at);
      }
      Call call(context, graph_, op, slots.data());
      operator_of(*context.registry, graph_, op)->run(call);
      for (uint32_t i = 0; i < op.output_count; ++i) {
        answer.bytes += wire_size(slots[op.first_output + i]);
      }
      region_.reach(answer.bytes);
      std::byte* to = region_.data();
      for (uint32_t i = 0; i < op.output_count; ++i) {
        write_value(slots[op.first_output + i], to);
        slots[op.first_output + i] = Value();
      }
      for (const ValueRef input : graph_.inputs(op)) {
        slots[input.index] = Value();
      }
    } catch (const TransientError& error) {
      answer.reply = static_cast<uint64_t>(Reply::failed_transiently);
      message = error.what();
    } catch (const std::exception& error) {
      answer.reply = static_cast<uint64_t>(Reply::failed);
      message = error.what();
    } catch (...) {
      answer.reply = static_cast<uint64_t>(Reply::failed);
      message = "an exception of unknown type";
    }
    if (answer.reply != static_cast<uint64_t>(Reply::done)) {
      message.resize(std::min<size_t>(message.size(), 4096));
      answer.bytes = message.size();
      std::memcpy(region_.data(), message.data(), message.size());
    }
    if (!write_all(channel, &answer, sizeof answer)) {
      break;
    }
  }
}

ProcessWorker::Reply ProcessWorker::receive(std::vector<Value>& outputs, std::string& message, size_t output_count) {
  while (true) {
    pollfd waited{process_.channel(), POLLIN, 0};
    const int ready = ::poll(&waited, 1, context_.cancellation == nullptr ? -1 : kPollMs);
    if (ready > 0) {
      break;
    }
    if (context_.cancellation != nullptr && context_.cancellation->requested()) {
      process_.kill();
      bury();
      return Reply::stopped;
    }
  }
  Answer answer;
  if (!read_all(process_.channel(), &answer, sizeof answer)) {
    bury();
    return Reply::died;
  }
  region_.reach(answer.bytes);
  const std::byte* at = region_.data();
  const auto reply = static_cast<Reply>(answer.reply);
  if (reply != Reply::done) {
    message.assign(reinterpret_cast<const char*>(at), answer.bytes);
    return reply;
  }
  outputs.clear();
  for (size_t i = 0; i < output_count; ++i) {
    outputs.push_back(read_value(at));
  }
  return reply;
}

ProcessWorker::Reply ProcessWorker::call(OperationId id, const Value* slots, std::vector<Value>& outputs, std::string& message) {
  if (!process_.running()) {
    process_.begin([this](int channel) { serve(channel); });
  }
  const Operation& op = graph_.operation(id);
  Request request{id.index, 0, 0};
  for (const ValueRef input : graph_.inputs(op)) {
    request.bytes += wire_size(slots[input.index]);
  }
  region_.reach(request.bytes);
  std::byte* to = region_.data();
  for (const ValueRef input : graph_.inputs(op)) {
    write_value(slots[input.index], to);
  }
  if (!write_all(process_.channel(), &request, sizeof request)) {
    bury();
    return Reply::died;
  }
  return receive(outputs, message, op.output_count);
}

}  // namespace omega::graph
