// SPDX-License-Identifier: Apache-2.0
// Names, expressions, blocks and declarations of a function's C text.
#include "omega/codegen/c/function_writer.h"

#include <algorithm>

#include "omega/codegen/c/types.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::c {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

/// Longer expressions get a variable, for people and for compilers.
constexpr size_t longest_inlined = 160;

bool is_word(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.'; });
}

}  // namespace

FunctionWriter::FunctionWriter(const Program& program, ir::FunctionId id) : program_(program), m_(program.module()), f_(m_.functions[id]), id_(id), flow_(f_) {}

void FunctionWriter::count_uses() {
  const size_t count = f_.insts.size();
  uses_.assign(count, 0);
  last_use_.assign(count, 0);
  escapes_.assign(count, 0);
  has_text_.assign(count, 0);
  inlined_.resize(count);
  slot_used_.assign(f_.slots.size(), 0);
  slot_read_.assign(f_.slots.size(), 0);
  string_used_.assign(f_.strings.size(), 0);
  jumps_to_.assign(f_.blocks.size(), 0);
  block_text_.resize(f_.blocks.size());
  find_live();
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      const Inst& in = inst(i);
      if (live_[i] == 0) {
        continue;
      }
      if (in.op == Op::SlotGet || in.op == Op::SlotSet) {
        slot_used_[in.a] = 1;
        slot_read_[in.a] |= in.op == Op::SlotGet;
      }
      ir::for_each_value(f_, in, [&](uint32_t v) {
        ++uses_[v];
        last_use_[v] = i;
        escapes_[v] |= v < f_.blocks[b].first || v >= f_.blocks[b].end;
      });
    }
  }
}

void FunctionWriter::find_live() {
  live_.assign(f_.insts.size(), 0);
  std::vector<ValueId> work;
  for (const BlockId b : flow_.order) {
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      if (!ir::is_removable(inst(i))) {
        live_[i] = 1;
        work.push_back(i);
      }
    }
  }
  while (!work.empty()) {
    const ValueId user = work.back();
    work.pop_back();
    ir::for_each_value(f_, inst(user), [&](uint32_t v) {
      if (live_[v] == 0) {
        live_[v] = 1;
        work.push_back(v);
      }
    });
  }
}

std::string FunctionWriter::variable(ValueId v) const {
  const Inst& in = inst(v);
  if (in.op == Op::Param) {
    return "p" + std::to_string(v);
  }
  return (in.op == Op::BlockArg ? "a" : "v") + std::to_string(v);
}

std::string FunctionWriter::slot_name(ir::SlotId slot) const {
  const ir::Slot& s = f_.slots[slot];
  std::string name;
  if (program_.options().names != nullptr && s.name.valid()) {
    for (const char c : program_.options().names->text(s.name)) {
      name += is_word(std::string(1, c)) && c != '.' ? c : '_';
    }
    name += '_';
  } else {
    name = "s";
  }
  return name + std::to_string(slot);
}

std::string FunctionWriter::expr(ValueId v) const { return has_text_[v] != 0 ? inlined_[v].text : variable(v); }

std::vector<uint32_t> FunctionWriter::reads_of(ValueId v) const {
  if (has_text_[v] != 0) {
    return inlined_[v].reads;
  }
  return inst(v).op == Op::BlockArg ? std::vector<uint32_t>{v | kArgument} : std::vector<uint32_t>{};
}

std::string FunctionWriter::place() const {
  const diag::SourceReader* sources = program_.options().sources;
  if (sources == nullptr || !f_.file.valid()) {
    return "0";
  }
  const base::LineColumn at = sources->locate(f_.file, f_.locations[at_]);
  return "OMC_AT(" + std::to_string(f_.file.index) + ", " + std::to_string(at.line) + ", " + std::to_string(std::min(at.column, 65535u)) + ")";
}

void FunctionWriter::line(const std::string& text) { block_text_[block_] += "  " + text + "\n"; }

std::string FunctionWriter::list(std::span<const uint32_t> values) const {
  std::string text;
  for (const ValueId v : values) {
    text += (text.empty() ? "" : ", ") + expr(v);
  }
  return text;
}

