// SPDX-License-Identifier: Apache-2.0
// The loop that filters spikes: exponential traces in float64, as readouts see a liquid. Compiled for every instruction set; the bits are the same in all.
#pragma once

#include <cstdint>

namespace omega::compute {

/// Filters 64 neurons or less over `steps` steps: trace = trace * decay + (spike ? 1 : 0). Bit i of words[t * word_stride] is neuron i's spike in step t;
/// `trace`
/// (`count` numbers) is updated. Where `seen` is not null, row t of it (`seen_stride` numbers apart) gets the trace after step t less spike_share times the
/// spike. Subnormal results are 0.
using FilterTrace = void (*)(const uint64_t* words, int64_t word_stride, int64_t steps, int64_t count, double decay, double* trace, double* seen,
                             int64_t seen_stride, double spike_share);
/// The loop for this processor.
FilterTrace filter_trace();

namespace trace_baseline {
void filter(const uint64_t*, int64_t, int64_t, int64_t, double, double*, double*, int64_t, double);
}
namespace trace_avx2 {
void filter(const uint64_t*, int64_t, int64_t, int64_t, double, double*, double*, int64_t, double);
}
namespace trace_avx512 {
void filter(const uint64_t*, int64_t, int64_t, int64_t, double, double*, double*, int64_t, double);
}

}  // namespace omega::compute
