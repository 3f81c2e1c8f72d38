// SPDX-License-Identifier: Apache-2.0
// One construct of the language after the other, around random expressions; what each computes is printed.
#include <set>

#include "test/random_programs/program_writer.h"

namespace omega::random_programs {

namespace {

std::string number(uint32_t value) { return std::to_string(value); }

}  // namespace

void ProgramWriter::open(const std::string& head) {
  line(head + " {");
  ++indent_;
}

void ProgramWriter::close(const std::string& tail) {
  --indent_;
  line("}" + tail);
}

uint32_t ProgramWriter::any_scalar() { return pool_.scalars[random_.below(static_cast<uint32_t>(pool_.scalars.size()))]; }

uint32_t ProgramWriter::any_integer() { return pool_.integers[random_.below(static_cast<uint32_t>(pool_.integers.size()))]; }

void ProgramWriter::bind(const std::string& name, uint32_t type, const std::string& value) {
  line(pool_.types[type].text + " " + name + " = " + value);
  scope_.push_back({name, type, true});
}

void ProgramWriter::overloads() {
  line("function over(string x) returns (string) { return \"string \" + x }");
  std::set<std::string> seen;
  for (const uint32_t type : pool_.scalars) {
    if (!seen.insert(pool_.types[type].text).second) {
      continue;
    }
    line("function over(" + pool_.types[type].text + " x) returns (string) { return format(\"" + pool_.types[type].text + " %v\", x) }");
  }
  line("function twice<T>(T x, function(T) returns (T) g) returns (T) { return g(g(x)) }");
  line("function swapped<T, U>(T a, U b) returns (U, T) { return (b, a) }");
  line("function counted(int64[] log, int64 x) returns (int64) { log[0] += 1; return x }");
  line(
      "function positive(int64 x) returns (Result<int64>) { if x < 0 { return Result.error<int64>(\"negative \" + string(x)) } return "
      "Result.ok(x) }");
  line(
      "function both(int64 a, int64 b) returns (Result<int64>) { let x = try positive(a); let y = try positive(b); return Result.ok(x / 2 "
      "+ y / 2) }");
  line("function scaled(int64 by) returns (function(int64) returns (int64)) { return x => (x & 1023) * (by & 1023) }");
  line(
      "function named(int64 a, int64 b) returns (int64 half, string words) { half = a / 2; if b > 7 { return (half, \"early\") } words = "
      "string(b) }\n");
}

void ProgramWriter::while_feature() {
  const std::string left = fresh("w");
  const bool first = random_.chance(60);
  line("int64 " + left + " = " + number(random_.below(12)));
  open(first ? "while " + left + " > 0" : "do");
  line(left + " -= " + number(1 + random_.below(3)));
  if (random_.chance(50)) {
    line("if (" + bool_expression(2) + ") { continue }");
  }
  ++loop_nesting_;
  const size_t outer = scope_.size();
  scope_.push_back({left, pool_.int64, false});
  --indent_;
  block(1 + random_.below(3), 2);
  ++indent_;
  if (random_.chance(50)) {
    line("if (" + bool_expression(2) + ") { " + (random_.chance(70) ? "break" : "return " + expression(pool_.int64, 2)) + " }");
  }
  scope_.resize(outer);
  --loop_nesting_;
  close(first ? "" : " while (" + left + " > 0)");
}

void ProgramWriter::unchecked_feature() {
  const uint32_t type = any_integer();
  const Type& t = pool_.types[type];
  const std::string name = fresh("u");
  bind(name, type, expression(type, 1));
  open("unchecked");
  static const char* const ops[] = {" += ", " -= ", " *= ", " ^= ", " |= ", " &= "};
  for (uint32_t i = 1 + random_.below(4); i != 0; --i) {
    line(name + ops[random_.below(6)] + expression(type, 2));
  }
  const uint32_t from = any_integer();
  line(name + " = " + name + " ^ " + t.text + "(" + expression(from, 2) + ")");
  line(random_.chance(50) ? name + "++" : name + "--");
  line(name + " = " + name + (random_.chance(50) ? " << " : " >> ") + number(random_.below(t.bits + 2u)));
  close();
  line("println(\"" + name + "\", " + name + ")");
}

void ProgramWriter::compound_feature() {
  const uint32_t type = any_integer();
  const Type& t = pool_.types[type];
  const std::string name = fresh("c");
  bind(name, type, t.text + "(" + number(random_.below(120)) + ")");
  for (uint32_t i = 2 + random_.below(4); i != 0; --i) {
    switch (random_.below(7)) {
      case 0: line(name + " += " + t.text + "(" + number(random_.below(9)) + ")"); break;
      case 1: line(name + " /= " + expression(type, 3) + " | " + t.text + "(1)"); break;
      case 2: line(name + " %= " + t.text + "(" + number(1 + random_.below(40)) + ")"); break;
      case 3: line(name + " <<= " + number(random_.below(5))); break;
      case 4: line(name + " >>= " + number(random_.below(t.bits))); break;
      case 5: line(name + " *= " + t.text + "(" + number(random_.below(3)) + ")"); break;
      default: line(name + " = (" + name + " & " + t.text + "(3)) ** " + number(random_.below(4))); break;
    }
  }
  line("println(\"" + name + "\", " + name + (random_.chance(50) ? "++" : "--") + ", " + name + ")");
}

void ProgramWriter::call_feature() {
  const std::string name = fresh("o");
  switch (random_.below(6)) {
    case 0:
      line("println(over(" + expression(any_scalar(), 1) + "), over(" + expression(pool_.string, 1) + "), over(" + expression(any_scalar(), 2) + "))");
      break;
    case 1: {
      const uint32_t type = any_scalar();
      const std::string x = fresh("x");
      const std::string start = expression(type, 2);
      scope_.push_back({x, type, false});
      const std::string body = expression(type, 2);
      scope_.pop_back();
      line("println(twice(" + start + ", (" + pool_.types[type].text + " " + x + ") => " + body + "))");
      break;
    }
    case 2: {
      const uint32_t a = any_scalar();
      const uint32_t b = any_scalar();
      const std::string other = fresh("o");
      line("let (" + name + ", " + other + ") = swapped(" + expression(a, 1) + ", " + expression(b, 1) + ")");
      scope_.push_back({name, b, true});
      scope_.push_back({other, a, true});
      break;
    }
    case 3: {
      const std::string log = fresh("log");
      line("let " + log + " = [0]");
      line("println(counted(" + log + ", " + expression(pool_.int64, 2) + ") | counted(" + log + ", " + log + "[0]) | " + log + "[0], " + log +
           "[0] > 1 && counted(" + log + ", 3) == 3, " + log + ")");
      break;
    }
    case 4:
      line("println(positive(" + expression(pool_.int64, 2) + "), both(" + expression(pool_.int64, 2) + ", " + expression(pool_.int64, 2) + ").or(-1))");
      break;
    default: {
      const std::string words = fresh("o");
      line("let (" + name + ", " + words + ") = named({b: " + expression(pool_.int64, 2) + ", a: " + expression(pool_.int64, 2) + "})");
      scope_.push_back({name, pool_.int64, true});
      scope_.push_back({words, pool_.string, true});
      break;
    }
  }
}

/// A lambda that captures what is in scope; a captured variable changes after it was made.
void ProgramWriter::closure_feature() {
  const std::string name = fresh("h");
  const uint32_t parameter = any_scalar();
  const uint32_t result = any_scalar();
  const std::string captured = fresh("v");
  bind(captured, pool_.int64, expression(pool_.int64, 2));
  const std::string x = fresh("x");
  scope_.push_back({x, parameter, false});
  std::string body = expression(result, 1);
  if (random_.chance(40)) {
    const std::string local = fresh("y");
    const std::string value = expression(pool_.int64, 2);
    scope_.push_back({local, pool_.int64, false});
    body = "{ let " + local + " = " + value + " ^ " + captured + "; return " + expression(result, 2) + " }";
    scope_.pop_back();
  }
  scope_.pop_back();
  line("let " + name + " = (" + pool_.types[parameter].text + " " + x + ") => " + body);
  line(captured + " = " + expression(pool_.int64, 2));
  const std::string got = fresh("v");
  bind(got, result, name + "(" + expression(parameter, 2) + ")");
  if (random_.chance(40)) {
    const std::string many = fresh("h");
    const std::string y = fresh("x");
    line("let " + many + " = [scaled(" + captured + "), (int64 " + y + ") => " + y + " ^ " + captured + "]");
    line("println(\"" + many + "\", " + many + "[0](5), " + many + "[" + number(random_.below(10) == 0 ? 2 : 1) + "](" + expression(pool_.int64, 2) + "))");
  }
}

void ProgramWriter::tuple_feature() {
  const uint32_t a = any_scalar();
  const uint32_t b = random_.chance(50) ? a : any_scalar();
  const std::string first = fresh("t");
  const std::string second = fresh("t");
  line("(" + pool_.types[a].text + " " + first + ", " + pool_.types[b].text + " " + second + ") = (" + expression(a, 1) + ", " + expression(b, 1) + ")");
  scope_.push_back({first, a, true});
  scope_.push_back({second, b, true});
  if (a == b) {
    line("(" + first + ", " + second + ") = (" + second + ", " + expression(a, 2) + ")");
  }
  line("println((" + first + ", " + second + ", \"t\"))");
}

void ProgramWriter::array_feature() {
  const uint32_t array = pool_.arrays[random_.below(static_cast<uint32_t>(pool_.arrays.size()))];
  const uint32_t element = pool_.types[array].element;
  const std::string name = fresh("s");
  bind(name, array, array_expression(array, 1));
  for (uint32_t i = 1 + random_.below(3); i != 0; --i) {
    line(name + ".push(" + expression(element, 2) + ")");
  }
  const std::string view = fresh("s");
  const uint32_t low = random_.below(3);
  const uint32_t high = random_.chance(8) ? 40 : low + random_.below(2);
  static const char* const kinds[] = {"..<", "..=", ":"};
  bind(view, array, name + "[" + number(low) + kinds[random_.below(3)] + number(high) + "]");
  line("@ k in 0..<" + view + ".length { " + view + "[k] = " + expression(element, 3) + " }");
  switch (random_.below(7)) {
    case 0: line(name + ".reverse()"); break;
    case 1: line(name + ".append(" + view + ")"); break;
    case 2: line("println(" + name + ".pop(), " + name + ".length)"); break;
    case 3: line(name + ".fill(" + expression(element, 2) + ")"); break;
    case 4:
      line(view + " = copy(" + name + ")");
      line(view + ".push(" + expression(element, 2) + ")");
      break;
    case 5:
      if (element != pool_.boolean) {
        line(random_.chance(50) ? name + ".sort()" : "sort(" + name + ", (a, b) => a > b)");
      }
      break;
    default: line("println(" + name + ".contains(" + expression(element, 2) + "))"); break;
  }
  line("println(\"" + name + "\", " + name + ", " + view + ")");
}

void ProgramWriter::nested_array_feature() {
  const uint32_t element = any_scalar();
  const std::string text = pool_.types[element].text;
  const std::string name = fresh("g");
  const uint32_t rows = 1 + random_.below(5);
  if (random_.chance(35)) {
    const uint32_t columns = 1 + random_.below(4);
    line(text + "[" + number(columns) + "][" + number(rows) + "] " + name);
    line(name + "[" + number(random_.below(rows)) + "][" + number(random_.below(columns)) + "] = " + expression(element, 1));
  } else {
    line("let " + name + " = new " + text + "[][](" + number(rows) + ")");
    const std::string i = fresh("i");
    open((random_.chance(50) ? "@@ " : "@ ") + i + " in 0..<" + number(rows));
    line(name + "[" + i + "] = new " + text + "[](" + i + " % 3 + 1, " + literal(element) + ")");
    close();
    open((random_.chance(50) ? "@@ " : "@ ") + i + " in 0..<" + number(rows));
    line("@ k in 0..<" + name + "[" + i + "].length { " + name + "[" + i + "][k] = " + literal(element) + " }");
    close();
  }
  line("println(\"" + name + "\", " + name + ")");
}

void ProgramWriter::mapping_feature() {
  const bool by_text = random_.chance(40);
  const uint32_t key = by_text ? pool_.string : random_.chance(15) ? pool_.float64 : any_integer();
  const uint32_t value = random_.chance(30) ? pool_.string : any_scalar();
  const std::string name = fresh("m");
  line("mapping(" + pool_.types[key].text + " => " + pool_.types[value].text + ") " + name);
  for (uint32_t i = 1 + random_.below(4); i != 0; --i) {
    line(name + "[" + expression(key, 2) + "] = " + expression(value, 1));
  }
  const std::string probe = fresh("k");
  bind(probe, key, expression(key, 2));
  line("println(\"" + name + "\", " + name + "[" + probe + "], " + name + ".contains(" + probe + "), " + name + ".length)");
  if (random_.chance(40)) {
    line(name + ".remove(" + probe + ")");
    line(name + "[" + probe + "] = " + expression(value, 2));
  }
  line("println(" + name + ", " + name + ".keys(), " + name + ".values())");
}

void ProgramWriter::match_feature() {
  const std::string name = fresh("q");
  const uint32_t result = any_scalar();
  auto arm = [&] { return expression(result, 2); };
  const std::string text = pool_.types[result].text + " " + name + " = ";
  switch (random_.below(4)) {
    case 0:
      line(text + "match(" + expression(pool_.string, 1) + ", \"\" => " + arm() + ", \"a\" | \"omega\" => " + arm() + ", s if s.length > 4 => " + arm() +
           ", _ => " + arm() + ")");
      break;
    case 1: line(text + "match(" + bool_expression(1) + ", true => " + arm() + ", false => " + arm() + ")"); break;
    case 2: {
      const uint32_t type = any_integer();
      const std::string low = number(random_.below(20));
      line(text + "match(" + expression(type, 1) + ", " + low + " => " + arm() + ", 20..=60 => " + arm() + ", 61..<100 | 120 => " + arm() + ", n if n > " +
           number(random_.below(100)) + " => { let z = " + arm() + "; z }, _ => " + arm() + ")");
      break;
    }
    default:
      bind(fresh("q"), pool_.int64, expression(pool_.int64, 1));
      open("match " + scope_.back().name + " & 3");
      line("0 => println(\"zero\"),");
      line("1 => { println(" + expression(pool_.string, 2) + "); return " + expression(pool_.int64, 2) + " },");
      line("n if n == " + number(random_.below(4)) + " => { println(n) },");
      line("_ => println(\"other\"),");
      close();
      return;
  }
  scope_.push_back({name, result, true});
}

void ProgramWriter::task_feature() {
  auto whole = [&] { return expression(pool_.int64, 2); };
  switch (random_.below(9)) {
    case 0:
      line("println(recurse(" + number(random_.below(14)) + ", (self, n) => n < 2 ? n : self(n - 1) + self(n - 2)" +
           (random_.chance(50) ? ", .memo: true" : ", .parallel: true") + "))");
      break;
    case 1:
      line("println(parallel([() => " + whole() + ", () => " + whole() + ", () => " + whole() + "]" + (random_.chance(50) ? ", .on_error: \"collect\"" : "") +
           "))");
      break;
    case 2: line("println(try(" + expression(any_scalar(), 1) + "), try(" + whole() + ", .catch: e => " + "e.length" + "))"); break;
    case 3: line("println(validate(" + whole() + ", [(x => x > " + number(random_.below(50)) + ", \"small\"), (x => x % 2 == 0, \"odd\")]))"); break;
    case 4: {
      const std::string tries = fresh("log");
      line("let " + tries + " = [0]");
      line("println(retry(() => { counted(" + tries + ", 1); require(" + tries + "[0] > " + number(random_.below(4)) + ", \"again \" + string(" + tries +
           "[0])); return " + whole() + " }, 3), " + tries + ")");
      break;
    }
    case 5: line("println(run([() => " + whole() + ", () => " + whole() + "]), collect(0..<" + number(random_.below(90)) + ", .limit: 5))"); break;
    case 6: line("println(cache(" + whole() + " & 1, " + whole() + "), try(parallel([1, 2 / (" + whole() + ")])))"); break;
    case 7:
      line("println(try(() => { let a = [" + whole() + ", 2]; return a[" + whole() +
           " & 3] }), recurse(\"abc\", (self, s) => s.length == 0 ? \"\" : self(s.slice(1, s.length)) + s.slice(0, 1)))");
      break;
    default:
      line("println(try(() => { require(" + bool_expression(2) + ", " + expression(pool_.string, 2) + "); assert(" + bool_expression(2) + "); if " +
           bool_expression(3) + " { revert(\"no\") } return " + whole() + " }))");
      break;
  }
}

void ProgramWriter::text_feature() {
  const std::string name = fresh("z");
  bind(name, pool_.string, string_expression(1) + " + \"a,b c\"");
  static const char* const uses[] = {
      ".upper()",          ".lower()", ".trim()", ".split(\",\")", ".replace(\"a\", \"bb\")", ".find(\"b\")", ".contains(\"x\")", ".starts_with(\"o\")",
      ".ends_with(\"c\")", ".length"};
  line("println(" + name + uses[random_.below(10)] + ", " + name + uses[random_.below(10)] + ", " + name + "[" + number(random_.below(6)) + "])");
  switch (random_.below(6)) {
    case 0: line("println(join(" + name + ".split(\" \"), \"-\"), parse_int(string(" + expression(pool_.int64, 2) + ")), parse_int(" + name + "))"); break;
    case 1: {
      static const char* const formats[] = {"%d|%5d", "%x|%-8d", "%o|%+d", "%b|%08d", "%#x|% d", "%X|%v"};
      line(std::string("printf(\"") + formats[random_.below(6)] + "|%s\\n\", " + expression(any_integer(), 2) + ", " + expression(any_integer(), 2) + ", " +
           name + ")");
      break;
    }
    case 2: {
      static const char* const formats[] = {"%f|%e", "%g|%.3f", "%10.2f|%v", "%.0f|%-12g", "%+.1e|%f"};
      line(std::string("printf(\"") + formats[random_.below(5)] + "|%q\\n\", " + expression(pool_.float64, 1) + ", " + expression(pool_.float64, 1) + ", " +
           name + ")");
      break;
    }
    case 3:
      line("int64 " + name + "n = 0");
      line("@ b in " + name + " { " + name + "n = " + name + "n * 31 % 65521 + int64(b) }");
      scope_.push_back({name + "n", pool_.int64, true});
      break;
    case 4: {
      const std::string b = fresh("b");
      line("bytes " + b + " = bytes(" + name + ")");
      line("println(" + b + ", " + b + ".length, " + b + "[" + number(random_.below(8)) + "], string(" + b + ") == " + name + ")");
      break;
    }
    default:
      line("println(" + name + ".slice(" + number(random_.below(3)) + ", " + number(3 + random_.below(4)) + "), " + name + " < " + expression(pool_.string, 2) +
           ", parse_float(string(" + expression(pool_.float64, 2) + ")))");
      break;
  }
}

void ProgramWriter::reference_feature() {
  if (pool_.structs.empty()) {
    return tuple_feature();
  }
  const uint32_t s = random_.below(static_cast<uint32_t>(pool_.structs.size()));
  const std::string text = "S" + number(s);
  uint32_t type = 0;
  for (uint32_t t = 0; t < pool_.types.size(); ++t) {
    if (pool_.types[t].text == text) {
      type = t;
    }
  }
  const uint32_t field = pool_.structs[s].fields[0];
  const std::string list = fresh("l");
  line(text + "[] " + list);
  for (uint32_t i = 2 + random_.below(3); i != 0; --i) {
    line(list + ".push(" + expression(type, 1) + ")");
  }
  const std::string one = fresh("v");
  bind(one, type, random_.chance(50) ? list + "[0]" : "copy(" + list + "[1])");
  line(one + ".f0 = " + expression(field, 1));
  if (random_.chance(60)) {
    const std::string i = fresh("i");
    line((random_.chance(50) ? "@@ " : "@ ") + i + " in 0..<" + list + ".length { " + list + "[" + i + "].f0 = " + literal(field) + " }");
  }
  line("println(\"" + list + "\", " + list + ", " + one + ")");
}

void ProgramWriter::feature() {
  switch (random_.below(16)) {
    case 0: return while_feature();
    case 1: return unchecked_feature();
    case 2: return compound_feature();
    case 3: return call_feature();
    case 4: return closure_feature();
    case 5: return tuple_feature();
    case 6: return array_feature();
    case 7: return nested_array_feature();
    case 8: return mapping_feature();
    case 9: return match_feature();
    case 10: return task_feature();
    case 11: return text_feature();
    case 12: return reference_feature();
    case 13: return atomic_loop();
    case 14: return general_parallel_loop();
    default: return array_loop();
  }
}

}  // namespace omega::random_programs
