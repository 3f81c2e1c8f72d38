// SPDX-License-Identifier: Apache-2.0
// match: arms tried in order by compares; each arm's body is ordinary code of the enclosing function (`return` leaves that). A block's
// value is its last expression. Coverage is checked for bool and enum subjects; others need an arm that fits everything.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using parse::BinaryOp;

/// What the arms seen so far certainly fit.
class Coverage {
 public:
  Coverage(Checker& checker, TypeId subject) : checker_(&checker), info_(&checker.info(subject)) {
    if (info_->kind == TypeKind::Bool) {
      members_.resize(2);
    } else if (info_->kind == TypeKind::Enum) {
      members_.resize(checker.declarations().enums[info_->declaration].member_count);
    }
  }

  void add_all() { all_ = true; }

  bool covers(Value value) const {
    if (value.form == ConstantForm::Text) {
      return texts_.contains(std::string(checker_->constant_text(value)));
    }
    if (value.form != ConstantForm::Integer) {
      return false;
    }
    if (is_member(value)) {
      return members_[static_cast<size_t>(value.bits)];
    }
    const auto behind = ranges_.upper_bound(value.bits);
    return values_.contains(value.bits) || (behind != ranges_.begin() && value.bits < std::prev(behind)->second);
  }

  void add(Value value) {
    if (value.form == ConstantForm::Text) {
      texts_.emplace(checker_->constant_text(value));
    } else if (value.form == ConstantForm::Integer && is_member(value)) {
      members_[static_cast<size_t>(value.bits)] = true;
    } else if (value.form == ConstantForm::Integer) {
      values_.insert(value.bits);
    }
  }

  void add_range(int64_t low, int64_t high) {
    if (low >= high) {
      return;
    }
    auto first = ranges_.upper_bound(low);
    if (first != ranges_.begin() && std::prev(first)->second >= low) {
      --first;
    }
    while (first != ranges_.end() && first->first <= high) {
      low = std::min(low, first->first);
      high = std::max(high, first->second);
      first = ranges_.erase(first);
    }
    ranges_.emplace(low, high);
  }

  void add(const Coverage& other) {
    all_ = all_ || other.all_;
    for (size_t i = 0; i < members_.size(); ++i) {
      members_[i] = members_[i] || other.members_[i];
    }
    texts_.insert(other.texts_.begin(), other.texts_.end());
    values_.insert(other.values_.begin(), other.values_.end());
    for (const auto& [low, high] : other.ranges_) {
      add_range(low, high);
    }
  }

  bool is_all() const { return all_ || (!members_.empty() && std::find(members_.begin(), members_.end(), false) == members_.end()); }

  /// What is missing, for the message: "`Color.Blue`" or "every `int64`".
  std::string missing() const {
    std::string text;
    for (size_t i = 0; i < members_.size(); ++i) {
      if (members_[i]) {
        continue;
      }
      text += text.empty() ? "`" : ", `";
      if (info_->kind == TypeKind::Bool) {
        text += i == 0 ? "false" : "true";
      } else {
        const Declarations& declarations = checker_->declarations();
        text += std::string(info_->name) + "." + std::string(declarations.text(declarations.members_of(declarations.enums[info_->declaration])[i]));
      }
      text += '`';
    }
    return text;
  }
  bool has_members() const { return !members_.empty(); }

 private:
  bool is_member(Value value) const { return value.bits >= 0 && value.bits < static_cast<int64_t>(members_.size()); }

  Checker* checker_;
  const TypeInfo* info_;
  bool all_ = false;
  std::vector<bool> members_;
  std::unordered_set<std::string> texts_;
  std::unordered_set<int64_t> values_;
  std::map<int64_t, int64_t> ranges_;  ///< begin to end (not in it), apart from one another
};

class Matcher {
 public:
  /// Checks the subject and emits its code: it is evaluated before all arms.
  Matcher(Checker& checker, NodeId node, TypeId hint)
      : checker_(checker), builder_(checker.builder()), node_(node), hint_(hint), subject_(subject_of(checker, node)), covered_(checker, subject_.type) {}

