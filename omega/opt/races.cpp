// SPDX-License-Identifier: Apache-2.0
// Names both accesses of a race and says what would help.
#include "omega/opt/races.h"

namespace omega::opt {

using diag::Kind;
using ir::kNone;
using ir::Op;

namespace {

class Describer {
 public:
  Describer(const FunctionFacts& function, ir::LoopId loop, const LoopFacts& facts, const ir::Module& module, const base::NameInterner* names)
      : f_(*function.function), loop_(f_.loops[loop]), facts_(facts), module_(module), names_(names) {}

  base::Span span(ir::ValueId inst) const { return at(inst == kNone ? loop_.location : f_.locations[inst]); }
  base::Span at(uint32_t offset) const { return {f_.file, offset, offset + 1}; }

  std::string slot_name(ir::SlotId slot) const { return slot_text(f_, slot, names_); }

  std::string object(RefId id) const {
    const Ref& ref = facts_.symbols.ref(id);
    switch (ref.kind) {
      case RefKind::Invariant:
        if ((ref.data & kValueRefKey) != 0) {
          return "an array";
        }
        return slot_name(ref.data);
      case RefKind::Row: {
        const std::string base = object(ref.base);
        return base.starts_with("`") ? base.substr(0, base.size() - 1) + "[…]`" : "a row";
      }
      case RefKind::Field: return "a field of " + object(ref.base);
      default: return "an object read from memory";
    }
  }

  std::string callee(ir::ValueId inst) const {
    const ir::Inst& call = f_.insts[inst];
    switch (call.op) {
      case Op::Call: {
        const std::string_view name = module_.functions[call.a].name;
        return "`" + std::string(name.substr(0, name.find('('))) + "`";
      }
      case Op::CallRuntime: return "a built-in function";
      case Op::CallClosure: return "a function value";
      default: return "this operation";
    }
  }

  std::string access_text(const Access& access) const {
    const ir::Inst& inst = f_.insts[access.inst];
    std::string text = access.kind == AccessKind::Read ? "read" : access.kind == AccessKind::Write ? "written" : "updated atomically";
    if (inst.op == Op::Call || inst.op == Op::CallClosure) {
      return text + " in the call of " + callee(access.inst);
    }
    return text + " here";
  }

