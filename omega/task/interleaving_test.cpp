// SPDX-License-Identifier: Apache-2.0
// Who takes what, on the modelled machine: deque, injector, slots of loops. The source that ships, in every execution of small programs.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "omega/task/deque.h"
#include "omega/task/injector.h"
#include "omega/task/memory_model_testing.h"

namespace omega::task {
namespace {

using model::explore;
using model::Machine;
using model::make_state;
using model::ModelPlatform;
using model::Plain;

/// Items whose making must be visible to who takes them, and who took them.
struct Items {
  static constexpr size_t count = 6;
  struct Item {
    Plain made;
    int taken = 0;
  };
  std::array<Item, count> items;
  using Queue = Deque<Item, ModelPlatform>;

  void take(Item* item) {
    if (item != nullptr) {
      item->made.read();
      ++item->taken;
    }
  }
};

/// The owner does what `script` says ('+' push, '-' pop); thieves steal so many times each. At the end everything was taken once or is
/// still there.
Machine::Program deque_program(const std::string& script, std::vector<int> thieves, size_t capacity) {
  return [=](Machine& machine) {
    struct State {
      Items items;
      Items::Queue queue;
      size_t pushed = 0;
      explicit State(size_t c) : queue(c) {}
    };
    auto state = make_state<State>(capacity);
    machine.thread([state, script] {
      for (const char step : script) {
        if (step == '+') {
          Items::Item& item = state->items.items[state->pushed++];
          item.made.write();
          state->queue.push(&item);
        } else {
          state->items.take(state->queue.pop());
        }
      }
      // What is left comes out in the end: nothing is lost.
      while (Items::Item* const item = state->queue.pop()) {
        state->items.take(item);
      }
    });
    for (const int steals : thieves) {
      machine.thread([state, steals] {
        for (int i = 0; i < steals; ++i) {
          bool lost_race = false;
          state->items.take(state->queue.steal(lost_race));
        }
      });
    }
    machine.at_end([state, &machine] {
      for (size_t i = 0; i < state->pushed; ++i) {
        const int taken = state->items.items[i].taken;
        if (taken != 1) {
          machine.fail("item " + std::to_string(i) + " was taken " + std::to_string(taken) + " times");
        }
      }
    });
  };
}

TEST(DequeModel, TheLastItemGoesToOne) {
  explore("one item, one thief", deque_program("+", {1}, 4));
  explore("one item, two thieves", deque_program("+", {1, 1}, 4));
  explore("pop and push again", deque_program("+-+", {2}, 4));
}

TEST(DequeModel, SeveralItems) {
  explore("two items, a thief of two", deque_program("++", {2}, 4));
  explore("two items, two thieves", deque_program("++", {1, 1}, 4));
  explore("three items, a pop between", deque_program("++-+", {2}, 4));
}

TEST(DequeModel, AThiefReadsTheRingThatIsBeingReplaced) { explore("growing from one", deque_program("++", {1}, 1)); }

struct Node {
  model::Atomic<Node*> next{nullptr};
  Plain made;
  int taken = 0;
};

TEST(InjectorModel, ProducersAndConsumers) {
  for (const int producers : {1, 2}) {
    explore(std::to_string(producers) + " producers", [=](Machine& machine) {
      struct State {
        Injector<Node, ModelPlatform> queue;
        std::array<Node, 2> nodes;
      };
      auto state = make_state<State>();
      const auto produce = [state](size_t i) {
        state->nodes[i].made.write();
        state->queue.push(&state->nodes[i]);
      };
      const auto consume = [state] {
        if (Node* const node = state->queue.take()) {
          node->made.read();
          ++node->taken;
        }
      };
      if (producers == 1) {
        machine.thread([=] {
          produce(0);
          produce(1);
        });
      } else {
        machine.thread([=] { produce(0); });
        machine.thread([=] { produce(1); });
      }
      machine.thread([=] {
        consume();
        consume();
      });
      machine.at_end([state, &machine, consume] {
        while (!state->queue.empty()) {
          Node* const node = state->queue.take();
          if (node == nullptr) {
            machine.fail("an item that was pushed cannot be taken");
            return;
          }
          ++node->taken;
        }
        for (const Node& node : state->nodes) {
          if (node.taken != 1) {
            machine.fail("an item was taken " + std::to_string(node.taken) + " times");
          }
        }
      });
    });
  }
}

TEST(InjectorModel, TwoConsumersOfOneItem) {
  explore("two consumers", [](Machine& machine) {
    struct State {
      Injector<Node, ModelPlatform> queue;
      Node node;
    };
    auto state = make_state<State>();
    machine.thread([=] { state->queue.push(&state->node); });
    for (int i = 0; i < 2; ++i) {
      machine.thread([=] {
        if (Node* const node = state->queue.take()) {
          ++node->taken;
        }
      });
    }
    machine.at_end([state, &machine] {
      if (state->node.taken > 1) {
        machine.fail("taken twice");
      }
    });
  });
}

// The core of loops, on modelled words.
namespace modelled {
using om_atomic_u64 = model::Atomic<uint64_t>;
uint64_t om_load_u64(const om_atomic_u64* word) { return word->load(std::memory_order_acquire); }
void om_store_u64(om_atomic_u64* word, uint64_t value) { word->store(value, std::memory_order_release); }
bool om_cas_u64(om_atomic_u64* word, uint64_t* expected, uint64_t desired) {
  return word->compare_exchange_strong(*expected, desired, std::memory_order_acq_rel, std::memory_order_acquire);
}
#include "runtime/loop_core.h"
}  // namespace modelled

/// Threads that take cells until there are none, the first `owners` with slots of their own.
Machine::Program slots_program(uint32_t cells, int32_t owners, int32_t others, modelled::om_take take) {
  return [=](Machine& machine) {
    struct State {
      std::array<modelled::om_slot, 3> slots;
      std::array<int, 8> taken{};
    };
    auto state = make_state<State>();
    modelled::om_split_cells(state->slots.data(), owners, 0, cells);
    for (int32_t i = 0; i < owners + others; ++i) {
      machine.thread([=] {
        uint32_t begin = 0;
        uint32_t end = 0;
        while (modelled::om_take_cells(state->slots.data(), owners, i < owners ? i : -1, take, &begin, &end) != 0) {
          for (; begin < end; ++begin) {
            ++state->taken[begin];
          }
        }
      });
    }
    machine.at_end([=, &machine] {
      for (uint32_t i = 0; i < cells; ++i) {
        if (state->taken[i] != 1) {
          machine.fail("cell " + std::to_string(i) + " was taken " + std::to_string(state->taken[i]) + " times");
        }
      }
      if (modelled::om_has_cells(state->slots.data(), owners) != 0) {
        machine.fail("cells are left");
      }
    });
  };
}

TEST(LoopModel, EachCellIsTakenOnce) {
  explore("two owners", slots_program(6, 2, 0, {.parts = 2, .least = 1, .most = 4}));
  explore("an owner and a guest", slots_program(4, 1, 1, {.parts = 2, .least = 1, .most = 1}));
  explore("three owners", slots_program(4, 3, 0, {.parts = 1, .least = 1, .most = 2}));
}

}  // namespace
}  // namespace omega::task
