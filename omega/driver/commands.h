// SPDX-License-Identifier: Apache-2.0
// The commands: each prints, and gives the exit code.
#pragma once

#include "omega/driver/options.h"

namespace omega::driver {

/// Does not return when the program starts in place of omega.
int run_command(const Options& options);
int build_command(const Options& options);
int check_command(const Options& options);
int emit_command(const Options& options);
int new_command(const Options& options);
int explain_command(const Options& options);

}  // namespace omega::driver