  Value run() {
    done_ = builder_.new_label();
    for (const NodeId arm : checker_.tree().list(checker_.node(node_).b)) {
      check_arm(arm);
    }
    if (!failed_ && !subject_.is_error() && !covered_.is_all()) {
      diag::Diagnostic& diagnostic = checker_.report_at(diag::Kind::MatchNotExhaustive, checker_.tree().span(node_),
                                                        {covered_.has_members() ? covered_.missing() : "every `" + checker_.type_text(subject_.type) + "`"});
      diagnostic.with_help(covered_.has_members() ? "add arms for them, or `_ => ...`" : "end with an arm `_ => ...`");
      failed_ = true;
    }
    checker_.at(node_);
    builder_.panic(ir::PanicKind::Unreachable);
    end_open_arms();
    builder_.start_block(done_);
    if (failed_ || subject_.is_error()) {
      return Value::error();
    }
    if (!has_value_ || has_void_) {
      return Value::none();
    }
    return Value::of(type_, builder_.get(slot_));
  }

 private:
  static Value subject_of(Checker& checker, NodeId node) {
    const Value subject = checker.runtime_expression(checker.node(node).a);
    return subject.is_error() ? Value::error() : Value::of(subject.type, checker.materialize(subject));
  }

  /// An arm whose value waits, in a block of its own, for the type of the others.
  struct OpenArm {
    Value value;
    NodeId body;
    Label label;
  };

  /// Emits one arm; code goes on where the next arm's test begins.
  void check_arm(NodeId arm) {
    const Node& node = checker_.node(arm);
    const std::span<const NodeId> patterns = checker_.tree().list(checker_.tree().rec(node.a, 0));
    const NodeId guard = checker_.tree().rec(node.a, 1);
    if (covered_.is_all() && !subject_.is_error()) {
      checker_.report(diag::Kind::MatchUnreachableArm, patterns.empty() ? arm : patterns[0]);
    }
    const uint32_t mark = checker_.open_scope();
    const Label body = builder_.new_label();
    const Label next = builder_.new_label();
    bool fits_all = false;
    Coverage of_arm(checker_, subject_.type);
    for (const NodeId pattern : patterns) {
      if (fits_all) {
        if (!failed_) {
          checker_.report(diag::Kind::MatchUnreachableArm, pattern);
        }
        break;
      }
      fits_all = check_pattern_node(pattern, body, patterns.size() > 1, of_arm);
    }
    if (fits_all) {
      of_arm.add_all();
    } else {
      builder_.br(next);
    }
    if (guard == 0) {
      covered_.add(of_arm);
    }
    builder_.start_block(body);
    if (guard != 0) {
      const Label passed = builder_.new_label();
      checker_.condition(guard, passed, next);
      builder_.start_block(passed);
    }
    builder_.br(arm_value(node.b));
    builder_.start_block(next);
    checker_.close_scope(mark);
  }

  /// Branches to `body` where the pattern fits, else goes on. True when it fits everything.
  bool check_pattern_node(NodeId pattern, Label body, bool is_alternative, Coverage& coverage) {
    const Node& node = checker_.node(pattern);
    if (node.kind == NodeKind::Paren) {
      return check_pattern_node(node.a, body, is_alternative, coverage);
    }
    if (node.kind == NodeKind::Name && binds(node)) {
      const NameId name = checker_.tree().name(node);
      if (is_member_of_subject(name)) {
        const std::string text(checker_.declarations().text(name));
        const std::string type = checker_.types().text(subject_.type);
        checker_.report(diag::Kind::MatchMemberBinds, pattern, {text, type}).with_help("write `" + type + "." + text + "`");
        failed_ = true;
        return false;
      }
      if (checker_.declarations().text(name) != "_") {
        if (is_alternative) {
          checker_.report(diag::Kind::MatchPatternShape, pattern).with_help("a name that binds the value stands alone");
          failed_ = true;
        }
        checker_.declare_value(name, subject_.type, node.token, subject_.is_error() ? builder_.const_bool(false) : subject_.id);
      }
      builder_.br(body);
      return true;
    }
    if (node.kind == NodeKind::Range) {
      range_pattern(pattern, node, body, coverage);
      return false;
    }
    value_pattern(pattern, body, coverage);
    return false;
  }

