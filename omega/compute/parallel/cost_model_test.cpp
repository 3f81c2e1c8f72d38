// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/cost_model.h"

#include <gtest/gtest.h>

#include <vector>

namespace omega::compute {
namespace {

const std::vector<std::string> kFunctions(4, "f");
const std::vector<double> kElements(4, 10);

/// Four tasks on two workers.
struct Calls {
  CostModel model;

  explicit Calls(unsigned processors = 2) : model(processors) {}
  Calls& took(Place place, const CallTimes& times) {
    model.learn(place, kFunctions, kElements, 2, times);
    return *this;
  }
  [[nodiscard]] CostModel::Choice choice(unsigned workers = 2) const { return model.choose(kFunctions, kElements, workers); }
};

/// A lock lets one task run at a time: each waits for the other.
constexpr CallTimes kLocked{.seconds = 0.1, .busy = 0.1, .work = 0.2};

TEST(CostModel, ThreadsComeFirst) {
  EXPECT_EQ(Calls().choice().place, Place::threads);
  EXPECT_EQ(Calls().choice().why, "work like this has not been measured yet");
}

TEST(CostModel, OneWorkerOrOneProcessorLeavesNoChoice) {
  EXPECT_EQ(Calls().took(Place::threads, kLocked).choice(1).why, "there is one worker");
  EXPECT_EQ(Calls(1).took(Place::threads, kLocked).choice().why, "there is one worker");
}

TEST(CostModel, WhatALockHoldsGoesToProcesses) {
  const CostModel::Choice choice = Calls().took(Place::threads, kLocked).choice();
  EXPECT_EQ(choice.place, Place::processes);
  EXPECT_EQ(choice.why, "threads took 100 ms with the processor busy for 100 ms; processes should take 51.5 ms");
}

TEST(CostModel, WhatRunsAtOnceStaysOnThreads) {
  const CostModel::Choice choice = Calls().took(Place::threads, {.seconds = 0.1, .busy = 0.2, .work = 0.2}).choice();
  EXPECT_EQ(choice.place, Place::threads);
  EXPECT_EQ(choice.why, "threads took 100 ms; processes should take 102 ms");
}

TEST(CostModel, WhatWaitsStaysOnThreads) {
  const CostModel::Choice choice = Calls().took(Place::threads, {.seconds = 0.1, .busy = 0.001, .work = 0.2}).choice();
  EXPECT_EQ(choice.place, Place::threads);
  EXPECT_EQ(choice.why, "threads took 100 ms, most of it waiting: the processor was busy for 1 ms");
}

TEST(CostModel, ATrialThatProvedSlowerIsNotRepeated) {
  Calls calls;
  calls.took(Place::threads, kLocked).took(Place::processes, {.seconds = 0.12, .busy = 0.01, .work = 0.2});
  EXPECT_EQ(calls.choice().place, Place::threads);
  EXPECT_EQ(calls.choice().why, "threads took 100 ms and processes 120 ms");
}

TEST(CostModel, AGainOfLessThanATenthIsNotTried) {
  EXPECT_EQ(Calls().took(Place::threads, {.seconds = 0.1, .busy = 0.178, .work = 0.2}).choice().place, Place::threads);
  EXPECT_EQ(Calls().took(Place::threads, {.seconds = 0.1, .busy = 0.176, .work = 0.2}).choice().place, Place::processes);
}

TEST(CostModel, WhatProcessesCostBesideTheirWorkIsMeasured) {
  Calls calls;
  const CallTimes short_work{.seconds = 4e-3, .busy = 4e-3, .work = 8e-3};
  EXPECT_EQ(Calls().took(Place::threads, short_work).choice().place, Place::processes);
  for (int i = 0; i < 20; ++i) {
    calls.model.learn(Place::processes, {{"g"}}, {{1.0}}, 2, {.seconds = 20e-3, .busy = 0, .work = 20e-3});
  }
  EXPECT_EQ(calls.took(Place::threads, short_work).choice().place, Place::threads);
}

TEST(CostModel, TimesAreMeasuredAnew) {
  Calls calls;
  calls.took(Place::threads, kLocked);
  for (uint32_t i = 1; i < CostModel::kMeasuredAnew; ++i) {
    EXPECT_EQ(calls.choice().place, Place::processes);
    calls.took(Place::processes, {.seconds = 0.06, .busy = 0.01, .work = 0.1});
  }
  calls.took(Place::processes, {.seconds = 0.06, .busy = 0.01, .work = 0.1});
  EXPECT_EQ(calls.choice().place, Place::threads);
  EXPECT_EQ(calls.choice().why, "work like this is measured anew after 50 calls");
  calls.took(Place::threads, {.seconds = 0.05, .busy = 0.1, .work = 0.1});  // the lock is gone
  EXPECT_EQ(calls.choice().why, "threads took 50 ms and processes 60 ms");
}

TEST(CostModel, FunctionsAndSizesAreKeptApart) {
  Calls calls;
  calls.took(Place::threads, kLocked);
  EXPECT_EQ(calls.model.choose(kFunctions, std::vector<double>(4, 100), 2).why, "work like this has not been measured yet");
  EXPECT_EQ(calls.model.choose(std::vector<std::string>(4, "g"), kElements, 2).why, "work like this has not been measured yet");
}

}  // namespace
}  // namespace omega::compute
