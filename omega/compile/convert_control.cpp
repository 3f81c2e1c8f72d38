// SPDX-License-Identifier: Apache-2.0
// Branches and loops of a function as operations with bodies.
#include <algorithm>

#include "omega/compile/function_converter.h"
#include "omega/graph/trace/transforms.h"
#include "omega/ir/op_info.h"

namespace omega::compile {

using graph::Tracer;
using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

namespace {

/// Conversions of instructions, some of them converted more than once, that end one function.
constexpr size_t kMostConverted = 200'000;

}  // namespace

// ---- loops ------------------------------------------------------------------------------------------------------------

std::vector<Type> FunctionConverter::argument_types(BlockId b) const {
  const uint32_t count = ir::block_arg_count(f_, b);
  std::vector<Type> types;
  types.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    types.push_back(f_.insts[f_.blocks[b].first + i].type);
  }
  return types;
}

/// A stop at a block outside of a loop, with the loop's values that are used from there on.
FunctionConverter::Stop FunctionConverter::exit_stop(BlockId target, const std::vector<BlockId>& blocks) const {
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
          stop.types.push_back(type_of(used));
        }
      });
    }
  }
  return stop;
}

/// The loop's exits, then, where it may return, the return. Ways that only end in a panic leave no state and are walked in the loop.
FunctionConverter::Stops FunctionConverter::exits_of(const std::vector<BlockId>& blocks) const {
  std::vector<BlockId> targets;
  bool returns = false;
  for (const BlockId b : blocks) {
    returns |= terminator(b).op == Op::Ret;
    ir::for_each_successor(f_, terminator(b), [&](BlockId target, std::span<const uint32_t>) {
      if (after_.returns(target) && !std::ranges::binary_search(blocks, target) && std::ranges::find(targets, target) == targets.end()) {
        targets.push_back(target);
      }
    });
  }
  Stops stops;
  for (const BlockId target : targets) {
    stops.push_back(exit_stop(target, blocks));
  }
  if (returns) {
    stops.push_back({kNone, result_types_, {}});
  }
  return stops;
}

/// The loop as an operation, then on from where it was left.
FunctionConverter::Landing FunctionConverter::run_loop(BlockId header, const std::vector<Tracer>& arguments, Values& values, const Stops& stops) {
  const std::vector<BlockId>& blocks = loops_.blocks.at(header);
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
        ++loop_depth_;
        const Landing end = walk(header, {now.begin() + 1, now.begin() + 1 + static_cast<ptrdiff_t>(state_types.size())}, in_body, inner, header);
        --loop_depth_;
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

std::vector<Tracer> FunctionConverter::next_state(const Landing& end, std::span<const Tracer> now, const Stops& inner) {
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
FunctionConverter::Landing FunctionConverter::go_on(const Landing& left, const Stops& exits, size_t first, const Values& values, const Stops& stops) {
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
      after[exits[first].made[i]].value = left.values[first][arguments + i];
    }
    return jump(exits[first].block, {left.values[first].begin(), left.values[first].begin() + static_cast<ptrdiff_t>(arguments)}, after, ends);
  };
  if (first + 1 == exits.size()) {
    return go(stops);
  }
  return fork(*left.which == static_cast<int64_t>(first), stops, go, [&](const Stops& ends) { return go_on(left, exits, first + 1, values, ends); });
}

// ---- ways -------------------------------------------------------------------------------------------------------------

/// Ends at a stop, which must be among them.
FunctionConverter::Landing FunctionConverter::land(const Stops& stops, BlockId block, std::vector<Tracer> arguments) const {
  Landing landing;
  const auto stop = static_cast<size_t>(std::ranges::find(stops, block, &Stop::block) - stops.begin());
  if (stop == stops.size()) {
    unsupported("a way that leaves a loop in a form that is not known");
  }
  landing.stop = stop;
  landing.values.resize(stops.size());
  landing.values[stop] = std::move(arguments);
  landing.reached.resize(stops.size(), false);
  landing.reached[stop] = true;
  return landing;
}