  /// True for a name that one of the members of the subject's enum has: it would bind, and fit everything, where one member was meant.
  bool is_member_of_subject(NameId name) {
    if (subject_.is_error() || checker_.types()[subject_.type].kind != TypeKind::Enum) {
      return false;
    }
    const Declarations& declarations = checker_.declarations();
    const auto members = declarations.members_of(declarations.enums[checker_.types()[subject_.type].declaration]);
    return std::find(members.begin(), members.end(), name) != members.end();
  }

  /// A name that is not a constant's binds the subject.
  bool binds(const Node& node) {
    const SymbolKind kind = checker_.lookup(checker_.tree().name(node)).kind;
    return kind != SymbolKind::Constant && kind != SymbolKind::BuiltinConstant;
  }

  /// A constant of the subject's type; an error after a report.
  Value constant(NodeId pattern) {
    const Value value = checker_.expression(pattern, subject_.type);
    if (value.is_error() || subject_.is_error()) {
      failed_ = true;
      return Value::error();
    }
    if (!value.is_constant()) {
      checker_.report(diag::Kind::MatchPatternShape, pattern).with_help("to compare with a value, use a guard: `x if x == value => ...`");
      failed_ = true;
      return Value::error();
    }
    if (!checker_.converts(value, subject_.type)) {
      checker_.report(diag::Kind::MatchPatternType, pattern, {checker_.value_text(value), checker_.type_text(subject_.type)});
      failed_ = true;
      return Value::error();
    }
    return checker_.convert(value, subject_.type, pattern);
  }

  void value_pattern(NodeId pattern, Label body, Coverage& coverage) {
    const Value value = constant(pattern);
    if (value.is_error()) {
      return;
    }
    if (covered_.covers(value) || coverage.covers(value)) {
      checker_.report(diag::Kind::MatchUnreachableArm, pattern);
    }
    coverage.add(value);
    branch_if(BinaryOp::Eq, subject_, value, pattern, body, builder_.new_label());
  }

  /// Branches to `yes` if the comparison holds, else goes on in the block of `no`.
  void branch_if(BinaryOp op, Value left, Value right, NodeId where, Label yes, Label no) {
    checker_.at(where);
    const Value holds = checker_.binary_values(op, left, right, where);
    if (holds.is_error()) {
      failed_ = true;
      return;
    }
    builder_.cond_br(checker_.materialize(holds), yes, no);
    builder_.start_block(no);
  }

  void range_pattern(NodeId pattern, const Node& node, Label body, Coverage& coverage) {
    const Value low = constant(node.a);
    const Value high = constant(node.b);
    if (low.is_error() || high.is_error()) {
      return;
    }
    if (low.form == ConstantForm::Integer && high.form == ConstantForm::Integer) {
      coverage.add_range(low.bits, (node.flags & 1) != 0 && high.bits != INT64_MAX ? high.bits + 1 : high.bits);
    }
    const Label above = builder_.new_label();
    const Label no = builder_.new_label();
    checker_.at(pattern);
    const Value at_least = checker_.binary_values(BinaryOp::Ge, subject_, low, pattern);
    if (at_least.is_error()) {
      failed_ = true;
      return;
    }
    builder_.cond_br(checker_.materialize(at_least), above, no);
    builder_.start_block(above);
    branch_if((node.flags & 1) != 0 ? BinaryOp::Le : BinaryOp::Lt, subject_, high, pattern, body, no);
  }

  /// The value of an arm's body goes to the slot; the first one decides the type, but for literals and float32: behind them a float64 may
  /// come, and literals take the type of others. Gives where the arm goes on.
  Label arm_value(NodeId body) {
    const Value value = body_value(body);
    if (value.is_error()) {
      failed_ = true;
      return done_;
    }
    if (!checker_.reachable()) {
      return done_;
    }
    if (value.kind == ValueKind::Void) {
      has_void_ = true;
      return done_;
    }
    if (!has_value_ && stays_open(value)) {
      open_arms_.push_back({value, body, builder_.new_label()});
      return open_arms_.back().label;
    }
    if (!has_value_) {
      decide(type_with(value));
    }
    if (!has_void_) {
      set_value(value, body);
    }
    return done_;
  }

