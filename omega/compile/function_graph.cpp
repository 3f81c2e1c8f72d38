// SPDX-License-Identifier: Apache-2.0
// Control flow becomes structure again: a branch runs both ways up to where they meet (the immediate post-dominator), as an `if`; a loop is
// a `while` whose state holds by which exit it is left. A way ends at a stop: a meeting point, a loop's header or exit, or the function's
// return.
#include "omega/compile/function_graph.h"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <optional>

#include "omega/compile/graph_operators.h"
#include "omega/graph/trace/functions.h"
#include "omega/graph/trace/transforms.h"
#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"
#include "omega/opt/pass.h"

namespace omega::compile {
namespace {

using graph::Attribute;
using graph::ComputationGraph;
using graph::Tracer;
using graph::TracerContext;
using graph::TracingError;
using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

/// More instructions would take too long where branches must be copied.
constexpr size_t kLargestFunction = 5'000;
constexpr size_t kMostConverted = 200'000;
/// Calls inside one another while a graph runs.
constexpr size_t kDeepestCall = 500;

Tracer zero_of(Type type) {
  switch (graph_type(type)) {
    case graph::DType::boolean: return false;
    case graph::DType::float64: return 0.0;
    case graph::DType::float32: return 0.0f;
    case graph::DType::any: return graph::list({});
    default: return 0;
  }
}

Attribute attribute(const char* key, auto value) { return {key, static_cast<int64_t>(value)}; }

/// Immediate post-dominators among the ways that return; kNone where there is none but the end itself.
class PostDominators {
 public:
  PostDominators(const ir::Function& function, const ir::ControlFlow& flow)
      : exit_(static_cast<uint32_t>(function.blocks.size())), parent_(exit_ + 1, kNone), order_(exit_ + 1, kNone) {
    std::vector<std::vector<uint32_t>> after(exit_);
    for (const BlockId b : flow.order) {
      const Inst& end = function.insts[function.blocks[b].end - 1];
      if (end.op == Op::Ret) {
        after[b].push_back(exit_);
      }
      ir::for_each_successor(function, end, [&](BlockId target, std::span<const uint32_t>) { after[b].push_back(target); });
    }
    number(after);
    parent_[exit_] = exit_;
    for (bool changed = true; changed;) {
      changed = false;
      for (const uint32_t b : backward_) {
        uint32_t meet = kNone;
        for (const uint32_t next : after[b]) {
          if (parent_[next] != kNone) {
            meet = meet == kNone ? next : common(meet, next);
          }
        }
        changed |= parent_[b] != meet;
        parent_[b] = meet;
      }
    }
  }

  [[nodiscard]] BlockId of(BlockId b) const { return parent_[b] == exit_ ? kNone : parent_[b]; }

 private:
  /// Numbers blocks by a walk from the exit against the edges; those from which it cannot be reached get none.
  void number(const std::vector<std::vector<uint32_t>>& after) {
    std::vector<std::vector<uint32_t>> before(exit_ + 1);
    for (uint32_t b = 0; b < after.size(); ++b) {
      for (const uint32_t next : after[b]) {
        before[next].push_back(b);
      }
    }
    std::vector<std::pair<uint32_t, size_t>> stack{{exit_, 0}};
    std::vector<bool> seen(exit_ + 1, false);
    seen[exit_] = true;
    std::vector<uint32_t> finished;
    while (!stack.empty()) {
      auto& [b, next] = stack.back();
      if (next == before[b].size()) {
        finished.push_back(b);
        stack.pop_back();
        continue;
      }
      const uint32_t to = before[b][next++];
      if (!seen[to]) {
        seen[to] = true;
        stack.emplace_back(to, 0);
      }
    }
    std::ranges::reverse(finished);
    for (uint32_t i = 0; i < finished.size(); ++i) {
      order_[finished[i]] = i;
      if (finished[i] != exit_) {
        backward_.push_back(finished[i]);
      }
    }
  }

