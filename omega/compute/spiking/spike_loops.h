// SPDX-License-Identifier: Apache-2.0
// The loops over spikes: drawing them, and filtering them to the exponential traces that readouts see. Compiled for every instruction set; the bits are the
// same in all.
#pragma once

#include <cstdint>

namespace omega::compute {

struct SpikeLoops {
  /// Filters 64 neurons or less over `steps` steps: trace = trace * decay + (spike ? 1 : 0). Bit i of words[t * word_stride] is neuron i's spike in step t;
  /// `trace`
  /// (`count` numbers) is updated. Where `seen` is not null, row t of it (`seen_stride` numbers apart) gets the trace after step t less spike_share times the
  /// spike. Subnormal results are 0.
  void (*filter)(const uint64_t* words, int64_t word_stride, int64_t steps, int64_t count, double decay, double* trace, double* seen, int64_t seen_stride,
                 double spike_share);
  /// Draws a packed row of `columns` spikes, numbered from `first`: element i spikes where word n % 4 of the block n / 4, n = first + i, of Philox4x32-10 with
  /// lane 0 of `stream` under `key` (see counter_random.h) is below bounds[i].
  void (*draw)(const uint64_t* bounds, int64_t columns, uint64_t first, uint32_t stream, const uint32_t* key, uint64_t* row);
};
/// The loops for this processor.
const SpikeLoops& spike_loops();

namespace spike_baseline {
extern const SpikeLoops kLoops;
}
namespace spike_avx2 {
extern const SpikeLoops kLoops;
}
namespace spike_avx512 {
extern const SpikeLoops kLoops;
}

}  // namespace omega::compute
