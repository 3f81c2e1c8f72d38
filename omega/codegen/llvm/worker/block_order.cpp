// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/worker/block_order.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace omega::codegen::llvm {

namespace {

/// A way that is taken less than once in so many times is hardly ever taken.
constexpr uint64_t kRarely = 16;
constexpr std::string_view kWeights = "prof";

struct Way {
  void* block;
  uint64_t weight;
};

class BlockOrder {
 public:
  BlockOrder(const Library& llvm, unsigned weights) : llvm_(llvm), weights_(weights) {}

  void order(void* function) {
    void* first = llvm_.LLVMGetFirstBasicBlock(function);
    if (first == nullptr) {
      return;
    }
    // What may run is gone on with before what hardly ever does, the nearest first.
    std::vector<void*> often = {first}, rarely;
    void* last = nullptr;
    while (!often.empty() || !rarely.empty()) {
      std::vector<void*>& from = often.empty() ? rarely : often;
      void* block = from.back();
      from.pop_back();
      while (block != nullptr && placed_.insert(block).second) {
        if (last != nullptr) {
          llvm_.LLVMMoveBasicBlockAfter(block, last);
        }
        last = block;
        block = next(block, often, rarely);
      }
    }
  }

 private:
  /// Where the way goes on behind a block; the other ways are left for later. Null: nowhere new.
  void* next(void* block, std::vector<void*>& often, std::vector<void*>& rarely) {
    std::vector<Way> ways = ways_from(block);
    uint64_t sum = 0;
    for (const Way& way : ways) {
      sum += way.weight;
    }
    std::erase_if(ways, [&](const Way& way) { return placed_.contains(way.block); });
    std::ranges::stable_sort(ways, std::ranges::greater(), &Way::weight);
    const auto is_rare = [&](const Way& way) { return way.weight * kRarely < sum; };
    for (size_t k = ways.size(); k-- > 1;) {
      (is_rare(ways[k]) ? rarely : often).push_back(ways[k].block);
    }
    if (ways.empty() || is_rare(ways[0])) {
      if (!ways.empty()) {
        rarely.push_back(ways[0].block);
      }
      return nullptr;
    }
    return ways[0].block;
  }

  /// The ways out of a block; all weigh the same where nothing says how much.
  std::vector<Way> ways_from(void* block) const {
    void* end = llvm_.LLVMGetBasicBlockTerminator(block);
    const unsigned count = llvm_.LLVMGetNumSuccessors(end);
    std::vector<Way> ways;
    ways.reserve(count);
    for (unsigned k = 0; k < count; ++k) {
      ways.push_back({llvm_.LLVMGetSuccessor(end, k), 1});
    }
    void* node = count < 2 ? nullptr : llvm_.LLVMGetMetadata(end, weights_);
    // Its operands are a name and a weight for each way.
    if (node != nullptr && llvm_.LLVMGetMDNodeNumOperands(node) == count + 1) {
      std::vector<void*> operands(count + 1);
      llvm_.LLVMGetMDNodeOperands(node, operands.data());
      for (unsigned k = 0; k < count; ++k) {
        ways[k].weight = llvm_.LLVMConstIntGetZExtValue(operands[k + 1]);
      }
    }
    return ways;
  }

  const Library& llvm_;
  unsigned weights_;
  std::unordered_set<void*> placed_;
};

}  // namespace

void order_blocks(const Library& llvm, void* context, void* module) {
  const unsigned weights = llvm.LLVMGetMDKindIDInContext(context, kWeights.data(), static_cast<unsigned>(kWeights.size()));
  for (void* f = llvm.LLVMGetFirstFunction(module); f != nullptr; f = llvm.LLVMGetNextFunction(f)) {
    BlockOrder(llvm, weights).order(f);
  }
}

}  // namespace omega::codegen::llvm