  uint32_t common(uint32_t a, uint32_t b) const {
    while (a != b) {
      while (order_[a] > order_[b]) {
        a = parent_[a];
      }
      while (order_[b] > order_[a]) {
        b = parent_[b];
      }
    }
    return a;
  }

  uint32_t exit_;
  std::vector<uint32_t> parent_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> backward_;
};

/// Where a way may end: a block and what it needs there, its arguments and values that were made on the way. `block` kNone: the return.
struct Stop {
  BlockId block;
  std::vector<Type> types;
  std::vector<ValueId> made;  ///< behind the arguments
};
using Stops = std::vector<Stop>;

/// How a way ended: at one stop, or at one of several, which `which` (a number of a stop) tells. With no stop it does not end: it panics.
struct Landing {
  std::optional<size_t> stop;
  std::optional<Tracer> which;
  std::vector<std::vector<Tracer>> values;  ///< by stop
  std::vector<bool> reached;                ///< stops that it may have ended at
};

class FunctionConverter {
 public:
  FunctionConverter(const ir::Module& module, const ir::Function& function) : module_(module), f_(function), flow_(f_), after_(f_, flow_) {
    if (f_.insts.size() > kLargestFunction) {
      throw TracingError("`" + f_.name + "` is too large for a graph: " + std::to_string(f_.insts.size()) + " instructions");
    }
    writes_arrays_ = std::ranges::any_of(f_.insts, [](const Inst& inst) { return inst.op == Op::ElementSet || inst.op == Op::Call; });
    find_loops();
  }

  ComputationGraph convert() {
    const graph::OperatorRegistry registry;
    graph::CallContext context;
    context.registry = &registry;
    TracerContext trace(context, TracerContext::Mode::recorded);
    std::vector<std::optional<Tracer>> values(f_.insts.size());
    for (size_t i = 0; i < f_.params.size(); ++i) {
      const bool is_scalar = f_.params[i] != Type::Ref;
      supported(f_.params[i], "a parameter");
      values[i] = trace.add_input(graph_type(f_.params[i]), is_scalar ? graph::kScalarShape : graph::ShapeRef::none, "x" + std::to_string(i));
    }
    const Stops stops{{kNone, {f_.results.begin(), f_.results.end()}, {}}};
    const Landing end = walk(0, {}, values, stops, kNone);
    std::vector<Tracer> outputs;
    for (size_t i = 0; i < f_.results.size(); ++i) {
      outputs.push_back(end.stop ? end.values[0][i] : zero_of(f_.results[i]));  // else it always panics
    }
    ComputationGraph graph = trace.finish(outputs);
    graph.set_name(f_.name);
    return graph;
  }

 private:
  using Values = std::vector<std::optional<Tracer>>;

  [[noreturn]] void unsupported(const std::string& what) const { throw TracingError("`" + f_.name + "` cannot be a graph: " + what); }

  void supported(Type type, const char* what) const {
    if (ir::is_wide(type)) {
      unsupported(std::string(what) + " of type " + ir::type_name(type) + "; integers up to 64 bits can be in graphs");
    }
  }

  // Loops.

  /// Of each header: the blocks of its loop, sorted.
  void find_loops() {
    for (const BlockId b : flow_.order) {
      ir::for_each_successor(f_, terminator(b), [&](BlockId header, std::span<const uint32_t>) {
        if (flow_.dominates(header, b)) {
          add_loop(header, b);
        } else if (flow_.position[header] <= flow_.position[b]) {
          unsupported("it has a loop with two ways in");
        }
      });
    }
    for (auto& [header, blocks] : loops_) {
      std::ranges::sort(blocks);
    }
  }

  void add_loop(BlockId header, BlockId latch) {
    std::vector<BlockId>& blocks = loops_[header];
    std::vector<BlockId> todo{latch};
    if (std::ranges::find(blocks, header) == blocks.end()) {
      blocks.push_back(header);
    }
    std::vector<bool> in(f_.blocks.size(), false);
    for (const BlockId b : blocks) {
      in[b] = true;
    }
    while (!todo.empty()) {
      const BlockId b = todo.back();
      todo.pop_back();
      if (in[b]) {
        continue;
      }
      in[b] = true;
      blocks.push_back(b);
      for (const BlockId before : flow_.predecessors(b)) {
        if (flow_.reachable(before)) {
          todo.push_back(before);
        }
      }
    }
  }

