// SPDX-License-Identifier: Apache-2.0
// Summaries over strongly connected parts of the call graph.
#include "omega/opt/effects.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "omega/base/hash.h"
#include "omega/ir/op_info.h"
#include "omega/opt/call_components.h"
#include "omega/opt/candidates.h"
#include "omega/opt/loop_facts.h"

namespace omega::opt {

using ir::FunctionId;
using ir::Op;
using Id = ir::RuntimeFunctionId;

uint64_t places_of(MemoryClass memory, uint32_t offset) {
  constexpr uint32_t kOffsets = 48;  // objects with more words share one bit for those behind
  switch (memory) {
    case MemoryClass::Field: return offset == ir::kNone ? (uint64_t{2} << kOffsets) - 1 : uint64_t{1} << std::min(offset / 8, kOffsets);
    case MemoryClass::Element: return uint64_t{1} << 60;
    case MemoryClass::Fixed: return uint64_t{1} << 61;
    case MemoryClass::Map: return uint64_t{1} << 62;
    default: return kAllPlaces;
  }
}

bool Summary::writes() const {
  return !known || std::any_of(accesses.begin(), accesses.end(), [](const SummaryAccess& a) { return a.kind != AccessKind::Read; });
}

namespace {

/// Functions called from `function`; `closures` is set when it calls function values.
void callees(const ir::Function& function, std::vector<FunctionId>& out, bool& closures) {
  for (const ir::Inst& inst : function.insts) {
    if (inst.op == Op::Call) {
      out.push_back(inst.a);
    } else if (inst.op == Op::CallClosure || (inst.op == Op::CallRuntime && runtime_effects(static_cast<Id>(inst.a)).runs_code)) {
      closures = true;
    }
  }
}

/// Calls inside the loops of a function that are looked at; true when there is such a loop.
bool loop_callees(const ir::Function& function, bool every_loop, std::vector<FunctionId>& out, bool& closures) {
  bool any = false;
  for (const ir::Loop& loop : function.loops) {
    // What is inside another counted loop has been seen there.
    bool inside = false;
    for (ir::LoopId parent = loop.parent; parent != ir::kNone && !inside; parent = function.loops[parent].parent) {
      inside = function.loops[parent].kind != ir::LoopKind::While && (every_loop || is_candidate(function, function.loops[parent]));
    }
    if (inside || loop.kind == ir::LoopKind::While || loop.header >= loop.exit || !(every_loop || is_candidate(function, loop))) {
      continue;
    }
    any = true;
    for (uint32_t i = function.blocks[loop.header].first; i < function.blocks[loop.exit - 1].end; ++i) {
      const ir::Inst& inst = function.insts[i];
      if (inst.op == Op::Call) {
        out.push_back(inst.a);
      } else if (inst.op == Op::CallClosure || (inst.op == Op::CallRuntime && runtime_effects(static_cast<Id>(inst.a)).runs_code)) {
        closures = true;
      }
    }
  }
  return any;
}

/// What the loops of a module that are looked at call, and what of the module bears on them.
struct LoopCalls {
  bool any = false;  ///< there is such a loop
  bool closures = false;
  bool catches = false;
  std::vector<FunctionId> functions;
  std::vector<FunctionId> taken;  ///< functions whose value is taken somewhere, in order
};

LoopCalls loop_calls(const ir::Module& module, bool every_loop) {
  LoopCalls calls;
  for (const ir::Function& function : module.functions) {
    calls.any = (!function.loops.empty() && loop_callees(function, every_loop, calls.functions, calls.closures)) || calls.any;
  }
  if (!calls.any) {
    return calls;
  }
  for (const ir::Function& function : module.functions) {
    for (const ir::Inst& inst : function.insts) {
      if (inst.op == Op::MakeClosure || inst.op == Op::FunctionRef) {
        calls.taken.push_back(inst.a);
      } else if (inst.op == Op::CallRuntime && runtime_effects(static_cast<Id>(inst.a)).runs_code) {
        calls.catches = true;
      }
    }
  }
  std::sort(calls.taken.begin(), calls.taken.end());
  calls.taken.erase(std::unique(calls.taken.begin(), calls.taken.end()), calls.taken.end());
  return calls;
}

/// What a recursion is taken to cost.
constexpr uint32_t kRecursionCost = 2000;

bool returns_reference(const ir::Function& function) { return !function.results.empty() && function.results[0] == ir::Type::Ref; }

bool may_be_reference(ir::Type type) { return type == ir::Type::Ref || type == ir::Type::Void; }

/// Keeps a list of accesses free of equal ones; short lists are searched, long ones hashed.
class AccessSet {
 public:
  void add(const SummaryAccess& access, std::vector<SummaryAccess>& list) {
    if (list.size() < kSearched) {
      if (std::find(list.begin(), list.end(), access) == list.end()) {
        list.push_back(access);
      }
      return;
    }
    if (hashed_.empty()) {
      hashed_.insert(list.begin(), list.end());
    }
    if (hashed_.insert(access).second) {
      list.push_back(access);
    }
  }

