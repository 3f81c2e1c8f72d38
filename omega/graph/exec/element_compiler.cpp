// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/element_compiler.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace omega::graph {
namespace {

/// Elements after which code is made: block by block a step costs some 0.3 ns an element, making the code some 10 us.
constexpr uint64_t kWorthwhile = 16384;
/// Programs that are remembered, for the life of the process; further ones run block by block.
constexpr size_t kPlaces = 4096, kMostTried = 16;

struct Known {
  ElementProgram program;
  DType dtype;
  uint64_t scalars;
  std::atomic<uint64_t> elements{0};
  std::atomic<const ElementCode*> code{nullptr};
};

std::atomic<ElementCompiler> chosen_compiler{nullptr};
std::array<std::atomic<Known*>, kPlaces> table;

bool is_same(const Known& known, const ElementProgram& program, DType dtype, uint64_t scalars) {
  return known.dtype == dtype && known.scalars == scalars && known.program.steps == program.steps && known.program.yields == program.yields;
}

size_t hash_of(const ElementProgram& program, DType dtype, uint64_t scalars) {
  uint64_t hash = scalars * 0x9e3779b97f4a7c15u + static_cast<uint64_t>(dtype);
  const auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0xff51afd7ed558ccdu + (hash >> 29); };
  for (const ElementProgram::Step& step : program.steps) {
    mix(static_cast<uint64_t>(step.op) | uint64_t{step.operands[0]} << 8 | uint64_t{step.operands[1]} << 24 | uint64_t{step.operands[2]} << 40);
  }
  for (const ElementProgram::Yield& yield : program.yields) {
    mix(yield.operand | (yield.fold ? uint64_t{1} + static_cast<uint64_t>(*yield.fold) : 0) << 16);
  }
  return static_cast<size_t>(hash >> 32);
}

/// The program's entry, made when new; null where the table has no place for it.
Known* find(const ElementProgram& program, DType dtype, uint64_t scalars) {
  const size_t first = hash_of(program, dtype, scalars);
  for (size_t k = 0; k < kMostTried; ++k) {
    std::atomic<Known*>& place = table[(first + k) % kPlaces];
    Known* known = place.load(std::memory_order_acquire);
    if (known == nullptr) {
      auto made = std::make_unique<Known>(program, dtype, scalars);
      if (place.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
        return made.release();
      }
    }
    if (is_same(*known, program, dtype, scalars)) {
      return known;
    }
  }
  return nullptr;
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
