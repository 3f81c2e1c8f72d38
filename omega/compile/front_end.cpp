// SPDX-License-Identifier: Apache-2.0
// Checking in rounds: all functions, then the instances of generic functions they asked for, until no new one is asked for.
#include "omega/compile/front_end.h"

#include "omega/base/large_memory.h"

namespace omega::compile {
namespace {

/// Units a thread takes at a time: enough that taking them costs nothing, few enough that threads end together.
constexpr size_t unit_grain = 32;

/// `functions` gets the units' own functions behind what it has.
std::vector<check::CheckedUnit> check_round(const check::Declarations& declarations, std::span<const check::Unit> units, task::Pool& pool,
                                            std::vector<std::unique_ptr<check::Scratch>>& scratches, std::vector<ir::Function>& functions, diag::Sink& sink) {
  std::vector<check::CheckedUnit> results(units.size());
  const size_t first = functions.size();
  if (first == 0) {
    functions.reserve(units.size());
    if (units.size() * sizeof(ir::Function) >= base::large_size) {
      base::prefer_huge_pages(functions.data(), units.size() * sizeof(ir::Function));
    }
  }
  functions.resize(first + units.size());
  std::vector<diag::Sink> sinks(pool.threads());
  pool.parallel_for(units.size(), unit_grain, [&](size_t begin, size_t end, unsigned worker) {
    if (!scratches[worker]) {
      scratches[worker] = std::make_unique<check::Scratch>(declarations);
    }
    for (size_t i = begin; i < end; ++i) {
      results[i] = check::check_function(declarations, units[i], functions[first + i], *scratches[worker], sinks[worker]);
    }
  });
  for (diag::Sink& part : sinks) {
    sink.merge(std::move(part));
  }
  return results;
}

}  // namespace

CheckedProgram check_program(LoadedProgram& program, task::Pool& pool, PhaseTimes& times, diag::Sink& sink) {
  CheckedProgram checked;
  checked.types = std::make_unique<check::TypeStore>();
  {
    PhaseTimer timer(times, "declare");
    std::vector<check::ModuleInput> inputs;
    inputs.reserve(program.files.size());
    for (const LoadedFile& file : program.files) {
      inputs.push_back({&file.tree, file.path, file.imports});
    }
    checked.declarations = check::declare(inputs, program.names, *checked.types, sink);
  }
  PhaseTimer timer(times, "check");
  std::vector<std::unique_ptr<check::Scratch>> scratches(pool.threads());
  check::InstanceTable instances;
  std::vector<check::CheckedUnit> all;
  std::vector<ir::Function> functions;
  for (std::vector<check::Unit> round = check::first_units(*checked.declarations); !round.empty();) {
    std::vector<check::CheckedUnit> results = check_round(*checked.declarations, round, pool, scratches, functions, sink);
    round = instances.next_units(results);
    if (all.empty()) {
      all = std::move(results);
    } else {
      all.insert(all.end(), std::make_move_iterator(results.begin()), std::make_move_iterator(results.end()));
    }
  }
  if (!sink.has_errors()) {
    checked.module = check::join_units(*checked.declarations, instances, all, std::move(functions));
  }
  return checked;
}

}  // namespace omega::compile
