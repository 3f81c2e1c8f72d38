// SPDX-License-Identifier: Apache-2.0
// The program's files around its functions.
#include "omega/codegen/c/emit_c.h"

#include <set>
#include <unordered_set>

#include "omega/codegen/c/function_writer.h"
#include "omega/codegen/c/support_text.h"
#include "omega/codegen/c/types.h"
#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"
#include "runtime/text.h"

namespace omega::codegen::c {

using ir::Op;
using ir::Type;

namespace {

constexpr size_t longest_identifier = 60;

std::string sanitised(std::string_view name) {
  std::string text = "o_";
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain) {
      text += c;
    } else if (text.back() != '_') {
      text += '_';
    }
  }
  while (text.size() > 2 && text.back() == '_') {
    text.pop_back();
  }
  return text.substr(0, longest_identifier);
}

std::string struct_text(std::span<const Type> results) {
  std::string text = result_struct(results) + " {\n";
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string type(c_type(results[i]));
    text += "  " + type + (type.back() == '*' ? "" : " ") + "r" + std::to_string(i) + ";\n";
  }
  return text + "};\n";
}

}  // namespace

Program::Program(const ir::Module& module, const Options& options) : module_(module), options_(options) {
  name_functions();
  collect_results();
}

void Program::name_functions() {
  std::unordered_set<std::string> taken;
  identifiers_.reserve(module_.functions.size());
  for (size_t i = 0; i < module_.functions.size(); ++i) {
    std::string name = sanitised(module_.functions[i].name);
    if (!taken.insert(name).second) {
      name += "__" + std::to_string(i);  // no other name has two underlines
      taken.insert(name);
    }
    identifiers_.push_back(std::move(name));
  }
}

void Program::collect_results() {
  std::set<std::string> texts;
  for (const ir::Function& f : module_.functions) {
    if (f.results.size() > 1) {
      texts.insert(struct_text({f.results.data(), f.results.size()}));
    }
    for (uint32_t i = 0; i < f.insts.size(); ++i) {
      const ir::Inst& in = f.insts[i];
      if (in.op == Op::CallRuntime) {
        const std::string_view symbol = ir::runtime_functions()[in.a].symbol;
        has_deadlines_ = has_deadlines_ || symbol == "om_timeout" || symbol == "om_tasks_run";
      }
      if (in.op == Op::CallClosure && in.type != Type::Void) {
        std::vector<Type> results = {in.type};
        for (uint32_t k = i + 1; f.insts[k].op == Op::Result && f.insts[k].a == i; ++k) {
          results.push_back(f.insts[k].type);
        }
        if (results.size() > 1) {
          texts.insert(struct_text(results));
        }
      }
    }
  }
  result_structs_.assign(texts.begin(), texts.end());
}

File Program::header() const {
  std::string text = "/* Functions of " + options_.program_name + ". */\n#ifndef OMEGA_PROGRAM_H\n#define OMEGA_PROGRAM_H\n\n#include \"omega_support.h\"\n\n";
  for (const std::string& structure : result_structs_) {
    text += structure;
  }
  for (size_t id = 0; id < module_.functions.size(); ++id) {
    const ir::Function& f = module_.functions[id];
    const std::string result = result_type({f.results.data(), f.results.size()});
    text += result + (result.back() == '*' ? "" : " ") + identifiers_[id] + "(";
    for (size_t i = 0; i < f.params.size(); ++i) {
      text += (i == 0 ? "" : ", ") + std::string(c_type(f.params[i]));
    }
    text += f.params.empty() ? "void);\n" : ");\n";
  }
  return {"omega_program.h", text + "\n#endif\n"};
}

File Program::function(ir::FunctionId id) const { return {identifiers_[id] + ".c", FunctionWriter(*this, id).write()}; }

File Program::main_file() const {
  const std::string& name = options_.program_name;
  std::string text = "/* " + name + "\n *\n * gcc -std=c11 -O2 -ffp-contract=off -pthread *.c -o " + name +
                     "\n * clang -std=c11 -O2 -ffp-contract=off -pthread *.c -o " + name + "\n * tcc -pthread *.c -o " + name +
                     "\n * With -fopenmp parallel loops run on OpenMP's threads. OMEGA_THREADS=N sets how many threads loops use.\n */\n#include "
                     "<stdlib.h>\n\n#include \"atomics.h\"\n#include \"omega_program.h\"\n" +
                     std::string(atomic_text) + "\nstatic int32_t run(void) {\n";
  const ir::Function& entry = module_.functions[module_.entry];
  const std::string call = identifiers_[module_.entry] + "()";
  text += entry.results.empty() ? "  " + call + ";\n  return 0;\n" : "  return (int32_t)" + call + ";\n";
  text += "}\n\n";
  uint32_t files = 0;
  if (options_.sources != nullptr) {
    for (const ir::Function& f : module_.functions) {
      files = f.file.valid() && f.file.index >= files ? f.file.index + 1 : files;
    }
  }
  text += "int main(int argc, char **argv) {\n";
  if (files != 0) {
    text += "  static const char *const files[] = {";
    for (uint32_t i = 0; i < files; ++i) {
      text += (i == 0 ? "" : ", ") + string_literal(options_.sources->path(base::FileId{i}));
    }
    text += "};\n";
  }
  text +=
      "  static om_program program;\n  program.magic = OM_PROGRAM_MAGIC;\n  program.main = run;\n"
      "  const char *threads = getenv(\"OMEGA_THREADS\");\n  program.threads = threads ? atoi(threads) : 0;\n";
  if (files != 0) {
    text += "  program.files = files;\n  program.file_count = " + std::to_string(files) + ";\n";
  }
  return {"main.c", text + "  return om_start(argc, argv, &program);\n}\n"};
}

std::vector<File> runtime_files() {
  std::vector<File> files;
  files.push_back({"omega_support.h", std::string(support_text)});
  for (const runtime_text::File& file : runtime_text::files()) {
    files.push_back({std::string(file.name), std::string(file.text)});
  }
  return files;
}

std::vector<File> emit(const ir::Module& module, const Options& options) {
  const Program program(module, options);
  std::vector<File> files = runtime_files();
  files.push_back(program.header());
  files.push_back(program.main_file());
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    if (!module.functions[id].is_extern) {
      files.push_back(program.function(id));
    }
  }
  return files;
}

}  // namespace omega::codegen::c
