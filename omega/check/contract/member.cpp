// SPDX-License-Identifier: Apache-2.0
// What stands behind a dot.
#include <algorithm>

#include "omega/base/keccak.h"
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;
using ir::MessageField;

Value ContractChecker::member(NodeId id) {
  const Node& n = node(id);
  const NameId name{n.b};
  const std::string_view text = program_.text(name);
  const Span read_outside = read_at_;
  const Value base = expression(n.a);
  at(id);
  if (text == "selector" && base.kind == ValueKind::Callable) {
    read_at_ = read_outside;  // `this.f.selector` does not ask who `this` is
  }
  switch (base.kind) {
    case ValueKind::Error: return base;
    case ValueKind::Space: return member_of_space(static_cast<Space>(base.id), text, id);
    case ValueKind::Type:
      return types_[base.type].kind == TypeKind::Contract ? member_of_contract_name(types_[base.type].declaration, id) : member_of_type(base.type, id);
    case ValueKind::TypeInfo: return member_of_type_info(base.type, text, id);
    case ValueKind::Callable:
    case ValueKind::Event:
    case ValueKind::ErrorName: return member_of_callable(base, text, id);
    case ValueKind::Module: {
      const FileMeaning found = program_.find(base.id, name);
      if (found.module != kNone) {
        return {.kind = ValueKind::Module, .id = found.module};
      }
      return found.declarations.empty() ? fail(Kind::UnknownMember, id, {"the file", name_text(name)}) : meaning(found.declarations, id);
    }
    case ValueKind::Super: {
      Callable made;
      made.name = name;
      made.is_exact = true;
      made.candidates = super_functions(scope_.contract, name);
      return made.candidates.empty() ? fail(Kind::UnknownMember, id, {"`super`", name_text(name)}) : callable(std::move(made));
    }
    case ValueKind::Code:
      if (text == "length") {
        note_access(Access::Read, id);
        return Value::of(kUint256Type, builder_.emit(Op::CodeSize, ir::Type::U256, base.id));
      }
      return not_yet(id, "the code of an address");
    default: return member_of_value(base, id);
  }
}

Value ContractChecker::member_of_space(Space space, std::string_view name, NodeId id) {
  auto number_of = [&](MessageField field) { return Value::of(kUint256Type, message(field, ir::Type::U256)); };
  auto address_of = [&](MessageField field, TypeId type) { return Value::of(type, message(field, ir::unsigned_type(160))); };
  if (space == Space::Abi) {
    static const std::unordered_map<std::string_view, Builtin> functions = {{"encode", Builtin::Encode},
                                                                            {"encodePacked", Builtin::EncodePacked},
                                                                            {"encodeWithSelector", Builtin::EncodeWithSelector},
                                                                            {"encodeWithSignature", Builtin::EncodeWithSignature},
                                                                            {"encodeCall", Builtin::EncodeCall},
                                                                            {"decode", Builtin::Decode}};
    const auto found = functions.find(name);
    return found == functions.end() ? fail(Kind::UnknownMember, id, {"`abi`", std::string(name)}) : builtin(found->second);
  }
  if (space == Space::Message) {
    if ((name == "data" || name == "sig") && is_outside_of_library(function_)) {
      return not_yet(id, "`msg." + std::string(name) + "` in a public function of a library");
    }
    if (name == "data") {
      const Declaration& around = program_.declarations[function_];
      const parse::Tree& there = program_.tree_of(around);
      if (around.kind == DeclKind::Function && !in_modifier_ &&
          there.function(there.node(around.node)).kind == static_cast<uint32_t>(parse::FunctionKind::Receive)) {
        return fail(Kind::ContractSpecial, id, {"msg.data", "is empty wherever `receive` runs"});
      }
      return Value::of(kBytesType, message(MessageField::Data, ir::Type::Ref), Location::Calldata);
    }
    if (name == "sig") {
      return Value::of(fixed_bytes_type(4), message(MessageField::Signature, ir::Type::U32));
    }
    if (name == "value") {
      note_access(Access::Value, id);
      return number_of(MessageField::Value);
    }
    if (name == "sender") {
      note_access(Access::Read, id);
      return address_of(MessageField::Sender, kAddressType);
    }
    return fail(Kind::UnknownMember, id, {"`msg`", std::string(name)});
  }
  note_access(Access::Read, id);
  if (space == Space::Transaction) {
    if (name == "origin") {
      return address_of(MessageField::Origin, kAddressType);
    }
    return name == "gasprice" ? number_of(MessageField::GasPrice) : fail(Kind::UnknownMember, id, {"`tx`", std::string(name)});
  }
  if (name == "coinbase") {
    return address_of(MessageField::Coinbase, kPayableType);
  }
  static const std::unordered_map<std::string_view, MessageField> fields_of_block = {
      {"number", MessageField::BlockNumber}, {"timestamp", MessageField::Timestamp}, {"chainid", MessageField::ChainId},  {"basefee", MessageField::BaseFee},
      {"prevrandao", MessageField::Random},  {"difficulty", MessageField::Random},   {"gaslimit", MessageField::GasLimit}};
  if (const auto found = fields_of_block.find(name); found != fields_of_block.end()) {
    return number_of(found->second);
  }
  return name == "blobbasefee" ? not_yet(id, "`block.blobbasefee`") : fail(Kind::UnknownMember, id, {"`block`", std::string(name)});
}