  [[nodiscard]] const Inst& terminator(BlockId b) const { return f_.insts[f_.blocks[b].end - 1]; }

  std::vector<Type> argument_types(BlockId b) const {
    std::vector<Type> types;
    for (uint32_t i = 0; i < ir::block_arg_count(f_, b); ++i) {
      types.push_back(f_.insts[f_.blocks[b].first + i].type);
      supported(types.back(), "a variable");
    }
    return types;
  }

  /// A stop at a block outside of a loop, with the loop's values that are used from there on.
  Stop exit_stop(BlockId target, const std::vector<BlockId>& blocks) const {
    Stop stop{target, argument_types(target), {}};
    const auto is_inside = [&](BlockId b) { return std::ranges::binary_search(blocks, b); };
    std::vector<bool> made(f_.insts.size(), false);
    for (const BlockId b : blocks) {
      for (ValueId v = f_.blocks[b].first; v < f_.blocks[b].end; ++v) {
        made[v] = true;
      }
    }
    for (const BlockId b : flow_.order) {
      for (ValueId v = f_.blocks[b].first; v < f_.blocks[b].end && !is_inside(b); ++v) {
        ir::for_each_value(f_, f_.insts[v], [&](const uint32_t& used) {
          if (made[used]) {
            made[used] = false;
            stop.made.push_back(used);
            stop.types.push_back(f_.insts[used].type);
          }
        });
      }
    }
    return stop;
  }

  /// The loop's exits, then, where it may return, the return.
  Stops exits_of(const std::vector<BlockId>& blocks) const {
    std::vector<BlockId> targets;
    bool returns = false;
    for (const BlockId b : blocks) {
      returns |= terminator(b).op == Op::Ret;
      ir::for_each_successor(f_, terminator(b), [&](BlockId target, std::span<const uint32_t>) {
        if (!std::ranges::binary_search(blocks, target) && std::ranges::find(targets, target) == targets.end()) {
          targets.push_back(target);
        }
      });
    }
    Stops stops;
    for (const BlockId target : targets) {
      stops.push_back(exit_stop(target, blocks));
    }
    if (returns) {
      stops.push_back({kNone, {f_.results.begin(), f_.results.end()}, {}});
    }
    return stops;
  }

  /// The loop as an operation, then on from where it was left.
  Landing run_loop(BlockId header, const std::vector<Tracer>& arguments, Values& values, const Stops& stops) {
    const std::vector<BlockId>& blocks = loops_.at(header);
    const Stops exits = exits_of(blocks);
    const std::vector<Type> state_types = argument_types(header);
    // State: by which exit it was left (0: not yet), the header's arguments, the values of each exit.
    std::vector<Tracer> state{Tracer(0)};
    state.insert(state.end(), arguments.begin(), arguments.end());
    for (const Stop& exit : exits) {
      for (const Type type : exit.types) {
        state.push_back(zero_of(type));
      }
    }
    Stops inner{{header, state_types, {}}};
    inner.insert(inner.end(), exits.begin(), exits.end());
    const std::vector<Tracer> last = graph::while_loop(
        [](std::span<const Tracer> now) { return now[0] == 0; },
        [&](std::span<const Tracer> now) {
          Values in_body = values;
          const Landing end = walk(header, {now.begin() + 1, now.begin() + 1 + static_cast<ptrdiff_t>(state_types.size())}, in_body, inner, header);
          return next_state(end, now, inner);
        },
        state);
    Landing left;
    left.which = last[0] - 1;
    size_t at = 1 + state_types.size();
    for (const Stop& exit : exits) {
      left.values.emplace_back(last.begin() + static_cast<ptrdiff_t>(at), last.begin() + static_cast<ptrdiff_t>(at + exit.types.size()));
      at += exit.types.size();
    }
    return go_on(left, exits, 0, values, stops);
  }

