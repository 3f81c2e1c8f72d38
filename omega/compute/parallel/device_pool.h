// SPDX-License-Identifier: Apache-2.0
// DevicePool: OpenCL devices side by side.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/task/cancellation.h"

namespace omega::compute {

/// No OpenCL library, no device, or one that refused; says which and what would help.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One run of a kernel. Its arguments are the inputs' elements, the output's elements, and the numbers as `long`, in that order; it has one work item for each
/// element of the output, rounded up to a multiple of 64. All arrays contiguous; nothing runs for an output of no elements.
struct DeviceTask {
  std::vector<ArrayView> inputs;
  MutableArrayView output;
  std::vector<int64_t> numbers;
  double load = 1;  ///< beside the other tasks
};

/// The OpenCL devices of this machine, or parts of one. The library is loaded when the first pool is made, so nothing needs it to start. Memory of the host is
/// used where it lies by devices that can. Devices and compiled kernels of a pool that has ended serve the next one of as many devices. Any thread; calls
/// follow each other.
class DevicePool {
 public:
  /// `wanted` devices; where there are fewer, the one with most compute units is split into equal parts. Nothing: all there are. Throws DeviceError.
  explicit DevicePool(std::optional<unsigned> wanted);
  ~DevicePool();
  DevicePool(const DevicePool&) = delete;
  DevicePool& operator=(const DevicePool&) = delete;

  /// Names, with the number of compute units.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] unsigned count() const;
  /// Whether all compute in float64.
  [[nodiscard]] bool has_float64() const;

  /// Runs `kernel` of the OpenCL C text `source`, compiled once, for each task: heaviest first, each on the device with the least so far, all devices at once.
  /// Gives the device of each task. Throws DeviceError with the compiler's words; Stopped between tasks.
  std::vector<unsigned> run(const std::string& source, const std::string& kernel, std::span<const DeviceTask> tasks,
                            const task::Cancellation* cancellation = nullptr);

 private:
  struct State;
  struct Kept;
  std::unique_ptr<State> state_;
};

}  // namespace omega::compute