Value ContractChecker::member_of_type(TypeId type, NodeId id) {
  const NameId name{node(id).b};
  const std::string_view text = program_.text(name);
  const Type info = types_[type];
  if (info.kind == TypeKind::Enum) {
    const Declaration& d = program_.declarations[info.declaration];
    const parse::Tree& there = program_.tree_of(d);
    int64_t number_of = 0;
    for (const NodeId entry : there.list(there.node(d.node).b)) {
      if (there.node(entry).a == name.index) {
        return Value::of(type, builder_.const_int(ir::Type::U8, number_of));
      }
      ++number_of;
    }
  }
  const Value self = Value::of_type(type);
  if (info.kind == TypeKind::UserType && (text == "wrap" || text == "unwrap")) {
    return builtin(text == "wrap" ? Builtin::Wrap : Builtin::Unwrap, &self);
  }
  if ((type == kStringType || type == kBytesType) && text == "concat") {
    return builtin(type == kStringType ? Builtin::StringConcat : Builtin::BytesConcat);
  }
  return fail(Kind::UnknownMember, id, {"`" + types_.text(type) + "`", name_text(name)});
}

Value ContractChecker::member_of_type_info(TypeId type, std::string_view name, NodeId id) {
  const Type info = types_[type];
  if (info.kind == TypeKind::Integer && (name == "max" || name == "min")) {
    BigInteger limit;
    if (name == "max") {
      limit = BigInteger::power_of_two(info.is_signed ? info.bits - 1 : info.bits) - BigInteger(1);
    } else if (info.is_signed) {
      limit = -BigInteger::power_of_two(info.bits - 1);
    }
    return Value::of(type, emit_number(limit, type));
  }
  if (info.kind == TypeKind::Enum && (name == "max" || name == "min")) {
    return Value::of(type, builder_.const_int(ir::Type::U8, name == "max" ? static_cast<int64_t>(info.length) - 1 : 0));
  }
  if (info.kind == TypeKind::Contract) {
    if (name == "name") {
      return text_value(types_.text(type), false);
    }
    if (name == "interfaceId" && program_.contracts[info.declaration].kind == parse::ContractKind::Interface) {
      const TypeId bytes4 = fixed_bytes_type(4);
      return Value::of(bytes4, builder_.const_int(ir::Type::U32, interface_id(info.declaration)));
    }
    const ContractDecl& contract = program_.contracts[info.declaration];
    if ((name == "creationCode" || name == "runtimeCode") && contract.kind == parse::ContractKind::Contract && !contract.is_abstract) {
      const ir::CodeKind which = name == "creationCode" ? ir::CodeKind::Creation : ir::CodeKind::Runtime;
      const uint32_t row = creation_index(info.declaration, id);
      return Value::of(kBytesType, builder_.emit(Op::CreationCode, ir::Type::Ref, row, static_cast<uint32_t>(which)), Location::Memory);
    }
  }
  return fail(Kind::UnknownMember, id, {"`type(" + types_.text(type) + ")`", std::string(name)});
}

Value ContractChecker::member_of_contract_name(ContractId contract, NodeId id) {
  const NameId name{node(id).b};
  const bool is_own = scope_.contract != kNone && program_.derives(scope_.contract, contract);
  std::vector<DeclId> found = members(contract, name, !is_own);
  if (contract != scope_.contract && program_.contracts[contract].kind != parse::ContractKind::Library) {
    // Of a base all but what is private, of other contracts what those outside see.
    std::erase_if(found, [&](DeclId each) {
      const DeclKind kind = program_.declarations[each].kind;
      const uint32_t bits = kind == DeclKind::Function || kind == DeclKind::Variable ? signature(each).attributes : parse::kPublic;
      return (bits & parse::kPrivate) != 0 || (!is_own && (bits & (parse::kPublic | parse::kExternal)) == 0);
    });
  }
  if (found.empty()) {
    return fail(Kind::UnknownMember, id, {"`" + std::string(program_.name_of(program_.contracts[contract].declaration)) + "`", name_text(name)});
  }
  if (program_.declarations[found[0]].kind != DeclKind::Function) {
    return meaning(found, id);
  }
  Callable made;
  made.name = name;
  made.is_exact = true;
  made.candidates = found;
  if (program_.contracts[contract].kind != parse::ContractKind::Library && !is_own) {
    made.kind = Callable::Kind::Foreign;
  }
  return callable(std::move(made));
}

