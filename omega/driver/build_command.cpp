// SPDX-License-Identifier: Apache-2.0
// omega run and omega build.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "omega/compile/c_target.h"
#include "omega/compile/loops.h"
#include "omega/compile/native.h"
#include "omega/compile/optimize.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/session.h"
#include "omega/interp/run_program.h"

namespace omega::driver {
namespace {

std::string program_name(const std::string& path) { return std::filesystem::path(path).stem().string(); }

/// Checks the program and prepares its loops; with --explain says what was done with each.
int prepare(Session& session) {
  if (const int code = session.check(); code != kDone) {
    return code;
  }
  const Options& options = session.options;
  if (session.checked.module.entry == ir::kNone) {
    session.sink.report(diag::Kind::NoProgram, {session.program.files[0].id, 0, 0}, {options.path})
        .with_help("write statements at top level, or `function main() { … }`");
    session.show_diagnostics();
    return kRejected;
  }
  opt::ParallelizeOptions loop_options;
  loop_options.auto_parallel = !options.no_auto_parallel;
  loop_options.explain = options.explain;
  loop_options.processors = options.threads != 0 ? options.threads : sys::cpu_count();
  loop_options.names = &session.program.names;
  const std::vector<opt::LoopReport> reports =
      compile::parallelize_loops(session.checked.module, loop_options, session.pool, session.times, session.sink);
  if (options.explain) {
    const std::string text = options.message_format == MessageFormat::Json ? opt::explain_json(reports, session.program.texts)
                                                                           : opt::explain_text(reports, session.program.texts);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  if (!session.show_diagnostics()) {
    return kRejected;
  }
  if (options.release) {
    compile::optimize_module(session.checked.module, {options.disabled_passes, false}, session.pool, session.times);
  }
  return kDone;
}

/// Starts the executable in place of this process; returns only when that failed.
int execute(const Options& options, const base::PodVector<uint8_t>& image) {
  const int file = memfd_create(program_name(options.path).c_str(), MFD_CLOEXEC);
  if (file < 0) {
    std::fprintf(stderr, "error: cannot run the program: memfd_create: %s\n", std::strerror(errno));
    return kWorldFailed;
  }
  for (size_t written = 0; written < image.size();) {
    const ssize_t n = write(file, image.data() + written, image.size() - written);
    if (n < 0 && errno != EINTR) {
      std::fprintf(stderr, "error: cannot run the program: %s\n", std::strerror(errno));
      return kWorldFailed;
    }
    written += n > 0 ? static_cast<size_t>(n) : 0;
  }
  std::vector<char*> arguments{const_cast<char*>(options.path.c_str())};
  for (const std::string& argument : options.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  fexecve(file, arguments.data(), environ);
  std::fprintf(stderr, "error: cannot run the program: %s\n", std::strerror(errno));
  return kWorldFailed;
}

int make_native(Session& session, bool debug_info, std::optional<base::PodVector<uint8_t>>& image) {
  const Options& options = session.options;
  const compile::NativeOptions native{program_name(options.path), static_cast<int32_t>(options.threads), debug_info};
  auto made = compile::make_native(session.checked.module, session.program, native, session.pool, session.times, session.sink);
  if (!made) {
    return session.show_failure(made.error());
  }
  image = std::move(*made);
  return session.show_diagnostics() ? kDone : kRejected;
}

std::string size_text(size_t bytes) {
  char text[32];
  if (bytes < 10'000) {
    std::snprintf(text, sizeof text, "%zu bytes", bytes);
  } else if (bytes < 10'000'000) {
    std::snprintf(text, sizeof text, "%.1f KB", static_cast<double>(bytes) / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  }
  return text;
}

void say_made(const Options& options, const std::string& what, const std::string& size, int64_t begin) {
  if (!options.quiet) {
    std::printf("%s  %s  %.1f ms\n", what.c_str(), size.c_str(), static_cast<double>(sys::real_clock().now_ns() - begin) / 1e6);
  }
}

}  // namespace

int run_command(const Options& options) {
  Session session(options);
  if (const int code = prepare(session); code != kDone) {
    return code;
  }
  if (options.interpret) {
    interp::Options interpreter;
    interpreter.args = options.arguments;
    interpreter.sources = &session.program.texts;
    interpreter.threads = static_cast<int32_t>(options.threads);
    session.show_times();
    return interp::run(session.checked.module, interpreter);
  }
  std::optional<base::PodVector<uint8_t>> image;
  if (const int code = make_native(session, true, image); code != kDone) {
    return code;
  }
  session.show_times();
  return execute(options, *image);
}

namespace {

/// Writes what one target made below `folder`, and says so.
int write_native(Session& session, const std::string& folder, int64_t begin) {
  std::optional<base::PodVector<uint8_t>> image;
  if (const int code = make_native(session, true, image); code != kDone) {
    return code;
  }
  const std::string path = folder + "/" + program_name(session.options.path);
  {
    compile::PhaseTimer timer(session.times, "write");
    base::Result<void> written = sys::real_files().make_folders(folder);
    if (written) {
      written = sys::real_files().write_file(path, {reinterpret_cast<const char*>(image->data()), image->size()}, sys::FileMode::executable);
    }
    if (!written) {
      return session.show_failure(written.error());
    }
  }
  say_made(session.options, path, size_text(image->size()), begin);
  return kDone;
}

int write_c(Session& session, const std::string& folder, int64_t begin) {
  const std::vector<codegen::c::File> files =
      compile::make_c(session.checked.module, session.program, program_name(session.options.path), session.pool, session.times);
  size_t bytes = 0;
  {
    compile::PhaseTimer timer(session.times, "write");
    if (auto made = sys::real_files().make_folders(folder); !made) {
      return session.show_failure(made.error());
    }
    std::vector<std::optional<base::Result<void>>> written(files.size());
    session.pool.parallel_for(files.size(), 8, [&](size_t first, size_t end, unsigned) {
      for (size_t i = first; i < end; ++i) {
        written[i] = sys::real_files().write_file(folder + "/" + files[i].name, files[i].text);
      }
    });
    for (size_t i = 0; i < files.size(); ++i) {
      if (!*written[i]) {
        return session.show_failure(written[i]->error());
      }
      bytes += files[i].text.size();
    }
  }
  say_made(session.options, folder + "/main.c and " + std::to_string(files.size() - 1) + " files", size_text(bytes), begin);
  return kDone;
}

}  // namespace

int build_command(const Options& options) {
  const int64_t begin = sys::real_clock().now_ns();
  Session session(options);
  if (const int code = prepare(session); code != kDone) {
    return code;
  }
  const std::string folder = options.output.empty() ? "out" : options.output;
  int result = kDone;
  for (const std::string& target : options.targets.empty() ? std::vector<std::string>{"native"} : options.targets) {
    const int code = target == "c" ? write_c(session, folder + "/c", begin) : write_native(session, folder + "/native", begin);
    result = std::max(result, code);
  }
  session.show_times();
  return result;
}

}  // namespace omega::driver
