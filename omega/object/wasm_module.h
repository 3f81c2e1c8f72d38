// SPDX-License-Identifier: Apache-2.0
// A WebAssembly module as data: the sections of version 1, without what came after the first version (more memories and tables than one are read, so
// that they can be named; passive segments and references are not). Source of the format: WebAssembly Core Specification 1.0, chapters 2 and 5.
// wasm_reader.h and wasm_writer.h turn it into bytes and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace omega::object::wasm {

inline constexpr uint32_t kPageSize = 65536;
/// Most locals that a function may declare.
inline constexpr uint32_t kMaxLocals = 50000;

enum class ValueType : uint8_t { F64 = 0x7c, F32 = 0x7d, I64 = 0x7e, I32 = 0x7f };

struct FunctionType {
  std::vector<ValueType> params;
  std::vector<ValueType> results;
  bool operator==(const FunctionType&) const = default;
};

/// What can be imported and exported, by the numbers of the format.
enum class ExternalKind : uint8_t { Function, Table, Memory, Global };

/// Of a memory in pages, of a table in elements.
struct Limits {
  uint32_t minimum = 0;
  std::optional<uint32_t> maximum;
  bool operator==(const Limits&) const = default;
};

struct GlobalType {
  ValueType type = ValueType::I32;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

struct Import {
  std::string module;
  std::string name;
  ExternalKind kind = ExternalKind::Function;
  uint32_t type = 0;  ///< Function: index into Module::types
  Limits limits;      ///< Table, Memory
  GlobalType global;  ///< Global
  bool operator==(const Import&) const = default;
};

/// A constant expression: one instruction.
struct Initializer {
  uint8_t opcode = 0x41;  ///< i32.const, i64.const, f32.const, f64.const or global.get
  int64_t value = 0;      ///< the constant, a float's bits, or the global's index
  bool operator==(const Initializer&) const = default;
};

struct Global {
  GlobalType type;
  Initializer value;
  bool operator==(const Global&) const = default;
};

struct Export {
  std::string name;
  ExternalKind kind = ExternalKind::Function;
  uint32_t index = 0;
  bool operator==(const Export&) const = default;
};

struct ElementSegment {
  Initializer offset;
  std::vector<uint32_t> functions;
  bool operator==(const ElementSegment&) const = default;
};

struct DataSegment {
  Initializer offset;
  std::string bytes;
  bool operator==(const DataSegment&) const = default;
};

/// So many locals of one type, one behind the other.
struct LocalRun {
  uint32_t count = 0;
  ValueType type = ValueType::I32;
  bool operator==(const LocalRun&) const = default;
};

struct Function {
  uint32_t type = 0;  ///< index into Module::types
  std::vector<LocalRun> locals;
  std::string code;  ///< instructions, `end` included; wasm_code.h reads them
  bool operator==(const Function&) const = default;
};

struct CustomSection {
  std::string name;
  std::string bytes;
  bool operator==(const CustomSection&) const = default;
};

/// Functions, tables, memories and globals are numbered with those that are imported first.
struct Module {
  std::vector<FunctionType> types;
  std::vector<Import> imports;
  std::vector<Function> functions;
  std::vector<Limits> tables;
  std::vector<Limits> memories;
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::optional<uint32_t> start;
  std::vector<ElementSegment> elements;
  std::vector<DataSegment> data;
  std::vector<CustomSection> customs;
  bool operator==(const Module&) const = default;
};

/// How many of the imports are of this kind.
uint32_t imported(const Module& module, ExternalKind kind);

}  // namespace omega::object::wasm
