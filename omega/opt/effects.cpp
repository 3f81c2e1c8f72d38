// SPDX-License-Identifier: Apache-2.0
// The table of what runtime functions do, and summaries over strongly connected parts of the call graph.
#include "omega/opt/effects.h"

#include <algorithm>
#include <optional>

#include "omega/ir/op_info.h"
#include "omega/opt/candidates.h"
#include "omega/opt/loop_facts.h"

namespace omega::opt {

using ir::FunctionId;
using ir::Op;
using Id = ir::RuntimeFunctionId;

bool Summary::writes() const {
  return !known || std::any_of(accesses.begin(), accesses.end(), [](const SummaryAccess& a) { return a.kind != AccessKind::Read; });
}

namespace {

RuntimeEffects describe(Id id) {
  RuntimeEffects e;
  e.known = true;
  auto set = [&](std::string_view parameters) { e.parameters = parameters; };
  const ir::RuntimeFunction& function = ir::runtime_function(id);
  e.panics = function.has_effect('C') || function.has_effect('I');
  switch (id) {
    case Id::OutStr:
    case Id::OutSpecStr:
      set(id == Id::OutStr ? "s" : ".s");
      e.prints = true;
      e.panics = false;
      return e;
    case Id::OutWide:
    case Id::OutSpecWide:
      set(id == Id::OutWide ? "p." : ".p.");
      e.prints = true;
      e.panics = false;
      return e;
    case Id::OutI64:
    case Id::OutU64:
    case Id::OutF64:
    case Id::OutF32:
    case Id::OutBool:
    case Id::OutChar:
    case Id::OutSpecI64:
    case Id::OutSpecU64:
    case Id::OutSpecF64:
    case Id::OutSpecBool:
      e.prints = true;
      e.panics = false;
      return e;
    case Id::OutDescribed:
      set("sd");
      e.prints = true;
      e.panics = false;
      return e;
    // Pieces between these go to a text of the thread, but may also be printed when a panic leaves it: counted as printing.
    case Id::TextBegin:
      e.prints = true;
      e.panics = false;
      return e;
    case Id::TextEnd:
      e.prints = e.fresh = true;
      e.panics = false;
      return e;
    case Id::ErrStr:
      set("s");
      e.world = true;
      e.panics = false;
      return e;
    case Id::Flush:
    case Id::Clock:
    case Id::Sleep:
    case Id::ThreadCount:
    case Id::ProcessorCount:
    case Id::ForkPays:
      e.world = true;
      e.panics = false;
      return e;
    case Id::Exit: e.world = true; return e;
    case Id::ArrayReserve: e.fresh = true; return e;
    case Id::ArraySlice: e.slice = true; return e;
    case Id::ArrayPush: set("mp"); return e;
    case Id::ArrayAppend: set("mr"); return e;
    case Id::ArrayPushS64:
    case Id::ArrayPushU64:
    case Id::ArrayPushRef:
    case Id::ArrayPushU8:
    case Id::ArrayResize:
    case Id::ArrayRemove: set("m."); return e;
    case Id::ArrayPop: set("mo"); return e;
    case Id::ArrayInsert: set("m.p"); return e;
    case Id::ArrayConcat:
    case Id::ArrayCopy:
    case Id::ArrayJoin:
      set(id == Id::ArrayConcat ? "rr.." : "r..");
      e.fresh = true;
      return e;
    case Id::StringConcat:
    case Id::StringSplit:
    case Id::StringReplace:
    case Id::StringSlice:
    case Id::StringWords:
    case Id::StringLines:
    case Id::StringTrim:
    case Id::StringRepeat:
    case Id::StringUpper:
    case Id::StringLower:
    case Id::BytesFromString:
    case Id::StringFromBytes:
      set("sss");
      e.fresh = true;
      return e;
    case Id::StringFromWide:
      set("p.");
      e.fresh = true;
      return e;
    case Id::StringJoin:
      set("rs");
      e.fresh = true;
      return e;
    case Id::MapCopy:
    case Id::MapKeys:
    case Id::MapValues:
      set("k");
      e.fresh = true;
      return e;
    case Id::ArrayFill: set("wp"); return e;
    case Id::ArrayReverse:
    case Id::ArraySort: set("w."); return e;
    case Id::ArraySortBy:
      set("wf");
      e.runs_code = true;
      return e;
    case Id::ArrayEqual:
    case Id::ArrayFind:
    case Id::CheckDisjoint:
    case Id::CheckRowsDisjoint: set(id == Id::ArrayFind ? "rp" : "rr"); return e;
    case Id::StringEqual:
    case Id::StringCompare:
    case Id::StringFind:
    case Id::StringFindLast:
    case Id::StringStartsWith:
    case Id::StringEndsWith: set("ss."); return e;
    case Id::MapLength: set("k"); return e;
    case Id::StringFromChar:
    case Id::StringFromI64:
    case Id::StringFromU64:
    case Id::StringFromF64:
    case Id::StringFromF32:
    case Id::StringFromBool:
    case Id::MapNew:
    case Id::CacheNew: e.fresh = true; return e;
    case Id::ParseInt: set("s.o"); return e;
    case Id::ParseF64: set("so"); return e;
    case Id::MapGet:
    case Id::MapFind:
      set("kp.");
      e.interior = true;
      return e;
    case Id::MapSlot:
      set("Kp");
      e.interior = true;
      return e;
    case Id::MapSet: set("Kpp"); return e;
    case Id::MapDelete:
    case Id::MapClear: set("Kp"); return e;
    case Id::Args: e.world = true; return e;
    case Id::ReadLine:
      set("o");
      e.sequential = true;
      return e;
    case Id::ReadAll: e.sequential = e.fresh = true; return e;
    case Id::ReadFile:
    case Id::Environment:
      set("so");
      e.world = true;
      return e;
    case Id::WriteFile:
    case Id::AppendFile:
      set("sso");
      e.world = true;
      return e;
    case Id::Try:
    case Id::Timeout:
    case Id::Retry:
      set(id == Id::Timeout ? "..o" : ".o....");
      e.world = e.runs_code = true;
      return e;
    case Id::TasksRun:
      set("ro.r..");
      e.world = e.runs_code = true;
      return e;
    case Id::CacheAt: e.world = true; return e;
    case Id::CacheGet:
      set(".po");
      e.world = true;
      return e;
    case Id::CachePut:
      set(".pp");
      e.world = true;
      return e;
    case Id::RandomSeed:
    case Id::RandomNext:
    case Id::RandomFloat:
    case Id::RandomRange: set("f.."); return e;
    default: break;
  }
  if (function.effects == "P") {
    e.panics = false;
    return e;
  }
  e.known = false;
  e.panics = true;
  return e;
}

}  // namespace

const RuntimeEffects& runtime_effects(Id id) {
  static const std::vector<RuntimeEffects> table = [] {
    std::vector<RuntimeEffects> all;
    for (uint32_t i = 0; i < ir::runtime_functions().size(); ++i) {
      all.push_back(describe(static_cast<Id>(i)));
    }
    return all;
  }();
  return table[static_cast<uint32_t>(id)];
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

Summaries::Summaries(const ir::Module& module, bool every_loop) : module_(&module) {
  const uint32_t count = static_cast<uint32_t>(module.functions.size());
  const uint32_t closure_node = count;
  LoopCalls calls = loop_calls(module, every_loop);
  if (!calls.any) {
    return;
  }
  std::vector<FunctionId>& roots = calls.functions;
  if (calls.closures) {
    roots.push_back(closure_node);
  }
  taken_ = std::move(calls.taken);
  catches_ = calls.catches;
  summaries_.resize(count);

  // Tarjan's strongly connected components, without recursion; they come out callees first.
  struct Frame {
    uint32_t node;
    uint32_t next;
    std::vector<FunctionId> edges;
  };
  std::vector<uint32_t> number(count + 1, 0), low(count + 1, 0);
  std::vector<bool> on_stack(count + 1, false);
  std::vector<uint32_t> stack;
  std::vector<Frame> frames;
  uint32_t counter = 0;
  auto enter = [&](uint32_t node) {
    number[node] = low[node] = ++counter;
    stack.push_back(node);
    on_stack[node] = true;
    Frame frame{node, 0, {}};
    if (node == closure_node) {
      frame.edges = taken_;
    } else {
      bool calls_closures = false;
      callees(module.functions[node], frame.edges, calls_closures);
      if (calls_closures) {
        frame.edges.push_back(closure_node);
      }
    }
    frames.push_back(std::move(frame));
  };
  for (const FunctionId root : roots) {
    if (number[root] != 0) {
      continue;
    }
    enter(root);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next < frame.edges.size()) {
        const uint32_t to = frame.edges[frame.next++];
        if (number[to] == 0) {
          enter(to);
        } else if (on_stack[to]) {
          low[frame.node] = std::min(low[frame.node], number[to]);
        }
        continue;
      }
      const uint32_t node = frame.node;
      frames.pop_back();
      if (!frames.empty()) {
        low[frames.back().node] = std::min(low[frames.back().node], low[node]);
      }
      if (low[node] == number[node]) {
        std::vector<FunctionId> members;
        uint32_t member;
        do {
          member = stack.back();
          stack.pop_back();
          on_stack[member] = false;
          members.push_back(member);
        } while (member != node);
        summarize_component(members);
      }
    }
  }
}

