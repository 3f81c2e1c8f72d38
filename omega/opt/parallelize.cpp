// SPDX-License-Identifier: Apache-2.0
// Decides for each loop, outermost first, and puts the pieces together.
#include "omega/opt/parallelize.h"

#include <algorithm>

#include "omega/ir/op_info.h"
#include "omega/opt/alias_checks.h"
#include "omega/opt/candidates.h"
#include "omega/opt/outline.h"
#include "omega/opt/races.h"

namespace omega::opt {

using ir::kNone;
using ir::LoopId;
using ir::LoopKind;
using ir::Op;

namespace {

class FunctionParallelizer {
 public:
  FunctionParallelizer(const ir::Module& module, const Summaries& summaries, const ParallelizeOptions& options, FunctionResult& out)
      : module_(module), summaries_(summaries), options_(options), out_(out) {}

  /// Decides on the loops of `f`, a function of the module or (`is_body`) a loop's body made before. The new function, if it changes.
  std::optional<ir::Function> run(const ir::Function& f, std::string_view name, bool is_body) {
    is_body_ = is_body;
    if (is_body ? !has_parallel_loop(f) : !has_open_loops(f, options_)) {
      return std::nullopt;
    }
    const FunctionFacts facts(f);
    std::vector<LoopPlan> plans;
    std::vector<LoopId> order;
    for (LoopId id = 0; id < f.loops.size(); ++id) {
      if (f.loops[id].header < f.loops[id].exit) {
        order.push_back(id);
      }
    }
    std::sort(order.begin(), order.end(), [&](LoopId a, LoopId b) {
      return f.loops[a].header != f.loops[b].header ? f.loops[a].header < f.loops[b].header : f.loops[a].exit > f.loops[b].exit;
    });
    ir::BlockId covered = 0;
    for (const LoopId id : order) {
      const bool inside = f.loops[id].header < covered;
      std::optional<LoopPlan> plan = decide(facts, id, inside);
      if (plan && !inside) {
        covered = f.loops[id].exit;
        plans.push_back(std::move(*plan));
      }
    }
    if (plans.empty() || out_.sink.has_errors()) {
      return std::nullopt;
    }
    return outline_loops(facts, plans, name, out_.made);
  }

 private:
  static bool has_parallel_loop(const ir::Function& f) {
    return std::any_of(f.loops.begin(), f.loops.end(), [](const ir::Loop& loop) { return loop.kind >= LoopKind::Parallel; });
  }

  std::optional<LoopPlan> decide(const FunctionFacts& facts, LoopId id, bool inside) {
    const ir::Loop& loop = facts.function->loops[id];
    const bool is_explicit = loop.kind >= LoopKind::Parallel;
    if (!is_explicit && (is_body_ || inside)) {
      if (!is_body_ && options_.explain) {
        report(facts, id, nullptr).reason = "it is inside a loop that runs in parallel";
      }
      return std::nullopt;
    }
    if (!is_explicit && !options_.explain && (!options_.auto_parallel || !is_candidate(*facts.function, loop))) {
      return std::nullopt;
    }
    LoopPlan plan{id, analyze_loop(facts, id, summaries_), {}, !is_explicit};
    const bool hopeless = plan.facts.obstacle != Obstacle::None || plan.facts.carried != kNone;
    Dependence dependence;
    if (!hopeless) {
      dependence = find_dependence(facts, id, plan.facts);
      for (const AliasCheck& check : dependence.checks) {
        if (dependence.conflict == Conflict::None && !can_check(plan.facts, check)) {
          dependence.conflict = Conflict::Unknown;
          for (const Access& access : plan.facts.accesses) {
            dependence.first = access.inst == check.first ? access : dependence.first;
            dependence.second = access.inst == check.second ? access : dependence.second;
          }
        }
      }
      plan.checks = std::move(dependence.checks);
    }
    const Race race = find_race(facts, id, plan.facts, hopeless ? nullptr : &dependence, module_, options_.names);
    return is_explicit ? decide_explicit(facts, plan, race, inside) : decide_found(facts, plan, race, dependence);
  }

  std::optional<LoopPlan> decide_explicit(const FunctionFacts& facts, LoopPlan& plan, const Race& race, bool inside) {
    const ir::Function& f = *facts.function;
    const char* shape = race.found ? nullptr : outline_obstacle(facts, plan.loop, plan.facts);
    if (race.found || shape != nullptr) {
      if (is_body_) {
        return std::nullopt;
      }
      const base::Span at{f.file, f.loops[plan.loop].location, f.loops[plan.loop].location + 1};
      if (race.found) {
        diag::Diagnostic& d = out_.sink.report(race.kind, race.place, {race.subject});
        for (const diag::Note& other : race.others) {
          d.note(other.span, other.text);
        }
        d.note(at, "the parallel loop");
        d.with_help(race.help);
      } else {
        out_.sink.report(diag::Kind::ParallelLoopShape, at, {shape});
      }
      return std::nullopt;
    }
    if (!is_body_ && options_.explain) {
      LoopReport& r = report(facts, plan.loop, &plan.facts);
      r.outcome = LoopOutcome::Parallel;
      r.checks = static_cast<uint32_t>(plan.checks.size());
      r.reason = inside ? "nested in another parallel loop" : "";
      if (r.checks != 0) {
        r.reason += (r.reason.empty() ? "" : ", ") + std::string("after checking that its arrays do not overlap");
      }
    }
    return std::move(plan);
  }

