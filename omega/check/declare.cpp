// SPDX-License-Identifier: Apache-2.0
// declare(): names of all files, imports between them, then types and signatures.
#include <algorithm>
#include <compare>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "omega/check/checker.h"
#include "omega/check/declarations.h"

namespace omega::check {

using diag::Kind;
using parse::ImportKind;

namespace {

constexpr uint32_t kMostMembers = 256;  ///< of an enum: its values are those of uint8

class Declarer : public Checker::Resolver {
 public:
  Declarer(Declarations& decls, std::span<const ModuleInput> inputs, diag::Sink& sink) : decls_(decls), inputs_(inputs), sink_(sink) {}

  void run() {
    name_modules();
    for (uint32_t i = 0; i < decls_.modules.size(); ++i) {
      collect(i);
    }
    for (uint32_t i = 0; i < decls_.modules.size(); ++i) {
      collect_imports(i);
    }
    decls_.imports = ImportGraph(decls_.modules);
    resolve_aliases();
    Checker checker(decls_);
    checker.set_resolver(this);
    checker_ = &checker;
    for (uint32_t i = 0; i < decls_.user_types.size(); ++i) {
      resolve_user_type(i, {});
    }
    for (uint32_t i = 0; i < decls_.constants.size(); ++i) {
      resolve_constant(i, {});
    }
    for (uint32_t i = 0; i < decls_.structs.size(); ++i) {
      resolve_fields(i);
    }
    for (uint32_t i = 0; i < decls_.structs.size(); ++i) {
      find_recursion(i, 0);
    }
    for (uint32_t i = 0; i < decls_.functions.size(); ++i) {
      resolve_signature(i);
    }
    check_overloads();
    find_main();
    checker_ = nullptr;
  }

  void resolve_constant(uint32_t index, Span used_at) override {
    ConstantDecl& constant = decls_.constants[index];
    if (constant.state == 2) {
      return;
    }
    const parse::Tree& tree = *decls_.modules[constant.module].tree;
    const parse::Node& node = tree.node(constant.node);
    if (constant.state == 1) {
      sink_.report(Kind::ConstantCycle, tree.span(constant.node), {text(constant.name)}).note(used_at, "its value is needed here");
      return;
    }
    constant.state = 1;
    const NodeId initial = tree.rec(node.b, 2);
    ConstantValue value;
    if (initial == 0) {
      // the parser reported it
    } else if (++depth_ > 200) {
      sink_.report(Kind::NestedTooDeeply, tree.span(constant.node));
    } else {
      value = checker_->evaluate_constant(constant.module, node.a, initial, decls_.limbs, decls_.texts, sink_);
      --depth_;
    }
    decls_.constants[index].value = value;
    decls_.constants[index].state = 2;
  }

  void resolve_user_type(uint32_t index, Span used_at) override {
    UserTypeDecl& declared = decls_.user_types[index];
    if (declared.state == 2) {
      return;
    }
    const parse::Tree& tree = *decls_.modules[declared.module].tree;
    if (declared.state == 1) {
      sink_.report(Kind::TypeCycle, tree.span(declared.node), {text(declared.name)}).note(used_at, "it is needed here");
      return;
    }
    declared.state = 1;
    declared.type = kErrorType;
    const TypeId underlying = checker_->read_type_in(declared.module, tree.node(declared.node).b, sink_);
    TypeId type = kErrorType;
    if (underlying != kErrorType) {
      const TypeKind kind = decls_.types->kind(underlying);
      if (kind == TypeKind::Bool || kind == TypeKind::Integer || kind == TypeKind::Float || kind == TypeKind::FixedBytes || kind == TypeKind::Address) {
        type = decls_.types->user_type(index, decls_.text(declared.name), underlying);
      } else {
        sink_.report(Kind::UserTypeUnderlying, tree.span(declared.node), {decls_.types->text(underlying)});
      }
    }
    decls_.user_types[index].type = type;
    decls_.user_types[index].state = 2;
  }

 private:
  std::string text(NameId name) const { return std::string(decls_.text(name)); }

