// SPDX-License-Identifier: Apache-2.0
#include "omega/check/contract/check_contracts.h"

#include "omega/check/contract/contract_checker.h"

namespace omega::check {

struct ContractProgram::Parts {
  contract::Program program;
  std::vector<contract::ContractId> contracts;  ///< of the first file
};

ContractProgram::ContractProgram(std::span<const ModuleInput> files, base::NameInterner& interner, diag::Sink& sink)
    : parts_(new Parts{contract::Program(files, interner, sink), {}}) {
  if (files.empty()) {
    return;
  }
  for (const contract::DeclId id : parts_->program.modules[0].declarations) {
    if (parts_->program.declarations[id].kind == contract::DeclKind::Contract) {
      parts_->contracts.push_back(parts_->program.declarations[id].contract);
    }
  }
}

ContractProgram::~ContractProgram() = default;

size_t ContractProgram::task_count() const { return parts_->contracts.size() + (parts_->program.modules.empty() ? 0 : 1); }

bool ContractProgram::gives_module(size_t task) const {
  if (task >= parts_->contracts.size()) {
    return false;
  }
  const contract::ContractDecl& contract = parts_->program.contracts[parts_->contracts[task]];
  return contract.kind == parse::ContractKind::Contract && !contract.is_abstract;
}

ir::Module ContractProgram::check(size_t task, diag::Sink& sink) const {
  if (task < parts_->contracts.size()) {
    return contract::ContractChecker(parts_->program, parts_->contracts[task], sink).run();
  }
  contract::ContractChecker(parts_->program, contract::kNone, sink).check_file(0);
  return {};
}

std::vector<ir::Module> check_contracts(std::span<const ModuleInput> files, base::NameInterner& interner, diag::Sink& sink) {
  const ContractProgram program(files, interner, sink);
  std::vector<ir::Module> modules;
  for (size_t task = 0; task < program.task_count(); ++task) {
    ir::Module module = program.check(task, sink);
    if (program.gives_module(task)) {
      modules.push_back(std::move(module));
    }
  }
  return modules;
}

}  // namespace omega::check