Value ContractChecker::member_of_callable(const Value& base, std::string_view name, NodeId id) {
  if (base.kind == ValueKind::ErrorName && name == "selector") {
    return selector_value(base.id, id);
  }
  const Callable callee = base.kind == ValueKind::ErrorName ? Callable{} : callables_[base.id];
  if (callee.candidates.size() == 1 && name == "selector") {
    const DeclId function = callee.candidates[0];
    if (base.kind == ValueKind::Event) {
      const auto digest = base::keccak256(signature_text(function));
      BigInteger topic;
      for (const uint8_t byte : digest) {
        topic = topic * BigInteger(256) + BigInteger(byte);
      }
      return Value::of(kBytes32Type, emit_number(topic, kBytes32Type));
    }
    if ((signature(function).attributes & (parse::kPublic | parse::kExternal)) != 0) {
      return selector_value(function, id);
    }
  }
  if (callee.kind == Callable::Kind::External && name == "address") {
    return Value::of(kAddressType, callee.self.id);
  }
  return fail(Kind::UnknownMember, id, {value_text(base), std::string(name)});
}

Value ContractChecker::member_of_value(Value base, NodeId id) {
  const NameId name{node(id).b};
  const std::string_view text = program_.text(name);
  if (base.kind == ValueKind::Void || base.kind == ValueKind::Tuple) {
    return fail(Kind::UnknownMember, id, {value_text(base), name_text(name)});
  }
  base = settle(base, node(id).a);
  if (base.is_error()) {
    return base;
  }
  const Type info = types_[base.type];
  switch (info.kind) {
    case TypeKind::Struct: {
      if (base.is_storage()) {
        note_access(Access::Read, id);
      }
      const std::span<const StructField> all = fields(base.type);
      for (uint32_t i = 0; i < all.size(); ++i) {
        if (all[i].name == name) {
          return all[i].type == kErrorType ? Value::error() : field_of(base, i, all[i].type);
        }
      }
      break;
    }
    case TypeKind::FixedArray:
    case TypeKind::Array:
    case TypeKind::Bytes:
      if (text == "length") {
        if (base.is_storage()) {
          note_access(Access::Read, id);
        }
        return Value::of(kUint256Type, length_of(base));
      }
      if ((text == "push" || text == "pop") && info.kind != TypeKind::FixedArray && base.is_storage()) {
        return builtin(text == "push" ? Builtin::Push : Builtin::Pop, &base);
      }
      break;
    case TypeKind::ExternalFunction:
      if (text == "address" || text == "selector") {
        return text == "address" ? address_of_function(base) : selector_of_function(base);
      }
      break;
    case TypeKind::FixedBytes:
      if (text == "length") {
        return Value::of(kUint8Type, builder_.const_int(ir::Type::U8, info.bits / 8));
      }
      break;
    case TypeKind::Address: {
      if (text == "balance") {
        note_access(Access::Read, id);
        const bool is_self = builder_.inst(base.id).op == Op::Message && builder_.inst(base.id).a == static_cast<uint32_t>(MessageField::Self);
        return Value::of(kUint256Type, is_self ? message(MessageField::SelfBalance, ir::Type::U256) : builder_.emit(Op::Balance, ir::Type::U256, base.id));
      }
      if (text == "code") {
        return {.kind = ValueKind::Code, .id = base.id};
      }
      if (text == "codehash") {
        return not_yet(id, "`codehash`");
      }
      static const std::unordered_map<std::string_view, Builtin> calls = {{"call", Builtin::Call},
                                                                          {"staticcall", Builtin::StaticCall},
                                                                          {"delegatecall", Builtin::DelegateCall},
                                                                          {"transfer", Builtin::Transfer},
                                                                          {"send", Builtin::Send}};
      if (const auto found = calls.find(text); found != calls.end()) {
        if ((text == "transfer" || text == "send") && base.type != kPayableType) {
          if (const auto attached = attached_functions(base, name)) {
            return *attached;
          }
          report(Kind::TypeMismatch, node(id).a, {"address payable", value_text(base)}).with_help("convert it: `payable(a)`");
          return Value::error();
        }
        return builtin(found->second, &base);
      }
      break;
    }
    case TypeKind::Contract: {
      std::vector<DeclId> found = members(info.declaration, name, true);
      std::erase_if(found, [&](DeclId member_id) {
        const Declaration& d = program_.declarations[member_id];
        if (d.kind != DeclKind::Function && d.kind != DeclKind::Variable) {
          return true;
        }
        return (signature(member_id).attributes & (parse::kPublic | parse::kExternal)) == 0;
      });
      if (!found.empty()) {
        Callable made;
        made.kind = Callable::Kind::External;
        made.name = name;
        made.candidates = std::move(found);
        made.has_self = true;
        made.self = base;
        return callable(std::move(made));
      }
      break;
    }
    default: break;
  }
  if (const auto attached = attached_functions(base, name)) {
    return *attached;
  }
  return fail(Kind::UnknownMember, id, {value_text(base), name_text(name)});
}

