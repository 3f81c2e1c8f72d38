// SPDX-License-Identifier: Apache-2.0
// How `omega` ends.
#pragma once

namespace omega::driver {

enum ExitCode : int {
  kDone = 0,
  kRejected = 1,  ///< the program was rejected or failed
  kWrongUsage = 2,
  kWorldFailed = 3,    ///< a file, memory, the system
  kInternalError = 70  ///< our bug
};

}  // namespace omega::driver
