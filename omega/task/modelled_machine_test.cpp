// SPDX-License-Identifier: Apache-2.0
// The modelled machine: fibers for threads, a stack of choices to explore, and histories of stores with views. Linked into the tests only.
#include "omega/task/memory_model_testing.h"

#include <gtest/gtest.h>

#include <memory>
#include <unordered_set>

#include "omega/base/check.h"
#include "omega/base/hash.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

// Saves the callee's registers on the stack, its pointer in *save, and goes on where `load` was saved: swapcontext() without its system
// calls.
extern "C" void omega_model_switch(void** save, void* load);
asm(R"(
.text
.globl omega_model_switch
.type omega_model_switch, @function
omega_model_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size omega_model_switch, .-omega_model_switch
)");

namespace omega::task::model {
namespace {

Machine* the_machine = nullptr;
constexpr size_t max_threads = 4;
constexpr size_t stack_size = 256 * 1024;

void join(View& into, const View& other) {
  for (size_t i = 0; i < max_locations; ++i) {
    into[i] = std::max(into[i], other[i]);
  }
}

struct Message {
  uint64_t value;
  View view;
};

struct Fiber {
  void* context = nullptr;
  std::unique_ptr<char[]> stack;
  std::function<void()> body;
  bool ended = false;
  bool asleep = false;
  uint8_t sleeps_on = 0;
  View current{};      ///< what it must see
  View acquired{};     ///< what it would have to see after an acquire fence
  View released{};     ///< what its relaxed stores pass on
  uint64_t trace = 0;  ///< hash of all it has read
};

}  // namespace

struct Machine::Impl {
  // The execution.
  std::array<Fiber, max_threads> fibers;
  size_t thread_count = 0;
  size_t at = max_threads;  ///< the running fiber; max_threads: set-up or end
  std::vector<std::vector<Message>> memory;
  View sequential{};
  std::function<void()> check;
  void* scheduler = nullptr;
  // The exploration.
  struct Choice {
    uint32_t taken;
    uint32_t count;
  };
  std::vector<Choice> choices;
  size_t depth = 0;
  bool pruned = false;
  bool failed = false;
  std::unordered_set<uint64_t> seen;
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  const void* main_bottom = nullptr;
  size_t main_size = 0;
#endif

  uint32_t choose(uint32_t count) {
    if (count <= 1 || pruned) {
      return 0;
    }
    if (depth == choices.size()) {
      choices.push_back({0, count});
    }
    return choices[depth++].taken;
  }

  Fiber& self() { return fibers[at]; }
  [[nodiscard]] bool in_thread() const { return at < thread_count; }

  static void enter() {
#if defined(__SANITIZE_ADDRESS__)
    Impl& impl = *the_machine->impl_;
    __sanitizer_finish_switch_fiber(nullptr, &impl.main_bottom, &impl.main_size);
#endif
    the_machine->impl_->self().body();
    the_machine->impl_->self().ended = true;
    the_machine->impl_->leave(true);
  }

