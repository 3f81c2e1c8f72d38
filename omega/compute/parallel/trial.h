// SPDX-License-Identifier: Apache-2.0
// Trying what may end the process, such as a driver of somebody else.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace omega::compute {

/// Does `work` in a forked process. Empty when that comes to its end, by an exception too; else how the process ended and the last that it wrote: "killed by
/// signal 6, Aborted: out of luck". It is killed when it takes longer than `most`. Throws std::runtime_error when no process can be forked. Any thread.
std::string failure_of_trial(const std::function<void()>& work, std::chrono::milliseconds most = std::chrono::seconds(30));

}  // namespace omega::compute
