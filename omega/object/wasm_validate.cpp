// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_validate.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/object/wasm_code.h"
#include "omega/object/wasm_cursor.h"

namespace omega::object::wasm {

namespace {

/// What is on the stack: a type, or anything (in code that is not reached).
using Operand = std::optional<ValueType>;

/// Everything that code can name, imports first.
struct Names {
  explicit Names(const Module& of) : module(of) {
    for (const Import& import : of.imports) {
      switch (import.kind) {
        case ExternalKind::Function: functions.push_back(import.type); break;
        case ExternalKind::Table: tables.push_back(import.limits); break;
        case ExternalKind::Memory: memories.push_back(import.limits); break;
        case ExternalKind::Global: globals.push_back(import.global); break;
      }
    }
    imported_globals = globals.size();
    for (const Function& function : of.functions) {
      functions.push_back(function.type);
    }
    tables.insert(tables.end(), of.tables.begin(), of.tables.end());
    memories.insert(memories.end(), of.memories.begin(), of.memories.end());
    for (const Global& global : of.globals) {
      globals.push_back(global.type);
    }
  }

  const FunctionType& type_of(uint32_t function) const {
    require(function < functions.size(), "a function is named that is not there");
    return module.types[functions[function]];
  }

  const Module& module;
  std::vector<uint32_t> functions;
  std::vector<Limits> tables;
  std::vector<Limits> memories;
  std::vector<GlobalType> globals;
  size_t imported_globals = 0;
};

/// The code of one function.
class CodeValidator {
 public:
  CodeValidator(const Names& names, const Function& function)
      : names_(names), function_(function), type_(names.module.types[function.type]), locals_(type_.params) {
    for (const LocalRun& run : function.locals) {
      locals_.insert(locals_.end(), run.count, run.type);
    }
  }

  void validate() {
    CodeReader in(function_.code);
    Instruction instruction;
    enter(kBlock, {}, type_.results);
    while (!blocks_.empty()) {
      require(!in.at_end(), "a function's code has no end");
      in.next(instruction);
      check(instruction);
    }
    require(in.at_end(), "code stands behind a function's end");
  }

 private:
  struct Block {
    uint8_t opcode;
    std::vector<ValueType> labels;   ///< what a branch to it takes
    std::vector<ValueType> results;  ///< what is there at its end
    size_t height;
    bool is_unreachable;
  };

  // ---- the stack ----

  void push(Operand type) { stack_.push_back(type); }

  Operand pop() {
    if (stack_.size() == blocks_.back().height) {
      require(blocks_.back().is_unreachable, "an operand is missing");
      return std::nullopt;
    }
    const Operand top = stack_.back();
    stack_.pop_back();
    return top;
  }

  void pop(ValueType type) {
    const Operand top = pop();
    require(!top || *top == type, "an operand is of another type");
  }

  void push_all(const std::vector<ValueType>& types) { stack_.insert(stack_.end(), types.begin(), types.end()); }

  void pop_all(const std::vector<ValueType>& types) {
    for (size_t i = types.size(); i-- > 0;) {
      pop(types[i]);
    }
  }

  // ---- blocks ----

  void enter(uint8_t opcode, std::vector<ValueType> labels, std::vector<ValueType> results) {
    require(blocks_.size() < kMostBlocks, "blocks lie too deep inside each other");
    blocks_.push_back({opcode, opcode == kLoop ? std::move(labels) : results, std::move(results), stack_.size(), false});
  }

  void leave() {
    pop_all(blocks_.back().results);
    require(stack_.size() == blocks_.back().height, "a block leaves operands behind");
  }

  void unreachable() {
    stack_.resize(blocks_.back().height);
    blocks_.back().is_unreachable = true;
  }

  const std::vector<ValueType>& label(uint64_t depth) const {
    require(depth < blocks_.size(), "a branch leaves more blocks than there are");
    return blocks_[blocks_.size() - 1 - depth].labels;
  }

  // ---- instructions ----

