// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/session.h"

#include <cstdio>

#include "omega/diag/render.h"
#include "omega/driver/exit_code.h"

namespace omega::driver {

Session::Session(const Options& session_options) : options(session_options), pool(session_options.jobs) {}

int Session::load(compile::LoadUntil until) {
  if (auto loaded = compile::load(program, options.path, until, sys::real_files(), pool, times, sink); !loaded) {
    return show_failure(loaded.error());
  }
  return kDone;
}

int Session::check() {
  if (const int code = load(compile::LoadUntil::Trees); code != kDone) {
    return code;
  }
  checked = compile::check_program(program, pool, times, sink);
  return show_diagnostics() ? kDone : kRejected;
}

bool Session::show_diagnostics() {
  const size_t errors = sink.error_count();
  std::string text;
  if (options.message_format == MessageFormat::Json) {
    text = diag::render_json(sink, program.texts);
  } else {
    const bool color = options.color == ColorChoice::Always || (options.color == ColorChoice::Auto && sys::wants_color(2));
    text = diag::render_terminal(sink, program.texts, {color, sys::terminal_at(2).width});
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (errors != 0 && options.message_format == MessageFormat::Human) {
    std::fprintf(stderr, "%zu error%s in %s\n", errors, errors == 1 ? "" : "s", options.path.c_str());
  }
  sink.clear();
  return errors == 0;
}

int Session::show_failure(const base::Error& error) const {
  std::fprintf(stderr, "error: %s\n", base::describe(error).c_str());
  return kWorldFailed;
}

void Session::show_times() const {
  if (!options.verbose) {
    return;
  }
  int64_t sum = 0;
  for (const compile::PhaseTime& time : times) {
    std::fprintf(stderr, "%-14s %10.3f ms\n", time.name, static_cast<double>(time.nanoseconds) / 1e6);
    sum += time.nanoseconds;
  }
  std::fprintf(stderr, "%-14s %10.3f ms\n", "all", static_cast<double>(sum) / 1e6);
}

bool print_out(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace omega::driver
