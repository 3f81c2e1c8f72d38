// SPDX-License-Identifier: Apache-2.0
#include "test/contracts/contract_source.h"

#include "omega/compile/contracts.h"
#include "omega/compile/optimize.h"
#include "omega/diag/render.h"
#include "omega/ir/contract.h"
#include "omega/ir/verify.h"
#include "omega/sys/files.h"

namespace omega::contract_tests {

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<uint8_t>(byte) >> 4];
    text += digits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

std::string bytes_of(std::string text) {
  if (text.size() % 2 != 0) {
    text.insert(text.begin(), '0');
  }
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

interp::Word word_of(const std::string& text) { return interp::word_from_bytes(bytes_of(text)); }

std::string failed(std::string_view why) {
  std::string out = R"({"status":"failed","why":)";
  diag::append_json_string(out, why);
  return out + "}";
}

LoadedContract load_contract(const std::string& name, const std::string& path, bool optimize, task::Scheduler& scheduler) {
  compile::LoadedProgram program;
  compile::PhaseTimes times;
  diag::Sink sink;
  if (auto loaded = compile::load(program, path, compile::LoadUntil::Trees, sys::real_files(), scheduler, times, sink); !loaded) {
    return {nullptr, base::describe(loaded.error())};
  }
  const auto modules = compile::check_contracts(program, scheduler, times, sink);
  if (sink.has_errors()) {
    return {nullptr, diag::render_terminal(sink, program.texts, {})};
  }
  for (const std::shared_ptr<ir::Module>& module : modules) {
    if (module->contract->name != name) {
      continue;
    }
    if (const std::string mistakes = ir::verify(*module); !mistakes.empty()) {
      return {nullptr, "the IR breaks its rules:\n" + mistakes};
    }
    if (optimize) {
      compile::optimize_module(*module, {{}, true}, scheduler, times);
    }
    return {module, {}};
  }
  return {nullptr, "no contract of that name can be made: " + name};
}

}  // namespace omega::contract_tests
