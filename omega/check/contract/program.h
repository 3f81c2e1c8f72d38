// SPDX-License-Identifier: Apache-2.0
// The names that all files of a Solidity program declare, and in which order each contract's bases stand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "omega/base/interner.h"
#include "omega/check/declarations.h"
#include "omega/diag/diagnostic.h"
#include "omega/parse/tree.h"

namespace omega::check::contract {

using base::NameId;
using base::Span;
using parse::Node;
using parse::NodeId;
using parse::NodeKind;

using DeclId = uint32_t;      ///< index into Program::declarations
using ContractId = uint32_t;  ///< index into Program::contracts
inline constexpr uint32_t kNone = 0xffff'ffffu;

enum class DeclKind : uint8_t { Contract, Function, Variable, Modifier, Struct, Enum, Event, Error, UserType };

/// Something with a name, at file level or in a contract.
struct Declaration {
  DeclKind kind;
  uint32_t module;
  ContractId contract;  ///< it stands in, or kNone; of a Contract itself: its own number
  NodeId node;
  NameId name;  ///< none: constructor, receive, fallback
};

/// `using … for …` and where it stands.
struct UsingDecl {
  uint32_t module;
  ContractId contract;
  NodeId node;
  bool is_global;
};

using NameTable = std::unordered_map<uint32_t, std::vector<DeclId>>;

struct ContractDecl {
  DeclId declaration;
  parse::ContractKind kind;
  bool is_abstract;
  std::vector<DeclId> members;  ///< as declared
  NameTable by_name;
  std::vector<uint32_t> usings;    ///< in Program::usings
  std::vector<ContractId> bases;   ///< as written
  std::vector<ContractId> linear;  ///< C3: itself first, the most basic one last
};

/// What a name means in a file.
struct FileMeaning {
  std::vector<DeclId> declarations;  ///< several only for overloaded functions
  uint32_t module = kNone;           ///< of `import … as name`
};

/// `a` of `import {a as b}`.
struct ImportedName {
  uint32_t module;
  NameId name;
  NodeId node;
};

/// `import "file"`.
struct WholeImport {
  uint32_t module;
  NodeId node;
};

struct ModuleNames {
  const parse::Tree* tree;
  std::string path;
  NameTable by_name;
  std::vector<DeclId> declarations;                                        ///< of file level, as declared
  std::unordered_map<uint32_t, uint32_t> aliases;                          ///< `import … as x`: name to module
  std::unordered_map<uint32_t, std::vector<ImportedName>> imported_names;  ///< `import {a as b}`: b to a there; several are overloads
  std::vector<WholeImport> whole_imports;
  std::unordered_map<uint32_t, FileMeaning> visible;  ///< all that names mean in the file, imports followed
  std::vector<uint32_t> usings;
};

/// Words that Solidity keeps for itself although it has no use for them, and `this`, `super` and `_`.
bool is_reserved_word(std::string_view name);

/// Collected once, immutable afterwards: any number of contracts may be checked from it at once.
class Program {
 public:
  /// Collects the files (the first one is the program) and orders bases. Mistakes in those go to `sink`. The inputs must outlive it.
  Program(std::span<const ModuleInput> inputs, base::NameInterner& interner, diag::Sink& sink);

  /// What a name means at file level, imports followed.
  [[nodiscard]] FileMeaning find(uint32_t module, NameId name) const;
  [[nodiscard]] const parse::Tree& tree_of(const Declaration& d) const { return *modules[d.module].tree; }
  [[nodiscard]] Span span_of(DeclId id) const { return tree_of(declarations[id]).span(declarations[id].node); }
  [[nodiscard]] std::string_view text(NameId name) const { return name.valid() ? interner.text(name) : std::string_view(); }
  [[nodiscard]] std::string_view name_of(DeclId id) const { return text(declarations[id].name); }
  [[nodiscard]] bool derives(ContractId contract, ContractId base) const;

  base::NameInterner& interner;
  std::vector<Declaration> declarations;
  std::vector<ContractDecl> contracts;
  std::vector<ModuleNames> modules;
  std::vector<UsingDecl> usings;
  std::vector<uint32_t> global_usings;

 private:
  void collect(uint32_t module, std::span<const uint32_t> imports, diag::Sink& sink);
  void collect_item(uint32_t module, ContractId contract, NodeId item, NameTable& names, std::vector<DeclId>& list, diag::Sink& sink);
  void collect_contract(uint32_t module, NodeId item, diag::Sink& sink);
  void check_pragma(uint32_t module, NodeId item, diag::Sink& sink) const;
  void add_using(uint32_t module, ContractId contract, NodeId item);
  void make_visible(diag::Sink& sink);
  /// Adds what a name means elsewhere to what it means in a file. False when it must not mean both.
  bool add_meaning(FileMeaning& to, const FileMeaning& from, bool& changes) const;
  void resolve_bases(ContractId contract, diag::Sink& sink);
  void linearize(ContractId contract, std::vector<uint8_t>& state, uint32_t depth, diag::Sink& sink);
  ContractId contract_at(uint32_t module, NodeId path) const;
};

}  // namespace omega::check::contract
