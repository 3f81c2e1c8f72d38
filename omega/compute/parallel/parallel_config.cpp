// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/parallel_config.h"

#include "omega/sys/environment.h"

namespace omega::compute {
namespace {

[[noreturn]] void refuse(std::string_view key, const std::string& value, std::string_view choices) {
  throw std::invalid_argument(std::string(key) + " = " + value + ": it must be " + std::string(choices));
}

std::string in_words(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text + "0" : text;
}

}  // namespace

std::string_view name_of(Strategy strategy) {
  switch (strategy) {
    case Strategy::thread: return "thread";
    case Strategy::process: return "process";
    case Strategy::device: return "device";
    case Strategy::hybrid: return "hybrid";
  }
  return "?";
}

Strategy ParallelConfig::strategy() const {
  for (const Strategy each : {Strategy::thread, Strategy::process, Strategy::device, Strategy::hybrid}) {
    if (parallel_strategy == name_of(each)) {
      return each;
    }
  }
  if (parallel_strategy == "jax_pmap") {
    return Strategy::device;
  }
  refuse("parallel_strategy", "'" + parallel_strategy + "'", "'thread', 'process', 'device' ('jax_pmap' means the same) or 'hybrid'");
}

void ParallelConfig::validate() const {
  if (num_threads && (*num_threads < 1 || *num_threads > kMaxThreads)) {
    refuse("num_threads", std::to_string(*num_threads), "1 to 4096, or left out for one worker per processor");
  }
  if (chunk_size && *chunk_size < 1) {
    refuse("chunk_size", std::to_string(*chunk_size), "at least 1, or left out to be chosen by measured cost");
  }
  if (!(load_balance_threshold >= 0 && load_balance_threshold <= 1)) {
    refuse("load_balance_threshold", in_words(load_balance_threshold), "from 0.0 (always even out) to 1.0 (never)");
  }
  if (max_memory_per_worker && *max_memory_per_worker == 0) {
    refuse("max_memory_per_worker", "0", "a number of bytes above 0, or left out for no limit");
  }
  (void)strategy();
}

unsigned ParallelConfig::workers() const { return num_threads ? static_cast<unsigned>(*num_threads) : sys::cpu_count(); }

}  // namespace omega::compute
