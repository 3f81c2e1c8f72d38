// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/spike_values.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "omega/compute/kernels/argument_checks.h"

namespace omega::compute {
namespace {

/// Elements of a piece of work: some microseconds.
constexpr int64_t kPiece = 16384;

/// What moves depends on the size of an element alone.
template <class Bits>
void put(const uint8_t* spikes, int64_t count, const std::byte* values, std::byte* outputs) {
  Bits value[2];
  std::memcpy(value, values, sizeof value);
  auto* const out = reinterpret_cast<Bits*>(outputs);
  for (int64_t i = 0; i < count; ++i) {
    out[i] = spikes[i] != 0 ? value[1] : value[0];
  }
}

using Put = void (*)(const uint8_t*, int64_t, const std::byte*, std::byte*);
Put put_of(size_t size) { return size == 8 ? put<uint64_t> : size == 4 ? put<uint32_t> : put<uint8_t>; }

}  // namespace

void put_values(std::span<const ArrayView> batches, const ArrayView& values, std::span<const MutableArrayView> outputs, const Execution& execution) {
  require_array("values", values, values.type, {2});
  if (batches.size() != outputs.size()) {
    throw std::invalid_argument("outputs: " + std::to_string(outputs.size()) + " for " + std::to_string(batches.size()) + " batches");
  }
  std::vector<int64_t> first{0};  // the first piece of each batch
  for (size_t i = 0; i < batches.size(); ++i) {
    require_array("batches", batches[i], ElementType::boolean, batches[i].shape);
    require_array("outputs", outputs[i], values.type, batches[i].shape);
    first.push_back(first.back() + (batches[i].count() + kPiece - 1) / kPiece);
  }
  const size_t size = size_of(values.type);
  run_pieces(execution, first.back(), [&](int64_t begin, int64_t end) {
    size_t batch = static_cast<size_t>(std::ranges::upper_bound(first, begin) - first.begin()) - 1;
    for (int64_t piece = begin; piece < end; ++piece) {
      while (piece >= first[batch + 1]) {
        ++batch;
      }
      const int64_t at = (piece - first[batch]) * kPiece;
      const auto* const spikes = reinterpret_cast<const uint8_t*>(batches[batch].data) + at;
      put_of(size)(spikes, std::min(kPiece, batches[batch].count() - at), values.data, outputs[batch].data + at * static_cast<int64_t>(size));
    }
  });
}

}  // namespace omega::compute
