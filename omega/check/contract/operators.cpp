// SPDX-License-Identifier: Apache-2.0
// Operators.
#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;
using parse::BinaryOp;
using parse::UnaryOp;

namespace {

Op op_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::Add: return Op::Add;
    case BinaryOp::Sub: return Op::Sub;
    case BinaryOp::Mul: return Op::Mul;
    case BinaryOp::Div: return Op::Div;
    case BinaryOp::Mod: return Op::Mod;
    case BinaryOp::Pow: return Op::Pow;
    case BinaryOp::Shl: return Op::Shl;
    case BinaryOp::Shr: return Op::Shr;
    case BinaryOp::BitAnd: return Op::And;
    case BinaryOp::BitOr: return Op::Or;
    case BinaryOp::BitXor: return Op::Xor;
    case BinaryOp::Eq: return Op::Eq;
    case BinaryOp::Ne: return Op::Ne;
    case BinaryOp::Lt: return Op::Lt;
    case BinaryOp::Le: return Op::Le;
    case BinaryOp::Gt: return Op::Gt;
    default: return Op::Ge;
  }
}

bool is_comparison(BinaryOp op) { return op >= BinaryOp::Eq; }
bool is_bitwise(BinaryOp op) { return op == BinaryOp::BitAnd || op == BinaryOp::BitOr || op == BinaryOp::BitXor; }

std::string_view sign_of(BinaryOp op) {
  static constexpr std::string_view signs[] = {"+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "==", "!=", "<", "<=", ">", ">="};
  return signs[static_cast<size_t>(op)];
}

}  // namespace

TypeId ContractChecker::common_type(const Value& left, const Value& right) {
  auto location = [&](TypeId type) { return types_.is_reference(type) ? Location::Memory : Location::None; };
  const TypeId a = mobile_type(left);
  const TypeId b = mobile_type(right);
  if (right.kind != ValueKind::Number && right.kind != ValueKind::Text && converts(left, b, location(b))) {
    return b;
  }
  if (left.kind != ValueKind::Number && left.kind != ValueKind::Text && converts(right, a, location(a))) {
    return a;
  }
  if (a == kErrorType || b == kErrorType) {
    return kErrorType;
  }
  if (converts(Value::of(a, 0, location(a)), b, location(b))) {
    return b;
  }
  return converts(Value::of(b, 0, location(b)), a, location(a)) ? a : kErrorType;
}

void ContractChecker::condition(NodeId id, Label then_label, Label else_label) {
  const Node& n = node(id);
  if (n.kind == NodeKind::Paren) {
    return condition(n.a, then_label, else_label);
  }
  if (n.kind == NodeKind::Unary && static_cast<UnaryOp>(n.flags) == UnaryOp::Not && depth_ < 300) {
    ++depth_;
    condition(n.a, else_label, then_label);
    --depth_;
    return;
  }
  const BinaryOp op = static_cast<BinaryOp>(n.flags);
  if (n.kind == NodeKind::Binary && (op == BinaryOp::And || op == BinaryOp::Or) && depth_ < 300) {
    const Label second = builder_.new_label();
    ++depth_;
    if (op == BinaryOp::And) {
      condition(n.a, second, else_label);
    } else {
      condition(n.a, then_label, second);
    }
    builder_.start_block(second);
    condition(n.b, then_label, else_label);
    --depth_;
    return;
  }
  const ValueId truth = operand(id, kBoolType);
  at(id);
  builder_.cond_br(truth, then_label, else_label);
}

Value ContractChecker::logical(NodeId id) {
  const Label yes = builder_.new_label();
  const Label no = builder_.new_label();
  const Label behind = builder_.new_label();
  const uint32_t slot = builder_.add_slot(ir::Type::U1);
  condition(id, yes, no);
  builder_.start_block(yes);
  builder_.set(slot, builder_.const_bool(true));
  builder_.br(behind);
  builder_.start_block(no);
  builder_.set(slot, builder_.const_bool(false));
  builder_.br(behind);
  builder_.start_block(behind);
  return Value::of(kBoolType, builder_.get(slot));
}

Value ContractChecker::binary(NodeId id) {
  const Node& n = node(id);
  const BinaryOp op = static_cast<BinaryOp>(n.flags);
  if (op == BinaryOp::And || op == BinaryOp::Or) {
    return logical(id);
  }
  const Value left = rvalue(n.a);
  const Value right = rvalue(n.b);
  at(id);
  return binary_values(op, left, right, id);
}