void Summaries::summarize_component(const std::vector<FunctionId>& members) {
  const uint32_t count = static_cast<uint32_t>(module_->functions.size());
  bool recursive = members.size() > 1;
  if (!recursive && members[0] < count) {
    std::vector<FunctionId> called;
    bool closures = false;
    callees(module_->functions[members[0]], called, closures);
    recursive = std::find(called.begin(), called.end(), members[0]) != called.end();
  }
  if (!recursive) {
    if (members[0] < count) {
      summaries_[members[0]] = summarize(members[0]);
    }
    return;
  }
  // Within a recursion nothing is said about where accesses go: they may be anywhere. So one round over all members is enough.
  for (const FunctionId id : members) {
    if (id < count) {
      summaries_[id].known = true;
    }
  }
  Summary all;
  all.known = true;
  all.cost = 2000;
  all.panics = true;  // the stack may overflow
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
      access.path[0] = access.path[1] = access.path[2] = 0;
      if (std::find(all.accesses.begin(), all.accesses.end(), access) == all.accesses.end()) {
        all.accesses.push_back(access);
      }
    }
  }
  for (const FunctionId id : members) {
    if (id < count) {
      summaries_[id] = all;
    }
  }
}

Summary Summaries::of_closures(size_t argument_count) const {
  Summary all;
  all.known = true;
  all.cost = 20;
  for (const FunctionId id : taken_) {
    // The closure itself is the first parameter.
    if (module_->functions[id].params.size() != argument_count + 1) {
      continue;
    }
    const Summary& one = of(id);
    all.known = all.known && one.known;
    all.prints = all.prints || one.prints;
    all.world = all.world || one.world;
    all.sequential = all.sequential || one.sequential;
    all.cost = std::max(all.cost, one.cost);
    for (const SummaryAccess& access : one.accesses) {
      if (std::find(all.accesses.begin(), all.accesses.end(), access) == all.accesses.end()) {
        all.accesses.push_back(access);
      }
    }
  }
  all.panics = true;
  return all;
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
  summary.returns_fresh = !function.results.empty() && function.results[0] == ir::Type::Ref && found.returns_fresh;
  for (const Access& access : found.accesses) {
    SummaryAccess out{access.kind, access.pushes ? MemoryClass::Any : access.memory, access.type, access.atomic_op, ir::kNone, {0, 0, 0}, 0, access.offset};
    // Follow rows and fields down to a parameter.
    uint32_t steps[4];
    uint32_t length = 0;
    RefId at = access.base;
    const Symbols& symbols = found.symbols;
    while (length < 4 && (symbols.ref(at).kind == RefKind::Row || symbols.ref(at).kind == RefKind::Field)) {
      steps[length++] = symbols.ref(at).kind == RefKind::Row ? kElementStep : symbols.ref(at).data;
      at = symbols.ref(at).base;
    }
    if (symbols.ref(at).kind == RefKind::Fresh || symbols.ref(at).kind == RefKind::Null) {
      if (length == 0 || symbols.ref(at).deep) {
        continue;
      }
    } else if (length <= 3 && symbols.ref(at).kind == RefKind::Invariant && (symbols.ref(at).data & kParameterKey) != 0 &&
               (symbols.ref(at).data & kValueRefKey) == 0) {
      out.parameter = symbols.ref(at).data & ~kParameterKey;
      out.path_length = length;
      for (uint32_t i = 0; i < length; ++i) {
        out.path[i] = steps[length - 1 - i];
      }
    }
    if (std::find(summary.accesses.begin(), summary.accesses.end(), out) == summary.accesses.end()) {
      summary.accesses.push_back(out);
    }
  }
  return summary;
}

}  // namespace omega::opt
