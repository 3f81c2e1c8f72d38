// SPDX-License-Identifier: Apache-2.0
// Which files see which names by `import "path"`, directly and through other files.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/check/symbol_table.h"

namespace omega::check {

struct ModuleDecl;

/// Whole imports, from the side of the names: a name is declared by few files, so that looking for it takes no time for each import there is. Made once;
/// reading is thread-safe then. Files are numbers of modules. What a file sees through others is found when a name first needs it.
class ImportGraph {
 public:
  ImportGraph() = default;
  explicit ImportGraph(std::span<const ModuleDecl> modules);
  ImportGraph(ImportGraph&&) = default;
  ImportGraph& operator=(ImportGraph&&) = default;
  ~ImportGraph();

  /// The first of those that `module` imports itself that declares the name, or kNoModule.
  [[nodiscard]] uint32_t first_direct(uint32_t module, NameId name) const;
  /// The first of all that `module` sees, nearest first, that declares the name, or kNoModule.
  [[nodiscard]] uint32_t first_seen(uint32_t module, NameId name) const;
  /// All of them, nearest first.
  [[nodiscard]] base::PodVector<uint32_t> all_seen(uint32_t module, NameId name) const;
  /// All that `module` sees, nearest first.
  [[nodiscard]] std::span<const uint32_t> seen_from(uint32_t module) const;

  static constexpr uint32_t kNoModule = 0xffff'ffffu;

 private:
  /// A module and its place among others.
  struct Ranked {
    uint32_t module;
    uint32_t rank;
  };
  struct Seen {
    base::PodVector<uint32_t> order;
    base::PodVector<Ranked> ranks;  ///< by module
  };
  /// One of the modules that declare a name.
  struct Declaring {
    uint32_t module;
    uint32_t next;
  };

  static uint32_t rank_in(std::span<const Ranked> ranks, uint32_t module);
  static base::PodVector<Ranked> ranked(std::span<const uint32_t> order);
  [[nodiscard]] uint32_t first_of(NameId name) const;
  [[nodiscard]] const Seen& seen(uint32_t module) const;

  std::vector<Seen> direct_;
  SymbolTable names_;  ///< to the first of a name's places in declaring_
  base::PodVector<Declaring> declaring_;
  std::unique_ptr<std::atomic<const Seen*>[]> seen_;
};

}  // namespace omega::check