Value ContractChecker::binary_values(BinaryOp op, Value left, Value right, NodeId where) {
  if (left.is_error() || right.is_error()) {
    return Value::error();
  }
  auto refuse = [&] { return fail(Kind::OperatorTypes, where, {std::string(sign_of(op)), value_text(left), value_text(right)}); };
  for (Value* side : {&left, &right}) {
    if (side->kind == ValueKind::Tuple && lists_[side->id].size() == 1) {
      *side = lists_[side->id][0];
    }
    if (side->kind == ValueKind::Callable && mobile_type(*side) != kErrorType) {
      *side = settle(*side, where);
    }
    if (!side->is_data()) {
      return refuse();
    }
  }
  if (left.kind == ValueKind::Number && right.kind == ValueKind::Number) {
    return fold(op, left, right, where);
  }
  if (types_[left.type].kind == TypeKind::UserType || types_[right.type].kind == TypeKind::UserType) {
    Value result;
    const Value both[] = {left, right};
    return user_operator(sign_of(op), both, where, result) ? result : refuse();
  }
  if (op == BinaryOp::Sar) {
    return refuse();
  }
  if (op == BinaryOp::Shl || op == BinaryOp::Shr) {
    return shift(op, left, right, where);
  }
  if (op == BinaryOp::Pow) {
    return power(left, right, where);
  }
  if (is_comparison(op)) {
    return comparison(op, left, right, where);
  }
  const TypeId type = common_type(left, right);
  const TypeKind kind = types_[type].kind;
  if (kind != TypeKind::Integer && !(kind == TypeKind::FixedBytes && is_bitwise(op))) {
    return refuse();
  }
  const Value a = convert(left, type, Location::None, where);
  const Value b = convert(right, type, Location::None, where);
  if (a.is_error() || b.is_error()) {
    return Value::error();
  }
  const bool may_overflow = !is_bitwise(op) && op != BinaryOp::Mod && !unchecked_;
  return Value::of(type, builder_.binary(op_of(op), types_.ir(type), a.id, b.id, may_overflow ? ir::kChecked : 0));
}

Value ContractChecker::shift(BinaryOp op, Value left, Value right, NodeId where) {
  // A literal that is shifted is as wide as can be; the amount may have any unsigned type.
  TypeId type = mobile_type(left);
  if (left.kind == ValueKind::Number) {
    type = integer_type(256, numbers_[left.id].numerator.is_negative());
  }
  const TypeId amount_type = mobile_type(right);
  const bool amount_fits = types_[amount_type].kind == TypeKind::Integer && !types_[amount_type].is_signed;
  if ((types_[type].kind != TypeKind::Integer && types_[type].kind != TypeKind::FixedBytes) || !amount_fits) {
    return fail(Kind::OperatorTypes, where, {std::string(sign_of(op)), value_text(left), value_text(right)});
  }
  const Value a = convert(left, type, Location::None, where);
  const Value b = convert(right, amount_type, Location::None, where);
  return a.is_error() || b.is_error() ? Value::error() : Value::of(type, builder_.binary(op_of(op), types_.ir(type), a.id, b.id));
}

Value ContractChecker::power(Value left, Value right, NodeId where) {
  TypeId type = mobile_type(left);
  if (left.kind == ValueKind::Number) {
    type = integer_type(256, numbers_[left.id].numerator.is_negative());
  }
  const TypeId exponent = mobile_type(right);
  if (types_[type].kind != TypeKind::Integer || types_[exponent].kind != TypeKind::Integer || types_[exponent].is_signed) {
    return fail(Kind::OperatorTypes, where, {"**", value_text(left), value_text(right)});
  }
  const Value a = convert(left, type, Location::None, where);
  const Value b = convert(right, exponent, Location::None, where);
  return a.is_error() || b.is_error() ? Value::error() : Value::of(type, builder_.binary(Op::Pow, types_.ir(type), a.id, b.id, unchecked_ ? 0 : ir::kChecked));
}

Value ContractChecker::comparison(BinaryOp op, Value left, Value right, NodeId where) {
  const TypeId type = common_type(left, right);
  const bool is_equality = op == BinaryOp::Eq || op == BinaryOp::Ne;
  bool works = false;
  switch (types_[type].kind) {
    case TypeKind::Bool:
    case TypeKind::Function:
    case TypeKind::ExternalFunction:
    case TypeKind::Contract: works = is_equality; break;
    case TypeKind::Integer:
    case TypeKind::FixedBytes:
    case TypeKind::Address:
    case TypeKind::Enum: works = true; break;
    default: break;
  }
  if (!works) {
    return fail(Kind::OperatorTypes, where, {std::string(sign_of(op)), value_text(left), value_text(right)});
  }
  const Value a = convert(left, type, Location::None, where);
  const Value b = convert(right, type, Location::None, where);
  return a.is_error() || b.is_error() ? Value::error() : Value::of(kBoolType, builder_.compare(op_of(op), a.id, b.id));
}

