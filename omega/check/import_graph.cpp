// SPDX-License-Identifier: Apache-2.0
#include "omega/check/import_graph.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "omega/check/declarations.h"

namespace omega::check {

ImportGraph::ImportGraph(std::span<const ModuleDecl> modules) {
  if (std::ranges::all_of(modules, [](const ModuleDecl& module) { return module.whole_imports.empty(); })) {
    return;
  }
  direct_.resize(modules.size());
  seen_ = std::make_unique<std::atomic<const Seen*>[]>(modules.size());
  // From the last to the first, so that lists begin with the first.
  for (uint32_t m = static_cast<uint32_t>(modules.size()); m-- > 0;) {
    std::unordered_set<uint32_t> met{m};
    for (const uint32_t imported : modules[m].whole_imports) {
      if (met.insert(imported).second) {
        direct_[m].order.push_back(imported);
      }
    }
    direct_[m].ranks = ranked({direct_[m].order.data(), direct_[m].order.size()});
    modules[m].symbols.for_each([&](NameId name, Symbol) {
      Symbol& head = names_.insert(name);
      declaring_.push_back({m, head.kind == SymbolKind::None ? kNoModule : head.index});
      head = {SymbolKind::Module, static_cast<uint32_t>(declaring_.size()) - 1};
    });
  }
}

ImportGraph::~ImportGraph() {
  for (size_t m = 0; m < direct_.size(); ++m) {
    delete seen_[m].load(std::memory_order_relaxed);
  }
}

base::PodVector<ImportGraph::Ranked> ImportGraph::ranked(std::span<const uint32_t> order) {
  base::PodVector<Ranked> ranks;
  ranks.reserve(order.size());
  for (const uint32_t module : order) {
    ranks.push_back({module, static_cast<uint32_t>(ranks.size())});
  }
  std::sort(ranks.begin(), ranks.end(), [](const Ranked& a, const Ranked& b) { return a.module < b.module; });
  return ranks;
}

uint32_t ImportGraph::rank_in(std::span<const Ranked> ranks, uint32_t module) {
  const auto found = std::lower_bound(ranks.begin(), ranks.end(), module, [](const Ranked& a, uint32_t b) { return a.module < b; });
  return found != ranks.end() && found->module == module ? found->rank : kNoModule;
}

uint32_t ImportGraph::first_of(NameId name) const {
  const Symbol head = names_.find(name);
  return head.kind == SymbolKind::None ? kNoModule : head.index;
}

const ImportGraph::Seen& ImportGraph::seen(uint32_t module) const {
  if (const Seen* known = seen_[module].load(std::memory_order_acquire)) {
    return *known;
  }
  auto made = std::make_unique<Seen>();
  made->order.append(direct_[module].order.data(), direct_[module].order.size());
  std::unordered_set<uint32_t> met{module};
  met.insert(made->order.begin(), made->order.end());
  for (size_t i = 0; i < made->order.size(); ++i) {
    for (const uint32_t further : direct_[made->order[i]].order) {
      if (met.insert(further).second) {
        made->order.push_back(further);
      }
    }
  }
  made->ranks = ranked({made->order.data(), made->order.size()});
  const Seen* known = nullptr;
  // Another thread may have been faster; what it found is the same.
  if (seen_[module].compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) {
    known = made.release();
  }
  return *known;
}

std::span<const uint32_t> ImportGraph::seen_from(uint32_t module) const {
  if (direct_.empty() || direct_[module].order.empty()) {
    return {};
  }
  const Seen& all = seen(module);
  return {all.order.data(), all.order.size()};
}

uint32_t ImportGraph::first_direct(uint32_t module, NameId name) const {
  Ranked best{kNoModule, kNoModule};
  if (!direct_.empty() && !direct_[module].order.empty()) {
    const std::span<const Ranked> ranks{direct_[module].ranks.data(), direct_[module].ranks.size()};
    for (uint32_t at = first_of(name); at != kNoModule; at = declaring_[at].next) {
      if (const uint32_t rank = rank_in(ranks, declaring_[at].module); rank < best.rank) {
        best = {declaring_[at].module, rank};
      }
    }
  }
  return best.module;
}

uint32_t ImportGraph::first_seen(uint32_t module, NameId name) const {
  if (const uint32_t direct = first_direct(module, name); direct != kNoModule) {
    return direct;
  }
  const base::PodVector<uint32_t> all = all_seen(module, name);
  return all.empty() ? kNoModule : all[0];
}

base::PodVector<uint32_t> ImportGraph::all_seen(uint32_t module, NameId name) const {
  base::PodVector<uint32_t> found;
  if (direct_.empty() || direct_[module].order.empty()) {
    return found;
  }
  base::PodVector<Ranked> places;
  base::PodVector<uint32_t> others;
  const std::span<const Ranked> direct{direct_[module].ranks.data(), direct_[module].ranks.size()};
  for (uint32_t at = first_of(name); at != kNoModule; at = declaring_[at].next) {
    const uint32_t declaring = declaring_[at].module;
    if (const uint32_t rank = rank_in(direct, declaring); rank != kNoModule) {
      places.push_back({declaring, rank});
    } else if (declaring != module) {
      others.push_back(declaring);
    }
  }
  if (!others.empty()) {
    const base::PodVector<Ranked>& ranks = seen(module).ranks;
    for (const uint32_t declaring : others) {
      if (const uint32_t rank = rank_in({ranks.data(), ranks.size()}, declaring); rank != kNoModule) {
        places.push_back({declaring, rank});
      }
    }
  }
  std::sort(places.begin(), places.end(), [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  for (const Ranked& place : places) {
    found.push_back(place.module);
  }
  return found;
}

}  // namespace omega::check