/// Ends at the return, with what the function gives.
FunctionConverter::Landing FunctionConverter::land_at_return(const Stops& stops, const Values& values, const Inst& end) const {
  std::vector<Tracer> results = values_of(f_.args(end), values);
  if (result_object_ != kNone) {
    if (const char* obstacle = memory_.obstacle(result_object_)) {
      unsupported(obstacle);
    }
    for (const auto& [offset, cell] : memory_.cells(result_object_)) {
      results.push_back(cell.value);
    }
  }
  return land(stops, kNone, std::move(results));
}

/// A branch to a block: the way ends there or goes on from it.
FunctionConverter::Landing FunctionConverter::jump(BlockId target, std::vector<Tracer> arguments, Values& values, const Stops& stops) {
  const auto stop = std::ranges::find(stops, target, &Stop::block);
  if (stop == stops.end()) {
    return walk(target, std::move(arguments), values, stops, kNone);
  }
  for (const ValueId made : stop->made) {
    if (values[made].object != kNone) {
      unsupported("the address of a loop's variable behind the loop");
    }
    // One that is not made on this way is not looked at behind it.
    arguments.push_back(values[made].value ? *values[made].value : zero_of(type_of(made)));
  }
  return land(stops, target, std::move(arguments));
}

/// Two ways of which one is gone, as an `if`: its results are the number of the stop that was reached and what each stop takes.
FunctionConverter::Landing FunctionConverter::fork(const Tracer& condition, const Stops& stops, const std::function<Landing(const Stops&)>& yes,
                                                   const std::function<Landing(const Stops&)>& no) {
  Landing landing;
  landing.reached.resize(stops.size(), false);
  std::vector<LocalMemory::Object> changed;
  const auto body = [&](const auto& way) {
    return [&](std::span<const Tracer>) {
      const size_t mark = memory_.mark();
      const Landing end = way(stops);
      memory_.roll_back(mark, changed);
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
  memory_.lose(changed);
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
FunctionConverter::Landing FunctionConverter::walk(BlockId b, std::vector<Tracer> arguments, Values& values, const Stops& stops, BlockId loop) {
  while (true) {
    if (loops_.blocks.contains(b) && b != loop) {
      return run_loop(b, arguments, values, stops);
    }
    loop = kNone;
    for (size_t i = 0; i < arguments.size(); ++i) {
      values[f_.blocks[b].first + i].value = arguments[i];
    }
    for (ValueId v = f_.blocks[b].first + static_cast<uint32_t>(b == 0 ? f_.params.size() : arguments.size()); v + 1 < f_.blocks[b].end; ++v) {
      location_ = f_.locations[v];
      if (++converted_ > kMostConverted) {
        unsupported("branches that do not meet again, so that too much would be copied");
      }
      convert_instruction(v, values);
    }
    const Inst& end = terminator(b);
    location_ = f_.locations[f_.blocks[b].end - 1];
    switch (end.op) {
      case Op::Ret: return land_at_return(stops, values, end);
      case Op::Panic:
      case Op::Unreachable: {
        const uint32_t kind = end.op == Op::Panic ? end.a : static_cast<uint32_t>(ir::PanicKind::Unreachable);
        static_cast<void>(emit("omega.panic", {}, 1, graph::kImpure, {{"kind", static_cast<int64_t>(kind)}}));
        return {};
      }
      case Op::Br:
        arguments = values_of(f_.args(end), values);
        if (std::ranges::find(stops, end.a, &Stop::block) != stops.end()) {
          return jump(end.a, std::move(arguments), values, stops);
        }
        b = end.a;
        continue;
      case Op::CondBr: break;
      default: unsupported("`" + std::string(ir::op_info(end.op).text) + "` at the end of a way");
    }
    if (std::optional<Landing> landing = branch(b, arguments, values, stops)) {
      return *std::move(landing);
    }
  }
}

/// Both ways from the end of `b`, to where they meet, where `b` and `arguments` are then; or, when they do not, to the stops.
std::optional<FunctionConverter::Landing> FunctionConverter::branch(BlockId& b, std::vector<Tracer>& arguments, Values& values, const Stops& stops) {
  const Inst& end = terminator(b);
  const BlockId meeting = after_.of(b);
  Stops ends = stops;
  const bool meets = meeting != kNone && std::ranges::find(stops, meeting, &Stop::block) == stops.end();
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
  Landing landing = fork(value(end.a, values), ends, way(record), way(record + 2 + record[1]));
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
  return std::nullopt;
}

}  // namespace omega::compile