  /// The first file's functions are linked under their own names, other files' under `stem.`.
  void name_modules() {
    std::unordered_set<std::string> taken;
    std::unordered_map<std::string, uint32_t> numbers;  // the last given to modules of a stem
    decls_.modules.resize(inputs_.size());
    for (size_t i = 0; i < inputs_.size(); ++i) {
      ModuleDecl& module = decls_.modules[i];
      module.tree = inputs_[i].tree;
      module.file = inputs_[i].tree->tokens->file;
      if (i == 0) {
        continue;
      }
      std::string stem = inputs_[i].path;
      stem = stem.substr(stem.find_last_of('/') + 1);
      stem = stem.substr(0, stem.find('.'));
      std::string name = stem;
      for (uint32_t& number = numbers.try_emplace(stem, 1).first->second; !taken.insert(name).second;) {
        name = stem + std::to_string(++number);
      }
      module.prefix = name + ".";
    }
  }

  void declare_name(uint32_t module, NameId name, SymbolKind kind, uint32_t index, NodeId node) {
    Symbol& symbol = decls_.modules[module].symbols.insert(name);
    if (symbol.kind != SymbolKind::None) {
      const parse::Tree& tree = *decls_.modules[module].tree;
      sink_.report(Kind::DeclaredTwice, tree.span(node), {text(name)}).note(place_of(module, symbol), "declared here first");
      return;
    }
    symbol = {kind, index};
  }

  Span place_of(uint32_t module, Symbol symbol) const {
    auto at = [&](uint32_t in, NodeId node) { return decls_.modules[in].tree->span(node); };
    switch (symbol.kind) {
      case SymbolKind::Functions: return at(decls_.functions[symbol.index].module, decls_.functions[symbol.index].node);
      case SymbolKind::Struct: return at(decls_.structs[symbol.index].module, decls_.structs[symbol.index].node);
      case SymbolKind::Enum: return at(decls_.enums[symbol.index].module, decls_.enums[symbol.index].node);
      case SymbolKind::UserType: return at(decls_.user_types[symbol.index].module, decls_.user_types[symbol.index].node);
      case SymbolKind::Constant: return at(decls_.constants[symbol.index].module, decls_.constants[symbol.index].node);
      case SymbolKind::ErrorDecl: return at(decls_.errors[symbol.index].module, decls_.errors[symbol.index].node);
      case SymbolKind::Event: return at(decls_.events[symbol.index].module, decls_.events[symbol.index].node);
      case SymbolKind::Contract: return at(decls_.contracts[symbol.index].module, decls_.contracts[symbol.index].node);
      default: return at(module, decls_.modules[module].tree->root);
    }
  }

  void collect(uint32_t module) {
    const parse::Tree& tree = *decls_.modules[module].tree;
    const auto items = tree.list(tree.node(tree.root).b);
    decls_.modules[module].symbols.reserve(static_cast<uint32_t>(items.size()) + 16);
    for (NodeId item : items) {
      collect_item(module, tree, item);
    }
  }

