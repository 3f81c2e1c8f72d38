// SPDX-License-Identifier: Apache-2.0
// The collector: what is reachable stays whole, what is not is reclaimed.
#include <cstring>
#include <random>
#include <vector>

#include "runtime/test/runtime_environment.h"

namespace {

struct Node {
  Node* left;
  Node* right;
  int64_t value;
};

Node* tree(int depth, int64_t value) {
  auto* n = static_cast<Node*>(om_alloc(sizeof(Node), 0));
  n->value = value;
  if (depth > 0) {
    n->left = tree(depth - 1, 2 * value);
    n->right = tree(depth - 1, 2 * value + 1);
  }
  return n;
}
int64_t sum(const Node* n) { return n == nullptr ? 0 : n->value + sum(n->left) + sum(n->right); }

}  // namespace

TEST(Memory, TreesSurviveWhileGarbageGoes) {
  Node* kept = tree(12, 1);
  const int64_t wanted = sum(kept);
  const uint64_t before = om_collections();
  for (int i = 0; i < 300; ++i) {
    ASSERT_NE(tree(12, i), nullptr);
  }
  EXPECT_GT(om_collections(), before);
  EXPECT_EQ(sum(kept), wanted);
  om_collect();
  EXPECT_LT(om_heap_bytes(), 32u << 20);
}

TEST(Memory, EverySizeIsZeroedAlignedAndApart) {
  std::mt19937_64 random(1);
  struct Kept {
    uint8_t* p;
    size_t size;
    uint8_t fill;
  };
  auto* slots = static_cast<Kept*>(om_alloc(sizeof(Kept) * 400, 0));
  for (int i = 0; i < 40000; ++i) {
    const size_t size = random() % 8 == 0 ? random() % 300000 : random() % 3000;
    auto* p = static_cast<uint8_t*>(om_alloc(size, random() % 2 ? OM_NO_REFS : 0));
    ASSERT_EQ(reinterpret_cast<uintptr_t>(p) % 16, 0u);
    for (size_t k = 0; k < size; k += 1 + size / 64) {
      ASSERT_EQ(p[k], 0) << size << " at " << k;
    }
    const auto fill = static_cast<uint8_t>(1 + random() % 255);
    std::memset(p, fill, size);
    Kept& slot = slots[random() % 400];
    for (size_t k = 0; k < slot.size; k += 1 + slot.size / 64) {
      ASSERT_EQ(slot.p[k], slot.fill);
    }
    slot = {p, size, fill};
  }
  om_collect();
  for (int i = 0; i < 400; ++i) {
    for (size_t k = 0; k < slots[i].size; ++k) {
      ASSERT_EQ(slots[i].p[k], slots[i].fill);
    }
  }
}

TEST(Memory, RootsOfTheEmbedderCount) {
  static uint64_t hidden[4];  // not scanned by itself
  om_roots_add(hidden, hidden + 4);
  auto* block = static_cast<int64_t*>(om_alloc(64, OM_NO_REFS));
  block[0] = 77;
  hidden[2] = reinterpret_cast<uint64_t>(block + 3);  // also a reference to its inside
  block = nullptr;
  om_collect();
  for (int i = 0; i < 100000; ++i) {
    static_cast<int64_t*>(om_alloc(64, OM_NO_REFS))[0] = 5;
  }
  EXPECT_EQ(*(reinterpret_cast<int64_t*>(hidden[2]) - 3), 77);
  om_roots_remove(hidden);
}

TEST(Memory, LongListsDoNotRecurse) {
  struct Link {
    Link* next;
  };
  Link* head = nullptr;
  for (int i = 0; i < 1000000; ++i) {
    auto* l = static_cast<Link*>(om_alloc(sizeof(Link), 0));
    l->next = head;
    head = l;
  }
  om_collect();
  int count = 0;
  for (const Link* l = head; l != nullptr; l = l->next) {
    ++count;
  }
  EXPECT_EQ(count, 1000000);
}
