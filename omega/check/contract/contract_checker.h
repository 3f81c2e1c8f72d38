// SPDX-License-Identifier: Apache-2.0
// Checks one contract with all it inherits and uses, and makes its module. README.md says how it works.
#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "omega/check/big_integer.h"
#include "omega/check/contract/program.h"
#include "omega/check/contract/types.h"
#include "omega/check/contract/value.h"
#include "omega/diag/diagnostic.h"
#include "omega/ir/builder.h"
#include "omega/ir/contract.h"

namespace omega::check::contract {

using ir::Label;
using ir::Op;
using ir::ValueId;

/// How deep expressions and types may be nested.
inline constexpr uint32_t kDeepest = 400;
/// Elements of a fixed array that lies in memory.
inline constexpr uint64_t kLongestInMemory = uint64_t{1} << 24;

struct Param {
  TypeId type = kErrorType;
  Location location = Location::None;
  NameId name;
  NodeId node = 0;
};

/// What callers know of a function, a public variable's getter, a modifier, an event or error.
struct Signature {
  std::vector<Param> params;
  std::vector<Param> results;
  uint32_t attributes = 0;  ///< parse::Attribute bits
  ir::Mutability mutability = ir::Mutability::NonPayable;
  bool has_body = false;
  bool has_error = false;
};

struct StructField {
  NameId name;
  TypeId type;
};

struct Local {
  NameId name;
  TypeId type;
  Location location;
  uint32_t slot;
  Span declared;
  uint32_t unset = kNone;  ///< in the checker's unset_, of one that begins without the value it needs
};

std::vector<Param> params_of(std::span<const TypeId> types, std::span<const Location> locations);

/// A contract that another one makes, and where it first says so.
struct CreatedContract {
  ContractId contract;
  Span place;
};

/// Where code that is being checked stands.
struct Scope {
  uint32_t module = 0;
  ContractId contract = kNone;
};

/// Hexadecimal digits of a literal that is an address.
inline constexpr uint32_t kAddressDigits = 40;

/// How a value is used: one that is kept may be changed later through another name, so literals become fresh objects.
enum class Use : uint8_t { Keep, Consume };

class ContractChecker {
 public:
  ContractChecker(const Program& program, ContractId contract, diag::Sink& sink);

  /// Checks everything and gives the module, which is meaningless when there were errors.
  ir::Module run();
  /// The contracts that the module makes, in the order of its table.
  const std::vector<CreatedContract>& created() const { return created_; }
  /// Checks what stands at file level only (functions that no contract of the file uses).
  void check_file(uint32_t module);

 private:
  friend struct ScopeSwitch;

  // ---- diagnostics and positions (contract_checker.cpp) ----
  diag::Diagnostic& report(diag::Kind kind, NodeId where, std::initializer_list<std::string> args = {});
  Value not_yet(NodeId where, std::string what);
  /// Puts the events of the contract and its bases into the module's table, as they are declared: of several with one name ABI files keep this order.
  void make_events();
  /// Checks a declaration that nothing may have asked for.
  void check_unused(DeclId id);
  Value fail(diag::Kind kind, NodeId where, std::initializer_list<std::string> args = {}) {
    report(kind, where, args);
    return Value::error();
  }
  const parse::Tree& tree() const { return *tree_; }
  const Node& node(NodeId id) const { return tree_->node(id); }
  std::string name_text(NameId name) const { return std::string(program_.text(name)); }
  std::string value_text(const Value& value) const;
  /// A name whose meaning only the arguments of a call choose.
  bool stands_for_several(const Value& value) const;
  void at(NodeId id);

  // ---- names (names.cpp) ----
  uint32_t open_scope() const { return static_cast<uint32_t>(locals_.size()); }
  void close_scope(uint32_t mark) { locals_.resize(mark); }
  uint32_t declare_local(NameId name, TypeId type, Location location, NodeId where);
  Value find_name(NodeId where, NameId name);
  /// Members of a contract as seen from inside (its bases' too, private ones of others left out).
  const std::vector<DeclId>& members(ContractId contract, NameId name, bool from_outside);
  const FileMeaning& find_in_file(uint32_t module, NameId name);
  /// What `name`, `file.name` or `file.file.name` means at file level.
  FileMeaning named_in_files(NodeId path) const;
  Value meaning(const std::vector<DeclId>& found, NodeId where);
  Value variable_value(DeclId id, NodeId where);
  std::optional<Value> builtin_name(std::string_view name, NodeId where);
  TypeId elementary_type(std::string_view name) const;
  Value callable(Callable made);
  Value builtin(Builtin which, const Value* self = nullptr);

