// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/reservoir_step.h"

#include <cmath>
#include <vector>

#include "omega/compute/arrays/strided.h"
#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/lif_parameters.h"
#include "omega/compute/kernels/neuron_loops.h"

namespace omega::compute {

namespace {

/// Weights by presynaptic neuron: row k holds those from k to all.
struct Side {
  int64_t from = 0;
  int64_t to = 0;
  Array dense;  ///< from x to, unless sparse
  SparseMatrix sparse;
  bool is_sparse = false;
  bool is_finite = true;
  bool zeros_count = true;  ///< 0 times infinity is no number

  template <class T>
  void add(const T* values, T* sums) const {
    const bool skips = is_finite || !zeros_count;
    for (int64_t k = 0; k < from; ++k) {
      const T value = values[k];
      if (value == T{0} && skips) {
        continue;
      }
      if (is_sparse) {
        for (int64_t e = sparse.first()[static_cast<size_t>(k)]; e < sparse.first()[static_cast<size_t>(k) + 1]; ++e) {
          T& sum = sums[sparse.column_numbers()[static_cast<size_t>(e)]];
          sum = std::fma(value, sparse.values().as<T>()[e], sum);
        }
      } else {
        const T* weights = dense.as<T>() + k * to;
        for (int64_t n = 0; n < to; ++n) {
          sums[n] = std::fma(value, weights[n], sums[n]);
        }
      }
    }
  }
};

}  // namespace

struct PreparedReservoir::State {
  Side input;
  Side recurrent;
  ElementType type = ElementType::float32;
};

namespace {

Shape shape_of(const PreparedReservoir::Weights& weights) {
  if (const auto* dense = std::get_if<ArrayView>(&weights)) {
    return dense->shape;
  }
  const auto& sparse = std::get<SparseMatrix>(weights);
  return {sparse.rows(), sparse.columns()};
}

ElementType type_of(const PreparedReservoir::Weights& weights) {
  const auto* dense = std::get_if<ArrayView>(&weights);
  return dense != nullptr ? dense->type : std::get<SparseMatrix>(weights).type();
}

Side side_of(const PreparedReservoir::Weights& weights, bool transposed) {
  Side side;
  const Shape shape = shape_of(weights);
  side.from = shape[transposed ? 1 : 0];
  side.to = shape[transposed ? 0 : 1];
  if (const auto* dense = std::get_if<ArrayView>(&weights)) {
    ArrayView view = *dense;
    if (transposed) {
      std::swap(view.strides[0], view.strides[1]);
      view.shape = {view.shape[1], view.shape[0]};
    }
    side.dense = contiguous_copy(view, view.type);
  } else {
    side.is_sparse = true;
    side.zeros_count = false;
    side.sparse = transposed ? std::get<SparseMatrix>(weights).transposed() : std::get<SparseMatrix>(weights);
  }
  const ArrayView values = side.is_sparse ? side.sparse.values() : side.dense.view();
  visit_element(values.type, [&]<class T>(std::type_identity<T>) {
    for (int64_t i = 0; i < values.count(); ++i) {
      side.is_finite = side.is_finite && std::isfinite(static_cast<double>(values.as<T>()[i]));
    }
  });
  return side;
}

template <class Run>
void for_float(ElementType type, Run&& run) {
  if (type == ElementType::float32) {
    run(std::type_identity<float>());
  } else {
    run(std::type_identity<double>());
  }
}

/// outputs = activation(currents), in place.
template <class T>
void activate(const Activation& activation, const T* states, T* outputs, int64_t count) {
  switch (activation.kind) {
    case Activation::Kind::none: break;
    case Activation::Kind::tanh: neuron_loops().of<T>().tanh(outputs, outputs, count); break;
    case Activation::Kind::leaky_tanh: neuron_loops().of<T>().leaky_tanh(outputs, states, static_cast<T>(activation.leak), outputs, count); break;
  }
}

void check_activation(const Activation& activation) {
  if (activation.kind == Activation::Kind::leaky_tanh && !(activation.leak > 0 && activation.leak <= 1)) {
    throw std::invalid_argument("leak: " + std::to_string(activation.leak) + "; it must be above 0 and at most 1");
  }
}

}  // namespace

PreparedReservoir::PreparedReservoir(const Weights& input, const Weights& recurrent) {
  const Shape in = shape_of(input);
  const Shape re = shape_of(recurrent);
  if (re.rank() != 2 || re[0] != re[1]) {
    throw std::invalid_argument("reservoir_weights: their shape is " + re.describe() + "; it must be (N, N)");
  }
  if (in.rank() != 2 || in[1] != re[0]) {
    throw std::invalid_argument("input_weights: their shape is " + in.describe() + "; it must be (I, N), with N = " + std::to_string(re[0]) +
                                " of reservoir_weights, " + re.describe());
  }
  require_floats("reservoir_weights", type_of(recurrent));
  require_type("input_weights", type_of(input), type_of(recurrent));
  auto state = std::make_shared<State>();
  state->type = type_of(recurrent);
  state->input = side_of(input, false);
  state->recurrent = side_of(recurrent, true);
  state_ = std::move(state);
}

PreparedReservoir::~PreparedReservoir() = default;
PreparedReservoir::PreparedReservoir(const PreparedReservoir&) = default;
PreparedReservoir::PreparedReservoir(PreparedReservoir&&) noexcept = default;
PreparedReservoir& PreparedReservoir::operator=(PreparedReservoir other) noexcept {
  state_ = std::move(other.state_);
  return *this;
}

int64_t PreparedReservoir::neurons() const { return state_->recurrent.to; }
int64_t PreparedReservoir::inputs() const { return state_->input.from; }
ElementType PreparedReservoir::type() const { return state_->type; }
size_t PreparedReservoir::byte_size() const {
  const auto bytes = [&](const Side& side) {
    const size_t element = size_of(state_->type);
    return side.is_sparse ? static_cast<size_t>(side.sparse.count()) * (element + sizeof(int32_t)) : static_cast<size_t>(side.from * side.to) * element;
  };
  return bytes(state_->input) + bytes(state_->recurrent);
}
std::string PreparedReservoir::describe() const {
  return std::string(state_->recurrent.is_sparse ? "sparse " : "dense ") + std::to_string(neurons()) + " x " + std::to_string(neurons()) + " " +
         std::string(name_of(type()));
}

void PreparedReservoir::step(const ArrayView& states, const ArrayView& spikes, const Activation& activation, MutableArrayView outputs,
                             const Execution& execution) const {
  if (states.rank() != 2 || states.shape[1] != neurons()) {
    throw std::invalid_argument("states: their shape is " + states.shape.describe() + "; it must be (B, " + std::to_string(neurons()) + ")");
  }
  const int64_t batch = states.shape[0];
  require_array("states", states, type(), {batch, neurons()});
  require_shape("spikes", spikes.shape, {batch, inputs()});
  require_array("outputs", outputs, type(), {batch, neurons()});
  check_activation(activation);
  const Array given = contiguous_copy(spikes, type());
  for_float(type(), [&]<class T>(std::type_identity<T>) {
    run_pieces(execution, batch, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      std::vector<T> sums(static_cast<size_t>(neurons()));
      for (int64_t b = begin; b < end; ++b) {
        std::fill(sums.begin(), sums.end(), T{0});
        state_->input.add(given.as<T>() + b * inputs(), sums.data());
        state_->recurrent.add(states.as<T>() + b * neurons(), sums.data());
        activate(activation, states.as<T>() + b * neurons(), sums.data(), neurons());
        std::copy(sums.begin(), sums.end(), outputs.as<T>() + b * neurons());
      }
    });
  });
}

