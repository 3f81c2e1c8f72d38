// SPDX-License-Identifier: Apache-2.0
// What names mean: locals, members of the contract and its bases, the file with its imports, the language.
#include <algorithm>
#include <charconv>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;

uint32_t ContractChecker::declare_local(NameId name, TypeId type, Location location, NodeId where) {
  check_name(name, where);
  const uint32_t slot = builder_.add_slot(types_.ir(type), name, name.valid(), 0, tree_->tokens->offset(node(where).token));
  locals_.push_back({name, type, location, slot, tree_->span(where)});
  return static_cast<uint32_t>(locals_.size()) - 1;
}

TypeId ContractChecker::elementary_type(std::string_view name) const {
  if (name == "bool") {
    return kBoolType;
  }
  if (name == "address") {
    return kAddressType;
  }
  if (name == "payable") {
    return kPayableType;
  }
  if (name == "string") {
    return kStringType;
  }
  if (name == "bytes") {
    return kBytesType;
  }
  const bool is_signed = name.starts_with("int");
  if (is_signed || name.starts_with("uint")) {
    const std::string_view digits = name.substr(is_signed ? 3 : 4);
    uint32_t bits = 0;
    if (digits.empty()) {
      return integer_type(256, is_signed);
    }
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size() && digits[0] != '0' && bits >= 8 && bits <= 256 && bits % 8 == 0
               ? integer_type(bits, is_signed)
               : kErrorType;
  }
  if (name.starts_with("bytes")) {
    uint32_t count = 0;
    const auto read = std::from_chars(name.data() + 5, name.data() + name.size(), count);
    return read.ec == std::errc() && read.ptr == name.data() + name.size() && name[5] != '0' && count >= 1 && count <= 32 ? fixed_bytes_type(count)
                                                                                                                          : kErrorType;
  }
  return kErrorType;
}

const std::vector<DeclId>& ContractChecker::members(ContractId contract, NameId name, bool from_outside) {
  const auto [known, is_new] = members_[from_outside ? 1 : 0].try_emplace(static_cast<uint64_t>(contract) << 32 | name.index);
  if (!is_new) {
    return known->second;
  }
  std::vector<DeclId> found;
  for (const ContractId base : program_.contracts[contract].linear) {
    const auto named = program_.contracts[base].by_name.find(name.index);
    if (named == program_.contracts[base].by_name.end()) {
      continue;
    }
    for (const DeclId id : named->second) {
      const Declaration& d = program_.declarations[id];
      const bool is_overloadable = d.kind == DeclKind::Function || d.kind == DeclKind::Event;
      if (d.kind == DeclKind::Function || d.kind == DeclKind::Variable) {
        const parse::Tree& tree = program_.tree_of(d);
        const Node& n = tree.node(d.node);
        const uint32_t bits = d.kind == DeclKind::Function ? tree.function(n).attributes : tree.rec(n.b, 1);
        if ((bits & parse::kPrivate) != 0 && (base != contract || from_outside)) {
          continue;
        }
      }
      if (!found.empty() && (!is_overloadable || program_.declarations[found[0]].kind != d.kind)) {
        continue;
      }
      const bool is_overridden = d.kind == DeclKind::Function && std::any_of(found.begin(), found.end(), [&](DeclId other) { return same_params(other, id); });
      if (!is_overridden) {
        found.push_back(id);
      }
    }
  }
  return members_[from_outside ? 1 : 0][static_cast<uint64_t>(contract) << 32 | name.index] = std::move(found);
}

const FileMeaning& ContractChecker::find_in_file(uint32_t module, NameId name) {
  const auto [known, is_new] = file_meanings_.try_emplace(static_cast<uint64_t>(module) << 32 | name.index);
  if (is_new) {
    known->second = program_.find(module, name);
  }
  return known->second;
}

FileMeaning ContractChecker::named_in_files(NodeId path) const {
  std::vector<NameId> names;
  NodeId at_path = path;
  for (; node(at_path).kind == NodeKind::Member; at_path = node(at_path).a) {
    names.push_back(NameId{node(at_path).b});
  }
  if (node(at_path).kind != NodeKind::Name) {
    return {};
  }
  FileMeaning found = program_.find(scope_.module, NameId{node(at_path).a});
  for (; !names.empty(); names.pop_back()) {
    found = found.module == kNone ? FileMeaning{} : program_.find(found.module, names.back());
  }
  return found;
}

Value ContractChecker::callable(Callable made) {
  callables_.push_back(std::move(made));
  return {.kind = ValueKind::Callable, .id = static_cast<uint32_t>(callables_.size()) - 1};
}

Value ContractChecker::builtin(Builtin which, const Value* self) {
  Callable made;
  made.kind = Callable::Kind::Builtin;
  made.builtin = which;
  if (self != nullptr) {
    made.has_self = true;
    made.self = *self;
  }
  return callable(std::move(made));
}

Value ContractChecker::meaning(const std::vector<DeclId>& found, NodeId where) {
  const Declaration& d = program_.declarations[found[0]];
  switch (d.kind) {
    case DeclKind::Function:
    case DeclKind::Event: {
      Callable made;
      made.name = d.name;
      made.candidates = found;
      Value value = callable(std::move(made));
      value.kind = d.kind == DeclKind::Event ? ValueKind::Event : ValueKind::Callable;
      return value;
    }
    case DeclKind::Variable: return variable_value(found[0], where);
    case DeclKind::Error: return {.kind = ValueKind::ErrorName, .id = found[0]};
    case DeclKind::Modifier: return fail(Kind::NotAValue, where, {"a modifier"});
    default: {
      const TypeId type = declared_type(found[0]);
      return type == kErrorType ? Value::error() : Value::of_type(type);
    }
  }
}

