// SPDX-License-Identifier: Apache-2.0
// A contract in the IR's text form to the EVM's artifacts, for tests of the back end without the front end.
// usage: evm_from_ir [--plain] FILE.ir FOLDER   writes FOLDER/evm/NAME.{bin,bin-runtime,abi,storage.json,srcmap}; --plain: only the passes that it takes
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "omega/base/hexadecimal.h"
#include "omega/codegen/evm/emit_evm.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "omega/opt/pass.h"

namespace {

using namespace omega;

int fail(const std::string& why) {
  std::cerr << "evm_from_ir: " << why << "\n";
  return 1;
}

int run(bool plain, const std::string& file, const std::filesystem::path& folder) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    return fail("cannot read " + file);
  }
  base::Result<ir::Module> parsed = ir::parse_text(text.str());
  if (!parsed) {
    return fail(parsed.error().message);
  }
  ir::Module module = std::move(*parsed);
  if (const std::string wrong = ir::verify(module); !wrong.empty()) {
    return fail(wrong);
  }
  opt::OptimizeOptions options;
  options.verify = true;
  std::vector<opt::PassTime> times;
  std::vector<ir::Function> functions = module.functions;
  for (ir::FunctionId id = 0; id < functions.size(); ++id) {
    if (plain) {
      opt::run_pass("slots_to_values", module, functions[id], options, times);
    } else {
      functions[id] = opt::optimize_function(module, id, options, times);
    }
  }
  module.functions = std::move(functions);
  diag::Sink sink;
  const auto made = codegen::evm::emit(module, {}, sink);
  if (!made) {
    return fail(sink.diagnostics().front().message());
  }
  std::filesystem::create_directories(folder / "evm");
  const auto write = [&](const std::string& suffix, const std::string& content) {
    std::ofstream(folder / "evm" / (module.contract->name + suffix)) << content;
  };
  write(".bin", base::hexadecimal(made->init));
  write(".bin-runtime", base::hexadecimal(made->runtime));
  write(".abi", made->abi);
  write(".storage.json", made->storage);
  write(".srcmap", made->source_map);
  std::cout << module.contract->name << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool plain = argc == 4 && std::string(argv[1]) == "--plain";
  if (argc != 3 && !plain) {
    return fail("usage: evm_from_ir [--plain] FILE.ir FOLDER");
  }
  return run(plain, argv[argc - 2], argv[argc - 1]);
}
