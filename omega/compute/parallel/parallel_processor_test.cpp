// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/parallel_processor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "omega/compute/parallel/reservoir_batch.h"
#include "omega/sys/environment.h"

namespace omega::compute {
namespace {

Array numbers(std::initializer_list<int64_t> shape, double first = 0) {
  Array array(ElementType::float64, shape);
  std::iota(array.as<double>(), array.as<double>() + array.shape().count(), first);
  return array;
}

struct Batches {
  explicit Batches(size_t count, int64_t size = 10) {
    for (size_t i = 0; i < count; ++i) {
      arrays.push_back(numbers({size}, static_cast<double>(i)));
      views.push_back(arrays.back().view());
    }
  }
  std::vector<Array> arrays;
  std::vector<ArrayView> views;
};

Array doubled(const ArrayView& input) {
  Array output(input.type, input.shape);
  for (int64_t i = 0; i < input.count(); ++i) {
    output.as<double>()[i] = 2 * input.as<double>()[i];
  }
  return output;
}

ParallelConfig config_of(const std::string& strategy, int threads = 3) {
  ParallelConfig config;
  config.parallel_strategy = strategy;
  config.num_threads = threads;
  return config;
}

class Strategies : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Strategies, testing::Values("thread", "process", "hybrid"));

TEST_P(Strategies, ResultsAreInTheOrderOfTheInputs) {
  for (const bool balanced : {true, false}) {
    for (const std::optional<int> chunk : {std::optional<int>(), std::optional(3)}) {
      ParallelConfig config = config_of(GetParam());
      config.enable_load_balancing = balanced;
      config.chunk_size = chunk;
      ParallelProcessor processor(config);
      const Batches batches(17);
      const std::vector<Array> results = processor.parallel_spike_processing(batches.views, doubled);
      ASSERT_EQ(results.size(), 17u);
      for (size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].as<double>()[3], 2 * static_cast<double>(i + 3));
      }
      EXPECT_EQ(processor.balancer().history().size(), 17u);
    }
  }
}

TEST_P(Strategies, AFailureNamesTheFirstTaskThatFailed) {
  ParallelProcessor processor(config_of(GetParam()));
  const Batches batches(12);
  try {
    processor.parallel_spike_processing(batches.views,
                                        [](const ArrayView& batch) -> Array {
                                          if (batch.as<double>()[0] >= 4) {
                                            throw std::runtime_error("no spikes");
                                          }
                                          return doubled(batch);
                                        },
                                        {.name = "checked", .timeout = {}, .cancellation = nullptr});
    FAIL() << "nothing thrown";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.index(), 4u);
    EXPECT_EQ(std::string(error.what()), "batch 4 of 12 in parallel_spike_processing (checked): no spikes");
  }
}

TEST_P(Strategies, CoresGoWithTheirInputs) {
  ParallelProcessor processor(config_of(GetParam()));
  const Batches batches(2);
  const ProcessingFunction cores[] = {doubled, [](const ArrayView& input) { return numbers({input.count()}, 100); }};
  for (const bool balanced : {true, false}) {
    const std::vector<Array> results = processor.parallel_multi_modal_reasoning(cores, batches.views, balanced);
    EXPECT_EQ(results[0].as<double>()[1], 2);
    EXPECT_EQ(results[1].as<double>()[1], 101);
  }
  EXPECT_THROW(processor.parallel_multi_modal_reasoning(std::span(cores, 1), batches.views), std::invalid_argument);
}

TEST_P(Strategies, NothingGivesNothing) {
  ParallelProcessor processor(config_of(GetParam()));
  EXPECT_TRUE(processor.parallel_spike_processing({}, doubled).empty());
}

