// SPDX-License-Identifier: Apache-2.0
#include "test/random_programs/program_writer.h"

namespace omega::random_programs {

void ProgramWriter::block(uint32_t statements, uint32_t depth) {
  const size_t outer = scope_.size();
  ++indent_;
  for (uint32_t i = 0; i < statements; ++i) {
    statement(depth);
  }
  --indent_;
  scope_.resize(outer);
}

void ProgramWriter::declare(uint32_t depth) {
  const auto type = random_.below(static_cast<uint32_t>(pool_.types.size()));
  const Shape shape = pool_.types[type].shape;
  const bool may_share = shape == Shape::Array || shape == Shape::Struct;
  const std::string value = in_parallel_ && may_share ? literal(type) : expression(type, depth > 2 ? 2 : 0);
  const std::string name = fresh("v");
  line(pool_.types[type].text + " " + name + " = " + value);
  scope_.push_back({name, type, true});
}

void ProgramWriter::assign(uint32_t depth) {
  std::vector<Variable> fitting;
  for (const Variable& v : scope_) {
    if (v.assignable && pool_.types[v.type].shape != Shape::Array) {
      fitting.push_back(v);
    }
  }
  if (fitting.empty()) {
    return declare(depth);
  }
  const Variable v = fitting[random_.below(static_cast<uint32_t>(fitting.size()))];
  const Type& type = pool_.types[v.type];
  if (type.shape == Shape::Struct && random_.chance(70)) {
    const std::vector<uint32_t>& fields = pool_.structs[type.number].fields;
    const uint32_t f = random_.below(static_cast<uint32_t>(fields.size()));
    line(v.name + ".f" + std::to_string(f) + " = " + expression(fields[f], 1));
  } else if (type.shape == Shape::Integer && random_.chance(30)) {
    static const char* const ops[] = {" += ", " -= ", " ^= ", " |= ", " &= "};
    line(v.name + ops[random_.below(5)] + expression(v.type, 2));
  } else {
    line(v.name + " = " + expression(v.type, 1));
  }
}

void ProgramWriter::sequential_loop(uint32_t depth) {
  const std::string i = fresh("i");
  const std::string count = std::to_string(1 + random_.below(loop_nesting_ > 0 ? 4 : 12));
  switch (random_.below(3)) {
    case 0: line("@ " + i + " in 0..<" + count + " {"); break;
    case 1: line("for (int64 " + i + " = 0; " + i + " < " + count + "; " + i + "++) {"); break;
    default: line("@ " + i + " in 1..=" + count + " {"); break;
  }
  scope_.push_back({i, pool_.int64, false});
  ++loop_nesting_;
  block(1 + random_.below(4), depth + 1);
  --loop_nesting_;
  scope_.pop_back();
  line("}");
}

/// Writes each element of a fresh array from its index: always without a race.
void ProgramWriter::parallel_loop(uint32_t) {
  const uint32_t array = pool_.arrays[random_.below(static_cast<uint32_t>(pool_.arrays.size()))];
  const std::string name = fresh("p");
  const uint32_t count = 1 + random_.below(random_.chance(20) ? 3000 : 40);
  line(pool_.types[array].text + " " + name + " = new " + pool_.types[array].text + "(" + std::to_string(count) + ")");
  const std::string i = fresh("i");
  static const char* const heads[] = {"@@ ", "2 @ ", "3 @ ", "@ "};
  line(std::string(heads[random_.below(4)]) + i + " in 0..<" + std::to_string(count) + " {");
  const size_t outer = scope_.size();
  std::vector<bool> assignable;
  for (Variable& v : scope_) {
    assignable.push_back(v.assignable);
    v.assignable = false;
  }
  scope_.push_back({i, pool_.int64, false});
  in_parallel_ = true;
  ++indent_;
  const std::string local = fresh("t");
  const uint32_t element = pool_.types[array].element;
  line(pool_.types[element].text + " " + local + " = " + expression(element, 1));
  scope_.push_back({local, element, true});
  if (random_.chance(50)) {
    line("if (" + bool_expression(2) + ") {");
    ++indent_;
    line(local + " = " + expression(element, 2));
    --indent_;
    line("}");
  }
  line(name + "[" + i + "] = " + local);
  --indent_;
  line("}");
  in_parallel_ = false;
  scope_.resize(outer);
  for (size_t k = 0; k < outer; ++k) {
    scope_[k].assignable = assignable[k];
  }
  scope_.push_back({name, array, true});
}

void ProgramWriter::reduction_loop(uint32_t) {
  const bool is_float = random_.chance(40);
  const uint32_t type = is_float ? pool_.float64 : pool_.int64;
  const std::string name = fresh("r");
  const std::string i = fresh("i");
  line(pool_.types[type].text + " " + name + " = " + (is_float ? "0.5" : "1"));
  line((random_.chance(60) ? "@@ " : random_.chance(50) ? "4 @ " : "@ ") + i + " in 0..<" + std::to_string(random_.below(5000)) + " {");
  if (is_float) {
    line("  " + name + " += 1.0 / float64(" + i + " + " + std::to_string(1 + random_.below(9)) + ")");
  } else {
    static const char* const ops[] = {" += ", " ^= ", " |= ", " -= "};
    line("  " + name + ops[random_.below(4)] + "(" + i + " * " + std::to_string(random_.below(1000)) + ") % " + std::to_string(1 + random_.below(500)));
  }
  line("}");
  scope_.push_back({name, type, true});
}

void ProgramWriter::print_variable(const Variable& v) {
  const Type& type = pool_.types[v.type];
  if (type.shape == Shape::Array) {
    const std::string x = fresh("x");
    line("printf(\"" + v.name + " %v:\", " + v.name + ".length)");
    line("@ " + x + " in " + v.name + " { printf(\" %v\", " + x + ") }");
    line("printf(\"\\n\")");
  } else if (type.shape == Shape::Struct) {
    for (size_t f = 0; f < pool_.structs[type.number].fields.size(); ++f) {
      line("printf(\"" + v.name + ".f" + std::to_string(f) + " = %v\\n\", " + v.name + ".f" + std::to_string(f) + ")");
    }
  } else if (type.shape == Shape::Enum) {
    line("printf(\"" + v.name + " = %v\\n\", int64(" + v.name + "))");
  } else {
    line("printf(\"" + v.name + " = %v\\n\", " + v.name + ")");
  }
}

void ProgramWriter::pattern_statement() {
  const std::string name = fresh("q");
  switch (random_.below(4)) {
    case 0:
      line("let " + name + " = try(" + expression(pool_.int64, 0) + ")");
      line("printf(\"" + name + " %v %v\\n\", " + name + ".ok, " + name + ".or(7))");
      break;
    case 1:
      line("let " + name + " = match(" + expression(pool_.int64, 1) + " & 7, 0 => 10, 1 | 2 => 20, 3..=5 => 30, n => n * 100)");
      scope_.push_back({name, pool_.int64, true});
      break;
    case 2:
      line("let " + name + " = map(0..<" + std::to_string(random_.below(50)) + ", k => k * k).filter(k => k % " + std::to_string(1 + random_.below(5)) +
           " != 1).fold(0, (a, k) => a + k)");
      scope_.push_back({name, pool_.int64, true});
      break;
    default:
      line("let " + name + " = find(0..<" + std::to_string(1 + random_.below(60)) + ", k => k * k > " + std::to_string(random_.below(2000)) + ")");
      line("printf(\"" + name + " %v\\n\", " + name + ".or(-1))");
      break;
  }
}

void ProgramWriter::mapping_statement() {
  const std::string name = fresh("m");
  line("mapping(int64 => int64) " + name);
  const std::string i = fresh("i");
  line("@ " + i + " in 0..<" + std::to_string(1 + random_.below(30)) + " { " + name + "[" + i + " % " + std::to_string(1 + random_.below(9)) + "] += " + i +
       " }");
  line("printf(\"" + name + " %v %v %v\\n\", " + name + ".length, " + name + "[0], " + name + "[" + std::to_string(random_.below(12)) + "])");
}

void ProgramWriter::statement(uint32_t depth) {
  const uint32_t kind = random_.below(100);
  if (kind < 30) {
    declare(depth);
  } else if (kind < 55) {
    assign(depth);
  } else if (kind < 65 && depth < 3) {
    line("if (" + bool_expression(1) + ") {");
    block(1 + random_.below(3), depth + 1);
    if (random_.chance(50)) {
      line("} else {");
      block(1 + random_.below(3), depth + 1);
    }
    line("}");
  } else if (kind < 75 && depth < 3 && loop_nesting_ < 2) {
    sequential_loop(depth);
  } else if (kind < 80 && loop_nesting_ == 0) {
    parallel_loop(depth);
  } else if (kind < 85 && loop_nesting_ == 0) {
    reduction_loop(depth);
  } else if (kind < 90) {
    pattern_statement();
  } else if (kind < 93) {
    mapping_statement();
  } else if (!scope_.empty()) {
    print_variable(Variable(scope_[random_.below(static_cast<uint32_t>(scope_.size()))]));
  } else {
    declare(depth);
  }
}

void ProgramWriter::function(uint32_t number) {
  FunctionSignature f{"f" + std::to_string(number), {}, random_.below(static_cast<uint32_t>(pool_.types.size()))};
  std::string head = "function " + f.name + "(";
  scope_.clear();
  const uint32_t parameters = random_.below(5);
  for (uint32_t i = 0; i < parameters; ++i) {
    const auto type = random_.below(static_cast<uint32_t>(pool_.types.size()));
    const std::string name = fresh("a");
    head += (i != 0 ? ", " : "") + pool_.types[type].text + " " + name;
    f.parameters.push_back(type);
    scope_.push_back({name, type, true});
  }
  line(head + ") returns (" + pool_.types[f.result].text + ") {");
  ++indent_;
  const uint32_t statements = 1 + random_.below(5);
  for (uint32_t i = 0; i < statements; ++i) {
    statement(1);
  }
  line("return " + expression(f.result, 1));
  --indent_;
  line("}\n");
  functions_.push_back(std::move(f));
}

/// A function of a few constructs; what it panics with is printed by its caller, and the program goes on.
void ProgramWriter::scenario(uint32_t number) {
  scope_.clear();
  const uint32_t type = any_scalar();
  const std::string whole = fresh("a");
  const std::string other = fresh("a");
  line("function scenario" + std::to_string(number) + "(int64 " + whole + ", " + pool_.types[type].text + " " + other + ") returns (int64) {");
  ++indent_;
  scope_.push_back({whole, pool_.int64, true});
  scope_.push_back({other, type, true});
  for (uint32_t i = 1 + random_.below(5); i != 0; --i) {
    if (random_.chance(70)) {
      feature();
    } else {
      statement(1);
    }
  }
  for (const Variable& v : std::vector<Variable>(scope_)) {
    print_variable(v);
  }
  line("return " + expression(pool_.int64, 1));
  --indent_;
  line("}\n");
  scenarios_.push_back(type);
}

std::string ProgramWriter::write_racy() {
  racy_ = true;
  line("function main() returns (int64) {");
  ++indent_;
  array_loop();
  line("return 0");
  --indent_;
  line("}\n");
  return out_ + late_;
}

std::string ProgramWriter::write() {
  out_ = pool_.declarations();
  overloads();
  const uint32_t function_count = random_.below(5);
  for (uint32_t i = 0; i < function_count; ++i) {
    function(i);
  }
  for (uint32_t i = 0, count = 1 + random_.below(4); i < count; ++i) {
    scenario(i);
  }
  scope_.clear();
  line("function main() returns (int64) {");
  ++indent_;
  for (size_t i = 0; i < scenarios_.size(); ++i) {
    for (uint32_t calls = 1 + random_.below(2); calls != 0; --calls) {
      line("println(\"scenario\", try(scenario" + std::to_string(i) + "(" + std::to_string(random_.below(1000)) + ", " + literal(scenarios_[i]) + ")))");
    }
  }
  const uint32_t statements = 4 + random_.below(14);
  for (uint32_t i = 0; i < statements; ++i) {
    statement(0);
  }
  for (const Variable& v : std::vector<Variable>(scope_)) {
    print_variable(v);
  }
  line("return " + std::to_string(random_.below(4)));
  --indent_;
  line("}");
  return out_ + "\n" + late_;
}

}  // namespace omega::random_programs
