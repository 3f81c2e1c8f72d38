// SPDX-License-Identifier: Apache-2.0
// The checker of one unit: one pass over a function body that resolves names, infers types, reports mistakes and emits IR.
// Internal to the room; its methods are grouped by the file that has them. omega/check/README.md says how to use it for built-ins.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/check/big_integer.h"
#include "omega/check/builtins.h"
#include "omega/check/declarations.h"
#include "omega/check/unit.h"
#include "omega/check/value.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/builder.h"
#include "omega/parse/body_reader.h"

namespace omega::check {

using ir::Label;
using ir::Op;
using ir::ValueId;
using parse::Node;
using parse::NodeKind;

/// A name bound inside a function.
struct Local {
  enum class Kind : uint8_t { Slot, Value };
  NameId name;
  TypeId type;
  uint32_t storage;   ///< slot, or IR value
  uint32_t previous;  ///< what the name meant before, plus one; 0 nothing
  uint32_t declared;  ///< offset of the name where it is declared
  uint32_t writes;    ///< assignments emitted so far (also those through closures' makers): loops compare it before and after their bodies
  uint16_t level;     ///< of the function it belongs to
  Kind kind;
  bool loop_variable;  ///< cannot be assigned
};

/// A local of an outer function that a closure holds.
struct Capture {
  uint32_t local;
  uint32_t offset;  ///< bytes from the closure's begin
};

/// A function under construction: the unit's own, or a lambda inside.
struct FunctionContext {
  ir::FunctionBuilder builder;
  uint32_t index = 0;  ///< 0: the unit's own, else in CheckedUnit::lambdas plus one
  PodVector<Capture> captures;
  uint32_t capture_end = 8;  ///< bytes of the closure object so far
  uint8_t loop_depth = 0;
};

/// Where `return` goes: out of a function, or out of an inlined lambda.
struct ReturnFrame {
  bool is_inlined = false;
  bool infers = false;        ///< the first return decides the type
  TypeId type = kVoidType;    ///< a single result's, Void, or the tuple of several
  Label exit;                 ///< inlined: behind the body
  uint32_t slot = ir::kNone;  ///< inlined: where the value goes
  uint32_t first_loop = 0;    ///< loops from here on are inside
  uint32_t first_local = 0;   ///< locals before are read-only (lambdas)
  uint32_t returns = 0;
  bool is_lambda = false;
  bool several = false;               ///< `type` is the tuple of several results, not one result that is a tuple
  PodVector<uint32_t> named_results;  ///< locals
};

/// A loop around the statement being checked.
struct LoopContext {
  Label break_label;
  Label continue_label;
  ir::LoopKind kind;
  ir::LoopId id;
  uint32_t breaks;
  uint32_t level;  ///< of the function it is in
};

/// A counted loop that a built-in emits: begin_counted_loop ... body ... end_counted_loop.
struct CountedLoop {
  uint32_t iv = 0;  ///< slot, s64
  uint32_t hi = 0;  ///< slot, s64
  Label header, body, latch, exit;
  ir::LoopId id = 0;
};

/// Arguments of a built-in after matching names to parameters: nodes in parameter order, 0 where left out.
struct ArgumentNames {
  std::initializer_list<std::string_view> names;
  uint32_t required;
};

/// Where a field of `size` bytes goes that comes after `offset` bytes.
constexpr uint32_t align_field(uint32_t offset, uint32_t size) {
  const uint32_t alignment = size < 8 ? (size == 0 ? 1 : size) : 8;
  return (offset + alignment - 1) / alignment * alignment;
}

/// A decimal literal that has no type yet.
struct Decimal {
  NodeId literal;  ///< where its digits are
  double value;
};

struct TypeBinding {
  NameId name;
  TypeId type;
};

/// Asked before a call is checked: recursion that forks gives values it has made already.
class CallHook {
 public:
  /// True when `*value` is what the call gives.
  virtual bool prepared(NodeId call, Value* value) = 0;

 protected:
  ~CallHook() = default;
};

class Checker {
 public:
  explicit Checker(const Declarations& declarations);