void FunctionWriter::write_variable(ValueId v, const std::string& text) {
  const std::string assignment = variable(v) + " = " + text + ";";
  if (escapes_[v] != 0) {
    line(assignment);
  } else {
    const std::string type(c_type(type_of(v)));
    line(type + (type.back() == '*' ? "" : " ") + assignment);
  }
}

void FunctionWriter::define(ValueId v, const std::string& text, bool pure) {
  if (uses_[v] == 0) {
    if (!pure) {
      line("(void)" + text + ";");
    }
    return;
  }
  const bool once = uses_[v] == 1 || is_word(text);
  if (!pure || !once || escapes_[v] != 0 || text.size() > longest_inlined) {
    write_variable(v, text);
    return;
  }
  Inlined& in = inlined_[v];
  in.text = text;
  in.reads.clear();
  if (inst(v).op == Op::SlotGet) {
    in.reads.push_back(inst(v).a);
  }
  ir::for_each_value(f_, inst(v), [&](uint32_t operand) {
    for (const uint32_t what : reads_of(operand)) {
      if (std::find(in.reads.begin(), in.reads.end(), what) == in.reads.end()) {
        in.reads.push_back(what);
      }
    }
  });
  has_text_[v] = 1;
  if (!in.reads.empty()) {
    pending_.push_back(v);
  }
}

void FunctionWriter::settle(uint32_t what, uint32_t at) {
  std::vector<ValueId> still;
  for (const ValueId v : pending_) {
    if (last_use_[v] <= at && last_use_[v] != at) {
      continue;
    }
    const Inlined& in = inlined_[v];
    if (last_use_[v] > at && std::find(in.reads.begin(), in.reads.end(), what) != in.reads.end()) {
      const std::string text = in.text;
      has_text_[v] = 0;
      write_variable(v, text);
    } else {
      still.push_back(v);
    }
  }
  pending_.swap(still);
}

void FunctionWriter::block(BlockId id) {
  block_ = id;
  pending_.clear();
  const ir::Block& b = f_.blocks[id];
  uint32_t last_line = 0;
  const diag::SourceReader* sources = program_.options().sources;
  for (uint32_t i = b.first; i < b.end; ++i) {
    at_ = i;
    const size_t before = block_text_[id].size();
    if (i + 1 < b.end) {
      instruction(i);
    } else {
      terminator(id, i);
    }
    if (program_.options().line_directives && sources != nullptr && f_.file.valid() && block_text_[id].size() > before) {
      const uint32_t source_line = sources->locate(f_.file, f_.locations[i]).line;
      if (source_line != last_line) {
        block_text_[id].insert(before, "#line " + std::to_string(source_line) + " " + string_literal(sources->path(f_.file)) + "\n");
        last_line = source_line;
      }
    }
  }
}

void FunctionWriter::instruction(uint32_t i) {
  const Op op = inst(i).op;
  if (op == Op::Param || op == Op::BlockArg || op == Op::Result || live_[i] == 0) {
    return;
  }
  if (op <= Op::SlotSet) {
    constant(i);
  } else if (op <= Op::Bitcast) {
    arithmetic(i);
  } else if (op <= Op::CheckThat) {
    memory(i);
  } else if (op <= Op::ParallelFor) {
    call(i);
  } else {
    line("#error \"contract operations are for chain targets\"");
  }
}

