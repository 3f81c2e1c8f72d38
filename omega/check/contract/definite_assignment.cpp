// SPDX-License-Identifier: Apache-2.0
// Whether references that begin without a value have one on every way that leads to where they are read.
#include <algorithm>

#include "omega/check/contract/contract_checker.h"
#include "omega/ir/dominators.h"

namespace omega::check::contract {

using diag::Kind;

namespace {

/// An instruction that means something for a local that begins without a value.
struct Touch {
  enum class Kind : uint8_t { Set, Begin, Read };
  uint32_t local;
  Kind kind;
  uint32_t read;  ///< Read: which one
};

/// Which locals may still be without their values, block by block. They are few at any place, so they are listed.
class UnsetLocals {
 public:
  using Locals = std::vector<uint32_t>;  ///< in order

  /// `touches`: of each block, by its position in the order of `flow`; as many locals as `count`, of which `at_entry` begin with the function.
  UnsetLocals(const ir::ControlFlow& flow, const std::vector<std::vector<Touch>>& touches, size_t count, Locals at_entry)
      : flow_(flow), touches_(touches), at_entry_(std::move(at_entry)), last_read_(count, 0), behind_(touches.size()) {
    find_last_reads();
    for (bool changes = true; changes;) {
      changes = false;
      for (uint32_t i = 0; i < touches.size(); ++i) {
        Locals now = before(i);
        run(i, now, [](const Touch&) {});
        std::erase_if(now, [&](uint32_t local) { return last_read_[local] <= i; });
        changes = changes || now != behind_[i];
        behind_[i] = std::move(now);
      }
    }
  }

  /// Calls `f` with the reads of what may have no value.
  template <class F>
  void for_each_unset_read(F&& f) const {
    for (uint32_t i = 0; i < touches_.size(); ++i) {
      if (!touches_[i].empty()) {
        Locals now = before(i);
        run(i, now, f);
      }
    }
  }

 private:
  /// Behind the last block that leads to a read nothing needs to be known of a local: its place in the order, ends of loops around the read counted in.
  void find_last_reads() {
    std::vector<uint32_t> leads_back_to(touches_.size());  // the last block from which a way goes back to this one or one before
    for (uint32_t i = 0; i < touches_.size(); ++i) {
      leads_back_to[i] = std::max(i, i == 0 ? 0 : leads_back_to[i - 1]);
      for (const ir::BlockId from : flow_.predecessors(flow_.order[i])) {
        leads_back_to[i] = flow_.reachable(from) ? std::max(leads_back_to[i], flow_.position[from]) : leads_back_to[i];
      }
    }
    for (size_t i = touches_.size(); i-- > 0;) {
      leads_back_to[i] = leads_back_to[leads_back_to[i]];
    }
    for (uint32_t i = 0; i < touches_.size(); ++i) {
      for (const Touch& touch : touches_[i]) {
        last_read_[touch.local] = touch.kind == Touch::Kind::Read ? std::max(last_read_[touch.local], leads_back_to[i]) : last_read_[touch.local];
      }
    }
  }

  Locals before(uint32_t i) const {
    Locals unset = i == 0 ? at_entry_ : Locals();
    for (const ir::BlockId from : flow_.predecessors(flow_.order[i])) {
      if (flow_.reachable(from)) {
        const Locals& more = behind_[flow_.position[from]];
        unset.insert(unset.end(), more.begin(), more.end());
      }
    }
    std::ranges::sort(unset);
    unset.erase(std::ranges::unique(unset).begin(), unset.end());
    return unset;
  }

  template <class F>
  void run(uint32_t i, Locals& unset, F&& read_unset) const {
    for (const Touch& touch : touches_[i]) {
      const auto at = std::ranges::lower_bound(unset, touch.local);
      const bool is_unset = at != unset.end() && *at == touch.local;
      if (touch.kind == Touch::Kind::Read && is_unset) {
        read_unset(touch);
      } else if (touch.kind == Touch::Kind::Set && is_unset) {
        unset.erase(at);
      } else if (touch.kind == Touch::Kind::Begin && !is_unset) {
        unset.insert(at, touch.local);
      }
    }
  }

  const ir::ControlFlow& flow_;
  const std::vector<std::vector<Touch>>& touches_;
  Locals at_entry_;
  std::vector<uint32_t> last_read_;  // by local
  std::vector<Locals> behind_;       // behind each block
};

}  // namespace

void ContractChecker::begin_unset(Local& local) {
  local.unset = static_cast<uint32_t>(unset_.size());
  unset_.push_back({local.slot, ir::kNone, local.type, local.declared, {}});
}

ValueId ContractChecker::read_local(const Local& local, Span where) {
  const ValueId value = builder_.get(local.slot);
  if (local.unset != kNone) {
    unset_[local.unset].reads.emplace_back(value, where);
  }
  return value;
}

ir::Function ContractChecker::finish_function() {
  ir::Function made = builder_.finish();
  if (!unset_.empty()) {
    check_reads_of_unset(made);
    unset_.clear();
  }
  return made;
}

void ContractChecker::check_reads_of_unset(const ir::Function& function) {
  const ir::ControlFlow flow(function);
  std::vector<uint32_t> local_of_slot(function.slots.size(), kNone);
  std::unordered_map<ValueId, std::pair<uint32_t, uint32_t>> read_at;  // instruction: the local and which of its reads
  std::vector<uint32_t> at_entry;
  for (uint32_t i = 0; i < unset_.size(); ++i) {
    local_of_slot[unset_[i].slot] = i;
    for (uint32_t read = 0; read < unset_[i].reads.size(); ++read) {
      read_at[unset_[i].reads[read].first] = {i, read};
    }
    if (unset_[i].declared == ir::kNone) {
      at_entry.push_back(i);
    }
  }
  std::vector<std::vector<Touch>> touches(flow.order.size());
  for (uint32_t position = 0; position < flow.order.size(); ++position) {
    const ir::Block& block = function.blocks[flow.order[position]];
    for (ValueId i = block.first; i < block.end; ++i) {
      const ir::Inst& inst = function.insts[i];
      if (inst.op == Op::SlotSet && local_of_slot[inst.a] != kNone) {
        const uint32_t local = local_of_slot[inst.a];
        touches[position].push_back({local, unset_[local].declared == i ? Touch::Kind::Begin : Touch::Kind::Set, 0});
      } else if (inst.op == Op::SlotGet) {
        if (const auto read = read_at.find(i); read != read_at.end()) {
          touches[position].push_back({read->second.first, Touch::Kind::Read, read->second.second});
        }
      }
    }
  }
  std::vector<uint32_t> first_unset(unset_.size(), kNone);
  UnsetLocals(flow, touches, unset_.size(), std::move(at_entry)).for_each_unset_read([&](const Touch& touch) {
    first_unset[touch.local] = std::min(first_unset[touch.local], touch.read);
  });
  for (uint32_t i = 0; i < unset_.size(); ++i) {
    if (first_unset[i] != kNone) {
      report_unset(unset_[i], unset_[i].reads[first_unset[i]].second);
    }
  }
}

void ContractChecker::report_unset(const UnsetLocal& local, Span read) {
  diag::Diagnostic& said = sink_.report(Kind::ContractLocation, read, {types_.text(local.type), "needs a value: it refers to data elsewhere"});
  if (read.begin != local.place.begin || read.file != local.place.file) {
    said.note(local.place, "it is declared here, without one");
  }
}

}  // namespace omega::check::contract
