// SPDX-License-Identifier: Apache-2.0
// The language's strings in graphs: each function gives what the runtime's of the like name gives (runtime/string.c).
#pragma once

#include "omega/graph/exec/operator.h"

namespace omega::compile::strings {

void concat(graph::Call& call);
void equal(graph::Call& call);
void compare(graph::Call& call);
void slice(graph::Call& call);
void find(graph::Call& call);
void starts_with(graph::Call& call);
void ends_with(graph::Call& call);
void split(graph::Call& call);
void words(graph::Call& call);
void lines(graph::Call& call);
void join(graph::Call& call);
void trim(graph::Call& call);
void replace(graph::Call& call);
void repeat(graph::Call& call);
void upper(graph::Call& call);
void lower(graph::Call& call);
void from_char(graph::Call& call);
void from_i64(graph::Call& call);
void from_u64(graph::Call& call);
void from_f64(graph::Call& call);
void from_f32(graph::Call& call);
void from_bool(graph::Call& call);
void from_wide(graph::Call& call);

}  // namespace omega::compile::strings
