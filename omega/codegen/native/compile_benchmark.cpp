// SPDX-License-Identifier: Apache-2.0
// How long code generation and linking take an IR instruction, on functions of the shape the compile benchmark has (15 statements, 20
// source lines, variables in slots, checked arithmetic).
#include <benchmark/benchmark.h>

#include "omega/codegen/native/compile_function.h"
#include "omega/codegen/native/link.h"
#include "omega/ir/builder.h"

namespace omega::codegen::native {
namespace {

using ir::FunctionBuilder;
using ir::kChecked;
using ir::Label;
using ir::Op;
using ir::SlotId;
using ir::Type;
using ir::ValueId;

constexpr uint32_t lines_a_function = 20;
constexpr Type s64 = ir::signed_type(64);

/// One function of bench/compile's generator, as the checker writes it.
ir::Function make(FunctionBuilder& b, uint32_t number, uint32_t& offset) {
  const Type params[] = {s64, s64}, results[] = {s64};
  b.begin("compute_0_" + std::to_string(number), base::FileId{0}, offset, params, results);
  SlotId slots[8];
  for (SlotId& s : slots) {
    s = b.add_slot(s64);
  }
  const auto at = [&](uint32_t step) { b.set_location(offset += step); };
  const auto constant = [&](int64_t v) { return b.const_int(s64, v); };
  const auto get = [&](int k) { return at(4), b.get(slots[k]); };
  const auto op = [&](Op o, ValueId x, ValueId y) { return at(3), b.binary(o, s64, x, y, kChecked); };
  const SlotId first = slots[6], second = slots[7];
  b.set(first, b.param(0));
  b.set(second, b.param(1));
  at(50);
  b.set(slots[0], op(Op::Add, b.get(first), constant(number % 1000)));
  at(20);
  b.set(slots[1], op(Op::Sub, op(Op::Mul, get(0), constant(number % 90 + 2)), b.get(second)));
  at(20);
  b.set(slots[2], op(Op::Div, op(Op::Add, get(0), get(1)), constant(number % 90 + 3)));
  at(20);
  b.set(slots[3], constant(0));
  Label yes = b.new_label(), no = b.new_label(), end = b.new_label();
  at(20);
  b.cond_br(b.compare(Op::Gt, get(1), get(2)), yes, no);
  b.start_block(yes);
  at(20);
  b.set(slots[3], op(Op::Sub, get(1), b.get(first)));
  b.br(end);
  b.start_block(no);
  at(30);
  b.set(slots[3], op(Op::Add, get(2), constant(number % 500)));
  b.br(end);
  b.start_block(end);
  at(20);
  b.set(slots[4], constant(1));
  Label head = b.new_label(), body = b.new_label(), leave = b.new_label(), done = b.new_label(), next = b.new_label();
  b.br(head);
  b.start_block(head);
  at(20);
  b.cond_br(b.compare(Op::Lt, get(4), constant(number % 20 + 4)), body, done);
  b.start_block(body);
  at(20);
  const ValueId twice = op(Op::Mul, get(4), constant(2));
  b.set(slots[4], op(Op::Add, twice, op(Op::Mod, get(3), constant(7))));
  at(20);
  b.cond_br(b.compare(Op::Eq, get(4), constant(number % 50)), leave, next);
  b.start_block(leave);
  b.br(done);
  b.start_block(next);
  b.br(head);
  b.start_block(done);
  at(20);
  if (number > 0) {
    const ValueId arguments[] = {op(Op::Mod, get(2), constant(64)), constant(number % 50)};
    b.set(slots[5], b.call(number - 1 - number % (number < 8 ? number : 8), s64, arguments));
  } else {
    b.set(slots[5], op(Op::Mod, b.get(second), constant(13)));
  }
  at(20);
  b.ret(op(Op::Add, op(Op::Mod, op(Op::Add, get(3), get(4)), constant(1000)), get(5)));
  at(10);
  return b.finish();
}

struct Program {
  ir::Module module;
  base::PodVector<uint32_t> lines;
  SourceFile file;
  size_t instructions = 0;

  explicit Program(uint32_t functions) {
    FunctionBuilder b;
    uint32_t offset = 0;
    for (uint32_t k = 0; k < functions; ++k) {
      module.functions.push_back(make(b, k, offset));
      instructions += module.functions.back().insts.size();
    }
    module.entry = 0;
    for (uint32_t at = 0; at < offset; at += 30) {
      lines.push_back(at);
    }
    file = {"benchmark.omega", {}, {lines.data(), lines.size()}, true};
  }
  ModuleView view() const { return {{module.functions.data(), module.functions.size()}, {&file, 1}}; }
};

void count(benchmark::State& state, const Program& program) {
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["ns/instruction"] =
      benchmark::Counter(rounds * static_cast<double>(program.instructions) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["ns/line"] = benchmark::Counter(rounds * static_cast<double>(program.module.functions.size()) * lines_a_function * 1e-9,
                                                 benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void compile_functions(benchmark::State& state) {
  const Program program(static_cast<uint32_t>(state.range(0)));
  const ModuleView view = program.view();
  size_t code = 0, constants = 0, rows = 0;
  for (auto _ : state) {
    CodeBuffer buffer;
    Scratch scratch;
    diag::Sink sink;
    for (uint32_t f = 0; f < program.module.functions.size(); ++f) {
      compile_function(program.module.functions[f], f, view, scratch, buffer, sink);
    }
    code = buffer.code.size();
    constants = buffer.constants.size();
    rows = buffer.rows.size();
    benchmark::DoNotOptimize(buffer.code.data());
  }
  count(state, program);
  const auto lines = static_cast<double>(program.module.functions.size()) * lines_a_function;
  state.counters["instructions/line"] = static_cast<double>(program.instructions) / lines;
  state.counters["code bytes/line"] = static_cast<double>(code) / lines;
  state.counters["row bytes/line"] = static_cast<double>(rows) / lines;
  benchmark::DoNotOptimize(constants);
}
BENCHMARK(compile_functions)->Arg(100)->Arg(5000)->Unit(benchmark::kMillisecond);

void link_program(benchmark::State& state) {
  const Program program(static_cast<uint32_t>(state.range(0)));
  const ModuleView view = program.view();
  CodeBuffer buffer;
  Scratch scratch;
  diag::Sink sink;
  for (uint32_t f = 0; f < program.module.functions.size(); ++f) {
    compile_function(program.module.functions[f], f, view, scratch, buffer, sink);
  }
  CodeBuffer* const buffers[] = {&buffer};
  LinkOptions options;
  options.debug_info = state.range(1) != 0;
  for (auto _ : state) {
    auto linked = link(buffers, view, 1, options);  // relocating again gives the same bytes: the one buffer stands at the code's begin
    benchmark::DoNotOptimize(linked->size());
  }
  count(state, program);
}
BENCHMARK(link_program)->Args({5000, 0})->Args({5000, 1})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace omega::codegen::native
