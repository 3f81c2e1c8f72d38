// SPDX-License-Identifier: Apache-2.0
// The weights of a reservoir in bfloat16, as tiles and vectors read them.
#pragma once

#include <cstdint>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/bfloat16_loops.h"

namespace omega::compute {

/// Dense weights, kBfloat16Columns neurons to a panel. A row of a panel holds, for each neuron, the weights of two presynaptic numbers: of the even one in the
/// low half, of the odd one in the high half. Presynaptic numbers are those of inputs, filled up to whole blocks, then those of neurons, filled up likewise;
/// what does not exist has weights 0. Panels come in pairs.
class Bfloat16Panels {
 public:
  /// From float32 matrices: I x N and N x N, row i of which holds what goes into neuron i.
  Bfloat16Panels(const ArrayView& input, const ArrayView& recurrent);

  /// Presynaptic numbers in all, whole blocks.
  [[nodiscard]] int64_t rows() const { return rows_; }
  /// The presynaptic number of the first neuron.
  [[nodiscard]] int64_t first_neuron() const { return first_neuron_; }
  /// Numbers from one panel to the next.
  [[nodiscard]] int64_t panel_size() const { return rows_ / 2 * kBfloat16Columns; }
  [[nodiscard]] const uint32_t* panel(int64_t i) const { return reinterpret_cast<const uint32_t*>(weights_.as<int32_t>()) + i * panel_size(); }
  /// Of a presynaptic number to a neuron.
  [[nodiscard]] float weight(int64_t from, int64_t neuron) const;
  [[nodiscard]] size_t byte_size() const { return static_cast<size_t>(weights_.shape().count()) * sizeof(int32_t); }

 private:
  int64_t first_neuron_;
  int64_t rows_;
  Array weights_;
};

}  // namespace omega::compute
