// SPDX-License-Identifier: Apache-2.0
// What all files of a program declare: names, types, signatures. Made once by declare(), immutable afterwards, read by every check_function().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/interner.h"
#include "omega/base/span.h"
#include "omega/check/import_graph.h"
#include "omega/check/overload_index.h"
#include "omega/check/symbol_table.h"
#include "omega/check/type_store.h"
#include "omega/diag/diagnostic.h"
#include "omega/parse/tree.h"

namespace omega::check {

using base::FileId;
using base::NameId;
using base::Span;
using parse::NodeId;

/// One file as declare() takes it. `tree` (with its tokens) must outlive the declarations.
struct ModuleInput {
  const parse::Tree* tree = nullptr;
  /// The file's path as shown; its stem names the module's functions in the linked program.
  std::string path;
  /// For each Import item of the tree in order: the index in the inputs of the file it means, or kUnresolvedImport (reported already).
  std::vector<uint32_t> imports;
};
inline constexpr uint32_t kUnresolvedImport = 0xffff'ffffu;

/// An `import` as written: what compile/ must load before declare().
struct ImportPath {
  std::string path;
  Span span;
};
/// The imports of a tree, in order.
std::vector<ImportPath> import_paths(const parse::Tree& tree);

inline constexpr uint32_t kNoDeclaration = 0xffff'ffffu;

/// A function at file level.
struct FunctionDecl {
  uint32_t module;
  NodeId node;
  NameId name;
  uint32_t first_type;  ///< in Declarations::types: parameters, then results; meaningless when generic
  uint32_t param_count;
  uint32_t result_count;
  uint32_t next_overload;  ///< kNoDeclaration: none
  uint32_t function_id;    ///< in the linked module; kNoDeclaration for generic functions
  bool is_generic;
  bool has_error;  ///< its signature has a mistake: calls are silent about it
};

struct Field {
  NameId name;
  TypeId type;
  uint32_t offset;  ///< bytes from the object's begin
};

struct StructDecl {
  uint32_t module;
  NodeId node;
  NameId name;
  TypeId type;
  uint32_t first_field;
  uint32_t field_count;
  uint32_t size;  ///< bytes of the object
  bool has_refs;
  uint8_t state;  ///< of finding recursion: 0 new, 1 on the way, 2 done
};

struct EnumDecl {
  uint32_t module;
  NodeId node;
  NameId name;
  TypeId type;
  uint32_t first_member;  ///< in Declarations::members
  uint32_t member_count;
};

struct UserTypeDecl {
  uint32_t module;
  NodeId node;
  NameId name;
  TypeId type;  ///< 0 until resolved
  uint8_t state;
};

/// The value of a constant: what Checker::Value holds, without the tables of one checker.
struct ConstantValue {
  TypeId type = kErrorType;
  uint8_t form = 0;  ///< ConstantForm
  int64_t bits = 0;
  uint32_t limbs = 0;  ///< in Declarations::limbs, form Wide
  std::string_view text;
};

struct ConstantDecl {
  uint32_t module;
  NodeId node;
  NameId name;
  ConstantValue value;
  uint8_t state;  ///< 0 not evaluated, 1 on the way, 2 done
};

struct NamedNode {
  uint32_t module;
  NodeId node;
  NameId name;
};

struct ModuleDecl {
  const parse::Tree* tree;
  FileId file;
  std::string prefix;  ///< before the names of its functions in the linked program: empty for the first file
  SymbolTable symbols;
  PodVector<uint32_t> whole_imports;  ///< as written; what is seen through them is the ImportGraph's
  PodVector<NodeId> statements;       ///< top-level statements, first file only
};

/// Names of what the language itself has.
struct BuiltinNames {
  SymbolTable symbols;  ///< elementary types, functions, constants, patterns
  SymbolTable methods;  ///< name -> index of the MethodKind (names are distinct)
  NameId length, ok, value, error, errors, result_type, main, min, max, wrap, unwrap, push, append;

  BuiltinNames() = default;
  explicit BuiltinNames(base::NameInterner& interner);
};

/// Everything declared. Reading is thread-safe once declare() has returned.
struct Declarations {
  base::NameInterner* interner = nullptr;
  TypeStore* types = nullptr;
  BuiltinNames builtins;
  std::vector<ModuleDecl> modules;
  ImportGraph imports;
  PodVector<FunctionDecl> functions;
  PodVector<TypeId> signature_types;
  OverloadIndex overloads;  ///< of the names that mean several functions
  PodVector<StructDecl> structs;
  PodVector<Field> fields;
  PodVector<uint32_t> fields_by_name;  ///< beside `fields`: the numbers of each struct's fields, by the numbers of their names
  PodVector<EnumDecl> enums;
  PodVector<NameId> members;
  PodVector<UserTypeDecl> user_types;
  std::vector<ConstantDecl> constants;
  PodVector<NamedNode> errors;  ///< `error E(...)`
  PodVector<NamedNode> events;
  PodVector<NamedNode> contracts;
  PodVector<uint64_t> limbs;                ///< of wide constants, four each
  uint32_t module_function_count = 0;       ///< functions that have a function_id
  uint32_t main_function = kNoDeclaration;  ///< `main` of the first file
  base::Arena texts;                        ///< of string constants

  std::span<const TypeId> parameters(const FunctionDecl& f) const { return {signature_types.data() + f.first_type, f.param_count}; }
  std::span<const TypeId> results(const FunctionDecl& f) const { return {signature_types.data() + f.first_type + f.param_count, f.result_count}; }
  std::span<const Field> fields_of(const StructDecl& s) const { return {fields.data() + s.first_field, s.field_count}; }
  std::span<const NameId> members_of(const EnumDecl& e) const { return {members.data() + e.first_member, e.member_count}; }
  std::string_view text(NameId name) const { return interner->text(name); }

  Declarations() = default;
  Declarations(const Declarations&) = delete;
  Declarations& operator=(const Declarations&) = delete;
};

/// Collects the names of all files (the first one is the program), resolves structs, enums, constants and signatures. Mistakes go to `sink`.
/// `interner` must be the parsers'; `types` and the inputs must outlive the result.
std::unique_ptr<Declarations> declare(std::span<const ModuleInput> modules, base::NameInterner& interner, TypeStore& types, diag::Sink& sink);

}  // namespace omega::check