  /// Checks a unit; see check_function().
  CheckedUnit run(const Unit& unit, ir::Function& own, diag::Sink& sink);
  void keep_last(ir::Function& own) { contexts_[0]->builder.keep(own); }
  void keep_name_of_last(ir::Function& own) { contexts_[0]->builder.keep_name(own); }

  // ---- what built-ins work with ----
  const Declarations& declarations() const { return decls_; }
  TypeStore& types() { return types_; }
  const TypeInfo& info(TypeId type) const { return types_[type]; }
  const ModuleDecl& module() const { return decls_.modules[module_]; }
  /// Where node ids of the code being checked lead.
  const parse::Tree& tree() const { return *tree_; }
  const Node& node(NodeId id) const { return tree_->node(id); }
  ir::FunctionBuilder& builder() { return *builder_; }
  /// kChecked, or 0 inside `unchecked`.
  uint8_t checked_flag() const { return unchecked_ ? 0 : ir::kChecked; }
  /// Later instructions belong to this node's token.
  void at(NodeId id) { builder_->set_location(tree_->tokens->offset(tree_->node(id).token)); }

  // ---- diagnostics (report.cpp) ----
  /// The place is everything below the node.
  diag::Diagnostic& report(diag::Kind kind, NodeId where, std::initializer_list<std::string> args = {});
  diag::Diagnostic& report_at(diag::Kind kind, Span span, std::initializer_list<std::string> args = {});
  Span token_span(uint32_t token) const { return tree_->tokens->span(token); }
  /// "expected T, found U" once; silent when either is the error type. Gives Value::error().
  Value mismatch(TypeId expected, Value found, NodeId where);
  std::string type_text(TypeId type) const { return types_.text(type); }
  /// A value's type for messages: literals by their kind.
  std::string value_text(Value value) const;
  std::string name_text(NameId name) const { return std::string(decls_.text(name)); }

  // ---- names and scopes (names.cpp) ----
  Symbol lookup(NameId name);
  Symbol lookup_in(uint32_t module, NameId name);
  /// Whether a name that is declared nowhere was reported before in this unit; notes it when not.
  bool is_known_unknown(NameId name);
  /// What was meant by a name that is declared nowhere, as advice; empty when nothing comes near.
  std::string help_for_unknown(NameId name);
  /// For a field that a struct does not have: the nearest one, or all.
  static std::string help_for_field(std::string_view name, std::span<const std::string_view> fields);
  /// "1 argument", "2 arguments".
  static std::string arguments_text(size_t count) { return std::to_string(count) + (count == 1 ? " argument" : " arguments"); }
  /// For operands that an operator does not work on.
  std::string help_for_operands(parse::BinaryOp op, Value left, Value right);
  /// True for a literal such as `2.0`, which is not taken for an integer: `n / 2.0` is no division of integers. `1e9` may be one.
  bool has_decimal_point(Value number);
  /// What an integer type holds.
  std::string help_for_range(TypeId type);
  /// The type of elements that are all numbers without a type of their own.
  TypeId number_type_of(const PodVector<Value>& values);
  /// True for a variable that the program's statements declare at top level, which functions do not see.
  [[nodiscard]] bool is_variable_of_program(NameId name);
  /// `otherwise`: the advice when nothing better is known.
  void report_unknown(NameId name, NodeId where, std::string_view otherwise = {});
  /// Names declared from here on end at the close_scope() with this mark.
  uint32_t open_scope() const { return static_cast<uint32_t>(locals_.size()); }
  void close_scope(uint32_t mark);
  /// Binds a name to a fresh slot. `shadow_check`: an outer local of that name is a mistake.
  uint32_t declare_slot(NameId name, TypeId type, uint32_t token, bool shadow_check = true);
  /// Binds a name to a value that cannot be assigned.
  uint32_t declare_value(NameId name, TypeId type, uint32_t token, ValueId value);
  Local& local(uint32_t index) { return locals_[index]; }
  Value read_local(uint32_t index);
  /// Reports when it may not be written, else counts the write.
  bool note_write(uint32_t index, NodeId where);