  /// From a fiber to the scheduler.
  void leave(bool for_good = false) {
    Fiber& fiber = self();
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake, main_bottom, main_size);
#else
    static_cast<void>(for_good);
#endif
    omega_model_switch(&fiber.context, scheduler);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, &main_bottom, &main_size);
#endif
  }

  void resume(size_t index) {
    at = index;
    Fiber& fiber = fibers[index];
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, fiber.stack.get(), stack_size);
#endif
    omega_model_switch(&scheduler, fiber.context);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
    at = max_threads;
  }

  /// Every operation is preceded by a point where another thread may go on.
  void step() {
    if (in_thread()) {
      leave();
    }
  }

  void remember(uint64_t value) {
    if (in_thread()) {
      self().trace = base::hash_combine(self().trace, value + 1);
    }
  }

  void see(uint8_t location, size_t index, bool acquire) {
    if (!in_thread()) {
      return;
    }
    Fiber& fiber = self();
    const Message& message = memory[location][index];
    fiber.current[location] = std::max(fiber.current[location], static_cast<uint8_t>(index));
    join(fiber.acquired, message.view);
    if (acquire) {
      join(fiber.current, message.view);
    }
  }

  void append(uint8_t location, uint64_t value, bool release, const View* passes_on) {
    OMEGA_CHECK(memory[location].size() < 255, "the history of an atomic is too long for the model");
    const auto index = static_cast<uint8_t>(memory[location].size());
    Message message{value, {}};
    if (in_thread()) {
      Fiber& fiber = self();
      fiber.current[location] = index;
      message.view = release ? fiber.current : fiber.released;
    }
    message.view[location] = index;
    if (passes_on != nullptr) {
      join(message.view, *passes_on);
    }
    memory[location].push_back(message);
  }

  void fence_of(Fiber& fiber) {
    join(fiber.current, fiber.acquired);
    join(fiber.current, sequential);
    sequential = fiber.current;
    fiber.released = fiber.current;
    fiber.acquired = fiber.current;
  }

  /// A number for the state, the same where the future is the same.
  uint64_t state_hash() {
    View oldest;
    oldest.fill(255);
    for (size_t t = 0; t < thread_count; ++t) {
      for (size_t l = 0; l < memory.size(); ++l) {
        // Who has ended looks at nothing any more.
        oldest[l] = std::min(oldest[l], fibers[t].ended ? static_cast<uint8_t>(memory[l].size() - 1) : fibers[t].current[l]);
      }
    }
    uint64_t hash = memory.size();
    const auto add_view = [&](const View& view) {
      for (size_t l = 0; l < memory.size(); ++l) {
        hash = base::hash_combine(hash, static_cast<uint64_t>(view[l] > oldest[l] ? view[l] - oldest[l] : 0) + 1);
      }
    };
    for (size_t t = 0; t < thread_count; ++t) {
      const Fiber& fiber = fibers[t];
      hash = base::hash_combine(hash, (fiber.ended ? 1u : 0u) + (fiber.asleep ? 2u : 0u) + 3);
      if (fiber.ended) {
        continue;
      }
      hash = base::hash_combine(hash, fiber.trace);
      add_view(fiber.current);
      add_view(fiber.acquired);
      add_view(fiber.released);
    }
    add_view(sequential);
    for (size_t l = 0; l < memory.size(); ++l) {
      hash = base::hash_combine(hash, memory[l].size() - oldest[l]);
      for (size_t i = oldest[l]; i < memory[l].size(); ++i) {
        hash = base::hash_combine(hash, memory[l][i].value + 1);
        add_view(memory[l][i].view);
      }
    }
    return hash;
  }

  void reset() {
    thread_count = 0;
    at = max_threads;
    memory.clear();
    sequential.fill(0);
    check = nullptr;
    depth = 0;
    pruned = false;
  }

  /// A stack that returns into enter() with six registers below.
  static void prepare(Fiber& fiber) {
    auto top = (reinterpret_cast<uintptr_t>(fiber.stack.get()) + stack_size) & ~uintptr_t{15};
    auto* words = reinterpret_cast<uintptr_t*>(top) - 2;
    *words = reinterpret_cast<uintptr_t>(&enter);
    std::fill_n(words - 6, 6, uintptr_t{0});
    fiber.context = words - 6;
  }

  void start_fibers() {
    for (size_t i = 0; i < thread_count; ++i) {
      Fiber& fiber = fibers[i];
      if (!fiber.stack) {
        fiber.stack = std::make_unique<char[]>(stack_size);
      }
      prepare(fiber);
      fiber.ended = fiber.asleep = false;
      // What set-up wrote is known to all.
      fiber.current.fill(0);
      for (size_t l = 0; l < memory.size(); ++l) {
        fiber.current[l] = static_cast<uint8_t>(memory[l].size() - 1);
      }
      fiber.acquired = fiber.released = fiber.current;
      fiber.trace = i;
    }
    sequential.fill(0);
    // Up to the first operation nothing happens that others could see.
    for (size_t i = 0; i < thread_count; ++i) {
      resume(i);
    }
  }

  /// Lets threads go on until none can.
  void run_threads(Machine& machine, uint64_t state_limit) {
    std::array<size_t, max_threads> ready;
    while (true) {
      uint32_t count = 0;
      for (size_t i = 0; i < thread_count; ++i) {
        if (!fibers[i].ended && !fibers[i].asleep) {
          ready[count++] = i;
        }
      }
      if (count == 0) {
        return;
      }
      // Only where the exploration is at its frontier: before, the state is known to be on the way.
      if (!pruned && depth == choices.size()) {
        if (!seen.insert(state_hash()).second) {
          pruned = true;
        } else if (++machine.states_ >= state_limit) {
          pruned = true;
        }
      }
      resume(ready[choose(count)]);
    }
  }

  /// The next combination of choices. False when there is none.
  bool advance() {
    while (!choices.empty() && choices.back().taken + 1 == choices.back().count) {
      choices.pop_back();
    }
    if (choices.empty()) {
      return false;
    }
    ++choices.back().taken;
    return true;
  }
};