TEST_P(Strategies, ATaskThatIsTooLargeIsRefused) {
  ParallelConfig config = config_of(GetParam());
  config.max_memory_per_worker = 100;
  ParallelProcessor processor(config);
  const Batches small(2, 10);
  EXPECT_EQ(processor.parallel_spike_processing(small.views, [](const ArrayView&) { return numbers({1}); }).size(), 2u);
  const Batches large(2, 13);
  try {
    processor.parallel_spike_processing(large.views, doubled);
    FAIL() << "nothing thrown";
  } catch (const std::length_error& error) {
    EXPECT_NE(std::string(error.what()).find("batch 0 of 2"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("104 bytes, more than max_memory_per_worker = 100"), std::string::npos);
  }
}

TEST(ParallelProcessor, EachBatchIsProcessedOnce) {
  ParallelProcessor processor(config_of("thread", 4));
  const Batches batches(200);
  std::vector<std::atomic<int>> calls(200);
  processor.parallel_spike_processing(batches.views, [&](const ArrayView& batch) {
    ++calls[static_cast<size_t>(batch.as<double>()[0])];
    return doubled(batch);
  });
  for (const auto& count : calls) {
    EXPECT_EQ(count, 1);
  }
}

TEST(ParallelProcessor, CallsInsideTasksAndFromManyThreadsDoNotHang) {
  ParallelProcessor processor(config_of("thread", 2));
  const Batches batches(4);
  const ProcessingFunction nested = [&](const ArrayView& batch) { return processor.parallel_spike_processing({&batch, 1}, doubled)[0]; };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(processor.parallel_spike_processing(batches.views, nested)[3].as<double>()[0], 6);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(ParallelProcessor, AProcessThatIsKilledIsReplaced) {
  ParallelProcessor processor(config_of("process", 2));
  const Batches batches(6);
  // The first process that comes to batch 2 leaves a mark in a file, so that the second one finds it.
  std::FILE* const file = std::tmpfile();
  const int mark = ::fileno(file);
  const std::vector<Array> results = processor.parallel_spike_processing(batches.views, [&](const ArrayView& batch) {
    char seen = 0;
    if (batch.as<double>()[0] == 2 && ::pread(mark, &seen, 1, 0) == 0) {
      EXPECT_EQ(::pwrite(mark, "x", 1, 0), 1);
      ::kill(::getpid(), SIGKILL);
    }
    return doubled(batch);
  });
  std::fclose(file);
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].as<double>()[0], 2 * static_cast<double>(i));
  }
}

TEST(ParallelProcessor, ATaskThatKillsItsProcessTwiceIsReported) {
  ParallelProcessor processor(config_of("process", 2));
  const Batches batches(3);
  try {
    processor.parallel_spike_processing(batches.views, [](const ArrayView& batch) {
      if (batch.as<double>()[0] == 1) {
        ::kill(::getpid(), SIGKILL);
      }
      return doubled(batch);
    });
    FAIL() << "nothing thrown";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.index(), 1u);
    EXPECT_NE(std::string(error.what()).find("was killed by signal 9"), std::string::npos) << error.what();
  }
}

TEST(ParallelProcessor, ATaskThatNeverReturnsIsKilledAtTheDeadline) {
  ParallelProcessor processor(config_of("process", 2));
  const Batches batches(3);
  try {
    processor.parallel_spike_processing(batches.views,
                                        [](const ArrayView& batch) {
                                          while (batch.as<double>()[0] == 1) {
                                            ::pause();
                                          }
                                          return doubled(batch);
                                        },
                                        {.name = {}, .timeout = std::chrono::milliseconds(100), .cancellation = nullptr});
    FAIL() << "nothing thrown";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.reason, task::Outcome::deadline_exceeded);
  }
}

TEST(ParallelProcessor, TasksThatHaveNotBegunAtTheDeadlineDoNot) {
  ParallelProcessor processor(config_of("thread", 2));
  const Batches batches(40);
  std::atomic<int> began = 0;
  const task::Cancellation outer;
  EXPECT_THROW(processor.parallel_spike_processing(batches.views,
                                                   [&](const ArrayView& batch) {
                                                     ++began;
                                                     std::this_thread::sleep_for(std::chrono::milliseconds(20));
                                                     return doubled(batch);
                                                   },
                                                   {.name = {}, .timeout = std::chrono::milliseconds(5), .cancellation = &outer}),
               Stopped);
  EXPECT_LE(began, 4);
}

TEST(ParallelProcessor, ProcessesSeeTheArraysWhereTheyLie) {
  // As much again would not fit: the limit is on what a process has beside what it was forked with.
  ParallelConfig config = config_of("process", 2);
  config.max_memory_per_worker = size_t{600} << 20;
  ParallelProcessor processor(config);
  const Array large(ElementType::uint8, {int64_t{500} << 20});
  const ArrayView views[] = {large.view(), large.view()};
  const auto results = processor.parallel_spike_processing(views, [&](const ArrayView& batch) {
    Array same(ElementType::boolean, {1});
    *same.as<uint8_t>() = batch.data == large.view().data;
    return same;
  });
  EXPECT_EQ(*results[0].as<uint8_t>(), 1);
  EXPECT_EQ(*results[1].as<uint8_t>(), 1);
}

