// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/bfloat16_reservoir.h"

#include <algorithm>
#include <utility>

#include "omega/compute/kernels/bfloat16_tiles.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/turning_order.h"

namespace omega::compute {

namespace {

/// A step of states that are numbers: rows of the batch are rounded, then pass the panels.
class Bfloat16Step {
 public:
  Bfloat16Step(const Bfloat16Reservoir& reservoir, int64_t batch, const Activation& activation, base::PodVector<std::byte>& memory)
      : reservoir_(reservoir),
        panels_(reservoir.panels()),
        products_(bfloat16_products(batch)),
        batch_(batch),
        row_blocks_((batch + kBfloat16Rows - 1) / kBfloat16Rows),
        activation_(loop_of(activation.kind)),
        leak_(static_cast<float>(activation.leak)) {
    memory.resize(static_cast<size_t>((batch + kBfloat16Rows) * row_bytes() + kLine));
    const auto address = reinterpret_cast<uintptr_t>(memory.data());
    rows_ = memory.data() + (kLine - address % kLine) % kLine;
  }

  void run(const float* spikes, const float* states, float* outputs, const Execution& execution) const {
    const int64_t inputs = reservoir_.inputs;
    const int64_t neurons = reservoir_.neurons;
    run_pieces(execution, batch_, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        std::byte* const row = rows_ + b * row_bytes();
        products_.round(spikes + b * inputs, inputs, panels_.first_neuron(), row);
        products_.round(states + b * neurons, neurons, panels_.rows() - panels_.first_neuron(), row + panels_.first_neuron() * products_.number_size);
      }
    });
    const int64_t panels = (neurons + kBfloat16Columns - 1) / kBfloat16Columns;
    // All states pass a panel before the next one is read.
    const TurningOrder order(panels * row_blocks_, execution, reservoir_.steps_begun);
    run_pieces(execution, order.count(), [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      for (int64_t at = begin; at < end; ++at) {
        const int64_t i = order.piece(at);
        run_panel(i / row_blocks_, i % row_blocks_ * kBfloat16Rows, states, outputs);
      }
    });
  }

 private:
  static constexpr size_t kLine = 64;

  [[nodiscard]] int64_t row_bytes() const { return panels_.rows() * products_.number_size; }

  void run_panel(int64_t panel, int64_t row, const float* states, float* outputs) const {
    const int64_t neurons = reservoir_.neurons;
    const int64_t column = panel * kBfloat16Columns;
    products_.panel({.panel = panels_.panel(panel),
                     .states = rows_ + row * row_bytes(),
                     .state_stride = panels_.rows(),
                     .blocks = panels_.rows() / kBfloat16Block,
                     .before = states + row * neurons + column,
                     .outputs = outputs + row * neurons + column,
                     .output_stride = neurons,
                     .rows = std::min(kBfloat16Rows, batch_ - row),
                     .columns = std::min(kBfloat16Columns, neurons - column),
                     .activation = activation_,
                     .leak = leak_});
  }

  const Bfloat16Reservoir& reservoir_;
  const Bfloat16Panels& panels_;
  const Bfloat16Products& products_;
  int64_t batch_;
  int64_t row_blocks_;
  ActivationLoop activation_;
  float leak_;
  std::byte* rows_;
};

}  // namespace

Bfloat16Reservoir::Bfloat16Reservoir(const ArrayView& input, const ArrayView& recurrent) : panels_(input, recurrent) {
  inputs = input.shape[0];
  neurons = recurrent.shape[0];
  precision = Precision::bfloat16;
}

std::string Bfloat16Reservoir::describe() const {
  const std::string size = std::to_string(neurons) + " x " + std::to_string(neurons);
  return "dense " + size + " bfloat16, panels of " + std::to_string(kBfloat16Columns) + " neurons; " + name_of(instruction_set()) +
         (uses_tiles() ? " and tiles" : "");
}

PreparedReservoir::KeptWeights Bfloat16Reservoir::input_weights() const {
  return matrix_of<float>(inputs, neurons, [&](int64_t i, int64_t n) { return panels_.weight(i, n); });
}

PreparedReservoir::KeptWeights Bfloat16Reservoir::reservoir_weights() const {
  return matrix_of<float>(neurons, neurons, [&](int64_t n, int64_t k) { return panels_.weight(panels_.first_neuron() + k, n); });
}

void Bfloat16Reservoir::run(int64_t steps, int64_t batch, const void* states, const void* spikes, const Activation& activation, void* trajectory,
                            const Execution& execution) const {
  std::unique_ptr<base::PodVector<std::byte>> memory = spare_rows_.take();
  if (memory == nullptr) {
    memory = std::make_unique<base::PodVector<std::byte>>();
  }
  const Bfloat16Step step(*this, batch, activation, *memory);
  const auto* before = static_cast<const float*>(states);
  auto* after = static_cast<float*>(trajectory);
  for (int64_t t = 0; t < steps; ++t) {
    step.run(static_cast<const float*>(spikes) + t * batch * inputs, before, after, execution);
    before = after;
    after += batch * neurons;
  }
  spare_rows_.give(std::move(memory));
}

}  // namespace omega::compute
