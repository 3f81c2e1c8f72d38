// SPDX-License-Identifier: Apache-2.0
// IR to C11 text.
#pragma once

#include <string>
#include <vector>

#include "omega/base/interner.h"
#include "omega/diag/render.h"
#include "omega/ir/ir.h"

namespace omega::codegen::c {

/// A file to write.
struct File {
  std::string name;  ///< without folder
  std::string text;
};

/// What else is known of the program.
struct Options {
  std::string program_name = "program";         ///< for the comment in main.c
  const diag::SourceReader* sources = nullptr;  ///< places of errors and #line; null: none
  const base::NameInterner* names = nullptr;    ///< names of variables; null: numbers
  bool line_directives = true;
};

/// C identifiers of a module's functions, and what the whole program needs. Immutable; the module must outlive it.
class Program {
 public:
  Program(const ir::Module& module, const Options& options);

  /// `omega_program.h`: prototypes of all functions, structures of several results.
  File header() const;
  /// The file of one function, which must not be extern. Pure: any thread.
  File function(ir::FunctionId id) const;
  /// `main.c`: tables and the entry; its comment has the lines that build the program.
  File main_file() const;

  const ir::Module& module() const { return module_; }
  const Options& options() const { return options_; }
  /// The C name of a function.
  const std::string& identifier(ir::FunctionId id) const { return identifiers_[id]; }
  /// True when loops must look for deadlines that passed.
  bool has_deadlines() const { return has_deadlines_; }

 private:
  void name_functions();
  void collect_results();

  const ir::Module& module_;
  Options options_;
  std::vector<std::string> identifiers_;
  std::vector<std::string> result_structs_;
  bool has_deadlines_ = false;
};

/// All files of the program: functions, header, main.c, support, the runtime's sources. The C compiler gets every `.c` file.
std::vector<File> emit(const ir::Module& module, const Options& options);

/// The files that do not depend on the program: `omega_support.h` and the runtime's sources.
std::vector<File> runtime_files();

}  // namespace omega::codegen::c