Machine::Machine() : impl_(new Impl) {}
Machine::~Machine() { delete impl_; }
Machine& Machine::running() { return *the_machine; }

void Machine::explore(const Program& program, uint64_t state_limit) {
  the_machine = this;
  Impl& impl = *impl_;
  do {
    impl.reset();
    ++executions_;
    {
      program(*this);
      impl.start_fibers();
      impl.run_threads(*this, state_limit);
      bool all_ended = true;
      for (size_t i = 0; i < impl.thread_count; ++i) {
        all_ended = all_ended && impl.fibers[i].ended;
      }
      if (!all_ended && !sleep_may_last_) {
        fail("a thread sleeps for ever");
      }
      if (impl.check) {
        impl.check();
      }
      for (size_t i = 0; i < impl.thread_count; ++i) {
        impl.fibers[i].body = nullptr;
      }
      impl.check = nullptr;
    }
  } while (!impl.failed && states_ < state_limit && impl.advance());
  complete_ = !impl.failed && states_ < state_limit;
  the_machine = nullptr;
}

void explore(const std::string& name, const Machine::Program& program) {
  Machine machine;
  machine.explore(program);
  EXPECT_EQ(machine.failure(), "") << name;
  EXPECT_TRUE(machine.complete()) << name;
  testing::Test::RecordProperty(name, static_cast<int>(machine.states()));
}

void Machine::thread(std::function<void()> body) {
  OMEGA_CHECK(impl_->thread_count < max_threads, "too many threads for the model");
  impl_->fibers[impl_->thread_count++].body = std::move(body);
}
void Machine::at_end(std::function<void()> check) { impl_->check = std::move(check); }
void Machine::forget_all_but(uint64_t local) { impl_->self().trace = base::hash_combine(impl_->at, local + 1); }
void Machine::fail(const std::string& why) {
  if (!impl_->failed) {
    failure_ = why;
    impl_->failed = true;
  }
}

uint8_t Machine::new_location(uint64_t value) {
  Impl& impl = *impl_;
  OMEGA_CHECK(impl.memory.size() < max_locations, "too many atomics for the model");
  impl.memory.push_back({Message{value, {}}});
  return static_cast<uint8_t>(impl.memory.size() - 1);
}

uint64_t Machine::load(uint8_t location, bool acquire) {
  Impl& impl = *impl_;
  impl.step();
  const std::vector<Message>& history = impl.memory[location];
  const size_t newest = history.size() - 1;
  size_t index = newest;
  if (impl.in_thread()) {
    index = newest - impl.choose(static_cast<uint32_t>(newest - impl.self().current[location] + 1));
  }
  const uint64_t value = history[index].value;
  impl.see(location, index, acquire);
  impl.remember(value);
  return value;
}

void Machine::store(uint8_t location, uint64_t value, bool release) {
  impl_->step();
  impl_->append(location, value, release, nullptr);
  impl_->remember(0);
}

