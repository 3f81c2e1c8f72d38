// SPDX-License-Identifier: Apache-2.0
// Memory, calls and parallel loops as C statements.
#include <algorithm>

#include "omega/codegen/c/function_writer.h"
#include "omega/codegen/c/types.h"
#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"

namespace omega::codegen::c {

using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

std::string element_place(Type type, const std::string& array, const std::string& index) {
  return "OMC_ELEMENTS(" + std::string(memory_type(type)) + ", " + array + ")[" + index + "]";
}

std::string element_address(const std::string& array, const std::string& index, uint32_t size) {
  return "(void *)(((om_array *)" + array + ")->data + (int64_t)" + index + " * " + std::to_string(size) + ")";
}

std::string fixed_place(Type type, const std::string& base, const std::string& index) {
  return "((" + std::string(memory_type(type)) + " *)" + base + ")[" + index + "]";
}

std::string fixed_address(const std::string& base, const std::string& index, uint32_t size) {
  return "(void *)((char *)" + base + " + (int64_t)" + index + " * " + std::to_string(size) + ")";
}

}  // namespace

std::string FunctionWriter::read_memory(Type type, const std::string& typed_place, const std::string& address) const {
  return ir::is_wide(type) ? "omc_wide_load(" + address + ", " + runtime_type(type) + ")" : typed_place;
}

void FunctionWriter::write_memory(ValueId value, const std::string& typed_place, const std::string& address) {
  const Type type = type_of(value);
  if (ir::is_wide(type)) {
    line("omc_wide_store(" + address + ", " + expr(value) + ", " + runtime_type(type) + ");");
  } else {
    line(typed_place + " = " + expr(value) + ";");
  }
}

void FunctionWriter::atomic(const Inst& in) {
  const Type type = type_of(in.b);
  const uint32_t bits = ir::bit_width(type);
  const std::string tail = ", " + std::to_string(in.c);
  if (ir::is_wide(type)) {
    line("omc_atomic_wide(" + expr(in.a) + ", " + expr(in.b) + tail + ", " + runtime_type(type) + ");");
  } else if (bits == 8 || bits == 16 || bits == 32 || bits == 64) {
    line(std::string("omc_atomic_") + (ir::is_signed(type) ? "s" : "u") + std::to_string(bits) + "(" + expr(in.a) + ", " + expr(in.b) + tail + ");");
  } else {
    const std::string widened = ir::is_signed(type) ? "omc_wide_from_s64(" + expr(in.b) + ")" : "omc_wide_from_u64(" + expr(in.b) + ")";
    line("omc_atomic_wide(" + expr(in.a) + ", " + widened + tail + ", " + runtime_type(type) + ");");
  }
}