  static std::vector<Tracer> next_state(const Landing& end, std::span<const Tracer> now, const Stops& inner) {
    std::vector<Tracer> next{end.which ? *end.which : Tracer(static_cast<int64_t>(end.stop.value_or(0)))};
    size_t at = 1;
    for (size_t s = 0; s < inner.size(); ++s) {
      for (size_t i = 0; i < inner[s].types.size(); ++i, ++at) {
        next.push_back(s < end.reached.size() && end.reached[s] ? end.values[s][i] : now[at]);
      }
    }
    return next;
  }

  /// On from where a loop was left, exits from number `first` on being possible.
  Landing go_on(const Landing& left, const Stops& exits, size_t first, const Values& values, const Stops& stops) {
    if (exits.empty()) {
      return {};
    }
    const auto go = [&](const Stops& ends) {
      if (exits[first].block == kNone) {
        return land(ends, kNone, left.values[first]);
      }
      Values after = values;
      const size_t arguments = exits[first].types.size() - exits[first].made.size();
      for (size_t i = 0; i < exits[first].made.size(); ++i) {
        after[exits[first].made[i]] = left.values[first][arguments + i];
      }
      return jump(exits[first].block, {left.values[first].begin(), left.values[first].begin() + static_cast<ptrdiff_t>(arguments)}, after, ends);
    };
    if (first + 1 == exits.size()) {
      return go(stops);
    }
    return fork(*left.which == static_cast<int64_t>(first), stops, go, [&](const Stops& ends) { return go_on(left, exits, first + 1, values, ends); });
  }

  // Ways.

  /// Ends at a stop, which must be among them.
  Landing land(const Stops& stops, BlockId block, std::vector<Tracer> arguments) const {
    Landing landing;
    for (size_t s = 0; s < stops.size(); ++s) {
      if (stops[s].block == block) {
        landing.stop = s;
        landing.values.resize(stops.size());
        landing.values[s] = std::move(arguments);
        landing.reached.resize(stops.size(), false);
        landing.reached[s] = true;
        return landing;
      }
    }
    unsupported("a way leaves a loop in a form that is not known");
  }

  [[nodiscard]] static const Stop* stop_at(const Stops& stops, BlockId block) {
    const auto found = std::ranges::find(stops, block, &Stop::block);
    return found == stops.end() ? nullptr : &*found;
  }

  /// A branch to a block: the way ends there or goes on from it.
  Landing jump(BlockId target, std::vector<Tracer> arguments, Values& values, const Stops& stops) {
    if (const Stop* stop = stop_at(stops, target)) {
      for (const ValueId made : stop->made) {
        // One that is not made on this way is not looked at behind it.
        arguments.push_back(values[made] ? *values[made] : zero_of(f_.insts[made].type));
      }
      return land(stops, target, std::move(arguments));
    }
    return walk(target, std::move(arguments), values, stops, kNone);
  }

  /// Two ways of which one is gone, as an `if`: its results are the number of the stop that was reached and what each stop takes.
  template <class Yes, class No>
  Landing fork(const Tracer& condition, const Stops& stops, const Yes& yes, const No& no) {
    Landing landing;
    landing.reached.resize(stops.size(), false);
    const auto body = [&](const auto& way) {
      return [&](std::span<const Tracer>) {
        const Landing end = way(stops);
        std::vector<Tracer> outputs{end.which ? *end.which : Tracer(static_cast<int64_t>(end.stop.value_or(0)))};
        for (size_t s = 0; s < stops.size(); ++s) {
          const bool is_reached = s < end.reached.size() && end.reached[s];
          landing.reached[s] = landing.reached[s] || is_reached;
          for (size_t i = 0; i < stops[s].types.size(); ++i) {
            outputs.push_back(is_reached ? end.values[s][i] : zero_of(stops[s].types[i]));
          }
        }
        return outputs;
      };
    };
    const std::vector<Tracer> results = graph::cond(condition, body(yes), body(no), {});
    size_t at = 1;
    for (const Stop& stop : stops) {
      landing.values.emplace_back(results.begin() + static_cast<ptrdiff_t>(at), results.begin() + static_cast<ptrdiff_t>(at + stop.types.size()));
      at += stop.types.size();
    }
    const auto count = std::ranges::count(landing.reached, true);
    if (count == 1) {
      landing.stop = static_cast<size_t>(std::ranges::find(landing.reached, true) - landing.reached.begin());
    } else if (count > 1) {
      landing.which = results[0];
    }
    return landing;
  }