Value ContractChecker::find_name(NodeId where, NameId name) {
  for (size_t i = locals_.size(); i-- > local_floor_;) {
    if (locals_[i].name == name) {
      const Local& local = locals_[i];
      if (local.type == kErrorType) {
        return Value::error();
      }
      return {.kind = ValueKind::Slot,
              .location = local.location,
              .is_read_only = local.location == Location::Calldata,
              .type = local.type,
              .id = static_cast<uint32_t>(i)};
    }
  }
  if (scope_.contract != kNone) {
    if (const auto& found = members(scope_.contract, name, false); !found.empty()) {
      return meaning(found, where);
    }
  }
  const FileMeaning& file = find_in_file(scope_.module, name);
  if (file.module != kNone) {
    return {.kind = ValueKind::Module, .id = file.module};
  }
  if (!file.declarations.empty()) {
    return meaning(file.declarations, where);
  }
  const std::string_view text = program_.text(name);
  if (const TypeId type = elementary_type(text); type != kErrorType) {
    return Value::of_type(type == kAddressType && (node(where).flags & 1) != 0 && node(where).kind == NodeKind::Name ? kPayableType : type);
  }
  if (const auto built_in = builtin_name(text, where)) {
    return *built_in;
  }
  return fail(Kind::UnknownName, where, {name_text(name)});
}

std::optional<Value> ContractChecker::builtin_name(std::string_view name, NodeId where) {
  static const std::unordered_map<std::string_view, Builtin> functions = {
      {"require", Builtin::Require}, {"assert", Builtin::Assert},       {"revert", Builtin::Revert},       {"keccak256", Builtin::Keccak256},
      {"sha256", Builtin::Sha256},   {"ripemd160", Builtin::Ripemd160}, {"ecrecover", Builtin::Ecrecover}, {"gasleft", Builtin::GasLeft},
      {"addmod", Builtin::AddMod},   {"mulmod", Builtin::MulMod}};
  if (const auto found = functions.find(name); found != functions.end()) {
    return builtin(found->second);
  }
  auto space = [](Space which) { return Value{.kind = ValueKind::Space, .id = static_cast<uint32_t>(which)}; };
  if (name == "msg") {
    return space(Space::Message);
  }
  if (name == "block") {
    return space(Space::Block);
  }
  if (name == "tx") {
    return space(Space::Transaction);
  }
  if (name == "abi") {
    return space(Space::Abi);
  }
  if (name == "super" && scope_.contract != kNone && program_.contracts[scope_.contract].kind != parse::ContractKind::Library) {
    return Value{.kind = ValueKind::Super};
  }
  if (name == "this" && scope_.contract != kNone) {
    note_access(Access::Read, where);
    return Value::of(types_.contract(scope_.contract), message(ir::MessageField::Self, ir::unsigned_type(160)));
  }
  for (const std::string_view missing : {"blockhash", "blobhash", "selfdestruct"}) {
    if (name == missing) {
      return not_yet(where, "`" + std::string(name) + "`");
    }
  }
  return std::nullopt;
}

Value ContractChecker::variable_value(DeclId id, NodeId where) {
  const Declaration& d = program_.declarations[id];
  const parse::Tree& declared_in = program_.tree_of(d);
  const Node& variable = declared_in.node(d.node);
  const uint32_t bits = declared_in.rec(variable.b, 1);
  const TypeId type = declared_type(id);
  if (type == kErrorType) {
    return Value::error();
  }
  if ((bits & parse::kConstant) != 0) {
    const NodeId initial = declared_in.rec(variable.b, 2);
    if (initial == 0) {
      sink_.report(Kind::NotConstant, program_.span_of(id));
      return Value::error();
    }
    if (!open_constants_.insert(id).second || open_constants_.size() > 100) {
      return fail(Kind::ConstantCycle, where, {std::string(program_.name_of(id))});
    }
    Value value;
    const Span outside[] = {read_at_, write_at_, value_at_};
    read_at_ = write_at_ = value_at_ = {};
    {
      const ScopeSwitch there(*this, {d.module, d.contract});
      value = rvalue(initial);
      const Location location = types_.is_reference(type) ? Location::Memory : Location::None;
      // A text stays one, so that its use decides whether there must be a copy.
      if (value.kind != ValueKind::Text || location == Location::None || !converts(value, type, location)) {
        value = convert(value, type, location, initial);
      }
    }
    open_constants_.erase(id);
    for (const Span& used : {read_at_, write_at_, value_at_}) {
      if (used.valid()) {
        sink_.report(Kind::NotConstant, used);
      }
    }
    read_at_ = outside[0];
    write_at_ = outside[1];
    value_at_ = outside[2];
    return value;
  }
  if ((bits & parse::kImmutable) != 0) {
    const auto found = immutable_index_.find(id);
    if (found == immutable_index_.end()) {
      return fail(Kind::NotAValue, where, {"this immutable"});
    }
    const NodeId initial = declared_in.rec(variable.b, 2);
    const bool is_literal = initial != 0 && declared_in.kind(initial) >= NodeKind::IntLiteral && declared_in.kind(initial) <= NodeKind::UnitLiteral;
    return {.kind = ValueKind::Immutable, .type = type, .id = found->second, .extra = is_literal ? 1u : 0u};
  }
  if (const auto transient = transient_index_.find(id); transient != transient_index_.end()) {
    return {.kind = ValueKind::Transient, .type = type, .id = transient->second};
  }
  const auto found = state_index_.find(id);
  if (found == state_index_.end()) {
    return fail(Kind::NotAValue, where, {"a variable of another contract"});
  }
  note_access(Access::Read, where);
  return state_place(builder_.emit(Op::StateVariable, ir::Type::Ref, found->second), type);
}

}  // namespace omega::check::contract