  void check(const Instruction& instruction) {
    switch (instruction.immediates) {
      case Immediates::Block: block(instruction); return;
      case Immediates::Label:
      case Immediates::LabelTable: branch(instruction); return;
      case Immediates::Function: call(names_.type_of(static_cast<uint32_t>(instruction.first))); return;
      case Immediates::Indirect:
        require(instruction.second == 0 && !names_.tables.empty(), "a call goes through a table that is not there");
        require(static_cast<uint64_t>(instruction.first) < names_.module.types.size(), "a type is named that is not there");
        pop(ValueType::I32);
        call(names_.module.types[static_cast<size_t>(instruction.first)]);
        return;
      case Immediates::Local: local(instruction); return;
      case Immediates::Global: global(instruction); return;
      case Immediates::Memory1: access(instruction, 0); break;
      case Immediates::Memory2: access(instruction, 1); break;
      case Immediates::Memory4: access(instruction, 2); break;
      case Immediates::Memory8: access(instruction, 3); break;
      case Immediates::MemoryIndex: require(!names_.memories.empty(), "the module has no memory"); break;
      default: break;
    }
    const std::string_view signature = opcode_info(instruction.opcode).signature;
    if (signature.empty()) {
      control(instruction.opcode);
    } else {
      by_signature(signature);
    }
  }

  void by_signature(std::string_view signature) {
    const size_t colon = signature.find(':');
    const auto type_at = [&](size_t i) { return signature[i] == 'I' ? ValueType::I32 : ValueType::I64; };
    for (size_t i = colon; i-- > 0;) {
      pop(type_at(i));
    }
    for (size_t i = colon + 1; i < signature.size(); ++i) {
      push(type_at(i));
    }
  }

  void access(const Instruction& instruction, uint32_t most_alignment) const {
    require(!names_.memories.empty(), "the module has no memory");
    require(instruction.first <= most_alignment, "an access is aligned to more than its size");
  }

  void block(const Instruction& instruction) {
    std::vector<ValueType> results;
    if (instruction.first != kNoResults) {
      results.push_back(static_cast<ValueType>(instruction.first & 0x7f));
    }
    if (instruction.opcode == kIf) {
      pop(ValueType::I32);
    }
    enter(instruction.opcode, {}, std::move(results));
  }

  void branch(const Instruction& instruction) {
    if (instruction.opcode == kBrTable) {
      pop(ValueType::I32);
      const std::vector<ValueType>& last = label(instruction.table.back());
      for (const uint32_t one : instruction.table) {
        require(label(one) == last, "the labels of a branch take different operands");
      }
      pop_all(last);
      unreachable();
      return;
    }
    if (instruction.opcode == kBrIf) {
      pop(ValueType::I32);
    }
    const std::vector<ValueType>& types = label(static_cast<uint64_t>(instruction.first));
    pop_all(types);
    if (instruction.opcode == kBrIf) {
      push_all(types);
    } else {
      unreachable();
    }
  }

  void call(const FunctionType& type) {
    pop_all(type.params);
    push_all(type.results);
  }

  void local(const Instruction& instruction) {
    require(static_cast<uint64_t>(instruction.first) < locals_.size(), "the code names a local that is not there");
    const ValueType type = locals_[static_cast<size_t>(instruction.first)];
    if (instruction.opcode != kLocalGet) {
      pop(type);
    }
    if (instruction.opcode != kLocalSet) {
      push(type);
    }
  }

  void global(const Instruction& instruction) {
    require(static_cast<uint64_t>(instruction.first) < names_.globals.size(), "the code names a global that is not there");
    const GlobalType& type = names_.globals[static_cast<size_t>(instruction.first)];
    if (instruction.opcode == kGlobalGet) {
      push(type.type);
    } else {
      require(type.is_mutable, "the code sets a constant global");
      pop(type.type);
    }
  }

