// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/move/emit_move.h"

#include "omega/base/check.h"
#include "omega/codegen/move/program.h"
#include "omega/ir/contract.h"
#include "omega/object/move_writer.h"

namespace omega::codegen::move {

std::optional<Artifacts> emit(const ir::Module& module, const Options& options, diag::Sink& sink) {
  OMEGA_CHECK(module.contract != nullptr, "the Move target takes contracts");
  const size_t errors = sink.error_count();
  Program program(module, options, sink);
  std::string abi = write_entries(program);
  if (sink.error_count() != errors) {
    return std::nullopt;
  }
  return Artifacts{object::move::write(program.builder().finish()), std::move(abi)};
}

}  // namespace omega::codegen::move
