// SPDX-License-Identifier: Apache-2.0
// `pragma solidity …`: which versions of the language a file is written for.
#pragma once

#include <string_view>

namespace omega::check::contract {

enum class Versions { Fit, DoNotFit, Unreadable };

/// Whether a range such as `^0.8.4`, `>=0.6.0 <0.9.0` or `0.7.6 || ~0.8.1` takes some version of Solidity 0.8, which contracts here have the meaning of.
/// The form is npm's, as solc reads it. Pure; any thread.
Versions solidity_versions(std::string_view range);

}  // namespace omega::check::contract