  // ---- types (type_names.cpp) ----
  TypeId read_type(NodeId id);
  /// The same where a library may be named: in front of a dot, in `type(…)`.
  TypeId read_type_or_library(NodeId id);
  /// No two names in a mapping and those that it leads to are the same.
  void check_mapping_names(NodeId mapping);
  TypeId declared_type(DeclId id);
  std::span<const StructField> fields(TypeId type);
  bool holds_mapping(TypeId type);
  std::optional<uint64_t> constant_length(NodeId id);
  /// The value of a constant expression, and its type: kNumberType where only literals stand in it, whose arithmetic is exact.
  struct ConstantNumber {
    Rational value;
    TypeId type;
  };
  std::optional<ConstantNumber> constant_number(NodeId id, uint32_t depth);
  /// As common_type() wants it.
  Value constant_operand(const ConstantNumber& constant);
  /// `value` as a constant of type `type` holds it; nothing where it does not fit.
  std::optional<ConstantNumber> constant_of_type(Rational value, TypeId type);
  Location location_of(NodeId declaration, TypeId type, parse::DataLocation written, bool is_needed, Location otherwise);

  // ---- functions as values (function_values.cpp) ----
  TypeId function_type(NodeId id);
  /// The type of a value that stands for the function, named so: external where it is another contract's; kErrorType where there is none.
  TypeId type_as_value(const Callable& named, DeclId function);
  /// A function that is run inside this contract, with nothing bound to it.
  bool can_be_value(const Callable& named, DeclId function);
  /// The one function of that name that a value of type `type` can stand for, or kNone.
  DeclId function_for(const Callable& named, TypeId type);
  Value function_value(const Callable& named, TypeId type, NodeId where);
  /// The parts of a value of an external function type.
  Value address_of_function(const Value& function);
  Value selector_of_function(const Value& function);
  Value call_external_value(const Callable& callee, NodeId id, std::span<const NodeId> arguments);
  Value call_function_value(const Value& callee, NodeId id, std::span<const NodeId> arguments);
  /// Makes the functions that call what values stand for; all functions that became values must be known.
  void make_callers();

  // ---- signatures (signatures.cpp) ----
  const Signature& signature(DeclId id);
  void read_params(std::span<const uint32_t> nodes, std::vector<Param>& params, bool is_outside, Signature& made);
  /// Reports names that stand twice among parameters and results.
  void check_names_once(const Signature& made);
  void getter_signature(DeclId id, Signature& made);
  bool same_params(DeclId a, DeclId b);
  std::string signature_text(DeclId id);
  uint32_t selector(DeclId id);
  /// `.selector` of a function or an error.
  Value selector_value(DeclId id, NodeId where);
  uint32_t interface_id(ContractId contract);

  // ---- tables of the module (tables.cpp) ----
  ir::DataTypeId data_type(TypeId type);
  ir::DataFields data_fields(std::span<const Param> params, const std::vector<bool>* indexed = nullptr);
  uint32_t event_index(DeclId id);
  uint32_t error_index(DeclId id);
  uint32_t message_error();
  uint32_t external_index(DeclId id);
  uint32_t creation_index(ContractId contract, NodeId where);
  /// The row for calls of any function of an external function type.
  uint32_t external_index_of_type(TypeId type);
  void lay_out_state();

  // ---- what declarations must keep to (rules.cpp) ----
  /// No variable may have one of Solidity's reserved words as its name.
  void check_name(NameId name, NodeId where);
  /// A constant has a value that is known when compiling, also when nothing uses it.
  void check_constant(DeclId id);
  /// No two events of the contract and its bases have one name and the same parameters.
  void check_events_once();
  /// No two errors of the contract and its bases have one selector; none has one that stands for something else.
  void check_errors_apart();
  void check_modifier_override(DeclId id, ContractId contract);
  /// Which words and modifiers may stand at a function with a name, by the contract that it stands in.
  void check_function_form(DeclId id);
  /// Which words may stand at a contract, and at its variables and modifiers.
  void check_contract_form(ContractId contract);
  /// Whether a function may be what a `using` directive makes it: an operator of a value type.
  void check_operator(NodeId item, DeclId function, const UsingDecl& use);
  void check_using(uint32_t index);
  void check_using_type(const UsingDecl& use);

