// SPDX-License-Identifier: Apache-2.0
// What a PreparedReservoir in bfloat16 holds: dense weights and the steps over them. Arguments are checked before.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "omega/compute/kernels/bfloat16_panels.h"
#include "omega/compute/kernels/reservoir_state.h"

namespace omega::compute {

class Bfloat16Reservoir final : public PreparedReservoir::State {
 public:
  /// From float32 matrices.
  Bfloat16Reservoir(const ArrayView& input, const ArrayView& recurrent);

  [[nodiscard]] size_t byte_size() const override { return panels_.byte_size(); }
  [[nodiscard]] std::string describe() const override;
  /// float32, as rounded.
  [[nodiscard]] PreparedReservoir::KeptWeights input_weights() const override;
  [[nodiscard]] PreparedReservoir::KeptWeights reservoir_weights() const override;
  void run(int64_t steps, int64_t batch, const void* states, const void* spikes, const Activation& activation, void* trajectory,
           const Execution& execution) const override;
  void run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
               const Execution& execution) const override;

  [[nodiscard]] const Bfloat16Panels& panels() const { return panels_; }

 private:
  Bfloat16Panels panels_;
  Spare<base::PodVector<std::byte>> spare_rows_;  ///< rounded inputs and states of a batch
};

}  // namespace omega::compute
