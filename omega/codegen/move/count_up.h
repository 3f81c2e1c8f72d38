// SPDX-License-Identifier: Apache-2.0
// Loops in the code of the module's support functions.
#pragma once

#include "omega/object/move_builder.h"

namespace omega::codegen::move {

/// Writes a loop: `body` while the local `counter` is below the local `end`; then what `step` pushes is added to the counter. Both locals have one type.
template <class Step, class Body>
void loop_below(object::move::CodeWriter& code, uint32_t counter, uint32_t end, Step&& step, Body&& body) {
  using object::move::Opcode;
  const auto loop = code.label();
  const auto done = code.label();
  code.branch(loop).bind(loop).copy(counter).copy(end).op(Opcode::Ge).branch_if(done);
  body();
  code.copy(counter);
  step();
  code.op(Opcode::Add).store(counter).branch(loop).bind(done);
}

/// `body` for the u64 local `counter` from 0 to the local `end`.
template <class Body>
void count_up(object::move::CodeWriter& code, uint32_t counter, uint32_t end, Body&& body) {
  code.u64(0).store(counter);
  loop_below(code, counter, end, [&] { code.u64(1); }, body);
}

/// `body` for the u256 local `counter` from what it holds to the local `end`.
template <class Body>
void count_words_up(object::move::CodeWriter& code, uint32_t counter, uint32_t end, Body&& body) {
  loop_below(code, counter, end, [&] { code.u256(uint64_t{1}); }, body);
}

}  // namespace omega::codegen::move
