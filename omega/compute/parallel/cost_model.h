// SPDX-License-Identifier: Apache-2.0
// CostModel: where the strategy `hybrid` runs a call, by what such calls took.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace omega::compute {

/// Where the tasks of a call run.
enum class Place : uint8_t {
  threads,    ///< on the engine's threads
  processes,  ///< in processes forked from this one
};
/// "thread", "process".
std::string_view name_of(Place place);

/// What a call took [s].
struct CallTimes {
  double seconds = 0;  ///< from its beginning to its end
  double busy = 0;     ///< of processors, all threads of this process together
  double work = 0;     ///< its tasks, one after another
};

/// Predicts a call on threads and in processes from calls of the same functions and about the same size.
///
/// Threads come first. When the processors were busy, but for no longer than the call took, although it had more than one thread, a lock
/// kept the tasks from running at once (Python's, or one that the functions take): processes have that lock each for itself, and are
/// predicted to take the busy time over the workers and what a call in processes was measured to cost beside its work. They are tried
/// when that is less than what threads took by a tenth, and kept when it proves true. Work that waits stays on threads, where it waits
/// side by side. Any thread.
class CostModel {
 public:
  /// Times are measured anew after so many calls, since work changes.
  static constexpr uint32_t kMeasuredAnew = 50;
  static constexpr size_t kMaxKinds = 1024;

  struct Choice {
    Place place;
    std::string why;
  };

  /// `processors`: that workers share.
  explicit CostModel(unsigned processors) : processors_(processors) {}

  /// Where a call of `functions` with inputs of so many `elements` runs on `workers`, and why.
  [[nodiscard]] Choice choose(std::span<const std::string> functions, std::span<const double> elements, unsigned workers) const;
  /// Notes a call that came to its end.
  void learn(Place place, std::span<const std::string> functions, std::span<const double> elements, unsigned workers, const CallTimes& times);

 private:
  /// What is known of the calls of one kind: smoothed times [s].
  struct Known {
    uint32_t calls = 0;
    double busy = 0;  ///< of the last call on threads
    std::optional<double> threads;
    std::optional<double> processes;
  };
  [[nodiscard]] double predicted_in_processes(const Known& known, unsigned workers) const;

  unsigned processors_;
  mutable std::mutex mutex_;  ///< of what follows
  std::unordered_map<std::string, Known> kinds_;
  double fork_seconds_ = 1.5e-3;  ///< what a call in processes costs beside its work: a guess, then measured
};

}  // namespace omega::compute
