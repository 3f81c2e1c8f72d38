// SPDX-License-Identifier: Apache-2.0
// Collecting the names of all files.
#include "omega/check/contract/program.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "omega/check/contract/pragma.h"

namespace omega::check::contract {

using diag::Kind;
using parse::ImportKind;

bool is_reserved_word(std::string_view name) {
  static constexpr std::string_view words[] = {"_",      "after",    "alias",      "apply",   "auto",      "byte",        "case",   "copyof", "default",
                                               "define", "final",    "implements", "in",      "inline",    "let",         "macro",  "match",  "mutable",
                                               "null",   "of",       "partial",    "promise", "reference", "relocatable", "sealed", "sizeof", "static",
                                               "super",  "supports", "switch",     "this",    "typedef",   "typeof",      "var"};
  return std::binary_search(std::begin(words), std::end(words), name);
}

Program::Program(std::span<const ModuleInput> inputs, base::NameInterner& names, diag::Sink& sink) : interner(names) {
  modules.resize(inputs.size());
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    modules[i].tree = inputs[i].tree;
    modules[i].path = inputs[i].path;
  }
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    collect(i, inputs[i].imports, sink);
  }
  make_visible(sink);
  for (ContractId i = 0; i < contracts.size(); ++i) {
    resolve_bases(i, sink);
  }
  std::vector<uint8_t> state(contracts.size(), 0);
  for (ContractId i = 0; i < contracts.size(); ++i) {
    linearize(i, state, 0, sink);
  }
}

void Program::collect(uint32_t module, std::span<const uint32_t> imports, diag::Sink& sink) {
  const parse::Tree& tree = *modules[module].tree;
  uint32_t number = 0;
  for (const NodeId item : tree.list(tree.node(tree.root).b)) {
    const Node& node = tree.node(item);
    switch (node.kind) {
      case NodeKind::Import: {
        const uint32_t target = number < imports.size() ? imports[number] : kUnresolvedImport;
        ++number;
        if (target == kUnresolvedImport) {
          break;
        }
        if (static_cast<ImportKind>(node.flags) == ImportKind::Whole) {
          modules[module].whole_imports.push_back({target, item});
        } else if (static_cast<ImportKind>(node.flags) == ImportKind::Alias) {
          modules[module].aliases[node.a] = target;
        } else {
          for (const NodeId symbol : tree.list(node.b)) {
            modules[module].imported_names[tree.node(symbol).b].push_back({target, NameId{tree.node(symbol).a}, symbol});
          }
        }
        break;
      }
      case NodeKind::Contract: collect_contract(module, item, sink); break;
      case NodeKind::UsingFor: add_using(module, kNone, item); break;
      case NodeKind::Pragma: check_pragma(module, item, sink); break;
      case NodeKind::Invalid: break;
      default: collect_item(module, kNone, item, modules[module].by_name, modules[module].declarations, sink); break;
    }
  }
}

void Program::check_pragma(uint32_t module, NodeId item, diag::Sink& sink) const {
  const lex::TokenStream& tokens = *modules[module].tree->tokens;
  const Node& node = modules[module].tree->node(item);
  const std::string_view word = node.a <= node.b ? tokens.spelled(node.a) : std::string_view();
  const Span span{tokens.file, tokens.offset(node.token), tokens.end_of(std::max(node.a, node.b))};
  if (word == "abicoder" || word == "experimental") {
    return;
  }
  if (word != "solidity") {
    sink.report(Kind::ContractPragma, span, {"`pragma " + std::string(word) + "` is not known"});
    return;
  }
  const uint32_t begin = tokens.end_of(node.a);
  const std::string range(tokens.text.substr(begin, tokens.end_of(node.b) - begin));
  const Versions fits = solidity_versions(range);
  if (fits != Versions::Fit) {
    sink.report(Kind::ContractPragma, span, {fits == Versions::DoNotFit ? "the file is not written for Solidity 0.8" : "these versions cannot be read"})
        .with_help(fits == Versions::DoNotFit
                       ? "contracts have the meaning of Solidity 0.8, where arithmetic is checked: bring the file to it and write `pragma solidity ^0.8.0;`"
                       : "write, for example, `pragma solidity ^0.8.0;`");
  }
}

void Program::add_using(uint32_t module, ContractId contract, NodeId item) {
  const parse::Tree& tree = *modules[module].tree;
  const uint32_t index = static_cast<uint32_t>(usings.size());
  const bool is_global = tree.rec(tree.node(item).a, 1) != 0;
  usings.push_back({module, contract, item, is_global});
  if (is_global) {
    global_usings.push_back(index);
  } else if (contract == kNone) {
    modules[module].usings.push_back(index);
  } else {
    contracts[contract].usings.push_back(index);
  }
}

