// SPDX-License-Identifier: Apache-2.0
// The modelled machine's own tests, the well-known litmus tests: what C++ allows must be found, what it forbids must not.
#include <gtest/gtest.h>

#include <set>

#include "omega/task/memory_model_testing.h"

namespace omega::task::model {
namespace {

/// All pairs of values that two threads can read.
std::set<std::pair<uint64_t, uint64_t>> outcomes(const std::function<std::pair<uint64_t, uint64_t>*(Machine&)>& program) {
  Machine machine;
  std::set<std::pair<uint64_t, uint64_t>> found;
  machine.explore([&](Machine& m) {
    std::pair<uint64_t, uint64_t>* const result = program(m);
    m.at_end([&found, result] { found.insert(*result); });
  });
  EXPECT_TRUE(machine.complete()) << machine.failure();
  return found;
}

using Pair = std::pair<uint64_t, uint64_t>;
constexpr auto relaxed = std::memory_order_relaxed;

TEST(MemoryModel, StoreBufferingIsAllowedWithoutFences) {
  for (const bool fenced : {false, true}) {
    Pair result;
    const auto found = outcomes([&](Machine& m) {
      auto x = std::make_shared<Atomic<uint64_t>>(0u);
      auto y = std::make_shared<Atomic<uint64_t>>(0u);
      m.thread([=, &result] {
        x->store(1, relaxed);
        if (fenced) {
          ModelPlatform::full_fence();
        }
        result.first = y->load(relaxed);
      });
      m.thread([=, &result] {
        y->store(1, relaxed);
        if (fenced) {
          ModelPlatform::full_fence();
        }
        result.second = x->load(relaxed);
      });
      return &result;
    });
    EXPECT_EQ(found.contains(Pair(0, 0)), !fenced);
    EXPECT_TRUE(found.contains(Pair(1, 1)) && found.contains(Pair(0, 1)) && found.contains(Pair(1, 0)));
  }
}

TEST(MemoryModel, AnAsymmetricPairOrdersLikeTwoFences) {
  Pair result;
  const auto found = outcomes([&](Machine& m) {
    auto x = std::make_shared<Atomic<uint64_t>>(0u);
    auto y = std::make_shared<Atomic<uint64_t>>(0u);
    m.thread([=, &result] {
      x->store(1, relaxed);
      ModelPlatform::light_fence();
      result.first = y->load(relaxed);
    });
    m.thread([=, &result] {
      y->store(1, relaxed);
      ModelPlatform::heavy_fence();
      result.second = x->load(relaxed);
    });
    return &result;
  });
  EXPECT_FALSE(found.contains(Pair(0, 0)));
  EXPECT_EQ(found.size(), 3u);
}

TEST(MemoryModel, AMessageCarriesWhatWasBeforeItOnlyWithReleaseAndAcquire) {
  for (const auto& [store, load, safe] : {std::tuple(std::memory_order_release, std::memory_order_acquire, true),
                                          std::tuple(relaxed, std::memory_order_acquire, false), std::tuple(std::memory_order_release, relaxed, false)}) {
    Pair result;
    const auto found = outcomes([&](Machine& m) {
      auto data = std::make_shared<Atomic<uint64_t>>(0u);
      auto flag = std::make_shared<Atomic<uint64_t>>(0u);
      m.thread([=] {
        data->store(1, relaxed);
        flag->store(1, store);
      });
      m.thread([=, &result] {
        result.first = flag->load(load);
        result.second = data->load(relaxed);
      });
      return &result;
    });
    EXPECT_EQ(found.contains(Pair(1, 0)), !safe);
  }
}

TEST(MemoryModel, OneLocationNeverGoesBack) {
  Pair result;
  const auto found = outcomes([&](Machine& m) {
    auto x = std::make_shared<Atomic<uint64_t>>(0u);
    m.thread([=] {
      x->store(1, relaxed);
      x->store(2, relaxed);
    });
    m.thread([=, &result] {
      result.first = x->load(relaxed);
      result.second = x->load(relaxed);
    });
    return &result;
  });
  EXPECT_EQ(found, (std::set<Pair>{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}}));
}

TEST(MemoryModel, AReadModifyWriteKeepsAReleaseSequence) {
  Pair result;
  const auto found = outcomes([&](Machine& m) {
    auto data = std::make_shared<Atomic<uint64_t>>(0u);
    auto flag = std::make_shared<Atomic<uint64_t>>(0u);
    m.thread([=] {
      data->store(1, relaxed);
      flag->store(1, std::memory_order_release);
    });
    m.thread([=] { flag->fetch_add(1, relaxed); });
    m.thread([=, &result] {
      result.first = flag->load(std::memory_order_acquire);
      result.second = data->load(relaxed);
    });
    return &result;
  });
  EXPECT_FALSE(found.contains(Pair(2, 0)));
  EXPECT_TRUE(found.contains(Pair(2, 1)));
}

TEST(MemoryModel, ASleepWithoutAWakeIsFound) {
  Machine machine;
  machine.explore([](Machine& m) {
    auto word = std::make_shared<Atomic<uint32_t>>(0u);
    m.thread([=] { ModelPlatform::wait(*word, 0, 0); });
    m.thread([=] { word->store(1, relaxed); });
  });
  EXPECT_EQ(machine.failure(), "a thread sleeps for ever");
}

TEST(MemoryModel, APlainRaceIsFound) {
  for (const bool ordered : {true, false}) {
    Machine machine;
    machine.explore([=](Machine& m) {
      auto plain = std::make_shared<Plain>();
      auto flag = std::make_shared<Atomic<uint64_t>>(0u);
      m.thread([=] {
        plain->write();
        flag->store(1, ordered ? std::memory_order_release : relaxed);
      });
      m.thread([=] {
        if (flag->load(std::memory_order_acquire) == 1) {
          plain->read();
        }
      });
    });
    EXPECT_EQ(machine.failure(), ordered ? "" : "a plain read races with a write");
  }
}

}  // namespace
}  // namespace omega::task::model