  /// From the begin of a block to the stops. `loop`: the block is this loop's header, at the begin of its body.
  Landing walk(BlockId b, std::vector<Tracer> arguments, Values& values, const Stops& stops, BlockId loop) {
    while (true) {
      if (loops_.contains(b) && b != loop) {
        return run_loop(b, arguments, values, stops);
      }
      loop = kNone;
      for (size_t i = 0; i < arguments.size(); ++i) {
        values[f_.blocks[b].first + i] = arguments[i];
      }
      for (ValueId v = f_.blocks[b].first + static_cast<uint32_t>(b == 0 ? f_.params.size() : arguments.size()); v + 1 < f_.blocks[b].end; ++v) {
        if (++converted_ > kMostConverted) {
          unsupported("its branches do not meet again, so that too much of it would be copied");
        }
        convert_instruction(v, values);
      }
      const Inst& end = terminator(b);
      switch (end.op) {
        case Op::Ret: return land(stops, kNone, values_of(f_.args(end), values));
        case Op::Panic:
        case Op::Unreachable:
          static_cast<void>(
              emit("omega.panic", {}, 1, graph::kImpure, {attribute("kind", end.op == Op::Panic ? end.a : static_cast<uint32_t>(ir::PanicKind::Unreachable))}));
          return {};
        case Op::Br:
          if (stop_at(stops, end.a) != nullptr) {
            return jump(end.a, values_of(f_.args(end), values), values, stops);
          }
          arguments = values_of(f_.args(end), values);
          b = end.a;
          continue;
        case Op::CondBr: break;
        default: unsupported("it ends by `" + std::string(ir::op_info(end.op).text) + "`");
      }
      // Both ways, to where they meet, or to the ends of this one.
      const BlockId meeting = after_.of(b);
      Stops ends = stops;
      const bool meets = meeting != kNone && stop_at(stops, meeting) == nullptr;
      if (meets) {
        ends.push_back({meeting, argument_types(meeting), {}});
      }
      const uint32_t* record = f_.extra.data() + end.b;
      const auto way = [&](const uint32_t* at) {
        return [&, at](const Stops& inner) {
          Values own = values;
          return jump(at[0], values_of({at + 2, at[1]}, own), own, inner);
        };
      };
      Landing landing = fork(*values[end.a], ends, way(record), way(record + 2 + record[1]));
      if (!meets) {
        return landing;
      }
      if (!landing.reached.back()) {
        // They meet beyond the stops.
        landing.values.pop_back();
        landing.reached.pop_back();
        return landing;
      }
      if (landing.which) {
        unsupported("a way around a place where all ways should meet");
      }
      arguments = landing.values.back();
      b = meeting;
    }
  }

  // Instructions.

  static std::vector<Tracer> values_of(std::span<const uint32_t> ids, const Values& values) {
    std::vector<Tracer> result;
    for (const uint32_t id : ids) {
      result.push_back(*values[id]);
    }
    return result;
  }

  static std::vector<Tracer> emit(std::string_view callee, const std::vector<Tracer>& inputs, size_t outputs, uint8_t flags,
                                  const std::vector<Attribute>& attributes) {
    return TracerContext::current().record(graph::OpType::call, callee, inputs, outputs, flags, attributes);
  }
  static Tracer element(graph::ElementOp op, const std::vector<Tracer>& inputs) {
    return TracerContext::current().record(graph::OpType::call, graph::element_op_info(op).name, inputs, 1)[0];
  }

