// SPDX-License-Identifier: Apache-2.0
// Turns a function's IR into a graph. Control flow becomes structure again: a branch runs both ways up to where they meet (the immediate
// post-dominator), as an `if`; a loop is a `while` whose state holds by which exit it is left; a parallel loop is a `map` over the cells of
// its range and a `scan` that folds their parts. A way ends at a stop: a meeting point, a loop's header or exit, or the function's return.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "omega/compile/local_memory.h"
#include "omega/compile/natural_loops.h"
#include "omega/compile/post_dominators.h"
#include "omega/graph/trace/tracer.h"
#include "omega/ir/dominators.h"
#include "omega/ir/ir.h"
#include "omega/source/source_set.h"

namespace omega::compile {

/// What conversions of one program share.
struct ConversionContext {
  const ir::Module& module;
  const source::SourceSet* sources;  ///< for places in messages; null: byte offsets
  /// A function of the module without slots.
  std::function<const ir::Function&(ir::FunctionId)> function;
};

/// "main.omega:3:5", or "byte 40" where the files are not known.
std::string place_in(const source::SourceSet* sources, base::FileId file, uint32_t offset);

/// Converts one function. For one thread, used once.
class FunctionConverter {
 public:
  /// Throws TracingError when the function is too large or its control flow has no structure.
  FunctionConverter(const ConversionContext& context, const ir::Function& function);

  /// The function as a graph. Throws TracingError that names what cannot be in one, and its place.
  graph::ComputationGraph convert();

 private:
  using Tracer = graph::Tracer;

  /// A value of the function while it is converted: a value of the graph, or a place in local memory.
  struct Converted {
    std::optional<Tracer> value;
    LocalMemory::Object object = ir::kNone;
    uint32_t offset = 0;
  };
  using Values = std::vector<Converted>;

  /// Where a way may end: a block and what it needs there, its arguments and values that were made on the way. `block` kNone: the return.
  struct Stop {
    ir::BlockId block;
    std::vector<ir::Type> types;
    std::vector<ir::ValueId> made;  ///< behind the arguments
  };
  using Stops = std::vector<Stop>;

  /// How a way ended: at one stop, or at one of several, which `which` (a number of a stop) tells. With no stop it does not end: it panics.
  struct Landing {
    std::optional<size_t> stop;
    std::optional<Tracer> which;
    std::vector<std::vector<Tracer>> values;  ///< by stop
    std::vector<bool> reached;                ///< stops that it may have ended at
  };

  // function_converter.cpp
  [[noreturn]] void unsupported(const std::string& what) const;
  [[nodiscard]] const Tracer& value(ir::ValueId id, const Values& values) const;
  [[nodiscard]] std::vector<Tracer> values_of(std::span<const uint32_t> ids, const Values& values) const;
  [[nodiscard]] const ir::Inst& terminator(ir::BlockId b) const { return f_.insts[f_.blocks[b].end - 1]; }
  [[nodiscard]] ir::Type type_of(ir::ValueId id) const { return f_.insts[id].type; }
  static Tracer zero_of(ir::Type type);
  static std::vector<Tracer> emit(std::string_view callee, const std::vector<Tracer>& inputs, size_t outputs, uint8_t flags,
                                  const std::vector<graph::Attribute>& attributes = {});

  // convert_control.cpp
  [[nodiscard]] std::vector<ir::Type> argument_types(ir::BlockId b) const;
  [[nodiscard]] Stop exit_stop(ir::BlockId target, const std::vector<ir::BlockId>& blocks) const;
  [[nodiscard]] Stops exits_of(const std::vector<ir::BlockId>& blocks) const;
  Landing run_loop(ir::BlockId header, const std::vector<Tracer>& arguments, Values& values, const Stops& stops);
  static std::vector<Tracer> next_state(const Landing& end, std::span<const Tracer> now, const Stops& inner);
  Landing go_on(const Landing& left, const Stops& exits, size_t first, const Values& values, const Stops& stops);
  [[nodiscard]] Landing land(const Stops& stops, ir::BlockId block, std::vector<Tracer> arguments) const;
  [[nodiscard]] Landing land_at_return(const Stops& stops, const Values& values, const ir::Inst& end) const;
  Landing jump(ir::BlockId target, std::vector<Tracer> arguments, Values& values, const Stops& stops);
  Landing fork(const Tracer& condition, const Stops& stops, const std::function<Landing(const Stops&)>& yes, const std::function<Landing(const Stops&)>& no);
  Landing walk(ir::BlockId b, std::vector<Tracer> arguments, Values& values, const Stops& stops, ir::BlockId loop);
  std::optional<Landing> branch(ir::BlockId& b, std::vector<Tracer>& arguments, Values& values, const Stops& stops);

  // convert_instruction.cpp
  void convert_instruction(ir::ValueId v, Values& values);
  void convert_constant(ir::ValueId v, Values& values);
  void convert_call(ir::ValueId v, Values& values);
  void convert_cast(ir::ValueId v, Values& values);
  void convert_arithmetic(ir::ValueId v, Values& values);
  bool convert_array(ir::ValueId v, Values& values);

  // convert_memory.cpp
  bool convert_memory(ir::ValueId v, Values& values);
  [[nodiscard]] const Converted& local(ir::ValueId address, const Values& values) const;
  Tracer load_local(ir::ValueId address, uint32_t offset, ir::Type type, const Values& values) const;
  void store_local(ir::ValueId address, uint32_t offset, ir::Type type, const Tracer& stored, const Values& values);
  void convert_runtime_call(ir::ValueId v, Values& values);
  [[nodiscard]] Tracer load_wide(const Converted& place) const;
  void convert_parallel_for(const ir::Inst& inst, const Values& values);
  std::vector<Tracer> run_cell(const Tracer& low, const Tracer& high, const LocalMemory::Cells& environment, const LocalMemory::Cells& accumulators);
  std::vector<Tracer> fold(const LocalMemory::Cells& total, const std::vector<Tracer>& part);
  LocalMemory::Object object_with(const LocalMemory::Cells& cells);

  const ConversionContext& context_;
  const ir::Function& f_;
  ir::ControlFlow flow_;
  PostDominators after_;
  NaturalLoops loops_;
  LocalMemory memory_;
  std::vector<ir::Type> result_types_;
  LocalMemory::Object result_object_ = ir::kNone;  ///< whose cells are results too, behind the function's own
  uint32_t loop_depth_ = 0;
  uint32_t location_;  ///< of what is being converted
  size_t converted_ = 0;
  bool writes_arrays_ = false;
};

}  // namespace omega::compile
