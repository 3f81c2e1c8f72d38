// SPDX-License-Identifier: Apache-2.0
// Keeps the big class out of the callers' sight.
#include "omega/codegen/native/compile_function.h"

#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

Scratch::Scratch() : compiler_(std::make_unique<FunctionCompiler>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;

bool compile_function(const ir::Function& function, ir::FunctionId id, const ModuleView& module, Scratch& scratch, CodeBuffer& buffer, diag::Sink& sink) {
  return scratch.compiler_->compile(function, id, module, buffer, sink);
}

}  // namespace omega::codegen::native
