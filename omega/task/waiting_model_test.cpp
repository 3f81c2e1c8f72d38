// SPDX-License-Identifier: Apache-2.0
// Who waits for what, on the modelled machine: parker, idle protocol, latch, barrier, cancellation. The source that ships, in every
// execution of small programs: no wake-up is lost, and what was done before is visible after.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "omega/task/barrier.h"
#include "omega/task/cancellation.h"
#include "omega/task/idle.h"
#include "omega/task/injector.h"
#include "omega/task/latch.h"
#include "omega/task/memory_model_testing.h"
#include "omega/task/parker.h"

namespace omega::task {
namespace {

using model::explore;
using model::Machine;
using model::make_state;
using model::ModelPlatform;
using model::Plain;
using model::SymmetricModelPlatform;

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

/// A queue of numbered items that publishes as a deque does, by a store, and is taken from by compare-and-swap.
template <class Platform>
class Published {
 public:
  void push() { bottom_.store(bottom_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  bool take() {
    while (true) {
      uint32_t top = top_.load(std::memory_order_acquire);
      if (top >= bottom_.load(std::memory_order_acquire)) {
        return false;
      }
      if (top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) {
        return true;
      }
    }
  }
  bool empty() { return top_.load(std::memory_order_relaxed) >= bottom_.load(std::memory_order_relaxed); }

 private:
  typename Platform::template Atomic<uint32_t> bottom_{0};
  typename Platform::template Atomic<uint32_t> top_{0};
};

/// Workers that search, and sleep when they find nothing; a publisher that takes nothing back. When nobody can go on, all work must be
/// done: whoever sleeps then sleeps rightly.
template <class Platform>
Machine::Program idle_program(size_t workers, int items, bool all_asleep) {
  return [=](Machine& machine) {
    struct State {
      IdleSet<Platform> idle;
      std::vector<std::unique_ptr<Parker<Platform>>> parkers;
      Published<Platform> queue;
      int done = 0;
      explicit State(uint32_t n) : idle(n) {}
    };
    auto state = make_state<State>(static_cast<uint32_t>(workers));
    for (size_t i = 0; i < workers; ++i) {
      state->parkers.push_back(std::make_unique<Parker<Platform>>());
      if (all_asleep) {
        state->idle.enter_busy(static_cast<uint32_t>(i));
      } else {
        state->idle.start_searching();
      }
    }
    const auto wake = [state](uint32_t who) { state->parkers[who]->unpark(); };
    const auto any_work = [state] { return !state->queue.empty(); };
    for (size_t w = 0; w < workers; ++w) {
      machine.thread([=] {
        bool searching = true;
        if (all_asleep) {
          state->parkers[w]->park();
          searching = !state->idle.leave(static_cast<uint32_t>(w));
        }
        while (true) {
          Machine::running().forget_all_but(searching ? 1 : 0);
          if (state->queue.take()) {
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
    machine.thread([=] {
      for (int i = 0; i < items; ++i) {
        state->queue.push();
        state->idle.published(wake);
      }
    });
    machine.sleep_may_last(true);
    machine.at_end([=, &machine] {
      if (state->done != items) {
        machine.fail("all sleep while " + std::to_string(items - state->done) + " items wait");
      }
    });
  };
}

TEST(IdleModel, OneWorkerLosesNoWakeUp) {
  explore("one item", idle_program<ModelPlatform>(1, 1, false));
  explore("one item, symmetric fences", idle_program<SymmetricModelPlatform>(1, 1, false));
  explore("two items, asleep at first", idle_program<ModelPlatform>(1, 2, true));
}

TEST(IdleModel, TwoWorkersLoseNoWakeUp) { explore("one item, asleep at first", idle_program<ModelPlatform>(2, 1, true)); }

// Some four million states: the better part of a minute.
TEST(IdleModel, TwoItemsLoseNoWakeUp) {
  explore("two items", idle_program<ModelPlatform>(1, 2, false));
  explore("two items, symmetric fences", idle_program<SymmetricModelPlatform>(1, 2, false));
}

/// A fence less and a wake-up is lost: the model sees what the protocol is there for.
struct UnfencedPlatform : ModelPlatform {
  static void heavy_fence() {}
};

TEST(IdleModel, WithoutItsFenceAWakeUpIsLost) {
  Machine machine;
  machine.explore(idle_program<UnfencedPlatform>(1, 1, false));
  EXPECT_EQ(machine.failure(), "all sleep while 1 items wait");
}

struct Node {
  model::Atomic<Node*> next{nullptr};
};

TEST(IdleModel, WorkThroughTheInjectorLosesNoWakeUp) {
  explore("one item", [](Machine& machine) {
    struct State {
      IdleSet<ModelPlatform> idle{1};
      Parker<ModelPlatform> parker;
      Injector<Node, ModelPlatform> queue;
      Node node;
      int done = 0;
    };
    auto state = make_state<State>();
    state->idle.enter_busy(0);
    const auto wake = [state](uint32_t) { state->parker.unpark(); };
    const auto any_work = [state] { return !state->queue.empty(); };
    machine.thread([=] {
      state->parker.park();
      bool searching = !state->idle.leave(0);
      while (state->done == 0) {
        if (state->queue.take() != nullptr) {
          ++state->done;
        } else {
          if (!searching) {
            state->idle.start_searching();
          }
          searching = state->idle.sleep(0, state->parker, INT64_MAX, any_work, wake);
        }
      }
    });
    machine.thread([=] {
      state->queue.push(&state->node);
      state->idle.published(wake);
    });
  });
}

TEST(LatchModel, TheWaiterWakesAndSeesWhatWasDone) {
  for (const int jobs : {1, 2}) {
    explore(std::to_string(jobs) + " jobs", [=](Machine& machine) {
      struct State {
        BasicLatch<ModelPlatform> latch;
        Parker<ModelPlatform> parker;
        std::array<Plain, 2> work;
        explicit State(int n) : latch(static_cast<uint64_t>(n)) {}
      };
      auto state = make_state<State>(jobs);
      machine.thread([=] {
        while (!state->latch.done()) {
          if (state->latch.announce(0)) {
            state->parker.park();
            state->latch.retract();
          }
        }
        for (int i = 0; i < jobs; ++i) {
          state->work[static_cast<size_t>(i)].read();
        }
      });
      for (int i = 0; i < jobs; ++i) {
        machine.thread([=] {
          state->work[static_cast<size_t>(i)].write();
          if (state->latch.arrive() != 0) {
            state->parker.unpark();
          }
        });
      }
    });
  }
}

/// A worker that waits for a job it gave away, and the thief, in one idle set; both may sleep.
TEST(LatchModel, AWorkerWaitsForItsThief) {
  explore("a job, stolen or not", [](Machine& machine) {
    struct State {
      IdleSet<ModelPlatform> idle{2};
      std::array<Parker<ModelPlatform>, 2> parkers;
      Published<ModelPlatform> queue;
      BasicLatch<ModelPlatform> latch{1};
      Plain work;
      bool returned = false;
    };
    auto state = make_state<State>();
    state->idle.enter_busy(1);
    const auto wake = [state](uint32_t who) { state->parkers[who].unpark(); };
    const auto any_work = [state] { return !state->queue.empty(); };
    const auto run = [state] {
      state->work.write();
      if (const uint32_t waiter = state->latch.arrive()) {
        state->parkers[waiter - 1].unpark();
      }
    };
    machine.thread([=] {
      state->queue.push();
      state->idle.published(wake);
      bool searching = false;
      while (!state->latch.done()) {
        Machine::running().forget_all_but(searching ? 1 : 0);
        if (state->queue.take()) {
          if (searching) {
            state->idle.stop_searching(any_work, wake);
            searching = false;
          }
          run();
        } else if (!searching) {
          state->idle.start_searching();
          searching = true;
        } else if (state->latch.announce(0)) {
          searching = state->idle.sleep(0, state->parkers[0], INT64_MAX, any_work, wake);
          state->latch.retract();
        }
      }
      state->work.read();
      state->returned = true;
    });
    machine.thread([=] {
      state->parkers[1].park();
      const bool searching = !state->idle.leave(1);
      const bool found = state->queue.take();
      if (searching) {
        state->idle.stop_searching(any_work, wake);
      }
      if (found) {
        run();
      }
    });
    machine.sleep_may_last(true);
    machine.at_end([=, &machine] {
      if (!state->returned) {
        machine.fail("the waiter sleeps for ever");
      }
    });
  });
}

TEST(BarrierModel, PhasesDoNotMix) {
  for (const uint32_t threads : {2u, 3u}) {
    explore(std::to_string(threads) + " threads", [=](Machine& machine) {
      struct State {
        BasicBarrier<ModelPlatform> barrier;
        std::array<Plain, 3> cells;
        explicit State(uint32_t n) : barrier(n) {}
      };
      auto state = make_state<State>(threads);
      for (uint32_t t = 0; t < threads; ++t) {
        machine.thread([=] {
          state->cells[t].write();
          state->barrier.arrive_and_wait();
          state->cells[(t + 1) % threads].read();
          if (threads == 2) {
            state->barrier.arrive_and_wait();
            state->cells[t].write();
          }
        });
      }
    });
  }
}

/// A clock that a thread of the program sets.
struct ClockPlatform : ModelPlatform {
  static inline model::Atomic<int64_t>* clock = nullptr;
  static int64_t now_ns() { return clock->load(std::memory_order_relaxed); }
};

TEST(CancellationModel, TheFirstReasonStaysAndIsTheSameForAll) {
  using Stop = BasicCancellation<ClockPlatform>;
  explore("a caller, a deadline, an outer cancellation", [](Machine& machine) {
    struct State {
      model::Atomic<int64_t> clock{0};
      Stop outer{std::chrono::steady_clock::time_point(std::chrono::nanoseconds(10))};
      Stop inner{&outer};
      std::array<std::array<Outcome, 2>, 2> seen{};
    };
    auto state = make_state<State>();
    ClockPlatform::clock = &state->clock;
    machine.thread([=] { state->outer.cancel(); });
    machine.thread([=] { state->clock.store(10, std::memory_order_relaxed); });
    machine.thread([=] { state->seen[0] = {state->inner.state(), state->inner.state()}; });
    machine.thread([=] { state->seen[1] = {state->outer.state(), state->outer.state()}; });
    machine.at_end([=, &machine] {
      const Outcome reason = state->outer.state();
      for (const auto& [first, second] : state->seen) {
        if (reason == Outcome::done || (first != Outcome::done && second != first) || (second != Outcome::done && second != reason)) {
          machine.fail("a cancellation has two reasons, or takes one back");
        }
      }
    });
  });
}

TEST(CancellationModel, WhoSeesItSeesWhatWasBefore) {
  explore("a cause and a cancellation", [](Machine& machine) {
    struct State {
      BasicCancellation<ModelPlatform> outer;
      BasicCancellation<ModelPlatform> inner{&outer};
      Plain cause;
    };
    auto state = make_state<State>();
    machine.thread([=] {
      state->cause.write();
      state->outer.cancel();
    });
    for (int i = 0; i < 2; ++i) {
      machine.thread([=] {
        if (state->inner.requested()) {
          state->cause.read();
        }
      });
    }
  });
}

}  // namespace
}  // namespace omega::task