 private:
  const ir::Function& f_;
  const ir::Loop& loop_;
  const LoopFacts& facts_;
  const ir::Module& module_;
  const base::NameInterner* names_;
};

Race carried_race(const Describer& d, const LoopFacts& facts, const ir::Function& f) {
  Race race;
  race.found = true;
  race.kind = Kind::RaceOnVariable;
  const std::string name = d.slot_name(facts.carried);
  race.subject = name.starts_with("`") ? name.substr(1, name.size() - 2) : name;
  race.reason = name + " is carried from iteration to iteration";
  race.place = d.span(facts.carried_set);
  if (facts.carried_get != kNone) {
    race.others.push_back({"another iteration reads it here", d.span(facts.carried_get)});
  } else {
    race.others.push_back({"another iteration writes it here too", d.span(facts.carried_set)});
  }
  const bool scalar = f.slots[facts.carried].type != ir::Type::Ref;
  race.help = scalar ? "declare " + name + " inside the loop, or make it a reduction: update it only by one of `+=`, `*=`, `&=`, `|=`, `^=`, `" + race.subject +
                           " = min(" + race.subject + ", e)` and `max`, and do not read it otherwise"
                     : "declare " + name + " inside the loop, or write elements of an array by the loop variable";
  return race;
}

Race access_race(const Describer& d, const Dependence& dependence) {
  Race race;
  race.found = true;
  const Access& first = dependence.first;
  const Access& second = dependence.second;
  const std::string object = d.object(first.base);
  race.subject = object;
  race.place = d.span(first.inst);
  const bool same = first.inst == second.inst;
  race.others.push_back({same ? "another iteration does the same here" : "another iteration: " + d.access_text(second), d.span(second.inst)});
  const std::string other = d.object(second.base);
  switch (dependence.conflict) {
    case Conflict::SameElement:
      race.kind = Kind::RaceOnIndex;
      race.reason = "iterations may write the same element of " + object;
      race.help = "index " + object + " by the loop variable, or use `atomic_add`";
      break;
    case Conflict::Field:
      race.kind = Kind::RaceOnField;
      race.reason = "a field of " + object + " is written";
      race.help = "give each iteration an object of its own, or use `atomic_add`";
      break;
    case Conflict::Push:
      race.kind = Kind::RaceOnLength;
      race.reason = object + " changes its length";
      race.help = "make the array as long as needed before the loop and write by index";
      break;
    case Conflict::Mapping:
      race.kind = Kind::RaceOnMapping;
      race.reason = "a mapping is written";
      race.help = "compute into an array by the loop variable and fill the mapping after the loop";
      break;
    case Conflict::Call:
      race.kind = Kind::RaceInCall;
      race.subject = d.callee(first.inst);
      race.reason = "the call of " + race.subject + " writes " + object;
      race.help = "return the value and store it at an index of the loop variable";
      break;
    case Conflict::MixedAtomics:
      race.kind = Kind::RaceOfAtomics;
      race.reason = "atomic operations of different kinds meet on " + object;
      race.help = "use one kind of operation for each place";
      break;
    case Conflict::Unknown:
      race.kind = Kind::RaceNotCheckable;
      race.reason = "it cannot be seen whether iterations reach the same memory through " + object;
      race.help = "take it from an array by the loop variable";
      break;
    default:
      race.kind = Kind::RaceOnElement;
      race.reason = "iterations may touch the same element of " + object;
      race.help = object == other ? "write to another array than the one that is read, or index both the same way by the loop variable"
                                  : "index " + object + " by the loop variable, or use `atomic_add`";
      break;
  }
  return race;
}

}  // namespace

std::string slot_text(const ir::Function& function, ir::SlotId slot, const base::NameInterner* names) {
  const ir::Slot& s = function.slots[slot];
  if (names == nullptr || !s.name.valid()) {
    return s.type == ir::Type::Ref ? "an array" : "a variable";
  }
  return "`" + std::string(names->text(s.name)) + "`";
}

Race find_race(const FunctionFacts& function, ir::LoopId loop, const LoopFacts& facts, const Dependence* dependence, const ir::Module& module,
               const base::NameInterner* names) {
  const Describer d(function, loop, facts, module, names);
  Race race;
  race.found = true;
  race.place = d.span(facts.obstacle_inst);
  switch (facts.obstacle) {
    case Obstacle::EarlyExit:
      race.kind = Kind::ParallelLoopLeft;
      race.reason = "it may be left early";
      race.help = "let all iterations run, and keep the result in a reduction";
      return race;
    case Obstacle::NotCounted:
      race.kind = Kind::ParallelLoopShape;
      race.place = d.span(kNone);
      race.subject = race.reason = "it does not count over a range";
      return race;
    case Obstacle::SequentialCall:
      race.kind = Kind::RaceOnInput;
      race.reason = "it reads standard input";
      race.help = "read all lines into an array before the loop";
      return race;
    case Obstacle::UnknownCall:
      race.kind = Kind::RaceUnseen;
      race.subject = d.callee(facts.obstacle_inst);
      race.reason = "what " + race.subject + " does cannot be seen";
      return race;
    case Obstacle::LiveOut:
      race.kind = Kind::ParallelLoopShape;
      race.subject = race.reason = "a value of it is used outside";
      return race;
    default: break;
  }
  if (facts.carried != kNone) {
    return carried_race(d, facts, *function.function);
  }
  if (dependence != nullptr && dependence->conflict != Conflict::None) {
    return access_race(d, *dependence);
  }
  race.found = false;
  return race;
}

}  // namespace omega::opt
