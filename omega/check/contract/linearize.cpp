// SPDX-License-Identifier: Apache-2.0
// The order of a contract's bases: C3, as Solidity has it, which reads the list of bases from the most basic one to the most derived.
#include <algorithm>

#include "omega/check/contract/program.h"

namespace omega::check::contract {

using diag::Kind;

namespace {
constexpr uint32_t kMostBases = 400;  ///< contracts above one another
}

ContractId Program::contract_at(uint32_t module, NodeId path) const {
  const parse::Tree& tree = *modules[module].tree;
  const Node& node = tree.node(path);
  FileMeaning meaning;
  if (node.kind == NodeKind::Name) {
    meaning = find(module, NameId{node.a});
  } else if (node.kind == NodeKind::Member && tree.kind(node.a) == NodeKind::Name) {
    const FileMeaning outer = find(module, NameId{tree.node(node.a).a});
    if (outer.module != kNone) {
      meaning = find(outer.module, NameId{node.b});
    }
  }
  const bool is_contract = meaning.declarations.size() == 1 && declarations[meaning.declarations[0]].kind == DeclKind::Contract;
  return is_contract ? declarations[meaning.declarations[0]].contract : kNone;
}

void Program::resolve_bases(ContractId contract, diag::Sink& sink) {
  const Declaration& d = declarations[contracts[contract].declaration];
  const parse::Tree& tree = tree_of(d);
  for (const NodeId use : tree.list(tree.rec(tree.node(d.node).b, 0))) {
    if (tree.kind(use) != NodeKind::ModifierUse) {
      continue;
    }
    const NodeId path = tree.node(use).a;
    const ContractId base = contract_at(d.module, path);
    if (base == kNone || contracts[base].kind == parse::ContractKind::Library || contracts[contract].kind == parse::ContractKind::Library) {
      sink.report(Kind::ContractNoBase, tree.full_span(path), {std::string(tree.tokens->spelled(tree.node(path).token))});
      continue;
    }
    if (contracts[contract].kind == parse::ContractKind::Interface && contracts[base].kind != parse::ContractKind::Interface) {
      sink.report(Kind::ContractInterface, tree.full_span(path), {"interfaces inherit from interfaces only"});
      continue;
    }
    if (std::find(contracts[contract].bases.begin(), contracts[contract].bases.end(), base) == contracts[contract].bases.end()) {
      contracts[contract].bases.push_back(base);
    }
  }
}

void Program::linearize(ContractId contract, std::vector<uint8_t>& state, uint32_t depth, diag::Sink& sink) {
  ContractDecl& c = contracts[contract];
  if (state[contract] == 2) {
    return;
  }
  if (state[contract] == 1 || depth > kMostBases) {
    sink.report(Kind::ContractOrder, span_of(c.declaration), {std::string(name_of(c.declaration))})
        .note(state[contract] == 1 ? "it is its own base" : "there are too many contracts above one another");
    c.bases.clear();
    c.linear = {contract};
    state[contract] = 2;
    return;
  }
  state[contract] = 1;
  const std::vector<ContractId> bases = c.bases;
  for (const ContractId base : bases) {
    linearize(base, state, depth + 1, sink);
  }
  if (state[contract] == 2) {
    return;
  }
  // Lists to merge, most derived first: each base's order, the last base written first, then the bases themselves in that order.
  std::vector<std::vector<ContractId>> lists;
  for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
    lists.push_back(contracts[*base].linear);
  }
  lists.emplace_back(bases.rbegin(), bases.rend());
  std::unordered_map<ContractId, uint32_t> in_tails;
  for (const auto& list : lists) {
    for (size_t i = 1; i < list.size(); ++i) {
      ++in_tails[list[i]];
    }
  }
  std::vector<size_t> heads(lists.size(), 0);
  c.linear = {contract};
  for (;;) {
    ContractId next = kNone;
    bool done = true;
    for (size_t i = 0; i < lists.size() && next == kNone; ++i) {
      if (heads[i] < lists[i].size()) {
        done = false;
        const ContractId candidate = lists[i][heads[i]];
        next = in_tails[candidate] == 0 ? candidate : kNone;
      }
    }
    if (done) {
      break;
    }
    if (next == kNone) {
      sink.report(Kind::ContractOrder, span_of(c.declaration), {std::string(name_of(c.declaration))})
          .with_help("write the bases from the most basic one to the most derived");
      break;
    }
    c.linear.push_back(next);
    for (size_t i = 0; i < lists.size(); ++i) {
      if (heads[i] < lists[i].size() && lists[i][heads[i]] == next) {
        ++heads[i];
        if (heads[i] < lists[i].size()) {
          --in_tails[lists[i][heads[i]]];
        }
      }
    }
  }
  state[contract] = 2;
}

}  // namespace omega::check::contract