  void convert_instruction(ValueId v, Values& values) {
    const Inst& inst = f_.insts[v];
    supported(inst.type, "a value");
    const auto operand = [&](uint32_t id) -> const Tracer& { return *values[id]; };
    const auto type_of = [&](uint32_t id) { return f_.insts[id].type; };
    switch (inst.op) {
      case Op::Const:
        values[v] = inst.type == Type::U1 ? Tracer(ir::const_value(inst) != 0) : inst.type == Type::Ref ? graph::list({}) : Tracer(ir::const_value(inst));
        return;
      case Op::ConstFloat:
        values[v] = inst.type == Type::F32 ? Tracer(std::bit_cast<float>(inst.b)) : Tracer(std::bit_cast<double>(ir::const_value(inst)));
        return;
      case Op::ConstString: values[v] = Tracer(f_.strings[inst.a]); return;
      case Op::Select:
        values[v] = inst.type == Type::Ref || inst.type == Type::U1 ? graph::cond(
                                                                          operand(inst.a), [&] { return operand(inst.b); }, [&] { return operand(inst.c); })
                                                                    : element(graph::ElementOp::select, {operand(inst.a), operand(inst.b), operand(inst.c)});
        return;
      case Op::Cast: convert_cast(v, values); return;
      case Op::Bitcast:
        supported(type_of(inst.a), "a value");
        if (inst.type == Type::Ref || type_of(inst.a) == Type::Ref) {
          unsupported("an address as a number");
        }
        values[v] = emit("omega.bitcast", {operand(inst.a)}, 1, 0, {attribute("from", type_of(inst.a)), attribute("to", inst.type)})[0];
        return;
      case Op::CheckThat: static_cast<void>(emit("omega.check", {operand(inst.a)}, 1, graph::kImpure, {attribute("kind", inst.c)})); return;
      case Op::Call: {
        // Arrays may be written by whoever gets them.
        const bool shares = std::ranges::any_of(f_.args(inst), [&](uint32_t id) { return type_of(id) == Type::Ref; });
        std::vector<Tracer> results =
            emit("omega:" + module_.functions[inst.a].name, values_of(f_.args(inst), values), std::max<size_t>(module_.functions[inst.a].results.size(), 1),
                 shares ? graph::kImpure | graph::kOrdered : graph::kImpure, {});
        for (uint32_t i = 0; i < results.size(); ++i) {
          values[v + i] = results[i];
        }
        return;
      }
      case Op::Result: return;  // set by its call
      case Op::ArrayNew: values[v] = emit("omega.array", {operand(inst.a)}, 1, graph::kImpure, {})[0]; return;
      case Op::ArrayLength: values[v] = emit("omega.length", {operand(inst.a)}, 1, 0, {})[0]; return;
      case Op::CheckIndex: static_cast<void>(emit("omega.index", {operand(inst.a), operand(inst.b)}, 1, graph::kImpure, {})); return;
      case Op::ElementGet:
        // Where nothing writes, reads need no order.
        values[v] =
            emit("omega.get", {operand(inst.a), operand(inst.b)}, 1, writes_arrays_ ? graph::kImpure | graph::kOrdered : 0, {attribute("type", inst.type)})[0];
        return;
      case Op::ElementSet:
        static_cast<void>(emit("omega.set", {operand(inst.a), operand(inst.b), operand(inst.c)}, 1, graph::kImpure | graph::kOrdered, {}));
        return;
      default: convert_arithmetic(v, values);
    }
  }

  void convert_cast(ValueId v, Values& values) {
    const Inst& inst = f_.insts[v];
    const Type from = f_.insts[inst.a].type;
    supported(from, "a value");
    if (from == Type::S64 && inst.type == Type::F64) {
      values[v] = element(graph::ElementOp::to_float64, {*values[inst.a]});
      return;
    }
    const bool checked = (inst.flags & ir::kChecked) != 0 || (ir::is_float(from) && ir::is_integer(inst.type));
    values[v] = emit("omega.cast", {*values[inst.a]}, 1, checked ? graph::kImpure : 0,
                     {attribute("from", from), attribute("to", inst.type), attribute("checked", checked)})[0];
  }