  // ---- inheritance (inheritance.cpp) ----
  void check_inheritance();
  void check_override(DeclId id, ContractId contract);
  /// Constructors, receive and fallback. `kinds`: those that the contract has already.
  void check_special(DeclId id, std::unordered_set<uint32_t>& kinds);
  /// Of receive and fallback, which have no name.
  void check_special_override(DeclId id, parse::FunctionKind kind);
  void check_implemented();
  void check_conflicts(ContractId contract);
  /// No name means one thing in the contract or a base and another in a further base.
  void check_names_of_bases();
  /// The function or public variable of `contract` itself with the name and the parameters of `id`, or kNone.
  DeclId definition_in(ContractId contract, DeclId id);
  /// The functions that one of `contract` with these parameters overrides.
  std::vector<DeclId> next_definitions(ContractId contract, DeclId id);
  /// The function that a call of `id` runs in this contract.
  DeclId most_derived(DeclId id);
  /// The next function of that name and parameters behind `contract` in the order of bases.
  std::vector<DeclId> super_functions(ContractId contract, NameId name);
  DeclId modifier_named(DeclId id);

  // ---- functions (function.cpp, modifiers.cpp, constructor.cpp, getter.cpp) ----
  ir::FunctionId function_of(DeclId id);
  void make_pending();
  void make_function(DeclId id);
  void make_entries();
  void make_constructor();
  void make_getter(DeclId id, ir::FunctionId function);
  ir::FunctionId reserve_function(const std::string& name);
  void begin_function(ir::FunctionId id, DeclId declaration, std::span<const Param> params, std::span<const Param> results);
  std::string unique_name(const std::string& name);
  struct Layer {
    NodeId use;
    DeclId modifier;
  };
  /// The modifier that a function's head names; reports when there is none.
  std::optional<Layer> modifier_of(NodeId use);
  // References that begin without a value (definite_assignment.cpp).
  /// `local` refers to data elsewhere and has no value yet.
  void begin_unset(Local& local);
  /// What `local` holds, which must have been given to it by then.
  ValueId read_local(const Local& local, Span where);
  /// The function that was made; reports reads of references on ways where they have no value.
  ir::Function finish_function();
  void check_reads_of_unset(const ir::Function& function);
  struct UnsetLocal;
  void report_unset(const UnsetLocal& local, Span read);
  /// The modifier of that number with what is inside it, or the body.
  void run_layers(size_t index);
  /// What the modifier that is being run stands around.
  void run_inside();
  /// Checks the body of a modifier that no function has called, around nothing.
  void check_unused_modifier(DeclId id);
  void initialize_variables(ContractId contract);
  /// Arguments for a base's constructor: in the list of bases, or where a constructor's modifiers stand, which sees its parameters.
  struct BaseArguments {
    NodeId use = 0;
    Scope scope;
    bool sees_params = false;
  };
  [[nodiscard]] DeclId constructor_of(ContractId contract) const;
  /// The contract that a path in a list of bases names, or kNone.
  ContractId base_named(NodeId path);
  void collect_base_arguments(ContractId contract, std::unordered_map<ContractId, BaseArguments>& arguments);
  void bind_constructor_params(ContractId contract, const BaseArguments* arguments);
  void run_constructor_of(ContractId contract);

  // ---- statements (statement.cpp) ----
  void statement(NodeId id);
  void block(NodeId id);
  /// Of `if` and loops.
  void governed_body(NodeId id);
  void variable_statement(NodeId id);
  void tuple_declaration(NodeId id);
  void if_statement(NodeId id);
  void loop_statement(NodeId id);
  void return_statement(NodeId id);
  void emit_statement(NodeId id);
  void placeholder(NodeId id);
  void condition(NodeId id, Label then_label, Label else_label);
  bool reachable() const { return builder_.is_open() && !builder_.is_dead(); }
  void jump(Label label) {
    if (builder_.is_open()) {
      builder_.br(label);
    }
  }
  void start(Label label) {
    jump(label);
    builder_.start_block(label);
  }

