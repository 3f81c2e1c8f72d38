// SPDX-License-Identifier: Apache-2.0
// The deque, the injector, the parker and the idle protocol on the modelled machine: the source that ships, in every execution of small
// programs.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "omega/task/deque.h"
#include "omega/task/idle.h"
#include "omega/task/injector.h"
#include "omega/task/memory_model_testing.h"
#include "omega/task/parker.h"

namespace omega::task {
namespace {

using model::Machine;
using model::ModelPlatform;
using model::Plain;
using model::SymmetricModelPlatform;

/// Explores and reports.
void explore(const std::string& name, const Machine::Program& program) {
  Machine machine;
  machine.explore(program);
  EXPECT_EQ(machine.failure(), "") << name;
  EXPECT_TRUE(machine.complete()) << name;
  testing::Test::RecordProperty(name, static_cast<int>(machine.states()));
}

/// The state of one execution, at the same address each time, so that equal states of the machine hold equal pointers.
template <class State, class... Args>
std::shared_ptr<State> make_state(Args&&... args) {
  alignas(State) static std::byte place[sizeof(State)];
  return std::shared_ptr<State>(new (place) State(std::forward<Args>(args)...), [](State* state) { state->~State(); });
}

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

TEST(DequeModel, AThiefReadsTheRingThatIsBeingReplaced) {
  explore("growing from one", deque_program("++", {1}, 1));
}

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

TEST(ParkerModel, NoTokenIsLost) {
  explore("park and unpark", [](Machine& machine) {
    struct State {
      Parker<ModelPlatform> parker;
      Plain work;
    };
    auto state = make_state<State>();
    machine.thread([=] {
      state->parker.park();
      state->work.read();
    });
    machine.thread([=] {
      state->work.write();
      state->parker.unpark();
    });
  });
}

/// Workers that search, and sleep when they find nothing; publishers that push into deques of their own and take nothing back. When nobody
/// can go on, all work must be done: whoever sleeps then sleeps rightly.
template <class Platform>
Machine::Program idle_program(size_t workers, std::vector<int> published) {
  return [=](Machine& machine) {
    struct State {
      IdleSet<Platform> idle;
      std::vector<std::unique_ptr<Parker<Platform>>> parkers;
      std::vector<std::unique_ptr<Deque<int, Platform>>> queues;
      int done = 0;
      explicit State(uint32_t n) : idle(n) {}
    };
    auto state = make_state<State>(static_cast<uint32_t>(workers));
    static int item = 0;
    int total = 0;
    for (size_t i = 0; i < workers; ++i) {
      state->parkers.push_back(std::make_unique<Parker<Platform>>());
      state->idle.start_searching();
    }
    for (const int count : published) {
      state->queues.push_back(std::make_unique<Deque<int, Platform>>(4));
      total += count;
    }
    const auto wake = [state](uint32_t who) { state->parkers[who]->unpark(); };
    const auto any_work = [state] {
      for (const auto& queue : state->queues) {
        if (!queue->empty()) {
          return true;
        }
      }
      return false;
    };
    const auto find = [state]() -> int* {
      for (const auto& queue : state->queues) {
        bool lost_race = false;
        do {
          lost_race = false;
          if (int* const found = queue->steal(lost_race)) {
            return found;
          }
        } while (lost_race);
      }
      return nullptr;
    };
    for (size_t w = 0; w < workers; ++w) {
      machine.thread([=] {
        bool searching = true;
        while (true) {
          if (find() != nullptr) {
            if (searching) {
              state->idle.stop_searching(any_work, wake);
              searching = false;
            }
            ++state->done;
          } else if (!searching) {
            state->idle.start_searching();
            searching = true;
          } else {
            searching = state->idle.sleep(static_cast<uint32_t>(w), *state->parkers[w], INT64_MAX, any_work, wake);
          }
        }
      });
    }
    for (size_t p = 0; p < published.size(); ++p) {
      machine.thread([=] {
        for (int i = 0; i < published[p]; ++i) {
          state->queues[p]->push(&item);
          state->idle.published(wake);
        }
      });
    }
    machine.sleep_may_last(true);
    machine.at_end([=, &machine] {
      if (state->done != total) {
        machine.fail("all sleep while " + std::to_string(total - state->done) + " items wait");
      }
    });
  };
}

TEST(IdleModel, DISABLED_NoWakeUpIsLost) {
  explore("one worker, one item", idle_program<ModelPlatform>(1, {1}));
  explore("one worker, one item, symmetric fences", idle_program<SymmetricModelPlatform>(1, {1}));
}

}  // namespace
}  // namespace omega::task
