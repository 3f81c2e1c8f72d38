// SPDX-License-Identifier: Apache-2.0
// For tests: from textual IR to a run native program and what it printed.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "omega/codegen/native/compile_function.h"
#include "omega/codegen/native/link.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "omega/sys/execute.h"

namespace omega::codegen::native {

/// What a program did.
struct Outcome {
  int exit_code = -1;  ///< 128 + signal when it was killed
  std::string output;
  std::string errors;
};

/// Reads a pipe to its end.
inline std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer;
  for (ssize_t n; (n = read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  close(fd);
  return text;
}

/// Runs an executable in a child process.
inline Outcome execute(std::span<const uint8_t> image) {
  int out[2], err[2];
  if (pipe(out) != 0 || pipe(err) != 0) {
    return {};
  }
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], 1);
    dup2(err[1], 2);
    close(out[0]);
    close(err[0]);
    char name[] = "program";
    char* argv[] = {name, nullptr};
    (void)sys::execute_in_memory({&image, 1}, "program", argv, environ);
    _exit(99);
  }
  close(out[1]);
  close(err[1]);
  Outcome outcome;
  outcome.output = read_all(out[0]);
  outcome.errors = read_all(err[0]);
  int status = 0;
  waitpid(child, &status, 0);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

/// Compiles and links a module, all functions in one buffer.
inline base::Result<base::PodVector<uint8_t>> build(const ir::Module& module, std::span<const SourceFile> files = {}) {
  const ModuleView view{{module.functions.data(), module.functions.size()}, files};
  CodeBuffer buffer;
  Scratch scratch;
  diag::Sink sink;
  for (ir::FunctionId f = 0; f < module.functions.size(); ++f) {
    if (!compile_function(module.functions[f], f, view, scratch, buffer, sink)) {
      return base::Error{"not supported: " + sink.diagnostics()[0].message(), 0, ""};
    }
  }
  CodeBuffer* const buffers[] = {&buffer};
  auto linked = link(buffers, view, module.entry);
  if (!linked) {
    return linked.error();
  }
  return linked->joined();
}

/// Reads, checks, compiles and runs textual IR.
inline Outcome run_text(std::string_view text) {
  auto module = ir::parse_text(text);
  if (!module) {
    ADD_FAILURE() << module.error().message;
    return {};
  }
  const std::string mistakes = ir::verify(*module);
  if (!mistakes.empty()) {
    ADD_FAILURE() << mistakes;
    return {};
  }
  auto image = build(*module);
  if (!image) {
    ADD_FAILURE() << image.error().message;
    return {};
  }
  return execute({image->data(), image->size()});
}

/// A main function of one block.
inline std::string main_with(std::string_view body) { return "function \"main\"() -> () at 0 {\nb0:\n" + std::string(body) + "\n  ret\n}\nentry \"main\""; }

/// Prints a value and a blank.
inline std::string print_of(std::string_view type, std::string_view value) {
  const std::string_view f = type == "f64" ? "OutF64" : type == "f32" ? "OutF32" : type == "u1" ? "OutBool" : type == "u64" ? "OutU64" : "OutI64";
  return "  call.runtime " + std::string(f) + "(" + std::string(value) + ")\n  %nl_" + std::string(value.substr(1)) +
         " = const.string ref \" \"\n  call.runtime OutStr(%nl_" + std::string(value.substr(1)) + ")\n";
}

}  // namespace omega::codegen::native
