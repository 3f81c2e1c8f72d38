// SPDX-License-Identifier: Apache-2.0
// LoadBalancer: what tasks are expected to cost, who gets them, and what they did cost.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace omega::compute {

/// One task that ran.
struct TaskRecord {
  std::string function;
  double elements = 0;  ///< of its input
  double estimate = 0;  ///< seconds expected; 0 when nothing was known
  double seconds = 0;   ///< seconds taken
  unsigned worker = 0;
};

/// Seconds that tasks take, learned from those that ran: per function, and in it per power of two of elements, so that costs which do not grow with the size
/// are learned as well. Holds the last 4,096 tasks and the last 1,024 functions. Any thread.
class LoadBalancer {
 public:
  static constexpr size_t kMaxRecords = 4096;
  static constexpr size_t kMaxFunctions = 1024;

  /// Seconds expected for `elements` elements: what sizes like it took, scaled; nothing when the function has never run.
  [[nodiscard]] std::optional<double> expected_seconds(std::string_view function, double elements) const;
  /// Loads of tasks that run together, in one unit: seconds where all functions are known, else elements, those of known functions scaled to fit. Each above 0.
  [[nodiscard]] std::vector<double> estimate_loads(std::span<const std::string> functions, std::span<const double> elements) const;
  void record(const TaskRecord& record);

  /// The last tasks, oldest first.
  [[nodiscard]] std::vector<TaskRecord> history() const;
  void clear();

 private:
  static constexpr size_t kSizes = 64;
  struct Cost {
    std::shared_ptr<const std::string> function;
    double seconds_per_element[kSizes] = {};  ///< by power of two of the elements; 0: not known
    uint64_t last_use = 0;
  };
  /// A TaskRecord whose name is shared with others of the function: thousands are kept, and each call makes some.
  struct Kept {
    std::shared_ptr<const std::string> function;
    double elements;
    double estimate;
    double seconds;
    unsigned worker;
  };
  [[nodiscard]] std::optional<double> expected_locked(std::string_view function, double elements) const;

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Cost> costs_;
  std::vector<Kept> records_;  ///< once there are kMaxRecords, a ring
  size_t oldest_ = 0;
  uint64_t uses_ = 0;
};

/// Tasks for each worker, greedily: heaviest first, each to the worker with the least so far; of equals the first task and the first worker.
std::vector<std::vector<uint32_t>> assign_heaviest_first(std::span<const double> loads, unsigned workers);
/// Runs of `chunk` neighbours (0: as many as makes one run for each worker) to the workers in turn.
std::vector<std::vector<uint32_t>> assign_in_order(size_t tasks, unsigned workers, size_t chunk);

/// How many tasks are handed out at once.
struct Chunk {
  size_t most = 1;                ///< never more
  std::optional<double> seconds;  ///< as many as take so long; one while no pace is known
  double pace = 0;  ///< seconds for a unit of load, known before; 0: it is learned from those done, and trusted with half of a fair share of the rest
};

/// Tasks of one call handed out to workers while they run. Any thread; `worker` numbers are less than the number of lists.
class TaskHandout {
 public:
  /// `lists` say who begins with what, in which order. With `threshold` below 1 workers that run low take work from those that have most, as
  /// ParallelConfig::load_balance_threshold says; nothing: each keeps its own, whoever comes last.
  TaskHandout(std::vector<std::vector<uint32_t>> lists, std::vector<double> loads, std::optional<double> threshold, Chunk chunk = {});

  /// What `worker` does next, which is empty when nothing is left for it. `seconds`: what its last tasks took, by which the rest of its load is judged.
  [[nodiscard]] std::vector<uint32_t> next(unsigned worker, double seconds = 0);
  /// Nobody gets anything any more.
  void stop();
  /// How many lists there were.
  [[nodiscard]] unsigned workers() const { return static_cast<unsigned>(lanes_.size()); }
  /// Tasks that changed worker while running.
  [[nodiscard]] uint64_t moves() const;
  /// Tasks not handed out.
  [[nodiscard]] size_t left() const;

 private:
  struct Lane {
    std::deque<uint32_t> tasks;
    double load = 0;     ///< of `tasks`
    double running = 0;  ///< of those handed out last
    double done = 0;     ///< of those done
    double seconds = 0;  ///< that those took
  };
  void rebalance(unsigned worker);
  /// Tasks that a chunk has at most.
  [[nodiscard]] size_t most_at_once() const;
  /// Seconds for a unit of load, of all that is done; 0 when that is not known.
  [[nodiscard]] double usual_pace() const;
  /// The same of what `lane` has done; `usual` while it has done nothing.
  static double pace_of(const Lane& lane, double usual) { return lane.done > 0 && lane.seconds > 0 ? lane.seconds / lane.done : usual; }

  mutable std::mutex mutex_;
  std::vector<Lane> lanes_;
  std::vector<double> loads_;
  std::optional<double> threshold_;
  Chunk chunk_;
  uint64_t moves_ = 0;
  size_t left_ = 0;
};

}  // namespace omega::compute