uint64_t Machine::modify(uint8_t location, bool acquire, bool release, uint64_t (*change)(uint64_t old, uint64_t operand), uint64_t operand) {
  Impl& impl = *impl_;
  impl.step();
  const size_t newest = impl.memory[location].size() - 1;
  const uint64_t old = impl.memory[location][newest].value;
  impl.see(location, newest, acquire);
  const View passed_on = impl.memory[location][newest].view;
  impl.append(location, change(old, operand), release, &passed_on);
  impl.remember(old);
  return old;
}

bool Machine::compare_exchange(uint8_t location, uint64_t& expected, uint64_t desired, bool acquire_success, bool acquire_failure, bool release) {
  Impl& impl = *impl_;
  impl.step();
  const std::vector<Message>& history = impl.memory[location];
  const size_t newest = history.size() - 1;
  // The newest, or an older one that fails the comparison.
  std::array<size_t, 256> candidates;
  uint32_t count = 0;
  candidates[count++] = newest;
  if (impl.in_thread()) {
    for (size_t i = newest; i-- > impl.self().current[location];) {
      if (history[i].value != expected) {
        candidates[count++] = i;
      }
    }
  }
  const size_t index = candidates[impl.choose(count)];
  const uint64_t old = history[index].value;
  const bool success = old == expected;
  impl.see(location, index, success ? acquire_success : acquire_failure);
  if (success) {
    const View passed_on = history[index].view;
    impl.append(location, desired, release, &passed_on);
  }
  impl.remember(old);
  impl.remember(success ? 1 : 0);
  expected = old;
  return success;
}

void Machine::fence() {
  impl_->step();
  if (impl_->in_thread()) {
    impl_->fence_of(impl_->self());
  }
  impl_->remember(0);
}

void Machine::fence_everywhere() {
  Impl& impl = *impl_;
  fence();
  for (size_t i = 0; i < impl.thread_count; ++i) {
    impl.step();
    impl.fence_of(impl.fibers[i]);
    impl.remember(0);
  }
  fence();
}

void Machine::futex_wait(uint8_t location, uint64_t expected) {
  Impl& impl = *impl_;
  impl.step();
  impl.fence_of(impl.self());  // the kernel takes and leaves a lock
  const size_t newest = impl.memory[location].size() - 1;
  const bool sleeps = impl.memory[location][newest].value == expected;
  impl.see(location, newest, false);
  impl.remember(sleeps ? 1 : 0);
  if (sleeps) {
    impl.self().asleep = true;
    impl.self().sleeps_on = location;
    impl.leave();
    impl.remember(0);
  }
}

void Machine::futex_wake(uint8_t location) {
  Impl& impl = *impl_;
  impl.step();
  impl.fence_of(impl.self());
  std::array<size_t, max_threads> sleepers;
  uint32_t count = 0;
  for (size_t i = 0; i < impl.thread_count; ++i) {
    if (impl.fibers[i].asleep && impl.fibers[i].sleeps_on == location) {
      sleepers[count++] = i;
    }
  }
  if (count > 0) {
    const uint32_t chosen = impl.choose(count);
    impl.fibers[sleepers[chosen]].asleep = false;
    impl.remember(chosen + 1);
  } else {
    impl.remember(0);
  }
}

void Machine::futex_wake_all(uint8_t location) {
  Impl& impl = *impl_;
  impl.step();
  impl.fence_of(impl.self());
  for (size_t i = 0; i < impl.thread_count; ++i) {
    if (impl.fibers[i].sleeps_on == location) {
      impl.fibers[i].asleep = false;
    }
  }
  impl.remember(0);
}

void Machine::plain_access(uint8_t location, bool write) {
  Impl& impl = *impl_;
  if (impl.self().current[location] + 1u != impl.memory[location].size()) {
    fail(write ? "a plain write races with another" : "a plain read races with a write");
  }
  if (write) {
    impl.append(location, 0, false, nullptr);
  }
}

}  // namespace omega::task::model