std::vector<DeclId> ContractChecker::named_by_path(NodeId path, const UsingDecl& in) {
  const Node& p = node(path);
  if (p.kind == NodeKind::Name) {
    const std::vector<DeclId> own = in.contract == kNone ? std::vector<DeclId>{} : members(in.contract, NameId{p.a}, false);
    return own.empty() ? program_.find(in.module, NameId{p.a}).declarations : own;
  }
  const FileMeaning outer = named_in_files(p.a);
  if (outer.module != kNone) {
    return program_.find(outer.module, NameId{p.b}).declarations;
  }
  if (!outer.declarations.empty() && program_.declarations[outer.declarations[0]].kind == DeclKind::Contract) {
    return members(program_.declarations[outer.declarations[0]].contract, NameId{p.b}, false);
  }
  return {};
}

void ContractChecker::add_attached(uint32_t using_index, TypeId type, NameId name, std::vector<DeclId>& found) {
  const UsingDecl& u = program_.usings[using_index];
  const ScopeSwitch there(*this, {u.module, u.contract});
  const Node& n = node(u.node);
  const NodeId type_node = tree_->rec(n.a, 0);
  if (type_node != 0) {
    const TypeId extended = read_type(type_node);
    if (extended != type && !(extended == kAddressType && type == kPayableType)) {
      return;
    }
  }
  auto add = [&](DeclId id) {
    const Declaration& d = program_.declarations[id];
    if (d.kind == DeclKind::Function && !signature(id).params.empty() && std::find(found.begin(), found.end(), id) == found.end()) {
      found.push_back(id);
    }
  };
  for (const NodeId item : tree_->list(n.b)) {
    if (node(item).b != 0) {
      continue;  // an operator
    }
    const std::vector<DeclId> named = named_by_path(node(item).a, u);
    if (named.empty()) {
      continue;  // check_using has said it
    }
    const Node& path = node(node(item).a);
    const Declaration& d = program_.declarations[named[0]];
    if (d.kind == DeclKind::Contract) {
      const auto in_library = program_.contracts[d.contract].by_name.find(name.index);
      if (in_library != program_.contracts[d.contract].by_name.end()) {
        for (const DeclId id : in_library->second) {
          if ((signature(id).attributes & parse::kPrivate) == 0) {
            add(id);
          }
        }
      }
      continue;
    }
    // A function that is named is attached by the name that it has here.
    if (name == NameId{path.kind == NodeKind::Name ? path.a : path.b}) {
      for (const DeclId id : named) {
        add(id);
      }
    }
  }
}

std::optional<Value> ContractChecker::attached_functions(const Value& base, NameId name) {
  std::vector<DeclId> found;
  if (scope_.contract != kNone) {
    for (const uint32_t index : program_.contracts[scope_.contract].usings) {
      add_attached(index, base.type, name, found);
    }
  }
  for (const uint32_t index : program_.modules[scope_.module].usings) {
    add_attached(index, base.type, name, found);
  }
  for (const uint32_t index : program_.global_usings) {
    add_attached(index, base.type, name, found);
  }
  std::erase_if(found, [&](DeclId function) {
    const Param& first = signature(function).params[0];
    return !converts(base, first.type, location_for_caller(first, is_outside_of_library(function)));
  });
  if (found.empty()) {
    return std::nullopt;
  }
  Callable made;
  made.name = name;
  made.is_exact = true;
  made.candidates = std::move(found);
  made.has_self = true;
  made.self = base;
  return callable(std::move(made));
}

}  // namespace omega::check::contract