  std::optional<LoopPlan> decide_found(const FunctionFacts& facts, LoopPlan& plan, const Race& race, const Dependence& dependence) {
    std::string reason;
    std::vector<diag::Note> accesses;
    const LoopKind kind = facts.function->loops[plan.loop].kind;
    if (race.found) {
      reason = race.reason;
      if (race.place.begin != facts.function->loops[plan.loop].location) {  // the report names the loop's place itself
        accesses.push_back({"this", race.place});
      }
      accesses.insert(accesses.end(), race.others.begin(), race.others.end());
    } else if (kind == LoopKind::While) {
      reason = "it does not count over a range";
    } else if (const char* shape = outline_obstacle(facts, plan.loop, plan.facts)) {
      reason = shape;
    } else if (plan.facts.prints) {
      reason = "it prints";
    } else if (plan.facts.world) {
      reason = "it depends on the world outside (clock, files, tasks)";
    } else if (const Reduction* r = inexact_reduction(facts, plan.facts)) {
      reason = slot_text(*facts.function, r->slot, options_.names) + (ir::is_float(facts.function->slots[r->slot].type)
                                                                          ? " is a sum of floats, whose value depends on the order"
                                                                          : " may overflow on the way, which cannot be seen from its parts");
      accesses.push_back({"this", {facts.function->file, r->location, r->location + 1}});
    } else if (!plan.facts.reductions.empty() && dependence.writes_shared && dependence.reads_what_it_writes) {
      reason = "it sums up and changes what it reads, so it could not be run again when the sum overflows";
    } else if (plan.facts.panics && dependence.writes_shared && summaries_.catches_panics()) {
      reason = "it may fail half way, and the program catches errors";
    } else if (holds_parallel_loop(*facts.function, plan.loop)) {
      reason = "a loop inside it is parallel already";
    } else if (!pays(facts, plan)) {
      reason = "too little work to be worth threads";
    } else if (!options_.auto_parallel) {
      reason = "finding parallel loops is off";
    } else {
      if (options_.explain) {
        LoopReport& made = report(facts, plan.loop, &plan.facts);
        made.outcome = LoopOutcome::Found;
        made.checks = static_cast<uint32_t>(plan.checks.size());
        made.reason = made.checks == 0 ? "its iterations are independent" : "its iterations are independent when its arrays do not overlap";
      }
      return std::move(plan);
    }
    if (options_.explain) {
      LoopReport& r = report(facts, plan.loop, &plan.facts);
      r.reason = std::move(reason);
      r.accesses = std::move(accesses);
    }
    return std::nullopt;
  }

  // A reduction whose parts, folded, may differ from the sequence: floats, products that may overflow, wide integers.
  static const Reduction* inexact_reduction(const FunctionFacts& facts, const LoopFacts& found) {
    for (const Reduction& r : found.reductions) {
      const ir::Type type = facts.function->slots[r.slot].type;
      if (ir::is_float(type) || (r.checked && (r.op == Op::Mul || ir::is_wide(type)))) {
        return &r;
      }
    }
    return nullptr;
  }

  static bool holds_parallel_loop(const ir::Function& f, LoopId id) {
    return std::any_of(f.loops.begin(), f.loops.end(), [&](const ir::Loop& loop) {
      return loop.kind >= LoopKind::Parallel && loop.header >= f.loops[id].header && loop.exit <= f.loops[id].exit;
    });
  }

  static bool pays(const FunctionFacts& facts, const LoopPlan& plan) {
    const ir::Loop& loop = facts.function->loops[plan.loop];
    if (plan.facts.known_trip >= 0) {
      return static_cast<double>(plan.facts.known_trip) * static_cast<double>(plan.facts.cost) >= static_cast<double>(kMinWork);
    }
    // Not known before it runs: the runtime decides, but not in the innermost of deep nests.
    return loop.parent == kNone || plan.facts.cost >= 200;
  }

  LoopReport& report(const FunctionFacts& facts, LoopId id, const LoopFacts* found) {
    const ir::Function& f = *facts.function;
    const ir::Loop& loop = f.loops[id];
    LoopReport r;
    r.span = {f.file, loop.location, loop.location + 1};
    r.function = f.name;
    r.kind = loop.kind;
    r.threads = std::to_string(options_.processors);
    if (loop.threads != kNone) {
      r.threads = bound_text(facts, loop.threads);
    }
    if (found != nullptr && loop.iv != kNone) {
      r.range = range_text(facts, id, *found);
    }
    out_.reports.push_back(std::move(r));
    return out_.reports.back();
  }

