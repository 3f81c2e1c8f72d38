// SPDX-License-Identifier: Apache-2.0
// What must hold of a parallel loop's arrays when it starts, as code before the loop.
#pragma once

#include "omega/opt/function_copier.h"
#include "omega/opt/outline.h"

namespace omega::opt {

/// True when the check's arrays can be named before the loop.
bool can_check(const LoopFacts& facts, const AliasCheck& check);

/// Before the planned loop of `function`: what its checks ask for. Where one fails a found loop goes on to `sequential`; one that was asked for panics.
void emit_alias_checks(const ir::Function& function, FunctionCopier& copier, const LoopPlan& plan, ir::Label sequential);

}  // namespace omega::opt