  // ---- types (types.cpp) ----
  TypeId read_type(NodeId node);
  /// The type a node names, or kNoType without a message when it names none.
  TypeId type_named_by(NodeId node);
  /// A constant array length or similar; reports and gives 0 when it is none.
  uint64_t constant_length(NodeId node);

  // ---- expressions (expression.cpp, literal.cpp, operators.cpp, member.cpp, index.cpp, construct.cpp) ----
  /// `hint` is the type the context would like: it guides literals, lambdas and array literals and is not enforced.
  Value expression(NodeId node, TypeId hint = kNoType);
  /// An expression that must have a type that converts to `type`, as an IR value of that type.
  ValueId operand(NodeId node, TypeId type);
  /// An expression with some type of its own (literals take their default), emitted.
  Value runtime_expression(NodeId node, TypeId hint = kNoType);
  /// Emits a constant; an untyped one takes its default type, function names become values. Reports types, modules and void.
  Value to_runtime(Value value, NodeId where);
  /// The IR value of a Runtime or (typed) Constant; of an error something harmless.
  ValueId materialize(Value value) { return value.kind == ValueKind::Runtime ? value.id : emit_constant(value); }
  /// Branches on a bool expression.
  void condition(NodeId node, Label then_label, Label else_label);
  /// A bool for error recovery that keeps the IR well-formed.
  ValueId poison(TypeId type);
  Value binary_values(parse::BinaryOp op, Value left, Value right, NodeId where);
  Value text_constant(std::string_view text);
  std::string_view constant_text(Value value) const { return texts_[value.id]; }
  /// The literal's string value (adjacent parts joined, escapes done).
  std::string_view literal_text(NodeId node);
  Value number_constant(Rational number);
  /// The exact value of an integer or untyped constant.
  Rational exact(Value value);
  /// The zero value, emitted: fresh objects where the type has objects.
  ValueId zero_value(TypeId type);
  /// True for types whose values are objects that are never null.
  bool needs_object(TypeId type) const;
  /// The i-th component of a tuple or of several results.
  Value tuple_part(Value tuple, uint32_t index);
  uint32_t tuple_offset(TypeId tuple, uint32_t index) const;
  /// Bytes of a tuple's object.
  uint32_t tuple_size(TypeId tuple) const { return tuple_offset(tuple, types_[tuple].part_count); }

  // ---- conversions (convert.cpp) ----
  bool converts(Value from, TypeId to);
  /// Implicit conversion; reports a mismatch. The result is Runtime or Constant of type `to`, or an error.
  Value convert(Value from, TypeId to, NodeId where) {
    if (from.type == to && from.is_value()) {
      return from;
    }
    if (to == kInt64Type && is_plain_number(from)) {
      return Value::integer(to, from.bits);
    }
    return convert_to_other(from, to, where);
  }
  /// T(x).
  Value explicit_convert(Value from, TypeId to, NodeId where);
  /// The type a value has when nothing asks for another: literals int64, float64.
  TypeId default_type(Value value);
  /// The type both sides of an operator come to, kNoType when there is none.
  TypeId common_type(Value left, Value right);

  // ---- places (place.cpp) ----
  Place place(NodeId node);
  Value load(const Place& place);
  void store(const Place& place, ValueId value, NodeId where);
  /// An object that is about to be changed through: entries of mappings that are absent are made.
  Value object(NodeId node);
  void store_field(ValueId object, uint32_t offset, TypeId type, ValueId value);
  ValueId load_field(ValueId object, uint32_t offset, TypeId type);
  ValueId element_get(ValueId array, ValueId index, TypeId element);
  void element_set(ValueId array, ValueId index, ValueId value);
  /// A stack object that holds the value: what runtime functions take by address.
  ValueId spill(ValueId value, TypeId type);
  ValueId stack_object(uint32_t size) { return builder_->emit(Op::StackObject, ir::Type::Ref, size); }
  ValueId new_array(ValueId length, TypeId element);
  /// Arrays that are alive already: appends.
  void push(ValueId array, ValueId value, TypeId element);
  ValueId array_length(ValueId array) { return builder_->emit(Op::ArrayLength, ir::Type::S64, array); }
  ValueId new_map(TypeId mapping);
  /// A whole number as int64.
  ValueId index_value(NodeId node);
  ValueId index_of(Value value, NodeId node);
  /// The same for an index into `base`, where constants below 0 are mistakes.
  ValueId element_index(NodeId index, NodeId base);
  bool is_negative(Value constant, NodeId index, NodeId base);
  /// The same where the length is known: constants are checked now, other values when the program runs.
  ValueId bounded_index(NodeId index, uint64_t length, NodeId where);
  bool is_whole_constant(Value value) const;