  // ---- expressions (expression.cpp, operators.cpp, literal.cpp, member.cpp) ----
  /// A place stays one; load() gives what it holds.
  Value expression(NodeId id);
  /// With a value that nothing later changes.
  Value rvalue(NodeId id) { return load(expression(id), id); }
  /// The value of type `type` at `location`, converted.
  ValueId operand(NodeId id, TypeId type, Location location = Location::None, Use use = Use::Keep);
  Value index(NodeId id);
  Value slice(NodeId id);
  Value slice_of_array(const Value& base, ValueId from, ValueId to);
  Value conditional(NodeId id);
  /// What two branches give alike: its type and location, and in `extra` a slot for it.
  Value choice(const Value& first, const Value& second, NodeId id);
  Value assignment(NodeId id);
  Value unary(NodeId id);
  Value increment(NodeId id, bool is_prefix);
  Value binary(NodeId id);
  Value binary_values(parse::BinaryOp op, Value left, Value right, NodeId where);
  Value logical(NodeId id);
  Value shift(parse::BinaryOp op, Value left, Value right, NodeId where);
  Value power(Value left, Value right, NodeId where);
  Value comparison(parse::BinaryOp op, Value left, Value right, NodeId where);
  bool user_operator(std::string_view sign, std::span<const Value> operands, NodeId where, Value& out);
  TypeId common_type(const Value& left, const Value& right);
  /// The type that a literal has where nothing asks for another.
  TypeId mobile_type(const Value& value);
  Value number(Rational value, uint32_t digits = 0);
  Value number_literal(NodeId id);
  Value text_literal(NodeId id);
  Value text_value(std::string text, bool is_hex);
  Value fold(parse::BinaryOp op, const Value& left, const Value& right, NodeId where);
  Value tuple(NodeId id, bool is_target);
  /// Several values into the places of a tuple, the last one first.
  Value store_tuple(const Value& target, const Value& value, NodeId where);
  Value array_literal(NodeId id);
  Value list_value(ValueKind kind, std::vector<Value> parts);
  Value member(NodeId id);
  Value member_of_space(Space space, std::string_view name, NodeId id);
  Value member_of_type(TypeId type, NodeId id);
  Value member_of_type_info(TypeId type, std::string_view name, NodeId id);
  Value member_of_contract_name(ContractId contract, NodeId id);
  Value member_of_callable(const Value& callable, std::string_view name, NodeId id);
  Value member_of_value(Value base, NodeId id);
  std::optional<Value> attached_functions(const Value& base, NameId name);
  /// What `Library`, `file.Library`, `function`, `Library.function` or `file.function` names in a `using`.
  std::vector<DeclId> named_by_path(NodeId path, const UsingDecl& in);
  void add_attached(uint32_t using_index, TypeId type, NameId name, std::vector<DeclId>& found);
  ValueId message(ir::MessageField field, ir::Type type) { return builder_.emit(Op::Message, type, static_cast<uint32_t>(field)); }

  // ---- conversions (convert.cpp) ----
  bool converts(const Value& value, TypeId to, Location location);
  /// Implicit conversion of a loaded value or literal; reports a mismatch. The result is Runtime or an error.
  Value convert(Value value, TypeId to, Location location, NodeId where, Use use = Use::Keep);
  Value convert_explicit(Value value, TypeId to, NodeId where);
  /// It has `receive` or a payable `fallback`.
  bool takes_value(ContractId contract);
  /// Emits what has no type of its own yet.
  Value settle(Value value, NodeId where);
  ValueId emit_number(const BigInteger& value, TypeId type);
  ValueId text_bytes(const std::string& text, Use use);
  bool number_fits(const Value& value, TypeId to) const;
  /// An array in memory of type `to` with the elements of another array, converted.
  Value array_in_memory(const Value& array, TypeId to, NodeId where);
  /// True when the elements of arrays of type `from` can become those of `to`, as assignments to storage do.
  bool elements_convert(TypeId from, TypeId to);
  Value list_in_memory(const Value& list, TypeId to, NodeId where);
  ValueId copy_of_bytes(ValueId bytes);
  ValueId deep_copy(ValueId data, TypeId type);
  ValueId resize_number(ValueId value, TypeId from, TypeId to);
  ValueId bytes_to_fixed(ValueId bytes, TypeId to);
  ValueId poison(TypeId type);