  bool stays_open(Value value) {
    if (hint_ == kFloat32Type || !value.is_constant() || value.type != kNumberType) {
      return hint_ != kFloat32Type && value.type == kFloat32Type;
    }
    return !open_arms_.empty() || is_float_type(hint_) || checker_.default_type(value) == kFloat64Type;
  }

  /// The type that the arms come to with one that does not stay open.
  TypeId type_with(Value value) {
    if (hint_ != kNoType && checker_.converts(value, hint_)) {
      return hint_;
    }
    return open_arms_.empty() || is_float_type(value.type) ? checker_.default_type(value) : type_of_open_arms();
  }

  TypeId type_of_open_arms() {
    if (has_open_float32()) {
      return kFloat32Type;
    }
    const Value first = open_arms_[0].value;
    return hint_ != kNoType && checker_.converts(first, hint_) ? hint_ : checker_.default_type(first);
  }

  bool has_open_float32() const {
    return std::any_of(open_arms_.begin(), open_arms_.end(), [](const OpenArm& arm) { return arm.value.type == kFloat32Type; });
  }

  void decide(TypeId type) {
    has_value_ = true;
    type_ = type;
    slot_ = builder_.add_slot(checker_.types().ir(type));
  }

  void set_value(Value value, NodeId body) {
    if (!checker_.converts(value, type_)) {
      checker_.report(diag::Kind::MatchArmType, body, {checker_.value_text(value), checker_.type_text(type_)});
      failed_ = true;
      return;
    }
    const Value converted = checker_.convert(value, type_, body);
    if (!converted.is_error()) {
      builder_.set(slot_, checker_.materialize(converted));
    }
  }

  /// Behind all arms: those whose type was open bring their values.
  void end_open_arms() {
    if (!open_arms_.empty() && !has_value_) {
      decide(type_of_open_arms());
    }
    for (const OpenArm& arm : open_arms_) {
      builder_.start_block(arm.label);
      if (!has_void_) {
        checker_.at(arm.body);
        set_value(arm.value, arm.body);
      }
      builder_.br(done_);
    }
  }

  Value body_value(NodeId body) {
    const TypeId wanted = has_value_ ? type_ : hint_ == kNoType && has_open_float32() ? kFloat32Type : hint_;
    if (checker_.node(body).kind != NodeKind::Block) {
      const Value value = checker_.expression(body, wanted);
      return value.kind == ValueKind::Void || value.is_error() ? value : settle(value, body);
    }
    const std::span<const NodeId> statements = checker_.tree().list(checker_.node(body).b);
    const uint32_t mark = checker_.open_scope();
    Value value = Value::none();
    for (size_t i = 0; i < statements.size(); ++i) {
      const Node& statement = checker_.node(statements[i]);
      if (i + 1 == statements.size() && statement.kind == NodeKind::ExprStmt && gives_value(statement.a)) {
        value = checker_.expression(statement.a, wanted);
        value = value.kind == ValueKind::Void || value.is_error() ? value : settle(value, statement.a);
      } else {
        checker_.statement(statements[i]);
      }
    }
    checker_.close_scope(mark);
    return value;
  }

  /// Assignments and the like at the end of a block are statements.
  bool gives_value(NodeId expression) {
    const NodeKind kind = checker_.node(expression).kind;
    return kind != NodeKind::Assign && kind != NodeKind::Postfix;
  }

  /// Literals stay open until the type is known; the rest is emitted here.
  Value settle(Value value, NodeId where) { return value.is_constant() ? value : checker_.to_runtime(value, where); }

  Checker& checker_;
  ir::FunctionBuilder& builder_;
  NodeId node_;
  TypeId hint_;
  Value subject_;
  Coverage covered_;  ///< by the arms so far that have no guard
  Label done_;
  std::vector<OpenArm> open_arms_;
  ir::SlotId slot_ = ir::kNone;
  TypeId type_ = kNoType;
  bool has_value_ = false;
  bool has_void_ = false;
  bool failed_ = false;
};

}  // namespace

Value check_match(Checker& checker, NodeId node, TypeId hint) { return Matcher(checker, node, hint).run(); }

}  // namespace omega::check