  // ---- calls (call.cpp) ----
  Value call(NodeId node, TypeId hint);
  Value call_closure(ValueId closure, TypeId function_type, std::span<const ValueId> args);
  /// Matches positional and named arguments; `out` gets a node for each name, 0 where left out. False after a report.
  bool match_arguments(const CallSite& site, const ArgumentNames& names, NodeId* out, std::string_view callee, uint32_t skip = 0);
  /// Emits a call of a function of this unit or the program, whose id may be patched later.
  ValueId emit_call(ir::FunctionId function, ir::Type type, std::span<const ValueId> args);
  ValueId emit_closure(ir::FunctionId function, std::span<const ValueId> captures);
  Value function_value(uint32_t declaration);

  /// Sets the hook (null: none) and gives the one before.
  CallHook* set_call_hook(CallHook* hook) { return std::exchange(call_hook_, hook); }
  /// Sends reports elsewhere; gives the sink before.
  diag::Sink* set_sink(diag::Sink* sink) { return std::exchange(sink_, sink); }

  // ---- lambdas (lambda.cpp) ----
  /// Runs a lambda's body here with its parameters bound to `args`. A value that is no lambda node (a function name or value) is called.
  /// `hint`: the result type wanted (kNoType: as it comes). The node may also be a plain expression when `args` is empty.
  Value inline_lambda(NodeId lambda, std::span<const Value> args, TypeId hint = kNoType);
  /// The same for an evaluated function value; kind Lambda is inlined.
  Value apply(Value function, NodeId where, std::span<const Value> args, TypeId hint = kNoType);
  /// A closure object of a lambda for function type `type`, or of parameter types with the result inferred (`result` kNoType).
  Value lambda_value(NodeId lambda, std::span<const TypeId> parameters, TypeId result, bool infer_result, bool several = false);
  /// A closure `code(closure, address)` that runs the body (a lambda without parameters, or an expression) and stores its value at the address:
  /// what om_try, om_tasks_run and others take. `*type` gets the value's type (Void: nothing stored); a `hint` other than kNoType is enforced.
  ValueId task_closure(NodeId body, TypeId* type, TypeId hint = kNoType);
  /// Starts a function of this unit beside the current one, with the closure as parameter 0. Locals outside are captured when used.
  void begin_closure(std::string_view suffix, std::span<const ir::Type> params, std::span<const ir::Type> results, NodeId where);
  /// Ends it (terminated already) and gives the closure object, made in the outer function.
  ValueId end_closure();

  // ---- loops (loop.cpp) ----
  /// `low`, `high`: s64 values, exclusive. Afterwards code goes to the body; builder().get(loop.iv) is the index.
  CountedLoop begin_counted_loop(ValueId low, ValueId high, NodeId where, ir::LoopKind kind = ir::LoopKind::Sequential, uint32_t iv = ir::kNone);
  /// Closes the body; code goes behind the loop.
  void end_counted_loop(const CountedLoop& loop);

  // ---- statements (statement.cpp, loop.cpp) ----
  void statement(NodeId node);
  void block(NodeId node);
  bool reachable() const { return builder_->is_open() && !builder_->is_dead(); }