void PreparedReservoir::step(const ArrayView& states, const SpikeArray& spikes, const Activation& activation, MutableArrayView outputs,
                             const Execution& execution) const {
  Array dense(type(), spikes.shape());
  spikes.to_dense(dense.mutable_view());
  step(states, dense.view(), activation, outputs, execution);
}

void PreparedReservoir::step_lif(const SpikeArray& spikes, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits,
                                 SpikeArray& fired, const Execution& execution) const {
  if (potentials.rank() != 2 || potentials.shape[1] != neurons()) {
    throw std::invalid_argument("potentials: their shape is " + potentials.shape.describe() + "; it must be (B, " + std::to_string(neurons()) + ")");
  }
  const int64_t batch = potentials.shape[0];
  require_array("potentials", potentials, type(), {batch, neurons()});
  require_array("waits", waits, ElementType::int32, {batch, neurons()});
  require_shape("spikes", spikes.shape(), {batch, inputs()});
  require_shape("fired", fired.shape(), {batch, neurons()});
  check_lif(parameters);
  Array given(type(), spikes.shape());
  spikes.to_dense(given.mutable_view());
  Array last(type(), fired.shape());
  fired.to_dense(last.mutable_view());
  for_float(type(), [&]<class T>(std::type_identity<T>) {
    const LifConstants<T> constants = lif_constants<T>(parameters);
    run_pieces(execution, batch, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      std::vector<T> sums(static_cast<size_t>(neurons()));
      for (int64_t b = begin; b < end; ++b) {
        std::fill(sums.begin(), sums.end(), T{0});
        state_->input.add(given.as<T>() + b * inputs(), sums.data());
        state_->recurrent.add(last.as<T>() + b * neurons(), sums.data());
        neuron_loops().of<T>().lif(sums.data(), potentials.as<T>() + b * neurons(), waits.as<int32_t>() + b * neurons(), neurons(), constants,
                                   fired.mutable_row(b));
      }
    });
  });
}

