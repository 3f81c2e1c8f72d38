// SPDX-License-Identifier: Apache-2.0
// The native back end's first half: IR functions to machine code, each by itself.
#pragma once

#include <memory>

#include "omega/codegen/native/code_buffer.h"
#include "omega/codegen/native/module_view.h"
#include "omega/diag/diagnostic.h"

namespace omega::codegen::native {

class FunctionCompiler;

/// Memory that code generation reuses from function to function. One a worker and CodeBuffer; not thread-safe.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;

 private:
  friend bool compile_function(const ir::Function&, ir::FunctionId, const ModuleView&, Scratch&, CodeBuffer&, diag::Sink&);
  std::unique_ptr<FunctionCompiler> compiler_;
};

/// Appends the code of `function`, number `id` of the module, to `buffer`. Of other functions it reads the signatures alone, so workers with
/// their own scratch and buffer may run at once. Extern functions give nothing. False, with an error in `sink`, for what this target cannot do.
/// The function must be right as ir::verify says.
bool compile_function(const ir::Function& function, ir::FunctionId id, const ModuleView& module, Scratch& scratch, CodeBuffer& buffer, diag::Sink& sink);

}  // namespace omega::codegen::native