  /// For declare(): the value of a constant, evaluated in its module.
  ConstantValue evaluate_constant(uint32_t module, NodeId type_node, NodeId value_node, PodVector<uint64_t>& limbs, base::Arena& texts, diag::Sink& sink);
  TypeId read_type_in(uint32_t module, NodeId node, diag::Sink& sink);
  /// The type that is read next stands alone, as that of a parameter without a name does, where a name may have been meant.
  void expect_type_without_name(NodeId node) { type_without_name_ = node; }
  /// While declare() runs: gives constants and types that are not resolved yet.
  class Resolver {
   public:
    virtual ~Resolver() = default;
    virtual void resolve_constant(uint32_t index, Span used_at) = 0;
    virtual void resolve_user_type(uint32_t index, Span used_at) = 0;
  };
  void set_resolver(Resolver* resolver) { resolver_ = resolver; }

 private:
  friend struct DepthGuard;

  // names.cpp
  Symbol lookup_global(NameId name);
  void bind(NameId name, const Local& entry);
  Value captured(uint32_t index, uint32_t level);
  // expression.cpp
  Value name_expression(NodeId id);
  Value symbol_value(Symbol symbol, NodeId id);
  Value conditional(NodeId id, TypeId hint);
  /// The float type that one choice has and the other has too, or takes as a literal, whatever the context would like: `sqrt` of such a
  /// float32 stays one. kNoType for other choices.
  static TypeId float_type_of_choices(Value first, Value second);
  Value logical(NodeId id);
  Value assignment(NodeId id, bool value_needed);
  Value tuple_assignment(NodeId id);
  Value increment(NodeId id, bool is_prefix, bool value_needed);
  Value try_operator(NodeId id, TypeId hint);
  Value constant_value(const ConstantValue& constant);
  /// False, after a report, while declare() evaluates constants: functions and structs have no signatures yet.
  bool signatures_known(NodeId where);
  ValueId emit_constant(Value value);
  // convert.cpp
  Value convert_to_other(Value from, TypeId to, NodeId where);
  // literal.cpp
  Value int_literal(NodeId id);
  Value decimal_literal(NodeId id);
  Value decimal_constant(const Decimal& decimal);
  Value unit_literal(NodeId id);
  Value hex_literal(NodeId id, TypeId hint);
  Value fold_numbers(parse::BinaryOp op, Value left, Value right, NodeId where);
  bool fold_typed(parse::BinaryOp op, TypeId type, Value left, Value right, Value& out);
  Value integer_constant(TypeId type, const BigInteger& value);
  // operators.cpp
  Value binary(NodeId id, TypeId hint);
  Value binary_chain(NodeId id, TypeId hint);
  Value binary_with(NodeId id, Value left, TypeId hint);
  ValueId plain_operand(Value value);
  Value unary(NodeId id, TypeId hint);
  Value shift(parse::BinaryOp op, Value left, Value right, NodeId where);
  Value power(Value left, Value right, NodeId where);
  Value comparison(parse::BinaryOp op, Value left, Value right, NodeId where);
  ValueId shift_amount(Value amount, NodeId where);
  // member.cpp, index.cpp
  Value member(NodeId id, TypeId hint);
  Value member_of_type(TypeId type, NodeId id);
  Value member_of_value(Value base, NodeId id);
  Value result_property(Value result, NameId name);
  bool find_method(NameId name, TypeId receiver, MethodKind& kind);
  const Field* find_field(TypeId type, NameId name);
  Value index(NodeId id);
  Value slice(NodeId id);
  Value slice_of(Value base, NodeId low, NodeId high, bool inclusive, NodeId where);
  // construct.cpp
  Value array_literal(NodeId id, TypeId hint);
  Value tuple_literal(NodeId id, TypeId hint);
  ValueId tuple_object(TypeId type, std::span<const ValueId> values);
  Value struct_value(TypeId type, std::span<const NodeId> arguments, bool may_leave_out, NodeId where);
  Value new_expression(NodeId call_node, NodeId new_node);
  void fill_with_zeros(ValueId array, ValueId length, TypeId element, NodeId where);
  // call.cpp
  Value call_callee(Value callee, NodeId id, std::span<const NodeId> arguments, TypeId hint);
  Value member_call(NodeId id, NodeId callee, TypeId hint);
  Value generic_callee(NodeId id, NodeId callee, TypeId hint);
  Value result_constructor(NodeId id, NodeId member_node, TypeId value_type, TypeId hint);
  bool callee_is_pattern(NodeId callee);
  void check_arguments_alone(std::span<const NodeId> arguments);
  Value call_functions(uint32_t first, NodeId id, std::span<const NodeId> arguments);
  Value call_declared(uint32_t declaration, NodeId id, std::span<const NodeId> arguments);
  Value call_with(ir::FunctionId function, std::span<const TypeId> results, std::span<const ValueId> args);
  Value several_results(ValueId first, std::span<const TypeId> results);
  Value call_value(Value function, NodeId id, std::span<const NodeId> arguments);
  Value call_type(TypeId type, NodeId id, std::span<const NodeId> arguments);
  // overloads.cpp
  /// Calls that of the functions in `sets` which the values fit best. `arguments` is empty where the values are no call's arguments.
  Value call_overloaded(std::span<const uint32_t> sets, NodeId id, std::span<const NodeId> arguments, std::span<const Value> values);
  Value call_fitting(std::span<const uint32_t> candidates, NodeId id, std::span<const NodeId> arguments, std::span<const Value> values);
  Value call_chosen(uint32_t declaration, NodeId id, std::span<const NodeId> arguments, std::span<const Value> values, std::span<const uint32_t> order);
  uint32_t conversion_cost(Value value, TypeId to);
  /// For each argument the parameter it goes to.
  bool order_arguments(uint32_t declaration, std::span<const NodeId> arguments, PodVector<uint32_t>& order, bool reports, NodeId id);
  std::string signature_text(uint32_t declaration);
  /// The functions a name may mean here, file by file: of each the first one. `first` is what the name was found to mean.
  void collect_sets(uint32_t first, PodVector<uint32_t>& sets);
  PodVector<uint32_t> functions_of(std::span<const uint32_t> sets) const;
  /// The function among those that begin with `first` that takes just these types, neither generic nor mistaken, or kNoDeclaration.
  uint32_t function_taking(uint32_t first, std::span<const TypeId> types) const;
  // generic.cpp
  Value call_generic(uint32_t declaration, NodeId id, std::span<const NodeId> arguments, std::span<const TypeId> explicit_types, const Value* evaluated);
  Value generic_lambda(const parse::Tree& tree, const FunctionDecl& f, NodeId type_node, Value lambda, NodeId where, std::span<TypeBinding> bindings);
  bool unify(const parse::Tree& tree, NodeId pattern, TypeId actual, std::span<TypeBinding> bindings);
  bool mentions_unknown(const parse::Tree& tree, NodeId pattern, std::span<const TypeBinding> bindings);
  bool mentions(const parse::Tree& tree, NodeId pattern, NameId name);
  TypeId read_type_with(uint32_t module, NodeId type_node, std::span<const TypeBinding> bindings);
  // lambda.cpp
  void bind_lambda_params(NodeId lambda, std::span<const Value> args);
  // statement.cpp
  void variable(NodeId id);
  void tuple_declaration(NodeId id);
  void if_statement(NodeId id);
  void return_statement(NodeId id);
  void emit_return(std::span<const ValueId> values);
  void return_values(NodeId value_node, NodeId where);
  void return_named();
  ValueId error_message(uint32_t error, NodeId call_node);
  void revert_statement(NodeId id);
  void expression_statement(NodeId id);
  // loop.cpp
  void while_loop(NodeId id);
  void do_while_loop(NodeId id);
  void for_loop(NodeId id);
  /// `for (T i = a; i < bound; i += step)`.
  struct CountedFor {
    uint32_t variable = 0;
    NodeId bound = 0;
    uint32_t step = 0;
    bool inclusive = false;
  };
  /// The locals an expression reads, with how often they had been written.
  struct Invariant {
    uint32_t locals[4];
    uint32_t writes[4];
    uint32_t count = 0;
    bool has_length = false;
    bool add(uint32_t local, uint32_t writes_now);
  };
  bool find_counted(NodeId id, uint32_t variable_index, CountedFor& out);
  void counted_for(NodeId id, const CountedFor& counted);
  bool reads_only_locals(NodeId id, Invariant& out, uint32_t depth);
  bool may_change_lengths(uint32_t first_inst) const;
  bool is_true(NodeId id) const;
  void range_loop(NodeId id);
  void finish_range_loop(NodeId id, const CountedLoop& loop, uint32_t threads);
  void loop_body(NodeId body);
  ir::LoopId open_loop(ir::LoopKind kind, Label break_label, Label continue_label, uint32_t location);
  void close_loop();
  // unit
  void check_body(const Unit& unit);
  /// Goes to the body's tree if it was deferred. False when it has a mistake.
  bool enter_body(NodeId& body);
  /// Makes room for the names there are.
  void fit_names();
  void check_program_statements();
  void link_name(const Unit& unit);
  /// While declare() runs there is no unit: a function nobody keeps takes what constants emit.
  void begin_dummy(uint32_t module);
  void end_dummy();
  bool node_is_plain(uint32_t module, NodeId id) const;
  void enter_module(uint32_t module);
  void reset();
  void add_context();