void FunctionWriter::memory(uint32_t i) {
  const Inst& in = inst(i);
  const Type t = in.type;
  const uint32_t size = ir::storage_size(t);
  auto offset_place = [&](Type type) { return "OMC_AS(" + std::string(memory_type(type)) + ", " + expr(in.a) + ", " + std::to_string(in.b) + ")"; };
  auto offset_address = [&] { return "(char *)" + expr(in.a) + " + " + std::to_string(in.b); };
  switch (in.op) {
    case Op::Load: return define(i, read_memory(t, offset_place(t), offset_address()), false);
    case Op::Store: return write_memory(in.c, offset_place(type_of(in.c)), offset_address());
    case Op::FieldAddress: return define(i, "((void *)(" + offset_address() + "))", true);
    case Op::ElementGet: return define(i, read_memory(t, element_place(t, expr(in.a), expr(in.b)), element_address(expr(in.a), expr(in.b), size)), false);
    case Op::FixedGet: return define(i, read_memory(t, fixed_place(t, expr(in.a), expr(in.b)), fixed_address(expr(in.a), expr(in.b), size)), false);
    case Op::ElementSet: {
      const Type type = type_of(in.c);
      return write_memory(in.c, element_place(type, expr(in.a), expr(in.b)), element_address(expr(in.a), expr(in.b), ir::storage_size(type)));
    }
    case Op::FixedSet: {
      const Type type = type_of(in.c);
      return write_memory(in.c, fixed_place(type, expr(in.a), expr(in.b)), fixed_address(expr(in.a), expr(in.b), ir::storage_size(type)));
    }
    case Op::ElementAddress: return define(i, "(" + element_address(expr(in.a), expr(in.b), in.c) + ")", false);
    case Op::FixedAddress: return define(i, "(" + fixed_address(expr(in.a), expr(in.b), in.c) + ")", true);
    case Op::NewObject:
      line("om_at(" + place() + ");");
      return define(i, "om_alloc(" + std::to_string(in.a) + ", " + ((in.flags & ir::kNoRefs) != 0 ? "OM_NO_REFS" : "0") + ")", false);
    case Op::StackObject: {
      const std::string name = "stack" + std::to_string(i);
      line("memset(" + name + ", 0, sizeof " + name + ");");
      return define(i, "(void *)" + name, true);
    }
    case Op::ArrayNew:
      line("om_at(" + place() + ");");
      return define(i, "om_array_new(" + expr(in.a) + ", " + std::to_string(in.b) + ", " + ((in.flags & ir::kNoRefs) != 0 ? "0" : "OM_ARRAY_REFS") + ")",
                    false);
    case Op::ArrayLength: return define(i, "omc_length(" + expr(in.a) + ")", false);
    case Op::CheckIndex: return line("omc_check_index(" + as_s64(in.a) + ", " + expr(in.b) + ", " + place() + ");");
    case Op::CheckBound: return line("omc_check_bound(" + as_s64(in.a) + ", " + std::to_string(in.b) + ", " + place() + ");");
    case Op::CheckThat:
      return line("omc_check(" + expr(in.a) + ", " + std::to_string(in.c) + ", " + (in.b == kNone ? "NULL" : expr(in.b)) + ", " + place() + ");");
    default: return atomic(in);
  }
}

void FunctionWriter::results_of_call(uint32_t i, const std::string& text, std::span<const Type> results) {
  if (results.empty()) {
    return line(text + ";");
  }
  if (results.size() == 1) {
    return uses_[i] == 0 ? line("(void)" + text + ";") : write_variable(i, text);
  }
  const std::string name = "r" + std::to_string(i);
  line(result_struct(results) + " " + name + " = " + text + ";");
  bool any = false;
  uint32_t first_uses = uses_[i];  // without those by the Result instructions, which read the structure
  for (uint32_t k = 1; k < results.size() && i + k < f_.insts.size() && inst(i + k).op == Op::Result && inst(i + k).a == i; ++k) {
    first_uses -= live_[i + k] != 0 ? 1 : 0;
  }
  for (uint32_t k = 0; k < results.size(); ++k) {
    const ValueId v = i + k;
    if (k == 0 || (v < f_.insts.size() && inst(v).op == Op::Result && inst(v).a == i)) {
      if ((k == 0 ? first_uses : uses_[v]) != 0) {
        write_variable(v, name + ".r" + std::to_string(k));
        any = true;
      }
    }
  }
  if (!any) {
    line("(void)" + name + ";");
  }
}

void FunctionWriter::call(uint32_t i) {
  const Inst& in = inst(i);
  switch (in.op) {
    case Op::Call: {
      const ir::Function& callee = m_.functions[in.a];
      return results_of_call(i, program_.identifier(in.a) + "(" + list(f_.args(in)) + ")", {callee.results.data(), callee.results.size()});
    }
    case Op::CallClosure: {
      std::vector<Type> results;
      if (in.type != Type::Void) {
        results.push_back(in.type);
      }
      for (uint32_t k = i + 1; inst(k).op == Op::Result && inst(k).a == i; ++k) {
        results.push_back(type_of(k));
      }
      std::string type = result_type(results) + " (*)(void *";
      for (const ValueId v : f_.args(in)) {
        type += ", " + std::string(c_type(type_of(v)));
      }
      const std::string rest = f_.args(in).empty() ? "" : ", " + list(f_.args(in));
      return results_of_call(i, "((" + type + "))omc_code_of(" + expr(in.a) + ", " + place() + "))(" + expr(in.a) + rest + ")", results);
    }
    case Op::CallRuntime: return runtime_call(i);
    case Op::MakeClosure: return make_closure(i);
    default: return parallel_for(i);
  }
}