  void convert_arithmetic(ValueId v, Values& values) {
    const Inst& inst = f_.insts[v];
    if (inst.op < Op::Add || inst.op > Op::Ge) {
      const std::string what = inst.op == Op::CallRuntime ? "call of the runtime's " + std::string(ir::runtime_functions()[inst.a].name)
                                                          : "`" + std::string(ir::op_info(inst.op).text) + "`";
      unsupported("a " + what + " has no operation in graphs");
    }
    const Type type = f_.insts[inst.a].type;
    supported(type, "a value");
    if (type == Type::Ref) {
      unsupported("a comparison of references");
    }
    const bool is_unary = ir::op_info(inst.op).roles[1] == ir::Role::None;
    std::vector<Tracer> operands{*values[inst.a]};
    if (!is_unary) {
      operands.push_back(*values[inst.b]);
    }
    if (const auto op = element_op(inst, type)) {
      values[v] = element(*op, operands);
      return;
    }
    if (ir::is_float(type)) {
      values[v] = emit("omega.float", operands, 1, 0, {attribute("op", inst.op)})[0];
      return;
    }
    const bool checked = (inst.flags & ir::kChecked) != 0;
    const bool may_panic = checked || inst.op == Op::Div || inst.op == Op::Mod;
    values[v] = emit("omega.integer", operands, 1, may_panic ? graph::kImpure : 0,
                     {attribute("op", inst.op), attribute("type", type), attribute("checked", checked)})[0];
  }

  /// The element operator that does the same.
  static std::optional<graph::ElementOp> element_op(const Inst& inst, Type type) {
    using graph::ElementOp;
    const bool is_float = ir::is_float(type);
    const bool wraps = type == Type::S64 && (inst.flags & ir::kChecked) == 0;
    const bool is_number = is_float || (ir::is_integer(type) && type != Type::U1 && type != Type::U64);
    switch (inst.op) {
      case Op::Add: return is_float || wraps ? std::optional(ElementOp::add) : std::nullopt;
      case Op::Sub: return is_float || wraps ? std::optional(ElementOp::sub) : std::nullopt;
      case Op::Mul: return is_float || wraps ? std::optional(ElementOp::mul) : std::nullopt;
      case Op::Div: return is_float ? std::optional(ElementOp::div) : std::nullopt;
      case Op::Neg: return is_float || wraps ? std::optional(ElementOp::neg) : std::nullopt;
      case Op::Abs: return is_float ? std::optional(ElementOp::abs) : std::nullopt;
      case Op::Sqrt: return ElementOp::sqrt;
      case Op::Not: return type == Type::U1 ? std::optional(ElementOp::logical_not) : std::nullopt;
      case Op::And: return type == Type::U1 ? std::optional(ElementOp::logical_and) : std::nullopt;
      case Op::Or: return type == Type::U1 ? std::optional(ElementOp::logical_or) : std::nullopt;
      case Op::Min: return type == Type::S64 ? std::optional(ElementOp::minimum) : std::nullopt;
      case Op::Max: return type == Type::S64 ? std::optional(ElementOp::maximum) : std::nullopt;
      case Op::Eq: return is_number ? std::optional(ElementOp::equal) : std::nullopt;
      case Op::Ne: return is_number ? std::optional(ElementOp::not_equal) : std::nullopt;
      case Op::Lt: return is_number ? std::optional(ElementOp::less) : std::nullopt;
      case Op::Le: return is_number ? std::optional(ElementOp::less_equal) : std::nullopt;
      case Op::Gt: return is_number ? std::optional(ElementOp::greater) : std::nullopt;
      case Op::Ge: return is_number ? std::optional(ElementOp::greater_equal) : std::nullopt;
      default: return std::nullopt;
    }
  }