  const Declarations& decls_;
  TypeStore& types_;
  Resolver* resolver_ = nullptr;

  uint32_t module_ = 0;
  const parse::Tree* tree_ = nullptr;  ///< the module's, or that of a deferred body
  FileId file_;
  diag::Sink* sink_ = nullptr;
  size_t errors_before_ = 0;  ///< of the sink, when this unit began
  CallHook* call_hook_ = nullptr;
  CheckedUnit* unit_ = nullptr;
  uint32_t depth_ = 0;
  bool unchecked_ = false;

  ir::FunctionBuilder* builder_ = nullptr;
  std::unique_ptr<parse::BodyReader> body_reader_;  ///< made when a body is deferred
  uint32_t level_ = 0;
  /// Of the functions made; its blocks are small enough for small programs and become large ones.
  std::shared_ptr<base::Arena> storage_ = std::make_shared<base::Arena>(size_t{64} << 10, size_t{8} << 20);
  std::vector<std::unique_ptr<FunctionContext>> contexts_;
  std::vector<ReturnFrame> frames_;
  PodVector<LoopContext> loops_;
  PodVector<Local> locals_;
  PodVector<uint32_t> innermost_;       ///< by NameId: index in locals_ plus one
  PodVector<TypeBinding> bindings_;     ///< type parameters of the instance
  PodVector<NodeId> chain_;             ///< operators on the way down a chain
  PodVector<ValueId> argument_values_;  ///< of the calls being checked, innermost last
  struct UnknownName {
    NameId name;
    const diag::Sink* reported_to;  ///< what is tried first is reported to a sink nobody sees
  };
  PodVector<UnknownName> unknown_names_;  ///< of this unit
  NodeId type_without_name_ = 0;
  bool ignore_locals_ = false;  ///< while types of another function's signature are read

  struct CachedSymbol {
    NameId name;
    uint32_t module = 0xffff'ffffu;
    Symbol symbol;
  };
  static constexpr uint32_t kCacheSize = 2048;
  std::vector<CachedSymbol> cache_;

  std::vector<Rational> numbers_;
  PodVector<Decimal> decimals_;
  std::vector<std::string_view> texts_;
  base::Arena text_arena_;
  CheckedUnit dummy_;
  PodVector<TypeId> signature_;
  PodVector<ir::Type> ir_types_;
  std::string unit_name_;
  struct Wrapper {
    uint32_t declaration;
    uint32_t function;
  };
  PodVector<Wrapper> wrappers_;  ///< functions of this unit that make named functions callable as values
  uint32_t lambda_count_ = 0;
};

/// Counts the depth of expressions and statements; `too_deep` ends the descent with a message.
struct DepthGuard {
  explicit DepthGuard(Checker& of) : checker(of) { ++of.depth_; }
  ~DepthGuard() { --checker.depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;
  bool too_deep() const { return checker.depth_ > 1000; }
  Checker& checker;
};

}  // namespace omega::check
