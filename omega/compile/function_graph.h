// SPDX-License-Identifier: Apache-2.0
// Functions of an Omega program as computation graphs: the static way to a graph, which sees branches and loops on values.
#pragma once

#include <memory>
#include <string_view>

#include "omega/graph/trace/strategy.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// A function as StaticAnalysisStrategy takes it. Branches become `if`, loops `while`, calls CALLs of operators `omega:NAME`, which run the
/// callee's graph; arithmetic is that of the language, panics are exceptions (std::runtime_error). Covers integers up to 64 bits, floats,
/// bool, and arrays of them: those given as arguments may be read, those made inside written too, in program order. Anything else is a
/// graph::TracingError that names it. The module must be checked; its parallel loops may not be outlined yet.
std::shared_ptr<const graph::StaticFunction> function_graph(std::shared_ptr<const ir::Module> module, ir::FunctionId id);

/// The function of that linkage name, or of the source's name where only one has it: "f(int64)", "f". kNone when there is none.
ir::FunctionId find_function(const ir::Module& module, std::string_view name);

}  // namespace omega::compile