void FunctionWriter::constant(uint32_t i) {
  const Inst& in = inst(i);
  switch (in.op) {
    case Op::Const:
      if (in.type == Type::Ref) {
        return define(i, "NULL", true);
      }
      if (ir::is_wide(in.type)) {
        const uint64_t fill = ir::is_signed(in.type) && ir::const_value(in) < 0 ? ~uint64_t{0} : 0;
        const uint64_t limbs[4] = {static_cast<uint64_t>(ir::const_value(in)), fill, fill, fill};
        return define(i, wide_literal(limbs), true);
      }
      break;
    case Op::ConstWide: {
      uint64_t limbs[4];
      for (uint32_t k = 0; k < 4; ++k) {
        limbs[k] = f_.extra[in.a + 2 * k] | uint64_t{f_.extra[in.a + 2 * k + 1]} << 32;
      }
      return define(i, wide_literal(limbs), true);
    }
    case Op::ConstString:
      if (uses_[i] != 0) {
        string_used_[in.a] = 1;
        has_text_[i] = 1;
        inlined_[i].text = "(void *)&text" + std::to_string(in.a);
      }
      return;
    case Op::FunctionRef:
      if (uses_[i] != 0) {
        if (std::find(closures_.begin(), closures_.end(), in.a) == closures_.end()) {
          closures_.push_back(in.a);
        }
        has_text_[i] = 1;
        inlined_[i].text = "(void *)&closure_" + program_.identifier(in.a);
      }
      return;
    case Op::SlotGet: return define(i, slot_name(in.a), true);
    case Op::SlotSet: {
      const std::string value = expr(in.b);
      settle(in.a, i);
      if (value != slot_name(in.a)) {
        line(slot_name(in.a) + " = " + value + ";");
      }
      return;
    }
    default: break;
  }
  // Plain constants stand wherever they are used, in any block.
  if (uses_[i] != 0) {
    has_text_[i] = 1;
    inlined_[i].text =
        in.op == Op::ConstFloat ? float_literal(in.type, static_cast<uint64_t>(ir::const_value(in))) : integer_literal(in.type, ir::const_value(in));
  }
}

void FunctionWriter::jump(BlockId from, BlockId to, const std::string& indent) {
  if (program_.has_deadlines() && to <= from) {
    block_text_[from] += indent + "if (om_interrupted) om_poll();\n";
  }
  ++jumps_to_[to];
  block_text_[from] += indent + "goto b" + std::to_string(to) + ";\n";
}

void FunctionWriter::edge(BlockId from, BlockId to, std::span<const uint32_t> args, const std::string& indent) {
  const uint32_t first = f_.blocks[to].first;
  std::vector<std::pair<std::string, std::string>> moves;
  std::vector<Type> types;
  bool overlaps = false;
  for (uint32_t k = 0; k < args.size(); ++k) {
    if (uses_[first + k] == 0) {
      continue;
    }
    for (uint32_t later = k + 1; later < args.size(); ++later) {
      const std::vector<uint32_t> reads = reads_of(args[later]);
      overlaps = overlaps || std::find(reads.begin(), reads.end(), (first + k) | kArgument) != reads.end();
    }
    if (expr(args[k]) != variable(first + k)) {
      moves.emplace_back(variable(first + k), expr(args[k]));
      types.push_back(type_of(first + k));
    }
  }
  if (overlaps && moves.size() > 1) {
    for (size_t k = 0; k < moves.size(); ++k) {
      const std::string temporary = "t" + std::to_string(next_temporary_++);
      const std::string type(c_type(types[k]));
      block_text_[from].append(indent).append(type).append(type.back() == '*' ? "" : " ").append(temporary).append(" = ").append(moves[k].second).append(";\n");
      moves[k].second = temporary;
    }
  }
  for (const auto& [target, value] : moves) {
    block_text_[from].append(indent).append(target).append(" = ").append(value).append(";\n");
  }
  jump(from, to, indent);
}

void FunctionWriter::terminator(BlockId id, uint32_t i) {
  const Inst& in = inst(i);
  switch (in.op) {
    case Op::Br: return edge(id, in.a, f_.args(in), "  ");
    case Op::CondBr: {
      BlockId targets[2] = {};
      std::span<const uint32_t> args[2];
      uint32_t k = 0;
      ir::for_each_successor(f_, in, [&](BlockId to, std::span<const uint32_t> values) {
        targets[k] = to;
        args[k++] = values;
      });
      const std::string condition = expr(in.a);
      line("if " + (condition.front() == '(' ? condition : "(" + condition + ")") + " {");
      edge(id, targets[0], args[0], "    ");
      line("}");
      return edge(id, targets[1], args[1], "  ");
    }
    case Op::Ret: {
      const std::span<const uint32_t> values = f_.args(in);
      if (values.empty()) {
        line("return;");
      } else if (values.size() == 1) {
        line("return " + expr(values[0]) + ";");
      } else {
        line("return (" + result_type({f_.results.data(), f_.results.size()}) + "){" + list(values) + "};");
      }
      return;
    }
    case Op::Panic: line("omc_panic(" + std::to_string(in.a) + ", " + (in.b == kNone ? "NULL" : expr(in.b)) + ", " + place() + ");"); return line("OMC_NEVER;");
    case Op::Revert: return line("#error \"contract operations are for chain targets\"");
    default: line("omc_panic(OM_PANIC_UNREACHABLE, NULL, " + place() + ");"); return line("OMC_NEVER;");
  }
}