  void collect_item(uint32_t module, const parse::Tree& tree, NodeId item) {
    const parse::Node& node = tree.node(item);
    const NameId name{node.a};
    switch (node.kind) {
      case parse::NodeKind::Function: collect_function(module, tree, item); break;
      case parse::NodeKind::Struct: {
        const uint32_t index = static_cast<uint32_t>(decls_.structs.size());
        decls_.structs.push_back({module, item, name, decls_.types->structure(index, decls_.text(name)), 0, 0, 0, false, 0});
        declare_name(module, name, SymbolKind::Struct, index, item);
        break;
      }
      case parse::NodeKind::Enum: {
        const uint32_t index = static_cast<uint32_t>(decls_.enums.size());
        EnumDecl declared{module, item, name, decls_.types->enumeration(index, decls_.text(name)), static_cast<uint32_t>(decls_.members.size()), 0};
        for (NodeId member : tree.list(node.b)) {
          const NameId member_name{tree.node(member).a};
          const uint32_t compared = std::min<uint32_t>(static_cast<uint32_t>(decls_.members.size()), declared.first_member + kMostMembers);
          for (uint32_t i = declared.first_member; i < compared; ++i) {
            if (decls_.members[i] == member_name) {
              sink_.report(Kind::DeclaredTwice, tree.span(member), {text(member_name)});
            }
          }
          decls_.members.push_back(member_name);
        }
        declared.member_count = static_cast<uint32_t>(decls_.members.size()) - declared.first_member;
        if (declared.member_count == 0 || declared.member_count > kMostMembers) {
          sink_.report(Kind::EnumSize, tree.span(item), {std::to_string(declared.member_count)});
        }
        decls_.enums.push_back(declared);
        declare_name(module, name, SymbolKind::Enum, index, item);
        break;
      }
      case parse::NodeKind::UserType:
        decls_.user_types.push_back({module, item, name, 0, 0});
        declare_name(module, name, SymbolKind::UserType, static_cast<uint32_t>(decls_.user_types.size()) - 1, item);
        break;
      case parse::NodeKind::StateVar: {
        const NameId constant{tree.rec(node.b, 0)};
        if ((tree.rec(node.b, 1) & parse::kConstant) == 0) {
          sink_.report(Kind::GlobalVariable, tree.span(item), {text(constant)}).with_help("make it a constant: `T constant NAME = ...`");
        }
        decls_.constants.push_back({module, item, constant, {}, 0});
        declare_name(module, constant, SymbolKind::Constant, static_cast<uint32_t>(decls_.constants.size()) - 1, item);
        break;
      }
      case parse::NodeKind::ErrorDecl:
        decls_.errors.push_back({module, item, name});
        declare_name(module, name, SymbolKind::ErrorDecl, static_cast<uint32_t>(decls_.errors.size()) - 1, item);
        break;
      case parse::NodeKind::Event:
        decls_.events.push_back({module, item, name});
        declare_name(module, name, SymbolKind::Event, static_cast<uint32_t>(decls_.events.size()) - 1, item);
        break;
      case parse::NodeKind::Contract:
        decls_.contracts.push_back({module, item, name});
        declare_name(module, name, SymbolKind::Contract, static_cast<uint32_t>(decls_.contracts.size()) - 1, item);
        sink_.report(Kind::ContractNotOnTarget, tree.span(item), {text(name)});
        break;
      case parse::NodeKind::UsingFor: sink_.report(Kind::ContractStatement, tree.span(item), {"using"}); break;
      case parse::NodeKind::Import:
      case parse::NodeKind::Pragma:
      case parse::NodeKind::Invalid: break;
      default:
        if (module == 0) {
          decls_.modules[0].statements.push_back(item);
        } else if (!reported_statements_.contains(module)) {
          reported_statements_.insert(module);
          sink_.report(Kind::StatementsInImport, tree.full_span(item));
        }
    }
  }

  void collect_function(uint32_t module, const parse::Tree& tree, NodeId item) {
    const parse::Node& node = tree.node(item);
    const parse::FunctionRecord& record = tree.function(node);
    const NameId name{node.a};
    const uint32_t index = static_cast<uint32_t>(decls_.functions.size());
    const bool is_plain = record.kind == static_cast<uint32_t>(parse::FunctionKind::Plain);
    if (!is_plain || record.body == 0 || record.modifiers != 0) {
      sink_.report(!is_plain          ? Kind::ContractStatement
                   : record.body == 0 ? Kind::FunctionWithoutBody
                                      : Kind::ContractStatement,
                   tree.span(item),
                   {is_plain && record.body == 0 ? text(name)
                    : is_plain                   ? "modifier"
                                                 : std::string(tree.tokens->spelled(node.token))});
      if (!is_plain) {
        return;
      }
    }
    const bool is_generic = record.type_params != 0 && !tree.list(record.type_params).empty();
    FunctionDecl declared{.module = module,
                          .node = item,
                          .name = name,
                          .first_type = 0,
                          .param_count = static_cast<uint32_t>(tree.list(record.params).size()),
                          .result_count = static_cast<uint32_t>(tree.list(record.results).size()),
                          .next_overload = kNoDeclaration,
                          .function_id = kNoDeclaration,
                          .is_generic = is_generic,
                          .has_error = record.body == 0};
    if (!is_generic && record.body != 0) {
      declared.function_id = decls_.module_function_count++;
    }
    decls_.functions.push_back(declared);
    Symbol& symbol = decls_.modules[module].symbols.insert(name);
    if (symbol.kind == SymbolKind::None) {
      symbol = {SymbolKind::Functions, index};
    } else if (symbol.kind == SymbolKind::Functions) {
      // Overloads keep source order.
      uint32_t& last = last_overload_.try_emplace(symbol.index, symbol.index).first->second;
      decls_.functions[last].next_overload = index;
      last = index;
    } else {
      sink_.report(Kind::DeclaredTwice, tree.span(item), {text(name)}).note(place_of(module, symbol), "declared here first");
    }
  }

