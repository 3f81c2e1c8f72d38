// SPDX-License-Identifier: Apache-2.0
// What a PreparedReservoir holds: weights of type T and the steps over them. Arguments are checked before.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "omega/base/pod_vector.h"
#include "omega/compute/kernels/neuron_loops.h"
#include "omega/compute/kernels/reservoir_layout.h"
#include "omega/compute/kernels/reservoir_step.h"
#include "omega/compute/kernels/side_by_side.h"

namespace omega::compute {

/// A layout that is made when it is first asked for, once, by whichever thread.
template <class Layout>
class MadeOnDemand {
 public:
  template <class Make>
  const Layout& get(Make&& make) const {
    std::call_once(once_, [&] { layout_ = make(); });
    return layout_;
  }

 private:
  mutable std::once_flag once_;
  mutable Layout layout_;
};

/// The same choice, as loops know it.
inline ActivationLoop loop_of(Activation::Kind kind) {
  return kind == Activation::Kind::none ? ActivationLoop::none : kind == Activation::Kind::tanh ? ActivationLoop::tanh : ActivationLoop::leaky_tanh;
}

/// The matrix whose elements `weight(row, column)` gives.
template <class T, class Weight>
Array matrix_of(int64_t rows, int64_t columns, Weight&& weight) {
  Array matrix(element_type_of<T>(), {rows, columns});
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      matrix.as<T>()[row * columns + column] = weight(row, column);
    }
  }
  return matrix;
}

/// Steps of leaky integrate-and-fire over raw memory: rows of the batch lie one behind the other.
struct LifBatch {
  int64_t batch;
  void* potentials;
  int32_t* waits;
  SpikeArray* fired;
};

struct PreparedReservoir::State {
  int64_t inputs = 0;
  int64_t neurons = 0;
  ElementType type = ElementType::float32;
  Precision precision = Precision::full;
  mutable std::atomic<uint32_t> steps_begun{0};  ///< steps read the weights forwards and backwards in turn

  virtual ~State() = default;
  [[nodiscard]] virtual size_t byte_size() const = 0;
  [[nodiscard]] virtual std::string describe() const = 0;
  [[nodiscard]] virtual KeptWeights input_weights() const = 0;
  [[nodiscard]] virtual KeptWeights reservoir_weights() const = 0;
  /// `steps` steps of a batch: `spikes` steps x B x I contiguous of the type, `trajectory` steps x B x N.
  virtual void run(int64_t steps, int64_t batch, const void* states, const void* spikes, const Activation& activation, void* trajectory,
                   const Execution& execution) const = 0;
  /// `steps` steps of a batch: `spikes` has steps * B rows, and so has `raster`, unless null.
  virtual void run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
                       const Execution& execution) const = 0;
};

template <class T>
struct ReservoirOf final : PreparedReservoir::State {
  bool is_sparse = false;          ///< the recurrent weights
  bool has_sparse_inputs = false;  ///< only where the recurrent weights are sparse too
  bool has_finite_inputs = false;  ///< input weights: then inputs of 0 add nothing
  Panels<T> panels;                ///< the dense weights: all, or the input ones alone
  SparseMatrix input;              ///< the sparse weights: all, the recurrent ones alone, or none
  SparseMatrix recurrent;
  Spare<SparseMemory<T>> spare_memory;
  Spare<base::PodVector<int32_t>> spare_events;

  ReservoirOf(const PreparedReservoir::Weights& input_weights, const PreparedReservoir::Weights& recurrent_weights);

  [[nodiscard]] size_t byte_size() const override;
  [[nodiscard]] std::string describe() const override;
  [[nodiscard]] PreparedReservoir::KeptWeights input_weights() const override;
  [[nodiscard]] PreparedReservoir::KeptWeights reservoir_weights() const override;
  void run(int64_t steps, int64_t batch, const void* states, const void* spikes, const Activation& activation, void* trajectory,
           const Execution& execution) const override;
  void run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
               const Execution& execution) const override;

  [[nodiscard]] const Groups<T>& groups() const;
  [[nodiscard]] const EventBlocks<T>& event_blocks() const;

 private:
  MadeOnDemand<Groups<T>> groups_;
  MadeOnDemand<EventBlocks<T>> event_blocks_;
};

}  // namespace omega::compute
