// SPDX-License-Identifier: Apache-2.0
// The program that loads LLVM: takes requests of library.cpp from the socket that is its standard input until that is closed.
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "omega/codegen/llvm/worker/message.h"
#include "omega/codegen/llvm/worker/object_maker.h"

namespace {

using namespace omega::codegen::llvm;

void tell_and_end(const char* reason) {
  send_message(STDIN_FILENO, {"", std::string("LLVM gives up: ") + reason, "0"});
  _exit(1);
}

/// Numbers of a request's parts; from kLists on: how many arguments there are, the arguments, what is kept.
enum Part : size_t { kText, kRuntime, kTriple, kCpu, kFeatures, kPasses, kIsPositionIndependent, kArgumentCount, kLists };

}  // namespace

int main() {
  // Ctrl-C is for who started this: it may live on and ask again, and when it ends, so does this.
  std::signal(SIGINT, SIG_IGN);
  while (const std::optional<Message> request = receive_message(STDIN_FILENO)) {
    const Message& parts = *request;
    if (parts.size() < kLists) {
      return 1;
    }
    const std::vector<std::string_view> lists(parts.begin() + kLists, parts.end());
    const size_t arguments = std::min<size_t>(std::stoul(parts[kArgumentCount]), lists.size());
    ObjectOptions options;
    options.triple = parts[kTriple];
    options.cpu = parts[kCpu];
    options.features = parts[kFeatures];
    options.passes = parts[kPasses];
    options.is_position_independent = !parts[kIsPositionIndependent].empty();
    options.arguments = std::span(lists).first(arguments);
    options.kept = std::span(lists).subspan(arguments);
    const std::span runtime(reinterpret_cast<const uint8_t*>(parts[kRuntime].data()), parts[kRuntime].size());
    const ObjectResult made = make_object_here(parts[kText], runtime, options, tell_and_end);
    if (!send_message(STDIN_FILENO, {made.object ? std::string_view(*made.object) : std::string_view(), made.error, std::to_string(made.cpu_ns)})) {
      return 1;
    }
  }
  return 0;
}
