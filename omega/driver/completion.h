// SPDX-License-Identifier: Apache-2.0
// Completion of omega's command line in shells.
#pragma once

#include <string>

namespace omega::driver {

/// The script that makes `shell` (bash, zsh or fish) complete commands, options, their values, programs and codes; empty for other shells.
std::string completion_script(const std::string& shell);

}  // namespace omega::driver