  // ---- places (place.cpp) ----
  Value load(Value value, NodeId where);
  /// Gives the value as it was stored (of references: the place).
  Value store(const Value& place, Value value, NodeId where);
  void clear(const Value& place, NodeId where);
  bool assignable(const Value& place, NodeId where);
  Value state_place(ValueId place, TypeId type);
  /// The type with which a place in the state was made.
  ir::DataTypeId data_of(const Value& place);
  Value field_of(Value base, uint32_t field, TypeId type);
  Value element_of(Value base, ValueId index, NodeId where);
  ValueId length_of(const Value& base);
  /// A fresh value: zero throughout.
  ValueId zero(TypeId type);
  ir::FunctionId zero_function(TypeId type);
  void make_zero(ir::FunctionId id, TypeId type, DeclId declaration);
  bool is_flat(TypeId type);
  /// True when a type contains itself through arrays: such data cannot be encoded. Mappings are not looked into.
  bool is_recursive(TypeId type);
  bool holds_function(TypeId type);
  bool leads_to(TypeId from, TypeId to, std::unordered_set<TypeId>& seen);
  /// False after a report, for data that other contracts cannot be given.
  bool is_encodable(TypeId type, NodeId where);
  ValueId new_array(TypeId type, ValueId length);
  void store_word(const Value& place, ValueId value);
  /// Runs `body(i)` for u256 i from 0 below `count`.
  template <class F>
  void count_to(ValueId count, F&& body);

  // ---- calls (call.cpp, overloads.cpp, builtin_call.cpp, external_call.cpp) ----
  Value call(NodeId id);
  Value call_function(DeclId function, const Callable& callee, std::span<const NodeId> order, std::span<const Value> values, NodeId id);
  /// Where an argument lies for who calls: calldata are written by the call itself when it is a message.
  static Location location_for_caller(const Param& param, bool is_message) {
    return is_message && param.location == Location::Calldata ? Location::Memory : param.location;
  }
  /// A function of a library that others may call.
  bool is_outside_of_library(DeclId function);
  /// Such a function, named as others name it: what it is given and gives back in memory are copies, as with a message to the library. It is
  /// part of the module all the same.
  bool is_message_to_library(const Callable& callee, DeclId function);
  /// As converted(), for such a call.
  std::vector<ValueId> copied_for_library(std::span<const Param> params, std::span<const Value> values, NodeId where, std::span<const NodeId> places);
  Value copied_from_library(const Value& result);
  Value call_callable(Callable callee, NodeId id, std::span<const NodeId> arguments);
  Value make_struct(TypeId type, NodeId id, std::span<const NodeId> arguments);
  /// `new T[](n)`, `new bytes(n)`.
  Value new_expression(NodeId call, TypeId made, std::span<const NodeId> arguments);
  /// `new C`, which is still to be called.
  Value new_contract(TypeId type, NodeId id);
  Value create_contract(const Callable& callee, NodeId id, std::span<const NodeId> arguments);
  /// Arguments in the order of parameters; empty after a report.
  std::optional<std::vector<NodeId>> match_names(std::span<const NodeId> arguments, std::span<const Param> params, NodeId where, const std::string& of);
  bool has_names(std::span<const NodeId> arguments) const;
  DeclId choose(const Callable& callee, std::span<const NodeId> arguments, std::span<const Value> values, NodeId where);
  bool fits(DeclId function, const Callable& callee, std::span<const NodeId> arguments, std::span<const Value> values);
  std::vector<Value> evaluate(std::span<const NodeId> arguments);
  /// The same; what the only function that can be meant takes in memory is copied there at once.
  std::vector<Value> evaluate_for(const Callable& callee, std::span<const NodeId> arguments);
  std::vector<ValueId> converted(std::span<const Param> params, std::span<const Value> values, NodeId where, std::span<const NodeId> places, Use use);
  Value results_of(ValueId call, std::span<const Param> results, uint32_t first);
  Value call_builtin(const Callable& callee, NodeId id, std::span<const NodeId> arguments);
  Value require_call(NodeId id, std::span<const NodeId> arguments);
  Value revert_call(NodeId id, std::span<const NodeId> arguments);
  void revert_with(NodeId call);
  void revert_message(ValueId message);
  bool is_harmless(NodeId id);
  Value encode(ir::Encoding encoding, std::span<const Value> values, NodeId where);
  Value encode_call(NodeId id, std::span<const NodeId> arguments);
  /// The data of a message whose arguments `list` gives.
  Value encode_message(const Value& selector, std::vector<Param> params, const std::string& of, NodeId id, NodeId list);
  Value decode(NodeId id, std::span<const NodeId> arguments);
  Value concat(TypeId type, std::span<const NodeId> arguments);
  Value hash_call(Builtin which, NodeId id, std::span<const NodeId> arguments);
  Value push(const Value& base, NodeId id, std::span<const NodeId> arguments);
  Value pop(const Value& base, NodeId id);
  Value raw_call(const Callable& callee, NodeId id, std::span<const NodeId> arguments);
  Value transfer(const Callable& callee, NodeId id, std::span<const NodeId> arguments);
  /// A call of another contract, but for its options and arguments.
  struct Message {
    uint32_t external;  ///< row of the contract's table
    ValueId address;
    std::vector<Param> params;
    std::vector<Param> results;
    ir::Mutability mutability;
    std::string name;              ///< for messages to the user
    ValueId selector = ir::kNone;  ///< where the row has none
  };
  Value send_message(Message message, const Callable& callee, std::span<const Value> values, std::span<const NodeId> places, NodeId id);
  static Callable callable_of_value(const Value& function);
  /// What is called; a value of an external function type as a callable.
  Value callee_of(NodeId id);
  Value external_call(DeclId function, const Callable& callee, std::span<const Value> values, std::span<const NodeId> places, NodeId id);
  Value call_options(NodeId id);
  void try_statement(NodeId id);
  void catch_clauses(ValueId data, std::span<const NodeId> clauses, Label behind);
  void bind_params(std::span<const NodeId> nodes, std::span<const Value> values);
  ValueId bytes_operand(NodeId id);
  bool expect_count(std::span<const NodeId> arguments, size_t count, NodeId where, std::string_view name);

