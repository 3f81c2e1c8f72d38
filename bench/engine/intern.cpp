// SPDX-License-Identifier: Apache-2.0
// Interning 1e6 identifiers, 5 % of them distinct, on THREADS threads: intern WHO THREADS prints nanoseconds each (the tenth part of the
// runs). WHO is omega (the compiler's interner), map (omega's concurrent map) or absl (absl::flat_hash_map in 64 shards behind spin locks).
#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "omega/base/interner.h"
#include "omega/task/barrier.h"
#include "omega/task/concurrent_map.h"

namespace {

class ShardedAbsl {
 public:
  uint32_t intern(std::string_view name) {
    const absl::string_view text(name.data(), name.size());
    const size_t hash = absl::Hash<absl::string_view>{}(text);
    Shard& shard = shards_[hash >> 58];
    while (shard.held.exchange(true, std::memory_order_acquire)) {
      while (shard.held.load(std::memory_order_relaxed)) {
        __builtin_ia32_pause();
      }
    }
    auto found = shard.map.find(text);
    if (found == shard.map.end()) {
      found = shard.map.emplace(std::string(text), next_.fetch_add(1, std::memory_order_relaxed)).first;
    }
    const uint32_t id = found->second;
    shard.held.store(false, std::memory_order_release);
    return id;
  }

 private:
  struct alignas(64) Shard {
    std::atomic<bool> held{false};
    absl::flat_hash_map<std::string, uint32_t> map;
  };
  Shard shards_[64];
  std::atomic<uint32_t> next_{0};
};

class OmegaMap {
 public:
  uint32_t intern(std::string_view text) {
    return map_.get_or_insert(text, [&] { return next_.fetch_add(1, std::memory_order_relaxed); }).first;
  }

 private:
  // Keys point into the words, which outlive the map.
  omega::task::ConcurrentMap<std::string_view, uint32_t> map_{0, 64};
  std::atomic<uint32_t> next_{0};
};

class OmegaInterner {
 public:
  uint32_t intern(std::string_view text) { return interner_.intern(text).index; }

 private:
  omega::base::NameInterner interner_;
};

template <class Table>
double time(const std::vector<std::string>& words, uint32_t threads) {
  std::vector<int64_t> times;
  for (int round = 0; round < 15; round++) {
    auto table = std::make_unique<Table>();
    omega::task::Barrier start(threads + 1), end(threads + 1);
    std::vector<std::thread> workers;
    std::atomic<uint64_t> sum{0};
    for (uint32_t t = 0; t < threads; t++) {
      workers.emplace_back([&, t] {
        start.arrive_and_wait();
        uint64_t mine = 0;
        for (size_t i = words.size() * t / threads; i < words.size() * (t + 1) / threads; i++) {
          mine += table->intern(words[i]);
        }
        sum += mine;
        end.arrive_and_wait();
      });
    }
    const auto from = std::chrono::steady_clock::now();
    start.arrive_and_wait();
    end.arrive_and_wait();
    times.push_back((std::chrono::steady_clock::now() - from).count());
    for (std::thread& worker : workers) {
      worker.join();
    }
  }
  std::sort(times.begin(), times.end());
  return static_cast<double>(times[times.size() / 10]) / static_cast<double>(words.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  const std::string who = argv[1];
  const auto threads = static_cast<uint32_t>(std::atoi(argv[2]));
  std::mt19937 random(11);
  std::vector<std::string> words(1'000'000);
  for (std::string& word : words) {
    const uint32_t n = random() % 50'000;
    word = (n % 3 == 0 ? "x" : n % 3 == 1 ? "total_" : "a_rather_long_name_") + std::to_string(n);
  }
  const double ns = who == "omega" ? time<OmegaInterner>(words, threads) : who == "map" ? time<OmegaMap>(words, threads) : time<ShardedAbsl>(words, threads);
  std::printf("%.1f\n", ns);
  return 0;
}
