// SPDX-License-Identifier: Apache-2.0
// Computing plans: passes over memory.
#pragma once

#include <cstdint>

#include "omega/graph/exec/value.h"
#include "omega/graph/ir/graph.h"
#include "omega/task/scheduler.h"
#include "python/native/array_plan.h"

namespace omega::python {

/// The graph of one operation that a pass is called with. With the GIL; it lives as long as the process.
const graph::ComputationGraph& graph_of_pass(const Pass& pass);
/// Runs a pass without needing the GIL. `slots` are the plan's; no scheduler: on the calling thread.
void run_pass(const Pass& pass, const graph::ComputationGraph& graph, const Plan& plan, const graph::Value* parameter, graph::Value* slots,
              task::Scheduler* scheduler, const task::Cancellation* stop);
/// Runs all passes, on all cores and without the GIL where that pays. With the GIL. Throws what they throw, and when Ctrl-C ends it. Whether it paid for one.
bool run_plan(const Plan& plan, const graph::Value* parameter, graph::Value* slots);

}  // namespace omega::python
