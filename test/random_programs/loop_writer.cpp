// SPDX-License-Identifier: Apache-2.0
// Loops over arrays: parallel ones that are free of races by construction, plain ones whose dependences are drawn at random (so that found
// parallelism has all there is to see through), and parallel ones of the same kind, which are rejected or must give one answer.
#include "test/random_programs/program_writer.h"

namespace omega::random_programs {

namespace {

std::string number(uint32_t value) { return std::to_string(value); }

}  // namespace

/// Any statements over private variables, several reductions, output, and an element of a fresh array.
void ProgramWriter::general_parallel_loop() {
  const uint32_t element = any_scalar();
  const std::string text = pool_.types[element].text;
  const std::string array = fresh("p");
  const std::string sum = fresh("r");
  const std::string extreme = fresh("r");
  const std::string i = fresh("i");
  const uint32_t low = random_.below(4);
  const uint32_t count = random_.chance(10) ? 0 : 1 + random_.below(random_.chance(20) ? 700 : 30);
  const uint32_t stride = 1 + random_.below(3);
  const uint32_t shift = random_.below(3);
  line("let " + array + " = new " + text + "[](" + number((low + count) * stride + shift + 1) + ")");
  line("int64 " + sum + " = " + expression(pool_.int64, 2) + " & 65535");
  line("int64 " + extreme + " = " + expression(pool_.int64, 2));
  static const char* const heads[] = {"@@ ", "@@ ", "1 @ ", "2 @ ", "3 @ ", "(1 + 4) @ "};
  open(heads[random_.below(6)] + i + " in " + number(low) + (random_.chance(50) ? "..<" + number(low + count) : "..=" + number(low + count)));
  const size_t outer = scope_.size();
  std::vector<bool> assignable;
  for (Variable& v : scope_) {
    assignable.push_back(v.assignable);
    v.assignable = false;
  }
  scope_.push_back({i, pool_.int64, false});
  const bool was_parallel = in_parallel_;
  in_parallel_ = true;
  if (random_.chance(40)) {
    line("if (" + bool_expression(2) + ") { continue }");
  }
  const std::string local = fresh("t");
  bind(local, element, expression(element, 1));
  ++loop_nesting_;
  --indent_;
  block(random_.below(4), 2);
  ++indent_;
  --loop_nesting_;
  if (count < 40 && random_.chance(40)) {
    line("printf(\"" + i + " %v %v\\n\", " + i + ", " + expression(any_scalar(), 2) + ")");
  }
  static const char* const folds[] = {" += ", " -= ", " ^= ", " |= ", " &= "};
  line(sum + folds[random_.below(5)] + "(" + expression(pool_.int64, 2) + " & 65535)");
  if (random_.chance(60)) {
    line(extreme + " = " + (random_.chance(50) ? "min(" : "max(") + extreme + ", " + expression(pool_.int64, 2) + ")");
  }
  line(array + "[" + (stride == 1 ? i : number(stride) + " * " + i) + (shift == 0 ? "" : " + " + number(shift)) + "] = " + local);
  in_parallel_ = was_parallel;
  scope_.resize(outer);
  for (size_t k = 0; k < outer; ++k) {
    scope_[k].assignable = assignable[k];
  }
  close();
  scope_.push_back({sum, pool_.int64, true});
  scope_.push_back({extreme, pool_.int64, true});
  if (const uint32_t type = pool_.array_of(element); type != 0) {
    scope_.push_back({array, type, true});
  }
  line("println(\"" + array + "\", " + sum + ", " + extreme + ", " + array + ".length" + (count < 50 ? ", " + array : "") + ")");
}

void ProgramWriter::atomic_loop() {
  const uint32_t any = any_integer();
  const uint16_t bits = pool_.types[any].bits;
  const uint32_t type = bits == 8 || bits == 16 || bits == 32 ? any : pool_.int64;
  const std::string text = pool_.types[type].text;
  const std::string counts = fresh("p");
  const std::string one = fresh("r");
  const std::string i = fresh("i");
  static const char* const updates[] = {"atomic_add", "atomic_sub", "atomic_min", "atomic_max", "atomic_and", "atomic_or", "atomic_xor"};
  const uint32_t cells = 1 + random_.below(6);
  line("let " + counts + " = new " + text + "[](" + number(cells) + ")");
  line(text + " " + one + " = " + literal(type));
  open((random_.chance(70) ? "@@ " : "3 @ ") + i + " in 0..<" + number(random_.below(900)));
  line(std::string(updates[random_.below(7)]) + "(" + counts + "[" + i + " * " + number(1 + random_.below(9)) + " % " + number(cells) + "], " + text + "(" + i +
       " & 63))");
  line(std::string(updates[random_.below(7)]) + "(" + one + ", " + text + "(" + i + " % 101))");
  close();
  scope_.push_back({one, type, true});
  line("println(\"" + counts + "\", " + counts + ", " + one + ")");
}

/// `a` or `b` at an index that is mostly affine in the loop variable.
std::string ProgramWriter::element_at(const std::string& i, uint32_t length) {
  const std::string array = random_.chance(60) ? "a" : "b";
  switch (random_.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: return array + "[" + i + "]";
    case 4:
    case 5: return array + "[" + i + " + " + number(1 + random_.below(2)) + "]";
    case 6: return array + "[" + i + " - " + number(1 + random_.below(2)) + "]";
    case 7: return array + "[" + number(length - 1) + " - " + i + "]";
    case 8: return array + "[" + number(random_.below(4)) + "]";
    case 9: return array + "[" + i + " / 2]";
    case 10: return array + "[" + i + " % " + number(1 + random_.below(length)) + "]";
    default: return array + "[(" + i + " * " + number(2 + random_.below(5)) + " + p) & " + number(random_.below(length)) + "]";
  }
}

std::string ProgramWriter::loop_value(uint32_t element, const std::string& i, uint32_t length) {
  const Type& type = pool_.types[element];
  auto one = [&]() -> std::string {
    const uint32_t kind = random_.below(10);
    if (kind < 6) {
      return element_at(i, length);
    }
    if (kind < 8) {
      return type.shape == Shape::Bool ? "(" + i + " & p) == 0" : type.text + "(" + i + " & 15)";
    }
    return literal(element);
  };
  if (type.shape == Shape::Bool) {
    static const char* const ops[] = {" == ", " != ", " && ", " || "};
    return "(" + one() + ")" + ops[random_.below(4)] + "(" + one() + ")";
  }
  if (type.shape != Shape::Integer) {
    static const char* const ops[] = {" + ", " - ", " * 0.5 + ", " / "};
    return one() + ops[random_.below(type.shape == Shape::Float64 ? 4 : 2)] + one();
  }
  switch (random_.below(6)) {
    case 0: return "(" + one() + " & " + type.text + "(31)) + (" + one() + " & " + type.text + "(31))";
    case 1: return "(" + one() + " & " + type.text + "(7)) * (" + one() + " & " + type.text + "(7))";
    case 2: return one() + " ^ " + one();
    case 3: return "max(" + one() + ", " + one() + ")";
    case 4: return random_.chance(30) ? one() + " + " + one() : one() + " | " + one();
    default: return random_.chance(20) ? one() + " / " + one() : "(" + one() + " >> 1) % " + type.text + "(13)";
  }
}

/// A function with one loop over `a` and `b`, which may be the same array or share elements, called so that what it did up to a panic is
/// seen.
void ProgramWriter::array_loop() {
  const uint32_t element = any_scalar();
  const Type& type = pool_.types[element];
  const std::string name = fresh("loop");
  const std::string i = "i";
  static const uint32_t lengths[] = {4, 9, 40, 40, 300, 6000};
  const uint32_t length = lengths[random_.below(6)];
  const uint32_t last = length + (random_.chance(12) ? 1 : 0);
  std::string head;
  std::string step;
  const std::string first = number(random_.below(3));
  const uint32_t form = racy_ ? 0 : random_.below(6);
  if (form == 4) {
    head = "for (int64 i = " + number(last - 1) + "; i >= " + first + "; i--)";
  } else if (form == 5) {
    head = "int64 i = " + first + "\n  while i < " + number(last);
    step = "i += " + number(1 + random_.below(2));
  } else if (form == 3) {
    head = "for (int64 i = " + first + "; i < " + number(last) + "; i += " + number(1 + random_.below(3)) + ")";
  } else {
    const bool parallel = racy_;
    head = (parallel ? (random_.chance(60) ? "@@ " : "3 @ ") : "@ ") + ("i in " + first) + "..<" + (random_.chance(80) ? number(last) : "a.length");
  }
  std::string body;
  auto add = [&](const std::string& text) { body += "    " + text + "\n"; };
  const bool sums = random_.chance(40);
  const bool prints = length <= 40 && random_.chance(10);
  for (uint32_t k = 1 + random_.below(racy_ ? 2 : 3); k != 0; --k) {
    const std::string place = random_.chance(racy_ ? 80 : 60) ? (random_.chance(70) ? "a[i]" : "b[i]") : element_at(i, length);
    const std::string value = loop_value(element, i, length);
    switch (random_.below(6)) {
      case 0:
        add("if ((i & " + number(1 + random_.below(3)) + ") != 0 || " +
            (type.shape == Shape::Bool ? element_at(i, length) : element_at(i, length) + " > " + literal(element)) + ") { " + place + " = " + value + " }");
        break;
      case 1:
        add(type.text + " t" + number(k) + " = " + value);
        add(place + " = t" + number(k));
        break;
      case 2:
        if (type.shape == Shape::Integer) {
          add(place + (random_.chance(50) ? " ^= " : " |= ") + value);
          break;
        }
        [[fallthrough]];
      default: add(place + " = " + value); break;
    }
  }
  if (sums) {
    const std::string amount = type.shape == Shape::Integer ? "int64(" + element_at(i, length) + " & " + type.text + "(31))" : "(i & 7)";
    static const char* const folds[] = {"sum += ", "sum ^= ", "sum = max(sum, ", "sum = min(sum, "};
    const uint32_t f = random_.below(4);
    add(folds[f] + amount + (f > 1 ? ")" : ""));
  }
  if (racy_ && random_.chance(15)) {
    add("sum = i");
  }
  if (prints) {
    add("printf(\"%v \", i)");
  }
  if (!racy_ && random_.chance(15)) {
    add(std::string("if i * i > ") + number(random_.below(length * 9)) + " { " + (random_.chance(50) ? "break" : "return sum") + " }");
  }
  if (!racy_ && step.empty() && random_.chance(10)) {
    body = "    if i % " + number(2 + random_.below(4)) + " == 1 { continue }\n" + body;
  }
  if (!step.empty()) {
    add(step);
  }
  late_ += "function " + name + "(" + type.text + "[] a, " + type.text + "[] b, int64 p) returns (int64) {\n  int64 sum = 3\n  " + head + " {\n" + body +
           "  }\n  return sum\n}\n\n";

  const std::string a = fresh("s");
  const std::string b = fresh("s");
  const std::string k = fresh("i");
  const std::string value = type.shape == Shape::Bool ? k + " % 3 == 1" : type.text + "(" + k + " * 7 % 61)";
  line("let " + a + " = new " + type.text + "[](" + number(length) + ")");
  line("@ " + k + " in 0..<" + number(length) + " { " + a + "[" + k + "] = " + value + " }");
  const uint32_t sharing = random_.below(racy_ ? 8 : 5);
  line("let " + b + " = " +
       (sharing == 0   ? a
        : sharing == 1 ? a + "[" + number(random_.below(3)) + ":]"
        : sharing == 2 ? a + "[:" + number(length / 2) + "]"
                       : "copy(" + a + ")"));
  const std::string got = fresh("v");
  line("let " + got + " = try(" + name + "(" + a + ", " + b + ", " + number(random_.below(9)) + "))");
  const std::string show = length <= 40 ? a + ", " + b : a + "[:9], " + a + "[" + number(length - 9) + ":], " + b + "[:9]";
  line("println(\"" + name + "\", " + got + ")");
  line((racy_ ? "if " + got + ".ok { println(" : "println(") + show + (racy_ ? ") }" : ")"));
  if (type.shape == Shape::Integer && type.bits <= 64) {
    line((racy_ ? "if " + got + ".ok { println(" : "println(") + "fold(" + a + ", int64(0), (h, x) => (h * 31 + int64(x & " + type.text + "(127))) % 65521)" +
         (racy_ ? ") }" : ")"));
  } else if (type.shape == Shape::Float64) {
    line((racy_ ? "if " + got + ".ok { println(" : "println(") + "fold(" + a + ", 0.0, (h, x) => h * 0.5 + x)" + (racy_ ? ") }" : ")"));
  }
}

}  // namespace omega::random_programs
