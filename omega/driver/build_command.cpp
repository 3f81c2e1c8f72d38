// SPDX-License-Identifier: Apache-2.0
// omega build: a program's artifacts for each target.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>

#include "omega/compile/c_target.h"
#include "omega/compile/contracts.h"
#include "omega/compile/native.h"
#include "omega/diag/render.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/progress.h"
#include "omega/driver/session.h"
#include "omega/sys/file_set.h"
#include "omega/task/parallel_pieces.h"

namespace omega::driver {
namespace {

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

/// One target's artifact.
struct Made {
  std::string target;
  std::string artifact;  ///< the file to begin with
  size_t files = 1;
  size_t bytes = 0;  ///< of all files; of a contract, of the code that runs
};

int write_native(Session& session, const std::string& folder, Made& made) {
  int result = kDone;
  const std::optional<object::Pieces> image = session.link(result);
  if (!image) {
    return result;
  }
  made = {"native", folder + "/" + session.project.name, 1, image->size()};
  compile::PhaseTimer timer(session.times, "write");
  base::Result<void> written = sys::real_files().make_folders(folder);
  if (written) {
    written = sys::replace_file(folder, session.project.name, image->list(), sys::FileMode::executable);
  }
  return written ? static_cast<int>(kDone) : session.show_failure(written.error());
}

int write_c(Session& session, const std::string& folder, Made& made) {
  const std::vector<codegen::c::File> files = compile::make_c(session.checked.module, session.program, session.project.name, session.scheduler, session.times);
  compile::PhaseTimer timer(session.times, "write");
  if (auto folders = sys::real_files().make_folders(folder); !folders) {
    return session.show_failure(folders.error());
  }
  std::vector<sys::NamedText> set;
  for (const codegen::c::File& file : files) {
    set.push_back({file.name, file.text});
    made.bytes += file.text.size();
  }
  if (auto written = sys::replace_file_set(folder, set, "main.c", task::lend(session.scheduler, 8)); !written) {
    return session.show_failure(written.error());
  }
  made.target = "c";
  made.artifact = folder + "/main.c";
  made.files = files.size();
  return kDone;
}

/// Writes what one chain target made of each contract.
int write_contracts(Session& session, const compile::MadeTarget& target, const std::string& folder, std::vector<Made>& all_made) {
  if (auto folders = sys::real_files().make_folders(folder); !folders) {
    return session.show_failure(folders.error());
  }
  for (const compile::MadeContract& contract : target.contracts) {
    for (const compile::ContractFile& file : contract.files) {
      const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(file.text.data()), file.text.size());
      if (auto written = sys::replace_file(folder, file.name, {&bytes, 1}, sys::FileMode::data); !written) {
        return session.show_failure(written.error());
      }
    }
    all_made.push_back({target.target, folder + "/" + contract.files.back().name, contract.files.size(), contract.code_bytes});
  }
  return kDone;
}

/// `0x` and up to 64 hexadecimal digits, which the command line has checked.
std::array<uint8_t, 32> address_of(std::string_view text) {
  std::array<uint8_t, 32> address{};
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    const char c = text[text.size() - 1 - i];
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    address[31 - i / 2] = static_cast<uint8_t>(address[31 - i / 2] | digit << (i % 2 * 4));
  }
  return address;
}

/// Makes the contracts of the first file for chain targets.
int build_contracts(Session& session, std::span<const std::string> targets, const std::string& output, std::vector<Made>& all_made) {
  int result = session.prepare_contracts();
  if (result != kDone) {
    return result;
  }
  std::vector<compile::MadeTarget> made =
      compile::make_contracts(session.contracts, targets, {session.project.main, address_of(session.options.move_address)}, session.scheduler, session.times);
  compile::PhaseTimer timer(session.times, "write");
  for (compile::MadeTarget& target : made) {
    // One target's failure leaves the others' results whole.
    const int code = session.show(target.sink, session.program.texts) ? write_contracts(session, target, output + "/" + target.target, all_made) : kRejected;
    result = std::max(result, code);
  }
  return result;
}

