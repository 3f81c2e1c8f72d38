// SPDX-License-Identifier: Apache-2.0
// Functions of an Omega program as computation graphs: the static way to a graph, which sees branches and loops on values.
#pragma once

#include <memory>
#include <string_view>

#include "omega/graph/trace/strategy.h"
#include "omega/ir/ir.h"
#include "omega/source/source_set.h"

namespace omega::compile {

/// A function as StaticAnalysisStrategy takes it. Branches become `if`, loops `while`, parallel loops, those that are found too, a `map` over
/// the cells of their range and a `scan` that folds reductions; calls become CALLs of operators `omega:NAME`, which run the callee's graph.
/// Arithmetic is that of the language, sums of floats are grouped as in a program, panics are exceptions (std::runtime_error). Covers integers
/// of all widths, floats, bool, strings with what the runtime does with them, and arrays of all these and of arrays: those given as
/// arguments may be read, those made inside written too, in program order. Anything else, in the function or in what it calls, is a
/// graph::TracingError that names the construct and its place: with `sources`, which must outlive the result, as file, line and column. The
/// module must be checked; its parallel loops may be outlined already.
std::shared_ptr<const graph::StaticFunction> function_graph(std::shared_ptr<const ir::Module> module, ir::FunctionId id,
                                                            const source::SourceSet* sources = nullptr);

/// The function of that linkage name, or of the source's name where only one has it: "f(int64)", "f". kNone when there is none.
ir::FunctionId find_function(const ir::Module& module, std::string_view name);

}  // namespace omega::compile
