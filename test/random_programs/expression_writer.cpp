// SPDX-License-Identifier: Apache-2.0
#include "test/random_programs/program_writer.h"

namespace omega::random_programs {

const Variable* ProgramWriter::variable_of(uint32_t type, bool assignable) {
  std::vector<const Variable*> fitting;
  for (const Variable& variable : scope_) {
    if (variable.type == type && (!assignable || variable.assignable)) {
      fitting.push_back(&variable);
    }
  }
  return fitting.empty() ? nullptr : fitting[random_.below(static_cast<uint32_t>(fitting.size()))];
}

std::string ProgramWriter::integer_literal(const Type& type) {
  const uint32_t kind = random_.below(10);
  if (kind == 0) {
    return "type(" + type.text + ")." + (random_.chance(50) ? "min" : "max");
  }
  const uint32_t limit = type.bits == 8 ? 127 : kind < 6 ? 20 : 30'000;
  const std::string digits = std::to_string(random_.below(limit));
  return type.text + "(" + (type.is_signed && random_.chance(25) ? "-" + digits : digits) + ")";
}

std::string ProgramWriter::literal(uint32_t id) {
  const Type& type = pool_.types[id];
  switch (type.shape) {
    case Shape::Integer: return integer_literal(type);
    case Shape::Float64: return (random_.chance(20) ? "-" : "") + std::to_string(random_.below(1000)) + "." + std::to_string(random_.below(100));
    case Shape::Float32: return "float32(" + std::to_string(random_.below(1000)) + ".5)";
    case Shape::Bool: return random_.chance(50) ? "true" : "false";
    case Shape::String: {
      static const char* const words[] = {"", "a", "omega", "x y", "tab\\t", "quote\\\"", "0123456789"};
      return std::string("\"") + words[random_.below(7)] + "\"";
    }
    case Shape::Enum: return "E0.M" + std::to_string(random_.below(pool_.enum_sizes[type.number]));
    case Shape::Struct: {
      std::string out = type.text + "(";
      const std::vector<uint32_t>& fields = pool_.structs[type.number].fields;
      for (size_t i = 0; i < fields.size(); ++i) {
        out += (i != 0 ? ", " : "") + literal(fields[i]);
      }
      return out + ")";
    }
    case Shape::Array: return "new " + type.text + "(" + std::to_string(random_.below(12)) + ")";
  }
  return "";
}

std::string ProgramWriter::call_of(uint32_t result, uint32_t depth) {
  std::vector<const FunctionSignature*> fitting;
  for (const FunctionSignature& f : functions_) {
    if (f.result == result) {
      fitting.push_back(&f);
    }
  }
  if (fitting.empty() || loop_nesting_ > 1) {
    return "";
  }
  const FunctionSignature& f = *fitting[random_.below(static_cast<uint32_t>(fitting.size()))];
  std::string out = f.name + "(";
  for (size_t i = 0; i < f.parameters.size(); ++i) {
    out += (i != 0 ? ", " : "") + expression(f.parameters[i], depth + 1);
  }
  return out + ")";
}

/// An element of an array in scope at an index that is mostly inside, or a field of a struct in scope; empty when there is none.
std::string ProgramWriter::element_of(uint32_t type) {
  if (in_parallel_) {
    return "";
  }
  std::vector<std::string> places;
  for (const Variable& v : scope_) {
    const Type& t = pool_.types[v.type];
    if (t.shape == Shape::Array && t.element == type) {
      places.push_back(v.name + "[" + std::to_string(random_.below(3)) + "]");
    } else if (t.shape == Shape::Struct) {
      const std::vector<uint32_t>& fields = pool_.structs[t.number].fields;
      for (size_t f = 0; f < fields.size(); ++f) {
        if (fields[f] == type) {
          places.push_back(v.name + ".f" + std::to_string(f));
        }
      }
    }
  }
  return places.empty() ? "" : places[random_.below(static_cast<uint32_t>(places.size()))];
}

std::string ProgramWriter::integer_expression(uint32_t id, uint32_t depth) {
  const Type& type = pool_.types[id];
  auto operand = [&] { return expression(id, depth + 1); };
  switch (random_.below(12)) {
    case 0:
    case 1: return "(" + operand() + " + " + operand() + ")";
    case 2:
      return type.is_signed || random_.chance(10) ? "(" + operand() + " - " + operand() + ")"
                                                  : "((" + operand() + " | " + type.text + "(64)) - (" + operand() + " & " + type.text + "(63)))";
    case 3:
      return random_.chance(10) ? "(" + operand() + " * " + operand() + ")"
                                : "((" + operand() + " & " + type.text + "(7)) * (" + operand() + " & " + type.text + "(7)))";
    case 4:
      return "(" + operand() + (random_.chance(50) ? " / " : " % ") + (random_.chance(10) ? operand() : "(" + operand() + " | " + type.text + "(1))") + ")";
    case 5: {
      static const char* const ops[] = {" & ", " | ", " ^ "};
      return "(" + operand() + ops[random_.below(3)] + operand() + ")";
    }
    case 6: return "(" + operand() + (random_.chance(50) ? " << " : " >> ") + std::to_string(random_.below(type.bits + 3u)) + ")";
    case 7: return (random_.chance(50) ? "min(" : "max(") + operand() + ", " + operand() + ")";
    case 8: {
      const uint32_t from = pool_.integers[random_.below(static_cast<uint32_t>(pool_.integers.size()))];
      const std::string value = expression(from, depth + 1);
      return type.text + "(" + (random_.chance(10) ? value : value + " & " + pool_.types[from].text + "(127)") + ")";
    }
    case 9: return type.is_signed && random_.chance(50) ? "(-" + operand() + ")" : "(~" + operand() + ")";
    case 10: {
      const uint32_t array = pool_.array_of(id);
      if (array != 0 && !in_parallel_) {
        if (const Variable* v = variable_of(array, false)) {
          return "fold(" + v->name + ", " + literal(id) + ", (acc, x) => acc " + (random_.chance(50) ? "^" : "|") + " x)";
        }
      }
      return operand();
    }
    default: return "(" + bool_expression(depth + 1) + " ? " + operand() + " : " + operand() + ")";
  }
}

std::string ProgramWriter::float_expression(uint32_t id, uint32_t depth) {
  auto operand = [&] { return expression(id, depth + 1); };
  switch (random_.below(7)) {
    case 0: return "(" + operand() + " + " + operand() + ")";
    case 1: return "(" + operand() + " - " + operand() + ")";
    case 2: return "(" + operand() + " * " + operand() + ")";
    case 3: return "(" + operand() + " / " + operand() + ")";
    case 4: {
      static const char* const functions[] = {"sqrt(abs(", "floor((", "sin((", "exp(min(2.0, ", "ceil(("};
      const uint32_t f = random_.below(id == pool_.float64 ? 5 : 2);
      const std::string value = functions[f] + operand() + "))";
      return id == pool_.float64 ? value : "float32(" + value + ")";
    }
    case 5: return pool_.types[id].text + "(" + expression(pool_.int64, depth + 1) + ")";
    default: return "(" + bool_expression(depth + 1) + " ? " + operand() + " : " + operand() + ")";
  }
}

std::string ProgramWriter::bool_expression(uint32_t depth) {
  if (depth > 4) {
    return literal(pool_.boolean);
  }
  switch (random_.below(6)) {
    case 0: return "(" + bool_expression(depth + 1) + " && " + bool_expression(depth + 1) + ")";
    case 1: return "(" + bool_expression(depth + 1) + " || " + bool_expression(depth + 1) + ")";
    case 2: return "!" + bool_expression(depth + 1);
    case 3: return "(" + string_expression(depth + 2) + " == " + string_expression(depth + 2) + ")";
    default: {
      static const char* const ops[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
      uint32_t type = pool_.scalars[random_.below(static_cast<uint32_t>(pool_.scalars.size()))];
      if (type == pool_.boolean) {
        type = pool_.int64;
      }
      return "(" + expression(type, depth + 1) + ops[random_.below(6)] + expression(type, depth + 1) + ")";
    }
  }
}

std::string ProgramWriter::string_expression(uint32_t depth) {
  if (depth < 4 && random_.chance(40)) {
    switch (random_.below(3)) {
      // In a loop a string may grow by a literal, not double.
      case 0: return "(" + string_expression(depth + 1) + " + " + (loop_nesting_ > 0 ? literal(pool_.string) : string_expression(depth + 1)) + ")";
      case 1: return "string(" + expression(pool_.int64, depth + 2) + ")";
      default: return "format(\"%v|%v\", " + expression(pool_.int64, depth + 2) + ", " + bool_expression(depth + 2) + ")";
    }
  }
  const Variable* v = random_.chance(60) ? variable_of(pool_.string, false) : nullptr;
  return v != nullptr ? v->name : literal(pool_.string);
}

std::string ProgramWriter::array_expression(uint32_t id, uint32_t depth) {
  const uint32_t element = pool_.types[id].element;
  const Variable* v = in_parallel_ ? nullptr : variable_of(id, false);
  if (v != nullptr && random_.chance(60)) {
    const std::string source = v->name;
    const std::string x = fresh("x");
    scope_.push_back({x, element, false});
    std::string out;
    if (random_.chance(50)) {
      out = "map(" + source + ", " + x + " => " + expression(element, depth + 2) + ")";
    } else {
      out = "filter(" + source + ", " + x + " => " + bool_expression(depth + 2) + ")";
    }
    scope_.pop_back();
    return out;
  }
  std::string out = "[" + pool_.types[element].text + "(" + expression(element, depth + 2) + ")";
  if (pool_.types[element].shape == Shape::Bool) {
    out = "[" + bool_expression(depth + 2);
  }
  const uint32_t more = 2 + random_.below(6);
  for (uint32_t i = 0; i < more; ++i) {
    out += ", " + expression(element, depth + 3);
  }
  return out + "]";
}

std::string ProgramWriter::expression(uint32_t id, uint32_t depth) {
  const Type& type = pool_.types[id];
  if (depth > 3 || random_.chance(35)) {
    const std::string element = random_.chance(30) ? element_of(id) : "";
    if (!element.empty()) {
      return element;
    }
    const Variable* v = random_.chance(75) ? variable_of(id, false) : nullptr;
    return v != nullptr ? v->name : literal(id);
  }
  if (!in_parallel_ && random_.chance(10)) {
    if (const std::string call = call_of(id, depth); !call.empty()) {
      return call;
    }
  }
  switch (type.shape) {
    case Shape::Integer: return integer_expression(id, depth);
    case Shape::Float64:
    case Shape::Float32: return float_expression(id, depth);
    case Shape::Bool: return bool_expression(depth);
    case Shape::String: return string_expression(depth);
    case Shape::Array: return array_expression(id, depth);
    case Shape::Struct:
    case Shape::Enum: return literal(id);
  }
  return literal(id);
}

}  // namespace omega::random_programs
