// SPDX-License-Identifier: Apache-2.0
// Writes one random program. Every name it uses is in scope and every expression has the type asked for, so each program compiles; loops
// are bounded, so each ends; it may panic (checked arithmetic), which all back ends must do alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace omega::random_programs {

/// xorshift64*: the same sequence everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x1234567u) {}
  uint32_t below(uint32_t bound) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1du) >> 33) % bound;
  }
  bool chance(uint32_t percent) { return below(100) < percent; }

 private:
  uint64_t state_;
};

enum class Shape : uint8_t { Integer, Float64, Float32, Bool, String, Array, Struct, Enum };

/// A type of the program. Array: `element` is a scalar's index in TypePool. Struct and Enum: `number` is the declaration's.
struct Type {
  Shape shape;
  uint16_t bits = 0;
  bool is_signed = false;
  uint32_t element = 0;
  uint32_t number = 0;
  std::string text;
};

struct StructType {
  std::vector<uint32_t> fields;  ///< types of f0, f1, …
};

/// The types a program uses: a few scalars, arrays of them, structs of them.
class TypePool {
 public:
  explicit TypePool(Random& random);
  std::vector<Type> types;
  std::vector<StructType> structs;
  std::vector<uint32_t> enum_sizes;
  uint32_t int64 = 0, float64 = 0, boolean = 0, string = 0;
  std::vector<uint32_t> scalars;  ///< integers, floats, bool
  std::vector<uint32_t> integers;
  std::vector<uint32_t> arrays;

  /// The array type with that element, or 0 (never an array) when the pool has none.
  uint32_t array_of(uint32_t element) const;
  std::string declarations() const;
};

struct Variable {
  std::string name;
  uint32_t type;
  bool assignable;
};

struct FunctionSignature {
  std::string name;
  std::vector<uint32_t> parameters;
  uint32_t result;
};

class ProgramWriter {
 public:
  explicit ProgramWriter(uint64_t seed) : random_(seed), pool_(random_) {}
  /// A program that is always accepted.
  std::string write();
  /// A program with one parallel loop that may have a race: to be rejected, or to give one answer.
  std::string write_racy();

 private:
  // expression_writer.cpp
  std::string expression(uint32_t type, uint32_t depth);
  std::string integer_expression(uint32_t type, uint32_t depth);
  std::string float_expression(uint32_t type, uint32_t depth);
  std::string bool_expression(uint32_t depth);
  std::string string_expression(uint32_t depth);
  std::string array_expression(uint32_t type, uint32_t depth);
  std::string literal(uint32_t type);
  std::string integer_literal(const Type& type);
  std::string call_of(uint32_t result, uint32_t depth);
  std::string element_of(uint32_t type);
  const Variable* variable_of(uint32_t type, bool assignable);

  // statement_writer.cpp
  void block(uint32_t statements, uint32_t depth);
  void statement(uint32_t depth);
  void declare(uint32_t depth);
  void assign(uint32_t depth);
  void sequential_loop(uint32_t depth);
  void parallel_loop(uint32_t depth);
  void reduction_loop(uint32_t depth);
  void print_variable(const Variable& variable);
  void pattern_statement();
  void mapping_statement();
  void function(uint32_t number);
  void scenario(uint32_t number);
  void open(const std::string& head);
  void close(const std::string& tail = "");
  void bind(const std::string& name, uint32_t type, const std::string& value);
  uint32_t any_scalar();
  uint32_t any_integer();

  // feature_writer.cpp
  void feature();
  void overloads();
  void while_feature();
  void unchecked_feature();
  void compound_feature();
  void call_feature();
  void closure_feature();
  void tuple_feature();
  void array_feature();
  void nested_array_feature();
  void mapping_feature();
  void match_feature();
  void task_feature();
  void text_feature();
  void reference_feature();

  // loop_writer.cpp
  void general_parallel_loop();
  void atomic_loop();
  void array_loop();
  std::string element_at(const std::string& i, uint32_t length);
  std::string loop_value(uint32_t element, const std::string& i, uint32_t length);

  void line(const std::string& text) { out_ += std::string(indent_ * 2, ' ') + text + "\n"; }
  std::string fresh(const char* stem) { return stem + std::to_string(names_++); }

  Random random_;
  TypePool pool_;
  std::vector<Variable> scope_;
  std::vector<FunctionSignature> functions_;
  std::vector<uint32_t> scenarios_;  ///< types of their second parameters
  std::string out_;
  std::string late_;  ///< functions that follow the others
  uint32_t indent_ = 0;
  uint32_t names_ = 0;
  uint32_t loop_nesting_ = 0;
  bool in_parallel_ = false;  ///< only private variables may be assigned
  bool racy_ = false;         ///< loops over arrays are parallel whatever they touch
};

}  // namespace omega::random_programs