  void collect_imports(uint32_t module) {
    const parse::Tree& tree = *decls_.modules[module].tree;
    uint32_t number = 0;
    for (NodeId item : tree.list(tree.node(tree.root).b)) {
      const parse::Node& node = tree.node(item);
      if (node.kind != parse::NodeKind::Import) {
        continue;
      }
      const auto& imports = inputs_[module].imports;
      const uint32_t target = number < imports.size() ? imports[number] : kUnresolvedImport;
      ++number;
      if (target == kUnresolvedImport) {
        unresolved_.insert(module);
      }
      switch (static_cast<ImportKind>(node.flags)) {
        case ImportKind::Whole:
          if (target != kUnresolvedImport && target != module) {
            decls_.modules[module].whole_imports.push_back(target);
          }
          break;
        case ImportKind::Alias: declare_name(module, NameId{node.a}, target == kUnresolvedImport ? SymbolKind::Alias : SymbolKind::Module, target, item); break;
        case ImportKind::Symbols:
          for (NodeId symbol : tree.list(node.b)) {
            aliases_.push_back({module, target, NameId{tree.node(symbol).a}, NameId{tree.node(symbol).b}, symbol});
            declare_name(module, NameId{tree.node(symbol).b}, SymbolKind::Alias, static_cast<uint32_t>(aliases_.size()) - 1, symbol);
          }
          break;
      }
    }
  }

  struct Alias {
    uint32_t module;
    uint32_t target;
    NameId name;
    NameId as;
    NodeId node;
  };

  /// What an imported name means; follows names that are imported there in turn.
  Symbol follow(const Alias& alias, uint32_t steps) {
    if (alias.target == kUnresolvedImport || steps > 100) {
      return {};
    }
    auto look = [&](uint32_t module) {
      const Symbol found = decls_.modules[module].symbols.find(alias.name);
      return found.kind == SymbolKind::Alias && found.index < aliases_.size() ? follow(aliases_[found.index], steps + 1) : found;
    };
    Symbol found = look(alias.target);
    if (found.kind == SymbolKind::None) {
      if (const uint32_t imported = decls_.imports.first_direct(alias.target, alias.name); imported != ImportGraph::kNoModule) {
        found = look(imported);
      }
    }
    return found;
  }

  struct Resolved {
    uint32_t module;
    NameId name;
    Symbol symbol;
  };

  void resolve_aliases() {
    std::vector<Resolved> resolved;
    for (const Alias& alias : aliases_) {
      const Symbol found = follow(alias, 0);
      if (found.kind == SymbolKind::None && alias.target != kUnresolvedImport) {
        sink_.report(Kind::UnknownImport, decls_.modules[alias.module].tree->span(alias.node), {text(alias.name), inputs_[alias.target].path});
      }
      if (found.kind != SymbolKind::None) {
        resolved.push_back({alias.module, alias.as, found});
      }
    }
    for (const Resolved& entry : resolved) {
      decls_.modules[entry.module].symbols.insert(entry.name) = entry.symbol;
    }
  }

