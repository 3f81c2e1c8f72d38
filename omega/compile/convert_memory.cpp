// SPDX-License-Identifier: Apache-2.0
// What goes through memory in a function's IR and not in its graph: parallel loops, whose bodies get and give values through blocks of
// memory, and calls of the runtime that take places.
#include "omega/compile/function_converter.h"
#include "omega/compile/graph_operators.h"
#include "omega/compile/graph_runtime.h"
#include "omega/graph/trace/functions.h"
#include "omega/graph/trace/transforms.h"
#include "omega/ir/op_info.h"

namespace omega::compile {

using graph::Tracer;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;
using Runtime = ir::RuntimeFunctionId;

// ---- local memory -----------------------------------------------------------------------------------------------------

/// Local memory, runtime calls and parallel loops; false when the instruction is about something else.
bool FunctionConverter::convert_memory(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  switch (inst.op) {
    case Op::StackObject: values[v] = {std::nullopt, memory_.make(loop_depth_), 0}; return true;
    case Op::FieldAddress: {
      const Converted& base = local(inst.a, values);
      values[v] = {std::nullopt, base.object, base.offset + inst.b};
      return true;
    }
    case Op::Load: values[v].value = load_local(inst.a, inst.b, inst.type, values); return true;
    case Op::Store: store_local(inst.a, inst.b, type_of(inst.c), value(inst.c, values), values); return true;
    case Op::CallRuntime: convert_runtime_call(v, values); return true;
    case Op::ParallelFor: convert_parallel_for(inst, values); return true;
    default: return false;
  }
}

/// Where an address leads, which must be into local memory.
const FunctionConverter::Converted& FunctionConverter::local(ValueId address, const Values& values) const {
  if (values[address].object == kNone) {
    unsupported("a field of an object");
  }
  return values[address];
}

Tracer FunctionConverter::load_local(ValueId address, uint32_t offset, Type type, const Values& values) const {
  const Converted& at = local(address, values);
  const char* why_not = nullptr;
  const std::optional<LocalCell> cell = memory_.load(at.object, at.offset + offset, type, why_not);
  if (why_not != nullptr) {
    unsupported(why_not);
  }
  return cell ? cell->value : zero_of(type);
}

void FunctionConverter::store_local(ValueId address, uint32_t offset, Type type, const Tracer& stored, const Values& values) {
  const Converted& at = local(address, values);
  if (const char* why_not = memory_.store(at.object, at.offset + offset, {type, stored}, loop_depth_)) {
    unsupported(why_not);
  }
}

// ---- the runtime ------------------------------------------------------------------------------------------------------

void FunctionConverter::convert_runtime_call(ValueId v, Values& values) {
  const Inst& inst = f_.insts[v];
  const auto id = static_cast<Runtime>(inst.a);
  const RuntimeOperator* op = runtime_operator(id);
  if (op == nullptr) {
    unsupported("a call of the runtime's " + std::string(ir::runtime_function(id).name) + " has no operation in graphs");
  }
  std::vector<Tracer> inputs;
  for (const uint32_t argument : f_.args(inst)) {
    // A wide integer comes by its place.
    inputs.push_back(op->takes_wide && values[argument].object != kNone ? load_wide(values[argument]) : value(argument, values));
  }
  const bool is_ordered = op->reads_arrays && writes_arrays_;
  const auto flags = static_cast<uint8_t>((is_ordered ? graph::kImpure | graph::kOrdered : 0) | (op->may_panic || op->gives_array ? graph::kImpure : 0));
  values[v].value = emit("omega.runtime." + std::string(ir::runtime_function(id).name), inputs, 1, flags)[0];
}

/// A wide integer in local memory.
Tracer FunctionConverter::load_wide(const Converted& place) const {
  const auto& cells = memory_.cells(place.object);
  const auto cell = cells.find(place.offset);
  if (const char* why_not = memory_.obstacle(place.object)) {
    unsupported(why_not);
  }
  if (cell != cells.end() && !ir::is_wide(cell->second.type)) {
    unsupported("memory read as another type than was written");
  }
  return cell == cells.end() ? zero_of(Type::U256) : cell->second.value;
}

// ---- parallel loops ---------------------------------------------------------------------------------------------------

/// The cells of the range are the elements of a `map`, each giving its accumulators; a `scan` folds them in order. Cells are cut as the
/// runtime cuts them, so that sums of floats are the same too.
void FunctionConverter::convert_parallel_for(const Inst& inst, const Values& values) {
  const ir::ParallelForRecord record = ir::parallel_for_record(f_, inst);
  const LocalMemory::Cells environment = memory_.cells(local(record.env, values).object);
  LocalMemory::Cells neutral;
  if (record.acc != kNone) {
    neutral = memory_.cells(local(record.neutral, values).object);
  }
  const std::vector<Tracer> cells = emit("omega.cells", {value(record.lo, values), value(record.hi, values)}, 2, 0);
  const std::vector<Tracer> parts = graph::map_elements(
      [&](std::span<const Tracer> cell) {
        FunctionConverter body(context_, context_.function(record.body));
        body.writes_arrays_ |= writes_arrays_;  // others may, before or after the loop
        std::vector<Tracer> given = body.run_cell(cell[0], cell[1], environment, neutral);
        if (given.empty()) {
          given.push_back(cell[0]);  // a map gives something
        }
        return given;
      },
      cells);
  if (record.acc == kNone) {
    return;
  }
  const Converted& place = local(record.acc, values);
  const LocalMemory::Cells begin = memory_.cells(place.object);
  const bool is_single = begin.size() == 1;
  std::vector<Tracer> first;
  for (const auto& [offset, cell] : begin) {
    first.push_back(cell.value);
  }
  const Tracer total = graph::scan(
                           [&](const Tracer& state, std::span<const Tracer> part) {
                             LocalMemory::Cells now = begin;
                             size_t i = 0;
                             for (auto& [offset, cell] : now) {
                               cell.value = is_single ? state : state[static_cast<int64_t>(i++)];
                             }
                             FunctionConverter combine(context_, context_.function(record.combine));
                             const std::vector<Tracer> folded = combine.fold(now, {part.begin(), part.end()});
                             return graph::ScanStep{is_single ? folded[0] : graph::list(folded), {}};
                           },
                           is_single ? first[0] : graph::list(first), parts)
                           .state;
  size_t i = 0;
  for (const auto& [offset, cell] : begin) {
    const Tracer result = is_single ? total : total[static_cast<int64_t>(i++)];
    if (const char* why_not = memory_.store(place.object, offset, {cell.type, result}, loop_depth_)) {
      unsupported(why_not);
    }
  }
}

LocalMemory::Object FunctionConverter::object_with(const LocalMemory::Cells& cells) {
  const LocalMemory::Object object = memory_.make(0);
  for (const auto& [offset, cell] : cells) {
    static_cast<void>(memory_.store(object, offset, cell, 0));
  }
  return object;
}

/// Of the body of a parallel loop: iterations [low, high) as values of the trace that is being recorded. Gives the accumulators by offset.
std::vector<Tracer> FunctionConverter::run_cell(const Tracer& low, const Tracer& high, const LocalMemory::Cells& environment,
                                                const LocalMemory::Cells& accumulators) {
  Values values(f_.insts.size());
  values[0].value = low;
  values[1].value = high;
  values[2].object = object_with(environment);
  values[3].object = result_object_ = object_with(accumulators);
  values[4].object = memory_.make(0, true);  // where the failing iteration is noted, which a graph's errors do not tell
  result_types_.clear();
  std::vector<Tracer> unchanged;
  for (const auto& [offset, cell] : accumulators) {
    result_types_.push_back(cell.type);
    unchanged.push_back(cell.value);
  }
  const Landing end = walk(0, {}, values, {{kNone, result_types_, {}}}, kNone);
  return end.stop ? end.values[0] : unchanged;
}

/// Of the combining function of a parallel loop: the totals with one part folded in.
std::vector<Tracer> FunctionConverter::fold(const LocalMemory::Cells& total, const std::vector<Tracer>& part) {
  LocalMemory::Cells of_part = total;
  size_t i = 0;
  result_types_.clear();
  for (auto& [offset, cell] : of_part) {
    cell.value = part[i++];
    result_types_.push_back(cell.type);
  }
  Values values(f_.insts.size());
  values[0].object = result_object_ = object_with(total);
  values[1].object = object_with(of_part);
  const Landing end = walk(0, {}, values, {{kNone, result_types_, {}}}, kNone);
  return end.stop ? end.values[0] : part;
}

}  // namespace omega::compile
