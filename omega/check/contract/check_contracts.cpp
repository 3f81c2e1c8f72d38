// SPDX-License-Identifier: Apache-2.0
#include "omega/check/contract/check_contracts.h"

#include <unordered_map>

#include "omega/check/contract/contract_checker.h"

namespace omega::check {

namespace {

using contract::ContractId;
using contract::CreatedContract;

/// Contracts that make each other, one inside the other, at most so deep.
constexpr uint32_t kDeepestCreations = 64;

struct Checked {
  std::shared_ptr<ir::Module> module;
  std::vector<CreatedContract> created;
};

/// Gives modules those that they make.
class Linker {
 public:
  Linker(const contract::Program& program, diag::Sink& sink) : program_(program), sink_(sink) {}

  void add(ContractId contract, Checked checked) { checked_.emplace(contract, std::move(checked)); }

  /// The contract's module, with all that it makes; those that nobody has checked are.
  const std::shared_ptr<ir::Module>& link(ContractId contract) {
    link_below(contract, 0);
    return checked_.at(contract).module;
  }

 private:
  void link_below(ContractId contract, uint32_t depth) {
    if (!states_.try_emplace(contract, State::Open).second) {
      return;
    }
    if (!checked_.contains(contract)) {
      contract::ContractChecker checker(program_, contract, sink_);
      auto module = std::make_shared<ir::Module>(checker.run());
      add(contract, {std::move(module), checker.created()});
    }
    const Checked& own = checked_.at(contract);
    for (const CreatedContract& one : own.created) {
      if (const auto known = states_.find(one.contract); known != states_.end() && known->second == State::Open) {
        sink_.report(diag::Kind::ContractCircle, one.place, {name(one.contract), name(contract)});
        continue;
      }
      if (depth == kDeepestCreations) {
        sink_.report(diag::Kind::NestedTooDeeply, one.place);
        return;
      }
      link_below(one.contract, depth + 1);
      own.module->created.push_back(checked_.at(one.contract).module);
    }
    states_[contract] = State::Done;
  }

  std::string name(ContractId contract) const { return std::string(program_.name_of(program_.contracts[contract].declaration)); }

  enum class State : uint8_t { Open, Done };
  const contract::Program& program_;
  diag::Sink& sink_;
  std::unordered_map<ContractId, Checked> checked_;
  std::unordered_map<ContractId, State> states_;
};

}  // namespace

struct ContractProgram::Parts {
  contract::Program program;
  std::vector<ContractId> contracts;  ///< of the first file
  std::vector<Checked> checked;       ///< by task
};

ContractProgram::ContractProgram(std::span<const ModuleInput> files, base::NameInterner& interner, diag::Sink& sink)
    : parts_(new Parts{contract::Program(files, interner, sink), {}, {}}) {
  if (files.empty()) {
    return;
  }
  for (const contract::DeclId id : parts_->program.modules[0].declarations) {
    if (parts_->program.declarations[id].kind == contract::DeclKind::Contract) {
      parts_->contracts.push_back(parts_->program.declarations[id].contract);
    }
  }
  parts_->checked.resize(parts_->contracts.size());
}

ContractProgram::~ContractProgram() = default;

size_t ContractProgram::task_count() const { return parts_->contracts.size() + (parts_->program.modules.empty() ? 0 : 1); }

void ContractProgram::check(size_t task, diag::Sink& sink) const {
  if (task >= parts_->contracts.size()) {
    contract::ContractChecker(parts_->program, contract::kNone, sink).check_file(0);
    return;
  }
  contract::ContractChecker checker(parts_->program, parts_->contracts[task], sink);
  auto module = std::make_shared<ir::Module>(checker.run());
  parts_->checked[task] = {std::move(module), checker.created()};
}

std::vector<std::shared_ptr<ir::Module>> ContractProgram::link(diag::Sink& sink) const {
  Linker linker(parts_->program, sink);
  for (size_t task = 0; task < parts_->contracts.size(); ++task) {
    linker.add(parts_->contracts[task], std::move(parts_->checked[task]));
  }
  std::vector<std::shared_ptr<ir::Module>> modules;
  for (const ContractId id : parts_->contracts) {
    const contract::ContractDecl& contract = parts_->program.contracts[id];
    if (contract.kind == parse::ContractKind::Contract && !contract.is_abstract) {
      modules.push_back(linker.link(id));
    }
  }
  return modules;
}

std::vector<std::shared_ptr<ir::Module>> check_contracts(std::span<const ModuleInput> files, base::NameInterner& interner, diag::Sink& sink) {
  const ContractProgram program(files, interner, sink);
  for (size_t task = 0; task < program.task_count(); ++task) {
    program.check(task, sink);
  }
  return program.link(sink);
}

}  // namespace omega::check