void FunctionWriter::runtime_call(uint32_t i) {
  const Inst& in = inst(i);
  const ir::RuntimeFunction& callee = ir::runtime_functions()[in.a];
  std::string text = std::string(callee.symbol) + "(";
  for (uint32_t k = 0; k < in.c; ++k) {
    const ValueId v = f_.args(in)[k];
    // The runtime takes 8 bytes of any kind here.
    const bool as_word = callee.symbol == "om_array_push_u64" && k == 1;
    text += (k == 0 ? "" : ", ") + (as_word ? (type_of(v) == Type::Ref ? "(uint64_t)(uintptr_t)" : "(uint64_t)") + expr(v) : expr(v));
  }
  text += ")";
  if (callee.effects.find_first_of("CAI") != std::string_view::npos) {
    line("om_at(" + place() + ");");
  }
  if (callee.result == Type::Void) {
    return line(text + ";");
  }
  if (callee.result == Type::Ref) {
    text = "((void *)" + text + ")";
  } else if (callee.result == Type::U1) {
    text = "(" + text + " != 0)";
  }
  define(i, text, callee.effects == "P");
}

void FunctionWriter::make_closure(uint32_t i) {
  const Inst& in = inst(i);
  uint32_t bytes = 8;
  for (const ValueId v : f_.args(in)) {
    bytes += ir::capture_size(type_of(v));
  }
  const std::string name = variable(i);
  line("om_at(" + place() + ");");
  if (escapes_[i] != 0 && uses_[i] != 0) {
    line(name + " = om_alloc(" + std::to_string(bytes) + ", 0);");
  } else {
    line("void *" + name + " = om_alloc(" + std::to_string(bytes) + ", 0);");
  }
  line("*(omc_code *)" + name + " = (omc_code)" + program_.identifier(in.a) + ";");
  uint32_t offset = 8;
  for (const ValueId v : f_.args(in)) {
    const Type type = type_of(v);
    const std::string place_text =
        "OMC_AS(" + std::string(ir::is_wide(type) ? "om_wide" : memory_type(type)) + ", " + name + ", " + std::to_string(offset) + ")";
    line(place_text + " = " + expr(v) + ";");
    offset += ir::capture_size(type);
  }
}

void FunctionWriter::parallel_for(uint32_t i) {
  const ir::ParallelForRecord& r = ir::parallel_for_record(f_, inst(i));
  const std::string number = std::to_string(i);
  wrappers_ += "static void body" + number + "(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at) {\n  " + program_.identifier(r.body) +
               "(lo, hi, env, acc, at);\n}\n";
  const std::string loop = "loop" + number;
  line("om_par_desc " + loop + " = {0};");
  line(loop + ".lo = " + expr(r.lo) + ";");
  line(loop + ".hi = " + expr(r.hi) + ";");
  line(loop + ".body = body" + number + ";");
  line(loop + ".env = " + expr(r.env) + ";");
  if (r.combine != kNone) {
    wrappers_ +=
        "static void combine" + number + "(void *acc, const void *part) {\n  " + program_.identifier(r.combine) + "(acc, (void *)(uintptr_t)part);\n}\n";
    line(loop + ".combine = combine" + number + ";");
    line(loop + ".acc_init = " + expr(r.neutral) + ";");
    line(loop + ".acc_out = " + expr(r.acc) + ";");
    line(loop + ".acc_size = " + std::to_string(r.acc_size) + ";");
  }
  if (r.threads != kNone) {
    line(loop + ".threads = omc_threads(" + expr(r.threads) + ");");
  }
  line(loop + ".cost = " + std::to_string(r.cost) + ";");
  if (r.is_auto != 0 || r.is_quiet != 0) {
    line(loop + ".flags = " + std::string(r.is_auto != 0 ? (r.is_quiet != 0 ? "OM_LOOP_AUTO | OM_LOOP_QUIET" : "OM_LOOP_AUTO") : "OM_LOOP_QUIET") + ";");
  }
  line("om_at(" + place() + ");");
  line("om_par_for(&" + loop + ");");
}

}  // namespace omega::codegen::c