  // ---- what functions may do with the state (mutability.cpp) ----
  enum class Access : uint8_t { None, Read, Write, Value };
  void note_access(Access access, NodeId where);
  /// What a call of such a function does with the state, for all that the caller knows.
  static Access access_of(ir::Mutability mutability) {
    return mutability == ir::Mutability::Pure ? Access::None : mutability == ir::Mutability::View ? Access::Read : Access::Write;
  }
  void check_mutability(DeclId id);

  const Program& program_;
  const ContractId self_;
  diag::Sink& sink_;
  TypeTable types_;
  ir::Module module_;
  std::shared_ptr<ir::Contract> contract_;
  ir::FunctionBuilder builder_;

  // What has been found out so far.
  std::unordered_map<uint64_t, std::vector<DeclId>> members_[2];  ///< seen from inside, from outside
  std::unordered_map<uint64_t, FileMeaning> file_meanings_;
  std::unordered_map<DeclId, std::unique_ptr<Signature>> signatures_;
  std::unordered_map<DeclId, TypeId> declared_types_;
  std::unordered_map<TypeId, std::vector<StructField>> struct_fields_;
  std::unordered_set<TypeId> open_structs_;
  std::unordered_map<TypeId, bool> holds_mapping_;
  std::unordered_map<TypeId, bool> recursive_;
  std::unordered_set<DeclId> open_constants_;
  std::unordered_map<TypeId, ir::DataTypeId> data_types_;
  std::unordered_map<DeclId, uint32_t> state_index_;
  std::unordered_map<DeclId, uint32_t> immutable_index_;
  std::unordered_map<DeclId, uint32_t> transient_index_;
  std::unordered_map<DeclId, uint32_t> events_;
  std::unordered_map<DeclId, uint32_t> errors_;
  std::unordered_map<DeclId, uint32_t> externals_;
  std::unordered_map<TypeId, uint32_t> externals_of_type_;
  std::unordered_map<ContractId, uint32_t> creations_;
  std::vector<CreatedContract> created_;
  /// The function that calls the one which a number stands for, among those of one shape that became values.
  struct Caller {
    ir::FunctionId id = kNone;
    DeclId asked_by = kNone;
    std::vector<DeclId> targets;
  };
  std::map<TypeId, Caller> callers_;
  std::unordered_map<DeclId, uint32_t> function_numbers_;  ///< from 1 on: 0 is a value that was never set
  std::unordered_map<DeclId, ir::FunctionId> function_ids_;
  std::unordered_map<TypeId, ir::FunctionId> zero_functions_;
  std::unordered_map<std::string, uint32_t> names_taken_;
  uint32_t message_error_ = kNone;
  /// Functions that have an id and no code yet: of a declaration, or the one that makes a type's zero value, which a function asked for.
  struct Pending {
    ir::FunctionId id;
    DeclId declaration;
    TypeId zero_of;
  };
  std::deque<Pending> pending_;

