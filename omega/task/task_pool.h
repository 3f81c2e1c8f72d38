// SPDX-License-Identifier: Apache-2.0
// TaskPool: a list of tasks of one kind, run by work stealing, results in the order of the list.
#pragma once

#include <concepts>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "omega/task/parallel_for.h"

namespace omega::task {

/// Tasks are data (a std::variant of ids, say); one function runs them all. One thread submits and runs.
///
///     TaskPool<TypeCheckTask> pool(scheduler);
///     pool.submit(tasks);
///     std::vector<TypeCheckResult> results = pool.run([&](const TypeCheckTask& task) { return check(db, task); });
template <class Task>
class TaskPool {
 public:
  explicit TaskPool(Scheduler& scheduler = Scheduler::current()) : scheduler_(scheduler) {}

  /// Adds tasks to the list.
  template <std::ranges::input_range Range>
    requires std::convertible_to<std::ranges::range_reference_t<Range>, Task>
  void submit(Range&& tasks) {
    for (auto&& task : tasks) {
      tasks_.push_back(std::forward<decltype(task)>(task));
    }
  }
  /// Adds a task to the list.
  void submit(Task task) { tasks_.push_back(std::move(task)); }

  /// Runs `process(task)` for every task of the list, which is empty then; each may be stolen. If some throw, the first one's exception is
  /// thrown.
  /// @return what `process` returned, in the order of submission.
  template <class Process>
  auto run(Process&& process) {
    using Result = std::invoke_result_t<Process&, Task&>;
    std::vector<Task> tasks = std::exchange(tasks_, {});
    std::vector<std::optional<Result>> made(tasks.size());
    parallel_for(scheduler_, 0, tasks.size(), [&](size_t i) { made[i].emplace(std::invoke(process, tasks[i])); }, {.grain = 1});
    std::vector<Result> results;
    results.reserve(made.size());
    for (std::optional<Result>& each : made) {
      results.push_back(std::move(*each));
    }
    return results;
  }

 private:
  Scheduler& scheduler_;
  std::vector<Task> tasks_;
};

}  // namespace omega::task