namespace {

/// Step `t` of a batch's spikes.
SpikeArray spikes_of_step(const SpikeArray& spikes, int64_t t) {
  SpikeArray step(Shape(spikes.shape().extents().subspan(1)));
  std::copy_n(spikes.row(t * step.rows()), step.rows() * step.words_per_row(), step.mutable_row(0));
  return step;
}

}  // namespace

void PreparedReservoir::run_lif(const SpikeArray& spikes, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits,
                                SpikeArray& fired, SpikeArray* raster, const Execution& execution) const {
  if (spikes.shape().rank() != 3) {
    throw std::invalid_argument("spikes: their shape is " + spikes.shape().describe() + "; it must be (T, B, " + std::to_string(inputs()) + ")");
  }
  const int64_t steps = spikes.shape()[0];
  const int64_t batch = spikes.shape()[1];
  if (raster != nullptr) {
    require_shape("raster", raster->shape(), {steps, batch, neurons()});
  }
  for (int64_t t = 0; t < steps; ++t) {
    step_lif(spikes_of_step(spikes, t), parameters, potentials, waits, fired, execution);
    if (raster != nullptr) {
      std::copy_n(fired.row(0), batch * fired.words_per_row(), raster->mutable_row(t * batch));
    }
  }
}

void PreparedReservoir::run(const ArrayView& states, const ArrayView& spikes, const Activation& activation, MutableArrayView trajectory,
                            const Execution& execution) const {
  if (spikes.rank() != 3) {
    throw std::invalid_argument("spikes: their shape is " + spikes.shape.describe() + "; it must be (T, B, " + std::to_string(inputs()) + ")");
  }
  const int64_t steps = spikes.shape[0];
  const int64_t batch = spikes.shape[1];
  require_array("trajectory", trajectory, type(), {steps, batch, neurons()});
  const auto row_bytes = batch * neurons() * static_cast<int64_t>(size_of(type()));
  ArrayView before = states;
  for (int64_t t = 0; t < steps; ++t) {
    ArrayView given{spikes.data + t * spikes.strides[0], spikes.type, {batch, inputs()}, {spikes.strides[1], spikes.strides[2]}};
    MutableArrayView after{trajectory.data + t * row_bytes, type(), {batch, neurons()}, contiguous_strides(type(), {batch, neurons()})};
    step(before, given, activation, after, execution);
    before = after;
  }
}

}  // namespace omega::compute
