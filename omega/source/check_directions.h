// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "omega/source/source_set.h"

namespace omega::source {

/// 1 where a character begins another direction of writing (Unicode's embeddings, overrides and isolates), -1 where it ends one, else 0.
int turn_of(char32_t code);

/// Reports comments and strings that end in another direction than they begin in. Pure; any thread.
void check_directions(FileId file, std::string_view text, diag::Sink& sink);

}  // namespace omega::source