/// Makes an executable, C sources, or both.
int build_program(Session& session, std::span<const std::string> targets, const std::string& output, std::vector<Made>& all_made) {
  const bool only_native = std::ranges::all_of(targets, [](const std::string& target) { return target == "native"; });
  int result = only_native ? session.prepare_native() : session.prepare();
  if (result != kDone) {
    return result;
  }
  // One target's failure leaves the others' results whole.
  for (const std::string& target : targets) {
    Made made;
    const int code = target == "c" ? write_c(session, output + "/c", made) : write_native(session, output + "/native", made);
    if (code == kDone) {
      all_made.push_back(std::move(made));
    }
    result = std::max(result, code);
  }
  return result;
}

/// {"target":"native","artifact":"out/native/tool","files":1,"bytes":31200,"lines":1200,"milliseconds":2.1}
void say_made_as_json(const Session& session, const Made& made, int64_t nanoseconds) {
  std::string text = "{\"target\":";
  diag::append_json_string(text, made.target);
  text += ",\"artifact\":";
  diag::append_json_string(text, made.artifact);
  std::printf("%s,\"files\":%zu,\"bytes\":%zu,\"lines\":%zu,\"milliseconds\":%.3f}\n", text.c_str(), made.files, made.bytes, session.line_count(),
              static_cast<double>(nanoseconds) / 1e6);
}

/// "out/native/tool: 31.2 KB from 1200 lines in 2.1 ms (571 k lines/s)".
void say_made(const Session& session, const Made& made, int64_t nanoseconds) {
  const size_t lines = session.line_count();
  const std::string more = made.files == 1 ? "" : " and " + std::to_string(made.files - 1) + " more";
  std::printf("%s%s: %s from %zu line%s in %.1f ms", made.artifact.c_str(), more.c_str(), size_text(made.bytes).c_str(), lines, lines == 1 ? "" : "s",
              static_cast<double>(nanoseconds) / 1e6);
  if (lines >= 1000) {
    std::printf(" (%.0f k lines/s)", static_cast<double>(lines) * 1e6 / static_cast<double>(nanoseconds));
  }
  std::printf("\n");
}

}  // namespace

int build_command(const Options& options) {
  const int64_t begin = sys::real_clock().now_ns();
  // Live until the process ends, which gives their memory back faster than they could themselves.
  static Session& session = *new Session(options);
  std::vector<Made> all_made;
  int result = kDone;
  {
    const Progress progress(session.times, !options.quiet);
    result = session.open();
    std::vector<std::string> targets = options.targets.empty() ? session.project.targets : options.targets;
    if (targets.empty()) {
      targets.emplace_back("native");
    }
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    const auto programs = std::stable_partition(targets.begin(), targets.end(), compile::is_chain_target);
    const std::filesystem::path beside(session.project.folder);
    const std::string output = options.output.empty() ? (beside / "out").string() : options.output;
    const bool is_open = result == kDone;
    if (is_open && programs != targets.begin()) {
      result = build_contracts(session, {targets.begin(), programs}, output, all_made);
    }
    if (is_open && result != kWorldFailed && programs != targets.end()) {
      // Programs have another meaning than contracts: they are checked by themselves.
      Session& of_programs = programs == targets.begin() ? session : *new Session(options);
      result = std::max(result, build_program(of_programs, {programs, targets.end()}, output, all_made));
    }
  }
  session.show_times();
  if (!options.quiet) {
    const int64_t took = sys::real_clock().now_ns() - begin;
    for (const Made& made : all_made) {
      options.message_format == MessageFormat::Json ? say_made_as_json(session, made, took) : say_made(session, made, took);
    }
    if (std::fflush(stdout) != 0) {
      return session.show_failure({"cannot write to standard output", errno, ""});
    }
  }
  return result;
}

}  // namespace omega::driver
