// SPDX-License-Identifier: Apache-2.0
// Words of other languages: what Omega writes in their place.
#pragma once

#include <string_view>

namespace omega::check {

/// Advice for a name that is declared nowhere, such as `double` or `null`; empty for names that other languages do not have either.
std::string_view help_for_foreign_name(std::string_view name);

/// Advice for a member that values of Omega do not have, such as `size` or `push_back`; empty for others.
std::string_view help_for_foreign_member(std::string_view name);

}  // namespace omega::check