  void resolve_fields(uint32_t index) {
    const uint32_t module = decls_.structs[index].module;
    const parse::Tree& tree = *decls_.modules[module].tree;
    const uint32_t first = static_cast<uint32_t>(decls_.fields.size());
    uint32_t offset = 0;
    bool has_refs = false;
    SymbolTable many;  // the names, where comparing each with each would take long
    const auto params = tree.list(tree.node(decls_.structs[index].node).b);
    for (NodeId param : params) {
      const parse::Node& node = tree.node(param);
      const NameId name{tree.rec(node.b, 0)};
      bool known = false;
      if (params.size() > 64) {
        Symbol& symbol = many.insert(name);
        known = symbol.kind != SymbolKind::None;
        symbol.kind = SymbolKind::Local;
      } else {
        for (uint32_t i = first; i < decls_.fields.size(); ++i) {
          known = known || decls_.fields[i].name == name;
        }
      }
      if (known) {
        sink_.report(Kind::DeclaredTwice, tree.span(param), {text(name)});
      }
      const TypeId type = checker_->read_type_in(module, node.a, sink_);
      const TypeInfo& info = (*decls_.types)[type];
      const uint32_t size = info.size == 0 ? 8 : info.size;
      offset = align_field(offset, size);
      decls_.fields.push_back({name, type, offset});
      offset += size;
      has_refs = has_refs || info.is_ref;
    }
    StructDecl& declared = decls_.structs[index];
    declared.first_field = first;
    declared.field_count = static_cast<uint32_t>(decls_.fields.size()) - first;
    for (uint32_t i = first; i < decls_.fields.size(); ++i) {
      decls_.fields_by_name.push_back(i);
    }
    std::sort(decls_.fields_by_name.begin() + first, decls_.fields_by_name.end(),
              [&](uint32_t a, uint32_t b) { return std::pair(decls_.fields[a].name.index, a) < std::pair(decls_.fields[b].name.index, b); });
    declared.size = align_field(offset == 0 ? 8 : offset, 8);
    declared.has_refs = has_refs;
  }

  /// A struct that holds itself would have no end: fields begin as fresh objects.
  bool find_recursion(uint32_t index, uint32_t depth) {
    StructDecl& declared = decls_.structs[index];
    if (declared.state == 2) {
      return false;
    }
    if (declared.state == 1 || depth > 500) {
      return true;
    }
    declared.state = 1;
    for (Field& field : std::span(decls_.fields.data() + declared.first_field, declared.field_count)) {
      if (holds_struct(field.type, depth)) {
        const parse::Tree& tree = *decls_.modules[declared.module].tree;
        sink_.report(Kind::RecursiveStruct, tree.span(declared.node), {text(declared.name), text(field.name)})
            .with_help("use an array, `" + text(declared.name) + "[]`, which begins empty");
        field.type = kErrorType;
      }
    }
    declared.state = 2;
    return false;
  }

  bool holds_struct(TypeId type, uint32_t depth) {
    const TypeInfo& info = (*decls_.types)[type];
    switch (info.kind) {
      case TypeKind::Struct: return find_recursion(info.declaration, depth + 1);
      case TypeKind::FixedArray: return holds_struct(info.element, depth);
      case TypeKind::Tuple:
        for (TypeId part : info.components()) {
          if (holds_struct(part, depth)) {
            return true;
          }
        }
        return false;
      default: return false;
    }
  }

  void resolve_signature(uint32_t index) {
    FunctionDecl& f = decls_.functions[index];
    if (f.is_generic) {
      return;
    }
    const parse::Tree& tree = *decls_.modules[f.module].tree;
    const parse::FunctionRecord& record = tree.function(tree.node(f.node));
    f.first_type = static_cast<uint32_t>(decls_.signature_types.size());
    bool failed = f.has_error;
    auto read = [&](NodeId param) {
      const NodeId type_node = tree.node(param).a;
      checker_->expect_type_without_name(tree.node(param).kind == NodeKind::Param && tree.rec(tree.node(param).b, 0) == NameId::none.index ? type_node : 0);
      const TypeId type = type_node == 0 ? kErrorType : checker_->read_type_in(f.module, type_node, sink_);
      failed = failed || type == kErrorType;
      decls_.signature_types.push_back(type);
    };
    for (NodeId param : tree.list(record.params)) {
      read(param);
    }
    for (NodeId result : tree.list(record.results)) {
      read(result);
    }
    f.has_error = failed;
  }