std::string FunctionWriter::signature() const {
  std::string text = result_type({f_.results.data(), f_.results.size()});
  text += (text.back() == '*' ? "" : " ") + program_.identifier(id_) + "(";
  for (uint32_t i = 0; i < f_.params.size(); ++i) {
    const std::string type(c_type(f_.params[i]));
    text += (i == 0 ? "" : ", ") + type + (type.back() == '*' ? "" : " ") + "p" + std::to_string(i);
  }
  return text + (f_.params.empty() ? "void)" : ")");
}

void FunctionWriter::declarations(std::string& out) {
  auto declare = [&](Type type, const std::string& name, const std::string& value) {
    const std::string c(c_type(type));
    out += "  " + c + (c.back() == '*' ? "" : " ") + name + value + ";\n";
  };
  for (uint32_t i = 0; i < f_.params.size(); ++i) {
    if (uses_[i] == 0) {
      out += "  (void)p" + std::to_string(i) + ";\n";
    }
  }
  for (ir::SlotId s = 0; s < f_.slots.size(); ++s) {
    if (slot_used_[s] == 0) {
      continue;
    }
    const Type type = f_.slots[s].type;
    declare(type, slot_name(s), ir::is_wide(type) ? " = {{0, 0, 0, 0}}" : type == Type::Ref ? " = NULL" : " = 0");
    if (slot_read_[s] == 0) {
      out += "  (void)" + slot_name(s) + ";\n";
    }
  }
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (!flow_.reachable(b)) {
      continue;
    }
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      const Inst& in = inst(i);
      if (in.op == Op::StackObject && live_[i] != 0) {
        out += "  uint64_t stack" + std::to_string(i) + "[" + std::to_string(std::max(1u, (in.a + 7) / 8)) + "];\n";
      }
      if (in.type != Type::Void && in.op != Op::Param && uses_[i] != 0 && has_text_[i] == 0 && (escapes_[i] != 0 || in.op == Op::BlockArg)) {
        declare(in.type, variable(i), "");
      }
    }
  }
}

std::string FunctionWriter::write() {
  count_uses();
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (flow_.reachable(b)) {
      block(b);
    }
  }
  std::string out = "/* " + f_.name + " */\n#include \"omega_program.h\"\n\n";
  for (size_t i = 0; i < f_.strings.size(); ++i) {
    if (string_used_[i] != 0) {
      const std::string size = std::to_string(f_.strings[i].size());
      out.append("static om_array text").append(std::to_string(i)).append(" = {(uint8_t *)").append(string_literal(f_.strings[i]));
      out.append(", ").append(size).append(", ").append(size).append(", 1, OM_ARRAY_STATIC};\n");
    }
  }
  for (const ir::FunctionId closure : closures_) {
    out += "static omc_code closure_" + program_.identifier(closure) + " = (omc_code)" + program_.identifier(closure) + ";\n";
  }
  out += wrappers_ + signature() + " {\n";
  declarations(out);
  if (program_.has_deadlines()) {
    out += "  if (om_interrupted) om_poll();\n";  // a recursion need not have a loop
  }
  for (BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (!flow_.reachable(b)) {
      continue;
    }
    // A jump to the block that follows needs no goto.
    const std::string through = "  goto b" + std::to_string(b) + ";\n";
    if (out.ends_with(through)) {
      out.resize(out.size() - through.size());
      --jumps_to_[b];
    }
    if (jumps_to_[b] != 0) {
      out += "b" + std::to_string(b) + ":;\n";
    }
    out += block_text_[b];
  }
  return out + "}\n";
}

}  // namespace omega::codegen::c