 private:
  static constexpr size_t kSearched = 16;
  struct Hash {
    size_t operator()(const SummaryAccess& a) const {
      const uint32_t parts[] = {static_cast<uint32_t>(a.kind),
                                static_cast<uint32_t>(a.memory),
                                static_cast<uint32_t>(a.type),
                                a.atomic_op,
                                a.parameter,
                                a.path[0],
                                a.path[1],
                                a.path[2],
                                a.path_length,
                                a.below ? 1u : 0u,
                                a.offset};
      return base::hash_bytes(reinterpret_cast<const char*>(parts), sizeof parts);
    }
  };
  std::unordered_set<SummaryAccess, Hash> hashed_;
};

}  // namespace

void append_callees(const ir::Function& function, std::vector<FunctionId>& to) {
  bool closures = false;
  callees(function, to, closures);
}

bool makes_or_runs_closures(const ir::Function& function) {
  return std::any_of(function.insts.begin(), function.insts.end(), [](const ir::Inst& inst) {
    return inst.op == Op::MakeClosure || inst.op == Op::FunctionRef || (inst.op == Op::CallRuntime && runtime_effects(static_cast<Id>(inst.a)).runs_code);
  });
}

std::vector<FunctionId> summarized_first(const ir::Module& module, bool every_loop) {
  LoopCalls calls = loop_calls(module, every_loop);
  calls.functions.insert(calls.functions.end(), calls.taken.begin(), calls.taken.end());
  return std::move(calls.functions);
}

Summaries::Summaries(const ir::Module& module, bool every_loop, const base::RunTasks& run) : module_(&module) {
  no_closure_.known = no_closure_.panics = true;
  no_closure_.cost = 20;
  const uint32_t count = static_cast<uint32_t>(module.functions.size());
  const uint32_t closure_node = count;
  LoopCalls calls = loop_calls(module, every_loop);
  if (!calls.any) {
    return;
  }
  if (calls.closures) {
    calls.functions.push_back(closure_node);
  }
  taken_ = std::move(calls.taken);
  catches_ = calls.catches;
  summaries_.resize(count);
  const CallComponents components(count + 1, calls.functions, [&](uint32_t node, std::vector<FunctionId>& edges) {
    if (node == closure_node) {
      edges = taken_;
      return;
    }
    bool calls_closures = false;
    callees(module.functions[node], edges, calls_closures);
    if (calls_closures) {
      edges.push_back(closure_node);
    }
  });
  for (const std::vector<uint32_t>& level : components.levels()) {
    base::run_tasks(run, level.size(), [&](size_t i) { summarize_component(components.members(level[i])); });
  }
}

void Summaries::summarize_component(std::span<const FunctionId> members) {
  const uint32_t count = static_cast<uint32_t>(module_->functions.size());
  const bool has_closures = std::find(members.begin(), members.end(), count) != members.end();
  bool recursive = members.size() > 1;
  if (!recursive && members[0] < count) {
    std::vector<FunctionId> called;
    bool closures = false;
    callees(module_->functions[members[0]], called, closures);
    recursive = std::find(called.begin(), called.end(), members[0]) != called.end();
  }
  if (!recursive) {
    if (has_closures) {
      unite_closures();
    } else {
      summaries_[members[0]] = summarize(members[0]);
    }
    return;
  }
  if (!settle(members, has_closures)) {
    summarize_as_one(members, has_closures);
  }
}

bool Summaries::settle(std::span<const FunctionId> members, bool has_closures) {
  constexpr int kRounds = 6;  // a few are enough: paths are short
  const uint32_t count = static_cast<uint32_t>(module_->functions.size());
  auto finish = [](Summary& summary) {
    summary.cost = kRecursionCost;
    summary.panics = true;  // the stack may overflow
  };
  for (const FunctionId id : members) {
    if (id < count) {
      Summary& nothing = summaries_[id] = {};
      nothing.known = true;
      nothing.returns_fresh = nothing.returns_deep = returns_reference(module_->functions[id]);
      finish(nothing);
    }
  }
  for (int round = 0; round < kRounds; ++round) {
    if (has_closures) {
      unite_closures();
    }
    bool changed = false;
    for (const FunctionId id : members) {
      if (id >= count) {
        continue;
      }
      Summary next = summarize(id);
      finish(next);
      changed = changed || next != summaries_[id];
      summaries_[id] = std::move(next);
    }
    if (!changed) {
      return true;
    }
  }
  return false;
}

void Summaries::summarize_as_one(std::span<const FunctionId> members, bool has_closures) {
  const uint32_t count = static_cast<uint32_t>(module_->functions.size());
  for (const FunctionId id : members) {
    if (id < count) {
      summaries_[id] = {};
      summaries_[id].known = true;
    }
  }
  if (has_closures) {
    unite_closures();
  }
  Summary all;
  AccessSet seen;
  all.known = true;
  all.cost = kRecursionCost;
  all.panics = true;  // the stack may overflow
  all.shared_in = kAllPlaces;
  for (const FunctionId id : members) {
    if (id >= count) {
      continue;
    }
    const Summary one = summarize(id);
    all.known = all.known && one.known;
    all.prints = all.prints || one.prints;
    all.world = all.world || one.world;
    all.sequential = all.sequential || one.sequential;
    for (SummaryAccess access : one.accesses) {
      access.parameter = ir::kNone;
      access.path_length = 0;
      access.below = false;
      access.path[0] = access.path[1] = access.path[2] = 0;
      seen.add(access, all.accesses);
    }
  }
  for (const FunctionId id : members) {
    if (id < count) {
      summaries_[id] = all;
    }
  }
  if (has_closures) {
    unite_closures();
  }
}

void Summaries::unite_closures() {
  of_closures_.clear();
  std::vector<AccessSet> seen;
  for (const FunctionId id : taken_) {
    // The closure itself is the first parameter.
    const size_t parameters = module_->functions[id].params.size();
    if (parameters == 0) {
      continue;
    }
    if (parameters > of_closures_.size()) {
      of_closures_.resize(parameters, no_closure_);
      seen.resize(parameters);
    }
    Summary& all = of_closures_[parameters - 1];
    const Summary& one = of(id);
    all.known = all.known && one.known;
    all.prints = all.prints || one.prints;
    all.world = all.world || one.world;
    all.sequential = all.sequential || one.sequential;
    all.shared_in |= one.shared_in;
    all.cost = std::max(all.cost, one.cost);
    for (const SummaryAccess& access : one.accesses) {
      seen[parameters - 1].add(access, all.accesses);
    }
  }
}

Summary Summaries::summarize(FunctionId id) const {
  const ir::Function& function = module_->functions[id];
  Summary summary;
  if (function.is_extern || function.blocks.empty()) {
    return summary;
  }
  const FunctionFacts facts(function);
  const LoopFacts found = analyze_function(facts, *this);
  summary.known = found.obstacle != Obstacle::UnknownCall;
  summary.prints = found.prints;
  summary.world = found.world;
  summary.sequential = found.obstacle == Obstacle::SequentialCall;
  summary.panics = found.panics;
  summary.cost = static_cast<uint32_t>(std::min<uint64_t>(found.cost, 1'000'000'000));
  summary.returns_fresh = returns_reference(function) && found.returns_fresh;
  summary.returns_deep = returns_reference(function) && found.returns_deep;
  summary.shared_in = summary.returns_deep ? found.shared_in : 0;
  AccessSet seen;
  for (const Access& access : found.accesses) {
    SummaryAccess out{access.kind,  access.pushes ? MemoryClass::Any : access.memory, access.type, access.atomic_op, ir::kNone, {0, 0, 0}, 0, false,
                      access.offset};
    // Follow rows and fields down to a parameter.
    std::vector<uint32_t> steps;
    RefId at = access.base;
    const Symbols& symbols = found.symbols;
    for (;; at = symbols.ref(at).base) {
      const Ref& ref = symbols.ref(at);
      if (ref.kind == RefKind::Below) {
        steps.clear();
        out.below = true;
      } else if (ref.kind == RefKind::Row || ref.kind == RefKind::Field) {
        steps.push_back(ref.kind == RefKind::Row ? kElementStep : ref.data);
      } else {
        break;
      }
    }
    const Ref& root = symbols.ref(at);
    if (root.kind == RefKind::Fresh || root.kind == RefKind::Null) {
      if ((steps.empty() && !out.below) || root.deep) {
        continue;
      }
      out.below = false;
    } else if (root.kind == RefKind::Invariant && (root.data & kParameterKey) != 0 && (root.data & kValueRefKey) == 0) {
      out.parameter = root.data & ~kParameterKey;
      out.path_length = static_cast<uint32_t>(std::min(steps.size(), std::size(out.path)));
      out.below = out.below || steps.size() > out.path_length;
      std::copy_n(steps.rbegin(), out.path_length, out.path);
    } else {
      out.below = false;
    }
    if (out.kind != AccessKind::Read && may_be_reference(out.type)) {
      summary.shared_in = found.shared_in;
    }
    seen.add(out, summary.accesses);
  }
  return summary;
}

}  // namespace omega::opt