Value ContractChecker::unary(NodeId id) {
  const Node& n = node(id);
  const UnaryOp op = static_cast<UnaryOp>(n.flags);
  if (op == UnaryOp::Increment || op == UnaryOp::Decrement) {
    return increment(id, true);
  }
  if (op == UnaryOp::Delete) {
    const Value place = expression(n.a);
    at(id);
    clear(place, n.a);
    return Value::none();
  }
  if (op == UnaryOp::Not) {
    const ValueId truth = operand(n.a, kBoolType);
    return Value::of(kBoolType, builder_.unary(Op::Not, ir::Type::U1, truth));
  }
  Value value = rvalue(n.a);
  if (value.kind == ValueKind::Tuple && lists_[value.id].size() == 1) {
    value = lists_[value.id][0];
  }
  at(id);
  if (value.is_error()) {
    return value;
  }
  const std::string sign = op == UnaryOp::Negate ? "-" : "~";
  if (value.kind == ValueKind::Number) {
    Rational read = numbers_[value.id];
    if (op == UnaryOp::BitNot && !read.is_integer()) {
      return fail(Kind::NotAnInteger, id, {"an integer"});
    }
    read.numerator = op == UnaryOp::Negate ? -read.numerator : -read.numerator - BigInteger(1);
    return number(std::move(read));
  }
  const Type type = value.is_data() ? types_[value.type] : Type{};
  if (type.kind == TypeKind::UserType) {
    Value result;
    return user_operator(sign, {&value, 1}, id, result) ? result : fail(Kind::OperatorType, id, {sign, types_.text(value.type)});
  }
  if (op == UnaryOp::Negate && type.kind == TypeKind::Integer && !type.is_signed) {
    return fail(Kind::NegatedUnsigned, id, {types_.text(value.type)});
  }
  if (type.kind != TypeKind::Integer && !(op == UnaryOp::BitNot && type.kind == TypeKind::FixedBytes)) {
    return fail(Kind::OperatorType, id, {sign, value.is_data() ? types_.text(value.type) : value_text(value)});
  }
  if (op == UnaryOp::Negate) {
    return Value::of(value.type, builder_.unary(Op::Neg, types_.ir(value.type), value.id, unchecked_ ? 0 : ir::kChecked));
  }
  return Value::of(value.type, builder_.unary(Op::Not, types_.ir(value.type), value.id));
}

Value ContractChecker::increment(NodeId id, bool is_prefix) {
  const Node& n = node(id);
  const bool is_up = static_cast<UnaryOp>(n.flags) == UnaryOp::Increment;
  const Value place = expression(n.a);
  at(id);
  if (!assignable(place, n.a)) {
    return Value::error();
  }
  if (types_[place.type].kind != TypeKind::Integer) {
    return fail(Kind::OperatorType, id, {is_up ? "++" : "--", types_.text(place.type)});
  }
  const Value before = load(place, n.a);
  const ir::Type ir = types_.ir(place.type);
  const ValueId after = builder_.binary(is_up ? Op::Add : Op::Sub, ir, before.id, builder_.const_int(ir, 1), unchecked_ ? 0 : ir::kChecked);
  store(place, Value::of(place.type, after), id);
  return is_prefix ? Value::of(place.type, after) : before;
}

bool ContractChecker::user_operator(std::string_view sign, std::span<const Value> operands, NodeId where, Value& out) {
  TypeId type = types_[operands[0].type].kind == TypeKind::UserType ? operands[0].type : operands.back().type;
  DeclId found = kNone;
  for (const uint32_t index : program_.global_usings) {
    const UsingDecl& u = program_.usings[index];
    const ScopeSwitch there(*this, {u.module, u.contract});
    const Node& n = node(u.node);
    const NodeId type_node = tree_->rec(n.a, 0);
    if (type_node == 0 || read_type(type_node) != type) {
      continue;
    }
    for (const NodeId item : tree_->list(n.b)) {
      const Node& used = node(item);
      if (used.b == 0 || tree_->tokens->spelled(used.b) != sign) {
        continue;
      }
      const Node& path = node(used.a);
      const auto named = path.kind == NodeKind::Name ? program_.find(u.module, NameId{path.a}).declarations : std::vector<DeclId>{};
      for (const DeclId id : named) {
        if (program_.declarations[id].kind == DeclKind::Function && signature(id).params.size() == operands.size()) {
          found = id;
        }
      }
    }
  }
  if (found == kNone) {
    return false;
  }
  Callable callee;
  callee.name = program_.declarations[found].name;
  callee.candidates = {found};
  const std::vector<NodeId> places(operands.size(), where);
  out = call_function(found, callee, places, operands, where);
  return true;
}

}  // namespace omega::check::contract
