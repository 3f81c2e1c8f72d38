// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/direct_step.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "omega/compute/kernels/direct_product.h"
#include "omega/compute/kernels/instruction_choice.h"
#include "omega/compute/kernels/neuron_loops.h"

namespace omega::compute {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw std::invalid_argument(what);
  }
}

void check_shapes(const ArrayView& input, const ArrayView& recurrent, const ArrayView& states, const ArrayView& spikes, const MutableArrayView& outputs) {
  require(input.rank() == 2, "input_weights: shape " + input.shape.describe() + "; it must be (inputs, neurons)");
  const int64_t neurons = input.shape[1];
  require(recurrent.shape == Shape{neurons, neurons}, "reservoir_weights: shape " + recurrent.shape.describe() + "; input_weights of shape " +
                                                          input.shape.describe() + " need " + Shape{neurons, neurons}.describe());
  require(states.rank() == 2 && states.shape[1] == neurons,
          "states: shape " + states.shape.describe() + "; they must be (batch, " + std::to_string(neurons) + ") for that many neurons");
  const Shape spikes_shape{states.shape[0], input.shape[0]};
  require(spikes.shape == spikes_shape, "spikes: shape " + spikes.shape.describe() + "; these weights and states need " + spikes_shape.describe());
  require(outputs.shape == states.shape && outputs.is_contiguous(),
          "outputs: shape " + outputs.shape.describe() + "; they must be contiguous and of the states' shape " + states.shape.describe());
  require(outputs.type == ElementType::float32 || outputs.type == ElementType::float64,
          "outputs: elements of " + std::string(name_of(outputs.type)) + "; float32 and float64 are supported");
}

template <class T, class From>
void convert(const ArrayView& from, T* to) {
  const int64_t rows = from.shape[0];
  const int64_t columns = from.shape[1];
  for (int64_t r = 0; r < rows; ++r) {
    const std::byte* at = from.data + r * from.strides[0];
    for (int64_t c = 0; c < columns; ++c, at += from.strides[1]) {
      *to++ = static_cast<T>(*reinterpret_cast<const From*>(at));
    }
  }
}

/// A matrix of T without gaps: what is there when it is one, else a copy in `memory`.
template <class T>
const T* contiguous(const ArrayView& view, std::vector<T>& memory) {
  if (view.type == element_type_of<T>() && view.is_contiguous()) {
    return view.as<T>();
  }
  memory.resize(static_cast<size_t>(view.count()));
  switch (view.type) {
    case ElementType::boolean:
    case ElementType::uint8: convert<T, uint8_t>(view, memory.data()); break;
    case ElementType::int32: convert<T, int32_t>(view, memory.data()); break;
    case ElementType::int64: convert<T, int64_t>(view, memory.data()); break;
    case ElementType::float32: convert<T, float>(view, memory.data()); break;
    case ElementType::float64: convert<T, double>(view, memory.data()); break;
  }
  return memory.data();
}

template <class T>
MatrixLayout<T> layout(const ArrayView& view, std::vector<T>& memory) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(T));
  if (view.type == element_type_of<T>()) {
    if (view.strides[1] == kSize && view.strides[0] % kSize == 0) {
      return {view.as<T>(), view.strides[0] / kSize, true};
    }
    if (view.strides[0] == kSize && view.strides[1] % kSize == 0) {
      return {view.as<T>(), view.strides[1] / kSize, false};
    }
  }
  return {contiguous(view, memory), view.shape[1], true};
}

template <class T>
AddProduct<T> add_product() {
  const DirectProducts& products = loops_of(&kDirectProductsBaseline, &kDirectProductsAvx2, &kDirectProductsAvx512);
  if constexpr (std::is_same_v<T, float>) {
    return products.float32;
  } else {
    return products.float64;
  }
}