void Program::collect_item(uint32_t module, ContractId contract, NodeId item, NameTable& names, std::vector<DeclId>& list, diag::Sink& sink) {
  const parse::Tree& tree = *modules[module].tree;
  const Node& node = tree.node(item);
  DeclKind kind = DeclKind::Function;
  NameId name{node.a};
  switch (node.kind) {
    case NodeKind::Function: break;
    case NodeKind::StateVar:
      kind = DeclKind::Variable;
      name = NameId{tree.rec(node.b, 0)};
      break;
    case NodeKind::Modifier: kind = DeclKind::Modifier; break;
    case NodeKind::Struct: kind = DeclKind::Struct; break;
    case NodeKind::Enum: kind = DeclKind::Enum; break;
    case NodeKind::Event: kind = DeclKind::Event; break;
    case NodeKind::ErrorDecl: kind = DeclKind::Error; break;
    case NodeKind::UserType: kind = DeclKind::UserType; break;
    case NodeKind::Invalid: return;
    default: sink.report(Kind::ContractFileStatement, tree.full_span(item)); return;
  }
  const DeclId id = static_cast<DeclId>(declarations.size());
  declarations.push_back({kind, module, contract, item, name});
  list.push_back(id);
  if (!name.valid()) {
    return;
  }
  if (is_reserved_word(text(name))) {
    sink.report(Kind::ContractReservedName, tree.span(item), {std::string(text(name))});
  }
  std::vector<DeclId>& same = names[name.index];
  // Functions may be overloaded, and events; the rest of the name's meanings must be one.
  if (!same.empty() && !(kind == declarations[same[0]].kind && (kind == DeclKind::Function || kind == DeclKind::Event))) {
    sink.report(Kind::DeclaredTwice, tree.span(item), {std::string(text(name))}).note(span_of(same[0]), "declared here first");
    return;
  }
  same.push_back(id);
}

void Program::collect_contract(uint32_t module, NodeId item, diag::Sink& sink) {
  const parse::Tree& tree = *modules[module].tree;
  const Node& node = tree.node(item);
  const ContractId number = static_cast<ContractId>(contracts.size());
  const DeclId id = static_cast<DeclId>(declarations.size());
  declarations.push_back({DeclKind::Contract, module, number, item, NameId{node.a}});
  modules[module].declarations.push_back(id);
  std::vector<DeclId>& same = modules[module].by_name[node.a];
  if (!same.empty()) {
    sink.report(Kind::DeclaredTwice, tree.span(item), {std::string(text(NameId{node.a}))}).note(span_of(same[0]), "declared here first");
  } else {
    same.push_back(id);
  }
  contracts.push_back({id, static_cast<parse::ContractKind>(node.flags), tree.rec(node.b, 2) != 0, {}, {}, {}, {}, {}});
  if (tree.rec(node.b, 3) != 0) {
    sink.report(Kind::ContractNotYet, tree.full_span(tree.rec(node.b, 3)), {"`layout at`"});
  }
  for (const NodeId member : tree.list(tree.rec(node.b, 1))) {
    if (tree.kind(member) == NodeKind::UsingFor) {
      add_using(module, number, member);
    } else {
      collect_item(module, number, member, contracts[number].by_name, contracts[number].members, sink);
    }
  }
}

bool Program::add_meaning(FileMeaning& to, const FileMeaning& from, bool& changes) const {
  if (to.declarations.empty() && to.module == kNone) {
    to = from;
    changes = true;
    return true;
  }
  bool fits = to.module == from.module;
  for (const DeclId id : from.declarations) {
    if (std::find(to.declarations.begin(), to.declarations.end(), id) != to.declarations.end()) {
      continue;
    }
    const DeclKind kind = declarations[id].kind;
    if (!to.declarations.empty() && kind == declarations[to.declarations[0]].kind && (kind == DeclKind::Function || kind == DeclKind::Event)) {
      to.declarations.push_back(id);
      changes = true;
    } else {
      fits = false;
    }
  }
  return fits;
}

void Program::make_visible(diag::Sink& sink) {
  struct Clash {
    uint32_t module;
    NodeId node;
    uint32_t name;
    auto operator<=>(const Clash&) const = default;
  };
  std::set<Clash> clashes;
  for (ModuleNames& names : modules) {
    for (const auto& [name, own] : names.by_name) {
      names.visible[name].declarations = own;
    }
    for (const auto& [name, target] : names.aliases) {
      names.visible[name].module = target;
    }
  }
  // Files may import each other: until nothing new is seen.
  for (bool changes = true; changes;) {
    changes = false;
    for (uint32_t module = 0; module < modules.size(); ++module) {
      auto add = [&](uint32_t name, const FileMeaning& from, NodeId node) {
        if (!add_meaning(modules[module].visible[name], from, changes)) {
          clashes.insert({module, node, name});
        }
      };
      for (const auto& [name, imported] : modules[module].imported_names) {
        for (const ImportedName& one : imported) {
          if (const auto there = modules[one.module].visible.find(one.name.index); there != modules[one.module].visible.end()) {
            add(name, FileMeaning(there->second), one.node);
          }
        }
      }
      for (const WholeImport& import : modules[module].whole_imports) {
        if (import.module != module) {
          for (const auto& [name, meaning] : modules[import.module].visible) {
            add(name, meaning, import.node);
          }
        }
      }
    }
  }
  for (const Clash& clash : clashes) {
    const FileMeaning& kept = modules[clash.module].visible[clash.name];
    diag::Diagnostic& said = sink.report(Kind::DeclaredTwice, modules[clash.module].tree->full_span(clash.node), {std::string(text(NameId{clash.name}))});
    if (!kept.declarations.empty()) {
      said.note(span_of(kept.declarations[0]), "declared here first");
    }
  }
}

FileMeaning Program::find(uint32_t module, NameId name) const {
  const auto found = modules[module].visible.find(name.index);
  return found == modules[module].visible.end() ? FileMeaning{} : found->second;
}

bool Program::derives(ContractId contract, ContractId base) const {
  const auto& linear = contracts[contract].linear;
  return std::find(linear.begin(), linear.end(), base) != linear.end();
}

}  // namespace omega::check::contract
