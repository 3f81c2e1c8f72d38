// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/element_compiler.h"

#include <atomic>

#include "omega/base/hash.h"
#include "omega/task/concurrent_map.h"

namespace omega::graph {
namespace {

/// Elements after which code is made: block by block a step costs some 0.3 ns an element, making the code some 10 us.
constexpr uint64_t kWorthwhile = 16384;
/// Programs that are remembered, for the life of the process; further ones run block by block.
constexpr uint32_t kMostPrograms = 4096;

/// What code is made for.
struct Wanted {
  std::shared_ptr<const ElementProgram> program;  ///< the caller's own where one is looked for
  DType dtype;
  uint64_t scalars;
  friend bool operator==(const Wanted& a, const Wanted& b) {
    return a.dtype == b.dtype && a.scalars == b.scalars && a.program->steps == b.program->steps && a.program->yields == b.program->yields;
  }
};

struct WantedHash {
  uint64_t operator()(const Wanted& wanted) const {
    uint64_t hash = base::hash_integer(wanted.scalars * kDTypeCount + static_cast<uint64_t>(wanted.dtype));
    for (const ElementProgram::Step& step : wanted.program->steps) {
      hash = base::hash_integer(
          hash ^ (static_cast<uint64_t>(step.op) << 48 | uint64_t{step.operands[0]} << 32 | uint64_t{step.operands[1]} << 16 | step.operands[2]));
    }
    for (const ElementProgram::Yield& yield : wanted.program->yields) {
      hash = base::hash_integer(hash ^ (yield.operand | (yield.fold ? uint64_t{1} + static_cast<uint64_t>(*yield.fold) : 0) << 16));
    }
    return hash;
  }
};

/// How far a program has run, and its code.
struct Known {
  std::atomic<uint64_t> elements{0};
  std::atomic<const ElementCode*> code{nullptr};
};

std::atomic<ElementCompiler> chosen_compiler{nullptr};

/// The program's entry, made when new; null where there are enough.
Known* find(const ElementProgram& program, DType dtype, uint64_t scalars) {
  static task::ConcurrentMap<Wanted, Known, WantedHash>& programs = *new task::ConcurrentMap<Wanted, Known, WantedHash>();
  static std::atomic<uint32_t> count{0};
  if (Known* known = programs.find({{std::shared_ptr<void>(), &program}, dtype, scalars})) {
    return known;
  }
  if (count.fetch_add(1, std::memory_order_relaxed) >= kMostPrograms) {
    count.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  return &programs.get_or_insert({std::make_shared<const ElementProgram>(program), dtype, scalars}, [] { return Known(); }).first;
}

}  // namespace

void set_element_compiler(ElementCompiler compiler) { chosen_compiler.store(compiler, std::memory_order_release); }

const ElementCode* element_code(const ElementProgram& program, DType dtype, uint64_t scalars, size_t count) {
  const ElementCompiler compiler = chosen_compiler.load(std::memory_order_acquire);
  if (compiler == nullptr) {
    return nullptr;
  }
  Known* const known = find(program, dtype, scalars);
  if (known == nullptr) {
    return nullptr;
  }
  if (const ElementCode* code = known->code.load(std::memory_order_acquire)) {
    return code;
  }
  const uint64_t before = known->elements.fetch_add(count, std::memory_order_relaxed);
  // Whoever crosses the line makes it, once; what cannot be compiled is not tried again.
  if (before >= kWorthwhile || before + count < kWorthwhile) {
    return nullptr;
  }
  const ElementCode* const code = compiler(program, dtype, scalars).release();
  known->code.store(code, std::memory_order_release);
  return code;
}

}  // namespace omega::graph