  void control(uint8_t opcode) {
    switch (opcode) {
      case kUnreachable: unreachable(); break;
      case kElse: {
        require(blocks_.back().opcode == kIf, "an else stands outside of an if");
        leave();
        blocks_.back().opcode = kElse;
        blocks_.back().is_unreachable = false;
        break;
      }
      case kEnd: {
        leave();
        const Block done = std::move(blocks_.back());
        blocks_.pop_back();
        require(done.opcode != kIf || done.results.empty(), "an if without else gives results");
        push_all(done.results);
        break;
      }
      case kReturn:
        pop_all(type_.results);
        unreachable();
        break;
      case kDrop: pop(); break;
      case kSelect: {
        pop(ValueType::I32);
        const Operand second = pop();
        const Operand first = pop();
        require(!first || !second || *first == *second, "a selection is between different types");
        push(first ? first : second);
        break;
      }
      default: break;
    }
  }

  static constexpr size_t kMostBlocks = 10000;

  const Names& names_;
  const Function& function_;
  const FunctionType& type_;
  std::vector<ValueType> locals_;
  std::vector<Operand> stack_;
  std::vector<Block> blocks_;
};

void check_limits(const Limits& limits, uint64_t most) {
  require(limits.minimum <= most && (!limits.maximum || (*limits.maximum <= most && limits.minimum <= *limits.maximum)), "limits are out of range");
}

void check_constant(const Names& names, const Initializer& value, ValueType type) {
  if (value.opcode == 0x23) {
    const auto index = static_cast<uint64_t>(value.value);
    require(index < names.imported_globals && !names.globals[index].is_mutable, "an initial value is no imported constant");
    require(names.globals[index].type == type, "an initial value is of another type");
    return;
  }
  static constexpr ValueType kTypes[] = {ValueType::I32, ValueType::I64, ValueType::F32, ValueType::F64};
  require(kTypes[value.opcode - 0x41] == type, "an initial value is of another type");
}

void check_outside(const Names& names) {
  const Module& module = names.module;
  for (const Limits& table : names.tables) {
    check_limits(table, UINT32_MAX);
  }
  for (const Limits& memory : names.memories) {
    check_limits(memory, 65536);
  }
  require(names.tables.size() <= 1, "the module has several tables");
  require(names.memories.size() <= 1, "the module has several memories");
  for (const Global& global : module.globals) {
    check_constant(names, global.value, global.type.type);
  }
  std::set<std::string_view> exported;
  for (const Export& item : module.exports) {
    const size_t counts[] = {names.functions.size(), names.tables.size(), names.memories.size(), names.globals.size()};
    require(item.index < counts[static_cast<size_t>(item.kind)], "what is exported is not there");
    require(exported.insert(item.name).second, "two exports have one name");
  }
  if (module.start) {
    const FunctionType& type = names.type_of(*module.start);
    require(type.params.empty() && type.results.empty(), "the function that runs first takes or gives values");
  }
  for (const ElementSegment& segment : module.elements) {
    require(!names.tables.empty(), "the module has no table");
    check_constant(names, segment.offset, ValueType::I32);
    for (const uint32_t function : segment.functions) {
      require(function < names.functions.size(), "a table holds a function that is not there");
    }
  }
  for (const DataSegment& segment : module.data) {
    require(!names.memories.empty(), "the module has no memory");
    check_constant(names, segment.offset, ValueType::I32);
  }
}

}  // namespace

base::Result<void> validate(const Module& module) {
  std::string where;
  try {
    const Names names(module);
    for (const FunctionType& type : module.types) {
      require(type.results.size() <= 1, "a function has several results");
    }
    for (const uint32_t type : names.functions) {
      require(type < module.types.size(), "a type is named that is not there");
    }
    check_outside(names);
    const size_t first = names.functions.size() - module.functions.size();
    for (size_t i = 0; i < module.functions.size(); ++i) {
      where = " (function " + std::to_string(first + i) + ")";
      CodeValidator(names, module.functions[i]).validate();
    }
  } catch (const Malformed& error) {
    return base::Error{error.what + where, 0, {}};
  }
  return {};
}

}  // namespace omega::object::wasm