  const ir::Module& module_;
  const ir::Function& f_;
  ir::ControlFlow flow_;
  PostDominators after_;
  std::map<BlockId, std::vector<BlockId>> loops_;
  size_t converted_ = 0;
  bool writes_arrays_ = false;
};

/// All functions of a module, each converted when it is first needed.
class ProgramGraphs {
 public:
  explicit ProgramGraphs(std::shared_ptr<const ir::Module> module) : module_(std::move(module)) {}

  const ir::Module& module() const { return *module_; }

  const ComputationGraph& graph(ir::FunctionId id) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = graphs_.find(id); found != graphs_.end()) {
        return found->second;
      }
    }
    const ir::Function& function = module_->functions[id];
    if (function.is_extern) {
      throw TracingError("`" + function.name + "` is only declared, so it cannot be a graph");
    }
    ir::Function values = function;
    static_cast<void>(opt::slots_to_values(*module_, values));
    ComputationGraph made = FunctionConverter(*module_, values).convert();
    const std::lock_guard lock(mutex_);
    return graphs_.emplace(id, std::move(made)).first->second;
  }

 private:
  std::shared_ptr<const ir::Module> module_;
  std::mutex mutex_;
  std::map<ir::FunctionId, ComputationGraph> graphs_;
};

thread_local size_t call_depth = 0;

/// Runs a function's graph as an operator.
void run_function(ProgramGraphs& graphs, ir::FunctionId id, graph::Call& call) {
  if (call_depth >= kDeepestCall) {
    throw std::runtime_error("calls are nested deeper than " + std::to_string(kDeepestCall) + " in `" + graphs.module().functions[id].name + "`");
  }
  struct Level {
    Level() { ++call_depth; }
    ~Level() { --call_depth; }
  } const level;
  std::vector<graph::Value> inputs;
  for (size_t i = 0; i < call.input_count(); ++i) {
    inputs.push_back(call.input(i));
  }
  std::vector<graph::Value> outputs = evaluate(graphs.graph(id), inputs, call.context());
  for (size_t i = 0; i < outputs.size(); ++i) {
    call.set(i, std::move(outputs[i]));
  }
}

class FunctionGraph final : public graph::StaticFunction {
 public:
  FunctionGraph(std::shared_ptr<const ir::Module> module, ir::FunctionId id) : graphs_(std::make_shared<ProgramGraphs>(std::move(module))), id_(id) {}

  [[nodiscard]] std::string name() const override { return std::string(graphs_->module().functions[id_].name); }
  [[nodiscard]] ComputationGraph analyze() const override { return graphs_->graph(id_); }

  [[nodiscard]] graph::StructureInfo analyze_structure() const override {
    graph::StructureInfo info;
    const ir::Function& function = graphs_->module().functions[id_];
    info.loops = function.loops.size();
    for (const Inst& inst : function.insts) {
      info.branches += inst.op == Op::CondBr ? 1 : 0;
      if (inst.op == Op::Call) {
        info.impure_calls.push_back("omega:" + graphs_->module().functions[inst.a].name);
      }
    }
    return info;
  }

  void add_operators(graph::OperatorRegistry& registry) const override {
    add_language_operators(registry);
    for (ir::FunctionId id = 0; id < graphs_->module().functions.size(); ++id) {
      registry.add("omega:" + graphs_->module().functions[id].name, [graphs = graphs_, id](graph::Call& call) { run_function(*graphs, id, call); });
    }
  }

 private:
  std::shared_ptr<ProgramGraphs> graphs_;
  ir::FunctionId id_;
};

}  // namespace

std::shared_ptr<const graph::StaticFunction> function_graph(std::shared_ptr<const ir::Module> module, ir::FunctionId id) {
  return std::make_shared<FunctionGraph>(std::move(module), id);
}

ir::FunctionId find_function(const ir::Module& module, std::string_view name) {
  ir::FunctionId found = kNone;
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    const std::string_view linkage = module.functions[id].name;
    if (linkage == name) {
      return id;
    }
    if (linkage.substr(0, linkage.find('(')) == name) {
      if (found != kNone) {
        return kNone;
      }
      found = id;
    }
  }
  return found;
}

}  // namespace omega::compile