TEST(ParallelProcessor, ReservoirsAreTheFormulaWithAnyNumberOfThreads) {
  const Array input = numbers({3, 40});
  const Array recurrent = numbers({40, 40}, -800);
  std::vector<Array> states;
  std::vector<ArrayView> state_views;
  std::vector<Array> spikes;
  std::vector<ArrayView> spike_views;
  for (int i = 0; i < 5; ++i) {
    states.push_back(numbers({40}, 0.25 * i));
    state_views.push_back(states.back().view());
    spikes.push_back(numbers({3}, i));
    spike_views.push_back(spikes.back().view());
  }
  std::vector<Array> first;
  for (const int threads : {1, 2, 5}) {
    ParallelProcessor processor(config_of("thread", threads));
    std::vector<Array> results = processor.parallel_reservoir_computation(state_views, input.view(), recurrent.view(), spike_views);
    for (size_t s = 0; s < 5; ++s) {
      for (size_t n = 0; n < 40; ++n) {
        double expected = 0;
        for (size_t i = 0; i < 3; ++i) {
          expected += spikes[s].as<double>()[i] * input.as<double>()[i * 40 + n];
        }
        for (size_t k = 0; k < 40; ++k) {
          expected += states[s].as<double>()[k] * recurrent.as<double>()[n * 40 + k];
        }
        ASSERT_NEAR(results[s].as<double>()[n], expected, 1e-9 * std::abs(expected) + 1e-9);
      }
      if (threads > 1) {
        EXPECT_EQ(std::memcmp(results[s].view().data, first[s].view().data, 40 * sizeof(double)), 0);
      }
    }
    if (threads == 1) {
      first = std::move(results);
    }
  }
  ParallelProcessor processor;
  try {
    state_views[2] = input.view();
    processor.parallel_reservoir_computation(state_views, input.view(), recurrent.view(), spike_views);
    FAIL() << "nothing thrown";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()), "input_spikes_list[2]: shape (3,); its state of shape (3, 40) and 3 inputs need (3, 3)");
  }
}

TEST(ParallelProcessor, PreparedWeightsGiveTheSameCurrents) {
  const Array input = numbers({3, 8});
  const Array recurrent = numbers({8, 8}, -32);
  const Array state = numbers({2, 8});
  const Array spikes = numbers({2, 3});
  const ArrayView states[] = {state.view()};
  const ArrayView given[] = {spikes.view()};
  const auto direct = reservoir_currents(states, input.view(), recurrent.view(), given);
  const auto prepared = reservoir_currents(states, PreparedReservoir(input.view(), recurrent.view()), given);
  ASSERT_EQ(prepared[0].shape(), direct[0].shape());
  for (int64_t i = 0; i < 16; ++i) {
    EXPECT_NEAR(direct[0].as<double>()[i], prepared[0].as<double>()[i], 1e-9);
  }
}

TEST(ParallelProcessor, ReservoirsAreExplained) {
  const Array input = numbers({3, 8});
  const Array recurrent = numbers({8, 8}, -32);
  const Array state = numbers({8});
  const Array spikes = numbers({3});
  const ArrayView states[] = {state.view()};
  const ArrayView given[] = {spikes.view()};
  ParallelProcessor processor(config_of("hybrid", 2));
  const auto direct = processor.parallel_reservoir_computation(states, input.view(), recurrent.view(), given);
  EXPECT_TRUE(processor.explain().starts_with("parallel_reservoir_computation: 1 states in ")) << processor.explain();
  EXPECT_TRUE(processor.explain().ends_with(" ms in the engine's loops")) << processor.explain();
  const auto prepared = processor.parallel_reservoir_computation(states, PreparedReservoir(input.view(), recurrent.view()), given);
  EXPECT_TRUE(processor.explain().ends_with(", with prepared weights")) << processor.explain();
  EXPECT_NEAR(direct[0].as<double>()[5], prepared[0].as<double>()[5], 1e-9);
}

/// The threads that ran tasks which wait for so long.
std::set<std::thread::id> threads_of(ParallelProcessor& processor, const Batches& batches, std::chrono::microseconds each) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  processor.parallel_spike_processing(batches.views, [&](const ArrayView& batch) {
    std::this_thread::sleep_for(each);
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
    return doubled(batch);
  });
  return seen;
}

TEST(ParallelProcessor, LongTasksRunSideBySideWhateverRanBefore) {
  ParallelProcessor processor(config_of("thread", 2));
  const Batches batches(4);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      processor.parallel_spike_processing(batches.views, doubled);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the processor's threads fall asleep
    EXPECT_EQ(threads_of(processor, batches, std::chrono::milliseconds(20)).size(), 2u);
  }
}

TEST(ParallelProcessor, SmallWorkStaysOnTheCallingThread) {
  ParallelProcessor processor(config_of("thread", 2));
  const Batches batches(4);
  // The first call measures; later ones may be disturbed by neighbours.
  const auto runs_here = [&] {
    processor.parallel_spike_processing(batches.views, doubled);
    return processor.explain().find(" on 1 thread,") != std::string::npos;
  };
  EXPECT_FALSE(runs_here()) << processor.explain();
  bool here = false;
  for (int i = 0; i < 100 && !here; ++i) {
    here = runs_here();
  }
  EXPECT_TRUE(here) << processor.explain();
}