  std::string value_text(const FunctionFacts& facts, ir::ValueId value) const {
    const ir::Inst& inst = facts.function->insts[value];
    if (inst.op == Op::Const) {
      return std::to_string(ir::const_value(inst));
    }
    if (inst.op == Op::SlotGet) {
      return bound_text(facts, inst.a);
    }
    if (inst.op == Op::ArrayLength && facts.function->insts[inst.a].op == Op::SlotGet) {
      const std::string array = bound_text(facts, facts.function->insts[inst.a].a);
      return array == "…" ? array : array + ".length";
    }
    return "…";
  }

  std::string bound_text(const FunctionFacts& facts, ir::SlotId slot) const {
    const ir::Function& f = *facts.function;
    if (f.slots[slot].is_user != 0 && f.slots[slot].name.valid() && options_.names != nullptr) {
      return std::string(options_.names->text(f.slots[slot].name));
    }
    if (facts.slots[slot].sets == 1) {
      return value_text(facts, f.insts[facts.slots[slot].last_set].b);
    }
    return "…";
  }

  std::string range_text(const FunctionFacts& facts, LoopId id, const LoopFacts& found) const {
    const ir::Function& f = *facts.function;
    const ir::Loop& loop = f.loops[id];
    const std::string lo = found.lo_value == kNone ? "…" : value_text(facts, f.insts[found.lo_value].b);
    std::string hi = "…";
    const ir::Inst& branch = f.insts[f.blocks[loop.header].end - 1];
    if (branch.op == Op::CondBr && f.insts[branch.a].op == Op::Lt) {
      hi = value_text(facts, f.insts[branch.a].b);
    }
    return "[" + lo + ", " + hi + ")";
  }

  const ir::Module& module_;
  const Summaries& summaries_;
  const ParallelizeOptions& options_;
  FunctionResult& out_;
  bool is_body_ = false;
};

void place_ids(ir::Function& function, ir::FunctionId base) {
  for (const ir::Inst& inst : function.insts) {
    if (inst.op == Op::ParallelFor) {
      // Positions of ParallelForRecord's body and combine.
      for (const uint32_t field : {3u, 5u}) {
        uint32_t& id = function.extra[inst.a + field];
        if (id != kNone && (id & kMadeFunction) != 0) {
          id = base + (id & ~kMadeFunction);
        }
      }
    }
  }
}

}  // namespace

bool has_open_loops(const ir::Function& function, const ParallelizeOptions& options) {
  return std::any_of(function.loops.begin(), function.loops.end(), [&](const ir::Loop& loop) {
    return loop.kind >= LoopKind::Parallel || options.explain || (options.auto_parallel && is_candidate(function, loop));
  });
}

bool is_settled(const ir::Function& function, const ParallelizeOptions& options) {
  return !makes_or_runs_closures(function) && !has_open_loops(function, options);
}

FunctionResult parallelize_function(const ir::Module& module, ir::FunctionId id, const Summaries& summaries, const ParallelizeOptions& options) {
  FunctionResult result;
  const ir::Function& f = module.functions[id];
  if (f.loops.empty() || f.is_extern) {
    return result;
  }
  FunctionParallelizer parallelizer(module, summaries, options, result);
  result.replacement = parallelizer.run(f, f.name, false);
  for (size_t k = 0; k < result.made.size(); ++k) {
    const ir::Function body = result.made[k];
    if (std::optional<ir::Function> changed = parallelizer.run(body, f.name, true)) {
      result.made[k] = std::move(*changed);
    }
  }
  return result;
}

void add_result(ir::Module& module, ir::FunctionId id, FunctionResult&& result) {
  if (!result.replacement) {
    return;
  }
  const auto base = static_cast<ir::FunctionId>(module.functions.size());
  place_ids(*result.replacement, base);
  module.functions[id] = std::move(*result.replacement);
  for (ir::Function& function : result.made) {
    place_ids(function, base);
    module.functions.push_back(std::move(function));
  }
}

ParallelizeResult parallelize(ir::Module module, const ParallelizeOptions& options, diag::Sink& sink) {
  ParallelizeResult result;
  const bool any = std::any_of(module.functions.begin(), module.functions.end(), [](const ir::Function& f) { return !f.loops.empty(); });
  if (any) {
    std::vector<FunctionResult> results;
    {
      const Summaries summaries(module, options.explain);
      const auto count = static_cast<ir::FunctionId>(module.functions.size());
      results.reserve(count);
      for (ir::FunctionId id = 0; id < count; ++id) {
        results.push_back(parallelize_function(module, id, summaries, options));
      }
    }
    for (ir::FunctionId id = 0; id < results.size(); ++id) {
      result.reports.insert(result.reports.end(), std::make_move_iterator(results[id].reports.begin()), std::make_move_iterator(results[id].reports.end()));
      sink.merge(std::move(results[id].sink));
      add_result(module, id, std::move(results[id]));
    }
  }
  result.module = std::move(module);
  return result;
}

}  // namespace omega::opt
