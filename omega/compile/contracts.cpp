// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/contracts.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "omega/base/hexadecimal.h"
#include "omega/check/contract/check_contracts.h"
#include "omega/codegen/cosmos/emit_cosmos.h"
#include "omega/codegen/evm/emit_evm.h"
#include "omega/codegen/move/emit_move.h"
#include "omega/codegen/solana/emit_solana.h"
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
                       {name + ".bin-runtime", base::hexadecimal(artifacts->runtime)},
                       {name + ".bin", base::hexadecimal(artifacts->init)}},
                      artifacts->runtime.size(),
                      0};
}

std::optional<MadeContract> make_move(const ir::Module& module, const ChainOptions& options, diag::Sink& sink) {
  std::optional<codegen::move::Artifacts> artifacts = codegen::move::emit(module, {.address = options.move_address}, sink);
  if (!artifacts) {
    return std::nullopt;
  }
  const std::string& name = module.contract->name;
  const size_t bytes = artifacts->module.size();
  return MadeContract{{{name + ".abi.json", std::move(artifacts->abi_json)}, {name + ".mv", std::move(artifacts->module)}}, bytes, 0};
}

std::optional<MadeContract> make_solana(const ir::Module& module, const ChainOptions& /*options*/, diag::Sink& sink) {
  std::optional<codegen::solana::Artifacts> artifacts = codegen::solana::emit(module, sink);
  if (!artifacts) {
    return std::nullopt;
  }
  const std::string& name = module.contract->name;
  const size_t bytes = artifacts->program.size();
  return MadeContract{{{name + ".idl.json", std::move(artifacts->idl)}, {name + ".so", std::move(artifacts->program)}}, bytes, artifacts->llvm_ns};
}

std::optional<MadeContract> make_cosmos(const ir::Module& module, const ChainOptions& options, diag::Sink& sink) {
  std::optional<codegen::cosmos::Artifacts> artifacts = codegen::cosmos::emit(module, {.denomination = options.cosmos_denomination}, sink);
  if (!artifacts) {
    return std::nullopt;
  }
  const std::string& name = module.contract->name;
  const size_t bytes = artifacts->module.size();
  return MadeContract{{{name + ".schema.json", std::move(artifacts->schema)}, {name + ".wasm", std::move(artifacts->module)}}, bytes, artifacts->llvm_ns};
}

struct ChainTarget {
  std::string_view name;
  Make* make;
  uint64_t cost = 1;  ///< what an instruction takes, relative to the others; decides only what is begun first
};

constexpr ChainTarget kChainTargets[] = {{"evm", make_evm}, {"move", make_move}, {"solana", make_solana, 40}, {"cosmos", make_cosmos, 40}};

const ChainTarget* target_named(std::string_view name) {
  const auto found = std::ranges::find(kChainTargets, name, &ChainTarget::name);
  return found == std::end(kChainTargets) ? nullptr : found;
}

uint64_t expected_cost(const ir::Module& module, uint64_t by_instruction) {
  uint64_t instructions = 0;
  for (const ir::Function& function : module.functions) {
    instructions += function.insts.size();
  }
  return instructions * by_instruction;
}

/// One contract for one target.
struct Piece {
  std::optional<MadeContract> made;
  diag::Sink sink;
  int64_t cpu_ns = 0;
};

void make_piece(const ir::Module& module, const ChainTarget& target, const ChainOptions& options, Piece& piece, TargetProgress& progress) {
  const sys::Clock& clock = sys::real_clock();
  const int64_t begin = clock.now_ns();
  const int64_t cpu_before = sys::thread_clock().now_ns();
  int64_t none = 0;
  progress.begin_ns.compare_exchange_strong(none, begin, std::memory_order_relaxed);
  piece.made = target.make(module, options, piece.sink);
  const int64_t end = clock.now_ns();
  piece.cpu_ns = sys::thread_clock().now_ns() - cpu_before + (piece.made ? piece.made->elsewhere_ns : 0);
  if (!piece.made) {
    progress.has_failed.store(true, std::memory_order_relaxed);
  }
  if (progress.made.fetch_add(1, std::memory_order_relaxed) + 1 == progress.contracts.load(std::memory_order_relaxed)) {
    progress.end_ns.store(end, std::memory_order_relaxed);
  }
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
  std::vector<diag::Sink> sinks(contracts.task_count());
  task::parallel_pieces(scheduler, sinks.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t task = begin; task < end; ++task) {
      contracts.check(task, sinks[task]);
    }
  });
  for (diag::Sink& part : sinks) {
    found.merge(std::move(part));
  }
  std::vector<std::shared_ptr<ir::Module>> made = contracts.link(found);
  unread.forget_consequences(found);
  sink.merge(std::move(found));
  if (sink.has_errors()) {
    made.clear();
  }
  return made;
}

namespace {

/// The modules and all that they make, each once.
std::vector<ir::Module*> with_created(std::span<const std::shared_ptr<ir::Module>> modules) {
  std::vector<ir::Module*> all;
  std::unordered_set<const ir::Module*> known;
  std::vector<std::shared_ptr<ir::Module>> work(modules.rbegin(), modules.rend());
  while (!work.empty()) {
    const std::shared_ptr<ir::Module> module = work.back();
    work.pop_back();
    if (known.insert(module.get()).second) {
      all.push_back(module.get());
      work.insert(work.end(), module->created.begin(), module->created.end());
    }
  }
  return all;
}

}  // namespace

void optimize_contracts(std::span<const std::shared_ptr<ir::Module>> modules, const std::vector<std::string>& disabled_passes, task::Scheduler& scheduler,
                        PhaseTimes& times) {
  PhaseTimer timer(times, "optimise");
  const std::vector<ir::Module*> all = with_created(modules);
  task::parallel_pieces(scheduler, all.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      PhaseTimes inside;
      optimize_module(*all[i], {disabled_passes, false}, scheduler, inside);
    }
  });
}

bool is_chain_target(std::string_view name) { return target_named(name) != nullptr; }

std::vector<MadeTarget> make_contracts(std::span<const std::shared_ptr<ir::Module>> modules, std::span<const std::string> targets, const ChainOptions& options,
                                       const Distribution& distribution, std::span<TargetProgress> progress, task::Scheduler& scheduler, PhaseTimes& times) {
  PhaseTimer timer(times, "contracts");
  const size_t count = modules.size();
  std::vector<Piece> pieces(targets.size() * count);
  std::vector<uint64_t> costs(pieces.size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    costs[i] = expected_cost(*modules[i % count], target_named(targets[i / count])->cost);
  }
  distribute(scheduler, costs, distribution,
             [&](uint32_t i) { make_piece(*modules[i % count], *target_named(targets[i / count]), options, pieces[i], progress[i / count]); });
  std::vector<MadeTarget> results(targets.size());
  for (size_t t = 0; t < targets.size(); ++t) {
    MadeTarget& result = results[t];
    result.target = targets[t];
    for (size_t i = t * count; i < (t + 1) * count; ++i) {
      result.sink.merge(std::move(pieces[i].sink));
      result.work_ns += pieces[i].cpu_ns;
      if (pieces[i].made) {
        result.contracts.push_back(std::move(*pieces[i].made));
      }
    }
    result.is_whole = !result.sink.has_errors() && result.contracts.size() == count;
    if (!result.is_whole) {
      result.contracts.clear();
    }
  }
  return results;
}

}  // namespace omega::compile