TEST(ParallelProcessor, HybridTakesWhatWaitsForALockToProcesses) {
  ParallelProcessor processor(config_of("hybrid", 2));
  const Batches batches(4);
  std::mutex library;  // that lets one in at a time
  const auto call = [&] {
    const ProcessingFunction function = [&](const ArrayView& batch) {
      const std::lock_guard lock(library);
      for (const int64_t end = sys::thread_clock().now_ns() + 20'000'000; sys::thread_clock().now_ns() < end;) {
      }
      return doubled(batch);
    };
    const auto results = processor.parallel_spike_processing(batches.views, function, {.name = "locked", .timeout = {}, .cancellation = nullptr});
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].as<double>()[0], 2 * static_cast<double>(i));
    }
    return processor.explain();
  };
  EXPECT_NE(call().find("hybrid: thread, since "), std::string::npos);
  if (sys::cpu_count() < 2) {
    EXPECT_NE(call().find("hybrid: thread, since there is one worker"), std::string::npos);
    return;
  }
  // Where neighbours take the processors, a call looks as if it waited: then it is measured again.
  std::string words = call();
  for (int i = 0; i < 40 && words.find("on 2 processes") == std::string::npos; ++i) {
    words = call();
  }
  EXPECT_NE(words.find("on 2 processes"), std::string::npos) << words;
  EXPECT_NE(words.find("hybrid: process, since threads took "), std::string::npos) << words;
}

TEST(ParallelProcessor, HybridLeavesWhatWaitsOnThreads) {
  ParallelProcessor processor(config_of("hybrid", 4));
  const Batches batches(4);
  for (int i = 0; i < 3; ++i) {
    threads_of(processor, batches, std::chrono::milliseconds(40));  // much longer than a sanitizer is busy with threads
    EXPECT_NE(processor.explain().find("hybrid: thread"), std::string::npos) << processor.explain();
  }
}

TEST(ParallelProcessor, InfoAndBenchmarkSayWhatIsThere) {
  ParallelConfig config = config_of("thread", 2);
  config.enable_memory_monitoring = true;
  ParallelProcessor processor(config);
  EXPECT_EQ(processor.explain(), "nothing has run yet");
  const Batches batches(4);
  processor.parallel_spike_processing(batches.views, doubled);
  const ParallelInfo info = processor.get_parallel_info();
  EXPECT_EQ(info.num_threads, 2u);
  EXPECT_EQ(info.strategy, "thread");
  EXPECT_TRUE(info.load_balancing);
  EXPECT_EQ(std::ranges::max(info.peak_bytes), 160u);
  EXPECT_TRUE(processor.explain().starts_with("parallel_spike_processing: 4 tasks in ")) << processor.explain();
  const int64_t sizes[] = {10, 20};
  const BenchmarkReport report = processor.benchmark_parallel_performance(sizes, 3);
  for (const auto* kind : {&report.spike_processing, &report.reservoir_computation, &report.multi_modal_reasoning}) {
    for (const int64_t size : sizes) {
      const BenchmarkTiming& timing = kind->at(size);
      EXPECT_GT(timing.parallel_time, 0);
      EXPECT_EQ(timing.speedup, timing.sequential_time / timing.parallel_time);
    }
  }
  EXPECT_THROW((void)processor.benchmark_parallel_performance(sizes, 0), std::invalid_argument);
}

TEST(ParallelConfig, BadValuesAreNamedWithTheChoices) {
  const auto message = [](auto&& change) {
    ParallelConfig config;
    change(config);
    try {
      config.validate();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_EQ(message([](ParallelConfig& c) { c.num_threads = -2; }), "num_threads = -2: it must be 1 to 4096, or left out for one worker per processor");
  EXPECT_EQ(message([](ParallelConfig& c) { c.chunk_size = 0; }), "chunk_size = 0: it must be at least 1, or left out to be chosen by measured cost");
  EXPECT_EQ(message([](ParallelConfig& c) { c.load_balance_threshold = 1.5; }),
            "load_balance_threshold = 1.5: it must be from 0.0 (always even out) to 1.0 (never)");
  EXPECT_EQ(message([](ParallelConfig& c) { c.load_balance_threshold = NAN; }),
            "load_balance_threshold = nan: it must be from 0.0 (always even out) to 1.0 (never)");
  EXPECT_EQ(message([](ParallelConfig& c) { c.max_memory_per_worker = 0; }),
            "max_memory_per_worker = 0: it must be a number of bytes above 0, or left out for no limit");
  EXPECT_EQ(message([](ParallelConfig& c) { c.parallel_strategy = "threads"; }),
            "parallel_strategy = 'threads': it must be 'thread', 'process', 'device' ('jax_pmap' means the same) or 'hybrid'");
  EXPECT_EQ(message([](ParallelConfig&) {}), "nothing thrown");
  EXPECT_THROW(ParallelProcessor(config_of("thread", 0)), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
