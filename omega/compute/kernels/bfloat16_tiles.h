// SPDX-License-Identifier: Apache-2.0
// Intel's matrix tiles (AMX).
#pragma once

namespace omega::compute {

/// Whether tiles multiply here: the processor has them and AVX-512, and Linux lends them to this process, which it is asked once, by the first call.
bool has_tiles();
/// Whether they are to multiply: where there are any, the loops of AVX-512 run and no test chose otherwise.
bool uses_tiles();
/// For tests: tiles multiply from now on, or do not, where has_tiles(). Not while kernels run.
void use_tiles(bool use);

}  // namespace omega::compute
