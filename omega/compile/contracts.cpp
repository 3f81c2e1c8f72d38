// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/contracts.h"

#include <algorithm>
#include <optional>

#include "omega/check/contract/check_contracts.h"
#include "omega/codegen/evm/emit_evm.h"
#include "omega/codegen/move/emit_move.h"
#include "omega/compile/consequences.h"
#include "omega/compile/optimize.h"
#include "omega/task/parallel_pieces.h"

namespace omega::compile {
namespace {

using Make = std::optional<MadeContract>(const ir::Module& module, const ChainOptions& options, diag::Sink& sink);

std::optional<MadeContract> make_evm(const ir::Module& module, const ChainOptions& options, diag::Sink& sink) {
  std::optional<codegen::evm::Artifacts> artifacts = codegen::evm::emit(module, {.source = options.source}, sink);
  if (!artifacts) {
    return std::nullopt;
  }
  const std::string& name = module.contract->name;
  return MadeContract{{{name + ".abi", std::move(artifacts->abi)},
                       {name + ".storage.json", std::move(artifacts->storage)},
                       {name + ".srcmap", std::move(artifacts->source_map)},
                       {name + ".bin-runtime", codegen::evm::hexadecimal(artifacts->runtime)},
                       {name + ".bin", codegen::evm::hexadecimal(artifacts->init)}},
                      artifacts->runtime.size()};
}

std::optional<MadeContract> make_move(const ir::Module& module, const ChainOptions& options, diag::Sink& sink) {
  std::optional<codegen::move::Artifacts> artifacts = codegen::move::emit(module, {.address = options.move_address}, sink);
  if (!artifacts) {
    return std::nullopt;
  }
  const std::string& name = module.contract->name;
  const size_t bytes = artifacts->module.size();
  return MadeContract{{{name + ".abi.json", std::move(artifacts->abi_json)}, {name + ".mv", std::move(artifacts->module)}}, bytes};
}

struct ChainTarget {
  std::string_view name;
  Make* make;
};

constexpr ChainTarget kChainTargets[] = {{"evm", make_evm}, {"move", make_move}};

Make* maker_of(std::string_view target) {
  const auto found = std::ranges::find(kChainTargets, target, &ChainTarget::name);
  return found == std::end(kChainTargets) ? nullptr : found->make;
}

}  // namespace

bool has_contracts(const LoadedProgram& program) {
  if (program.files.empty()) {
    return false;
  }
  const parse::Tree& tree = program.files.front().tree;
  return std::ranges::any_of(tree.list(tree.node(tree.root).b), [&](parse::NodeId item) { return tree.node(item).kind == parse::NodeKind::Contract; });
}

std::vector<std::shared_ptr<ir::Module>> check_contracts(LoadedProgram& program, task::Scheduler& scheduler, PhaseTimes& times, diag::Sink& sink) {
  PhaseTimer timer(times, "check");
  const BrokenLines unread(sink, program.texts);
  std::vector<check::ModuleInput> inputs;
  inputs.reserve(program.files.size());
  for (const LoadedFile& file : program.files) {
    inputs.push_back({&file.tree, file.path, file.imports});
  }
  diag::Sink found;
  const check::ContractProgram contracts(inputs, program.names, found);
  std::vector<ir::Module> modules(contracts.task_count());
  std::vector<diag::Sink> sinks(contracts.task_count());
  task::parallel_pieces(scheduler, modules.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t task = begin; task < end; ++task) {
      modules[task] = contracts.check(task, sinks[task]);
    }
  });
  for (diag::Sink& part : sinks) {
    found.merge(std::move(part));
  }
  unread.forget_consequences(found);
  sink.merge(std::move(found));
  std::vector<std::shared_ptr<ir::Module>> made;
  for (size_t task = 0; !sink.has_errors() && task < modules.size(); ++task) {
    if (contracts.gives_module(task)) {
      made.push_back(std::make_shared<ir::Module>(std::move(modules[task])));
    }
  }
  return made;
}

void optimize_contracts(std::span<const std::shared_ptr<ir::Module>> modules, const std::vector<std::string>& disabled_passes, task::Scheduler& scheduler,
                        PhaseTimes& times) {
  for (const std::shared_ptr<ir::Module>& module : modules) {
    optimize_module(*module, {disabled_passes, false}, scheduler, times);
  }
}

bool is_chain_target(std::string_view name) { return maker_of(name) != nullptr; }

std::vector<MadeTarget> make_contracts(std::span<const std::shared_ptr<ir::Module>> modules, std::span<const std::string> targets, const ChainOptions& options,
                                       task::Scheduler& scheduler, PhaseTimes& times) {
  PhaseTimer timer(times, "contracts");
  const size_t count = modules.size();
  std::vector<std::optional<MadeContract>> made(targets.size() * count);
  std::vector<diag::Sink> sinks(made.size());
  task::parallel_pieces(scheduler, made.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      made[i] = maker_of(targets[i / count])(*modules[i % count], options, sinks[i]);
    }
  });
  std::vector<MadeTarget> results(targets.size());
  for (size_t t = 0; t < targets.size(); ++t) {
    MadeTarget& result = results[t];
    result.target = targets[t];
    for (size_t i = t * count; i < (t + 1) * count; ++i) {
      result.sink.merge(std::move(sinks[i]));
      if (made[i]) {
        result.contracts.push_back(std::move(*made[i]));
      }
    }
    if (result.sink.has_errors()) {
      result.contracts.clear();
    }
  }
  return results;
}

}  // namespace omega::compile
