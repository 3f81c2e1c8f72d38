// SPDX-License-Identifier: Apache-2.0
// A forked copy of this process that runs operations on request.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "omega/graph/exec/operator.h"
#include "omega/task/forked_process.h"

namespace omega::graph {

/// Memory that two processes see, in a file without a name.
class SharedRegion {
 public:
  SharedRegion();
  ~SharedRegion();
  SharedRegion(const SharedRegion&) = delete;
  SharedRegion& operator=(const SharedRegion&) = delete;

  [[nodiscard]] std::byte* data() const { return data_; }
  /// Makes room for `size` bytes and sees it, whoever made it. Throws std::bad_alloc.
  void reach(size_t size);

 private:
  int file_ = -1;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

/// One worker process with its channel. For one thread at a time. The process is forked at the first call and again after a death.
class ProcessWorker {
 public:
  /// What became of a call.
  enum class Reply : uint8_t { done, failed, failed_transiently, died, stopped };

  /// All must outlive the worker. The forked process sees the graph, the registry and `slots` as they are when it is forked; inputs of
  /// operations are sent anyway.
  ProcessWorker(const ComputationGraph& graph, const CallContext& context) : graph_(graph), context_(context) {}
  ProcessWorker(const ProcessWorker&) = delete;
  ProcessWorker& operator=(const ProcessWorker&) = delete;

  /// Runs one operation there: inputs from `slots`, outputs to `outputs`. `message` says what failed. Until it is done the context's
  /// cancellation is looked at; when it stops the process is killed.
  Reply call(OperationId id, const Value* slots, std::vector<Value>& outputs, std::string& message);

  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  /// How the process that died ended, as waitpid() tells; and which it was.
  [[nodiscard]] int death_status() const { return death_status_; }
  [[nodiscard]] pid_t dead_pid() const { return dead_pid_; }

 private:
  void bury();
  void serve(int channel);
  Reply receive(std::vector<Value>& outputs, std::string& message, size_t output_count);

  const ComputationGraph& graph_;
  const CallContext& context_;
  SharedRegion region_;
  task::ForkedProcess process_;
  pid_t dead_pid_ = -1;
  int death_status_ = 0;
};

}  // namespace omega::graph