  void check_overloads() {
    std::vector<std::pair<uint32_t, uint32_t>> same;  // a function and the first one of the same signature
    std::vector<uint32_t> chain;
    for (const auto& [first, last] : last_overload_) {
      chain.clear();
      for (uint32_t at = first; at != kNoDeclaration; at = decls_.functions[at].next_overload) {
        if (!decls_.functions[at].is_generic && !decls_.functions[at].has_error) {
          chain.push_back(at);
        }
      }
      const auto order = [&](uint32_t left, uint32_t right) {
        const auto a = decls_.parameters(decls_.functions[left]);
        const auto b = decls_.parameters(decls_.functions[right]);
        return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
      };
      std::sort(chain.begin(), chain.end(), [&](uint32_t left, uint32_t right) {
        const auto ordered = order(left, right);
        return ordered != 0 ? ordered < 0 : left < right;
      });
      size_t kept = 0;
      for (const uint32_t function : chain) {
        if (kept != 0 && order(chain[kept - 1], function) == 0) {
          same.emplace_back(function, chain[kept - 1]);
        } else {
          chain[kept++] = function;
        }
      }
      decls_.overloads.add(decls_, first, {chain.data(), kept});
    }
    std::sort(same.begin(), same.end());
    for (const auto& [again, first] : same) {
      const FunctionDecl& f = decls_.functions[first];
      const FunctionDecl& g = decls_.functions[again];
      sink_.report(Kind::SameSignature, decls_.modules[g.module].tree->span(g.node), {text(g.name)})
          .note(decls_.modules[f.module].tree->span(f.node), "declared here first");
    }
  }

  void find_main() {
    if (decls_.modules.empty()) {
      return;
    }
    const ModuleDecl& first = decls_.modules[0];
    const Symbol symbol = first.symbols.find(decls_.builtins.main);
    if (symbol.kind != SymbolKind::Functions) {
      return;
    }
    const FunctionDecl& main = decls_.functions[symbol.index];
    const Span span = first.tree->span(main.node);
    if (!first.statements.empty()) {
      sink_.report(Kind::MainAndStatements, span).note(first.tree->full_span(first.statements[0]), "the first statement is here");
      return;
    }
    const bool one_result = main.result_count == 1 && !main.has_error && decls_.results(main)[0] == kInt64Type;
    if (main.is_generic || main.param_count != 0 || (main.result_count != 0 && !one_result && !main.has_error) || main.next_overload != kNoDeclaration) {
      sink_.report(Kind::MainSignature, span).with_help("write `function main()` or `function main() returns (int64)`; `args()` gives the program's arguments");
      return;
    }
    decls_.main_function = symbol.index;
  }

  Declarations& decls_;
  std::span<const ModuleInput> inputs_;
  diag::Sink& sink_;
  Checker* checker_ = nullptr;
  uint32_t depth_ = 0;
  std::vector<Alias> aliases_;
  std::unordered_set<uint32_t> reported_statements_;
  std::unordered_map<uint32_t, uint32_t> last_overload_;  ///< of names with several functions: the first one's number to the last one's
  std::unordered_set<uint32_t> unresolved_;
};

}  // namespace

std::vector<ImportPath> import_paths(const parse::Tree& tree) {
  std::vector<ImportPath> paths;
  for (NodeId item : tree.list(tree.node(tree.root).b)) {
    const parse::Node& node = tree.node(item);
    if (node.kind == parse::NodeKind::Import) {
      std::string_view text = tree.tokens->spelled(node.token);
      text = text.size() >= 2 ? text.substr(1, text.size() - 2) : std::string_view{};
      paths.push_back({std::string(text), tree.span(item)});
    }
  }
  return paths;
}

std::unique_ptr<Declarations> declare(std::span<const ModuleInput> modules, base::NameInterner& interner, TypeStore& types, diag::Sink& sink) {
  auto decls = std::make_unique<Declarations>();
  decls->interner = &interner;
  decls->types = &types;
  decls->builtins = BuiltinNames(interner);
  Declarer(*decls, modules, sink).run();
  return decls;
}

}  // namespace omega::check
