// SPDX-License-Identifier: Apache-2.0
// The table of what runtime functions do.
#include <vector>

#include "omega/opt/effects.h"

namespace omega::opt {

using Id = ir::RuntimeFunctionId;

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
      e.prints = e.fresh = e.deep = true;
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
    case Id::ArrayReserve: e.fresh = e.deep = true; return e;
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
      e.fresh = e.deep = true;
      return e;
    case Id::StringFromWide:
      set("p.");
      e.fresh = e.deep = true;
      return e;
    case Id::StringJoin:
      set("rs");
      e.fresh = e.deep = true;
      return e;
    case Id::MapCopy:
    case Id::MapKeys:
    case Id::MapValues:
      set("k");
      e.fresh = true;
      e.deep = id == Id::MapKeys;
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
    case Id::StringStartsWith:
    case Id::StringEndsWith: set("ss."); return e;
    case Id::MapLength: set("k"); return e;
    case Id::StringFromChar:
    case Id::StringFromI64:
    case Id::StringFromU64:
    case Id::StringFromF64:
    case Id::StringFromF32:
    case Id::StringFromBool:
    case Id::MapNew: e.fresh = e.deep = true; return e;
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
    case Id::ReadAll: e.sequential = e.fresh = e.deep = true; return e;
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

}  // namespace omega::opt