  // The code being checked.
  Scope scope_;
  const parse::Tree* tree_ = nullptr;
  std::vector<Local> locals_;
  uint32_t local_floor_ = 0;
  std::vector<Rational> numbers_;
  std::vector<std::string> texts_;
  std::vector<std::vector<Value>> lists_;
  std::deque<Callable> callables_;
  uint32_t depth_ = 0;
  uint32_t data_depth_ = 0;
  bool unchecked_ = false;
  bool names_library_ = false;  ///< the type that is being read may be a library's name

  // The function being made.
  struct LoopLabels {
    Label leave;
    Label next;
  };
  struct Result {
    TypeId type;
    Location location;
    Local local;
  };
  struct UnsetLocal {
    uint32_t slot;
    ValueId declared;  ///< the instruction with which it begins, each time that its declaration runs; kNone: with the function
    TypeId type;
    Span place;
    std::vector<std::pair<ValueId, Span>> reads;
  };
  std::vector<UnsetLocal> unset_;
  DeclId function_ = kNone;
  uint32_t function_module_ = 0;
  bool in_constructor_ = false;
  bool in_modifier_ = false;
  bool results_named_ = false;
  uint32_t scope_begin_ = 0;  ///< first local of the innermost block
  std::vector<LoopLabels> loops_;
  std::vector<Layer> layers_;
  size_t layer_ = 0;
  std::vector<Label> layer_exits_;
  uint32_t expansions_ = 0;
  std::unordered_set<DeclId> checked_modifiers_;  ///< whose bodies stand in some function
  NodeId try_call_ = 0;                           ///< the external call that a `try` asks about
  std::vector<Result> results_;
  std::vector<Local> parameters_;  ///< those of the function and its named results, as bodies see them
  NodeId body_ = 0;
  Scope body_scope_;
  Access access_ = Access::None;
  Span read_at_, write_at_, value_at_;
  std::unordered_map<ContractId, std::vector<Local>> constructor_params_;
};

/// Counts how deep something is nested.
struct DepthCount {
  explicit DepthCount(uint32_t& d) : depth(d) { ++depth; }
  ~DepthCount() { --depth; }
  DepthCount(const DepthCount&) = delete;
  DepthCount& operator=(const DepthCount&) = delete;
  uint32_t& depth;
};

/// While it lives, code of another place is checked: names are looked up there, and locals of the place before are hidden.
struct ScopeSwitch {
  ScopeSwitch(ContractChecker& checker, Scope scope);
  ~ScopeSwitch();
  ScopeSwitch(const ScopeSwitch&) = delete;
  ScopeSwitch& operator=(const ScopeSwitch&) = delete;

  ContractChecker& checker;
  Scope scope;
  const parse::Tree* tree;
  uint32_t floor;
  uint32_t mark;
  bool unchecked;
};

template <class F>
void ContractChecker::count_to(ValueId count, F&& body) {
  const uint32_t i = builder_.add_slot(ir::Type::U256);
  builder_.set(i, builder_.const_int(ir::Type::U256, 0));
  const Label header = builder_.new_label();
  const Label inside = builder_.new_label();
  const Label behind = builder_.new_label();
  start(header);
  builder_.cond_br(builder_.compare(Op::Lt, builder_.get(i), count), inside, behind);
  builder_.start_block(inside);
  body(builder_.get(i));
  builder_.set(i, builder_.binary(Op::Add, ir::Type::U256, builder_.get(i), builder_.const_int(ir::Type::U256, 1)));
  builder_.br(header);
  builder_.start_block(behind);
}

}  // namespace omega::check::contract
