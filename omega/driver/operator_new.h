// SPDX-License-Identifier: Apache-2.0
// Where the memory of the program `omega` comes from.
#pragma once

namespace omega::driver {

/// Opens the large heap (base/large_heap.h), for `new` too. At the start of the program, before there are other threads.
void open_large_heap();

}  // namespace omega::driver