/// The terms of the rows of factors, for a matrix in rows.
template <class T>
class OrderedTerms {
 public:
  OrderedTerms(const T* factors, int64_t batch, int64_t terms)
      : k_of_(static_cast<size_t>(factor_groups(batch) * terms)), live_(static_cast<size_t>(factor_groups(batch))) {
    int64_t b = 0;
    for (size_t group = 0; group < live_.size(); ++group) {
      const int64_t rows = b + kFactorRows <= batch ? kFactorRows : 1;
      const T* const from = factors + b * terms;
      const auto is_live = [&](int32_t k) {
        bool live = false;
        for (int64_t row = 0; row < rows; ++row) {
          live |= from[row * terms + k] != T{0};
        }
        return live;
      };
      const auto begin = k_of_.begin() + static_cast<int64_t>(group) * terms;
      std::iota(begin, begin + terms, 0);
      live_[group] = std::stable_partition(begin, begin + terms, is_live) - begin;
      b += rows;
    }
  }

  [[nodiscard]] TermOrder order() const { return {k_of_.data(), live_.data()}; }

 private:
  std::vector<int32_t> k_of_;
  std::vector<int64_t> live_;
};

template <class T>
void activate(const Activation& activation, const T* states, T* outputs, int64_t count) {
  switch (activation.kind) {
    case Activation::Kind::none: break;
    case Activation::Kind::tanh: neuron_loops().of<T>().tanh(outputs, outputs, count); break;
    case Activation::Kind::leaky_tanh: neuron_loops().of<T>().leaky_tanh(outputs, states, static_cast<T>(activation.leak), outputs, count); break;
  }
}

template <class T>
void step_of(const ArrayView& input, const ArrayView& recurrent, const ArrayView& states, const ArrayView& spikes, const Activation& activation,
             MutableArrayView outputs, const Execution& execution) {
  std::vector<T> memory[4];
  const MatrixLayout<T> input_layout = layout<T>(input, memory[0]);
  MatrixLayout<T> recurrent_layout = layout<T>(recurrent, memory[1]);
  recurrent_layout.in_rows = !recurrent_layout.in_rows;  // the product is with the transposed matrix
  const T* const state = contiguous<T>(states, memory[2]);
  const T* const spike = contiguous<T>(spikes, memory[3]);
  T* const output = outputs.as<T>();
  const int64_t batch = states.shape[0];
  const int64_t neurons = states.shape[1];
  const int64_t inputs = input.shape[0];
  const AddProduct<T> add = add_product<T>();
  const OrderedTerms<T> spike_terms(spike, input_layout.in_rows ? batch : 0, inputs);
  const OrderedTerms<T> state_terms(state, recurrent_layout.in_rows ? batch : 0, neurons);
  constexpr int64_t kUnit = 16;  // neurons; a cache line at least, so that threads do not write to one
  const auto piece = [&](int64_t begin, int64_t end) {
    const FlushSubnormals flush;
    const int64_t first = begin * kUnit;
    const int64_t last = std::min(end * kUnit, neurons);
    for (int64_t b = 0; b < batch; ++b) {
      std::fill(output + b * neurons + first, output + b * neurons + last, T{0});
    }
    add(input_layout, spike, batch, inputs, spike_terms.order(), output, neurons, first, last);
    add(recurrent_layout, state, batch, neurons, state_terms.order(), output, neurons, first, last);
    for (int64_t b = 0; b < batch; ++b) {
      activate(activation, state + b * neurons + first, output + b * neurons + first, last - first);
    }
  };
  const int64_t units = (neurons + kUnit - 1) / kUnit;
  constexpr int64_t kSmall = 200'000;  // multiplications: some 10 us
  if (batch * neurons * (neurons + inputs) <= kSmall) {
    piece(0, units);
  } else {
    run_pieces(execution, units, piece);
  }
}

}  // namespace

void direct_step(const ArrayView& input, const ArrayView& recurrent, const ArrayView& states, const ArrayView& spikes, const Activation& activation,
                 MutableArrayView outputs, const Execution& execution) {
  check_shapes(input, recurrent, states, spikes, outputs);
  if (outputs.type == ElementType::float32) {
    step_of<float>(input, recurrent, states, spikes, activation, outputs, execution);
  } else {
    step_of<double>(input, recurrent, states, spikes, activation, outputs, execution);
  }
}

}  // namespace omega::compute
