// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/reservoir_step.h"

#include <cmath>
#include <utility>

#include "omega/compute/arrays/strided.h"
#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/bfloat16_reservoir.h"
#include "omega/compute/kernels/instruction_choice.h"
#include "omega/compute/kernels/lif_parameters.h"
#include "omega/compute/kernels/reservoir_state.h"

namespace omega::compute {

namespace isa_baseline {
extern const ReservoirLoops reservoir_loops;
}
namespace isa_avx2 {
extern const ReservoirLoops reservoir_loops;
}
namespace isa_avx512 {
extern const ReservoirLoops reservoir_loops;
}

const ReservoirLoops& reservoir_loops() { return loops_of(&isa_baseline::reservoir_loops, &isa_avx2::reservoir_loops, &isa_avx512::reservoir_loops); }

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

/// How many elements are not 0.
int64_t count_of(const PreparedReservoir::Weights& weights) {
  const auto* dense = std::get_if<ArrayView>(&weights);
  if (dense == nullptr) {
    return std::get<SparseMatrix>(weights).count();
  }
  if (dense->count() == 0) {
    return 0;
  }
  const Rows<const std::byte> rows(*dense);
  int64_t count = 0;
  visit_element(dense->type, [&]<class T>(std::type_identity<T>) {
    for (int64_t i = 0; i < rows.count(); ++i) {
      const std::byte* at = rows.row(i);
      for (int64_t k = 0; k < rows.columns(); ++k, at += rows.stride()) {
        count += load_element<T>(at) != T{0} ? 1 : 0;
      }
    }
  });
  return count;
}

SparseMatrix sparse_of(const PreparedReservoir::Weights& weights) {
  const auto* dense = std::get_if<ArrayView>(&weights);
  return dense != nullptr ? SparseMatrix::from_dense(*dense) : std::get<SparseMatrix>(weights);
}

/// A view of the weights, or of `copy`, which becomes dense.
ArrayView dense_of(const PreparedReservoir::Weights& weights, Array& copy) {
  if (const auto* dense = std::get_if<ArrayView>(&weights)) {
    return *dense;
  }
  const auto& sparse = std::get<SparseMatrix>(weights);
  copy = Array(sparse.type(), {sparse.rows(), sparse.columns()});
  sparse.to_dense(copy.mutable_view());
  return copy.view();
}

void check_activation(const Activation& activation) {
  if (activation.kind == Activation::Kind::leaky_tanh && !(activation.leak > 0 && activation.leak <= 1)) {
    throw std::invalid_argument("leak: " + std::to_string(activation.leak) + "; it must be above 0 and at most 1");
  }
}

template <class T>
bool is_finite(const ArrayView& matrix) {
  const Rows<const std::byte> rows(matrix);
  bool finite = true;
  for (int64_t i = 0; i < rows.count() && matrix.count() > 0; ++i) {
    const std::byte* at = rows.row(i);
    for (int64_t k = 0; k < rows.columns(); ++k, at += rows.stride()) {
      finite = finite && std::isfinite(load_element<T>(at));
    }
  }
  return finite;
}

}  // namespace

template <class T>
ReservoirOf<T>::ReservoirOf(const PreparedReservoir::Weights& input_weights, const PreparedReservoir::Weights& recurrent_weights) {
  inputs = shape_of(input_weights)[0];
  neurons = shape_of(recurrent_weights)[0];
  type = element_type_of<T>();
  // Above a quarter, reading numbers of columns costs more than multiplying by 0.
  const auto is_scarce = [](const PreparedReservoir::Weights& weights) { return count_of(weights) <= shape_of(weights).count() / 4; };
  is_sparse = is_scarce(recurrent_weights);
  has_sparse_inputs = is_sparse && is_scarce(input_weights);
  if (is_sparse) {
    recurrent = sparse_of(recurrent_weights);
  }
  if (has_sparse_inputs) {
    input = sparse_of(input_weights);
    return;
  }
  input = SparseMatrix(0, neurons, {0}, {}, Array(type, {0}));
  Array input_copy;
  Array recurrent_copy;
  const ArrayView dense_input = dense_of(input_weights, input_copy);
  has_finite_inputs = is_finite<T>(dense_input);
  ArrayView dense_recurrent{nullptr, type, {neurons, 0}, {}};
  if (!is_sparse) {
    dense_recurrent = dense_of(recurrent_weights, recurrent_copy);
  }
  panels = Panels<T>(dense_input, dense_recurrent);
}

template <class T>
const Groups<T>& ReservoirOf<T>::groups() const {
  return groups_.get([&] { return Groups<T>(join_rows(input.transposed(), recurrent), input.rows() + neurons); });
}

template <class T>
const EventBlocks<T>& ReservoirOf<T>::event_blocks() const {
  return event_blocks_.get([&] { return EventBlocks<T>(input, recurrent.transposed()); });
}

template const Groups<float>& ReservoirOf<float>::groups() const;
template const Groups<double>& ReservoirOf<double>::groups() const;
template const EventBlocks<float>& ReservoirOf<float>::event_blocks() const;
template const EventBlocks<double>& ReservoirOf<double>::event_blocks() const;

template <class T>
size_t ReservoirOf<T>::byte_size() const {
  return panels.byte_size() + static_cast<size_t>(input.count() + recurrent.count()) * (sizeof(T) + sizeof(int32_t));
}

template <class T>
std::string ReservoirOf<T>::describe() const {
  const std::string size = std::to_string(neurons) + " x " + std::to_string(neurons) + " " + std::string(name_of(type));
  if (!is_sparse) {
    return "dense " + size + ", panels of " + std::to_string(kPanelColumns<T>) + " neurons; " + name_of(instruction_set());
  }
  return "sparse " + size + ", " + std::to_string(recurrent.count()) + " weights, groups of " + std::to_string(kGroupRows) + " neurons; " +
         name_of(instruction_set());
}

template <class T>
PreparedReservoir::KeptWeights ReservoirOf<T>::input_weights() const {
  if (has_sparse_inputs) {
    return input;
  }
  return matrix_of<T>(inputs, neurons, [&](int64_t i, int64_t n) { return panels.weight(i, n); });
}

template <class T>
PreparedReservoir::KeptWeights ReservoirOf<T>::reservoir_weights() const {
  if (is_sparse) {
    return recurrent;
  }
  return matrix_of<T>(neurons, neurons, [&](int64_t n, int64_t k) { return panels.weight(inputs + k, n); });
}

std::string_view name_of(Precision precision) { return precision == Precision::bfloat16 ? "bfloat16" : "full"; }

namespace {

/// Weights that are to be bfloat16.
const ArrayView& require_dense_floats(const char* argument, const PreparedReservoir::Weights& weights) {
  const auto* const dense = std::get_if<ArrayView>(&weights);
  if (dense == nullptr) {
    throw std::invalid_argument(std::string(argument) + ": a sparse matrix; bfloat16 weights are kept dense: give them dense, or choose full precision");
  }
  require_type(argument, dense->type, ElementType::float32);
  return *dense;
}

}  // namespace

PreparedReservoir::PreparedReservoir(const Weights& input, const Weights& recurrent, Precision precision) {
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
  if (precision == Precision::bfloat16) {
    state_ = std::make_shared<const Bfloat16Reservoir>(require_dense_floats("input_weights", input), require_dense_floats("reservoir_weights", recurrent));
  } else if (type_of(recurrent) == ElementType::float32) {
    state_ = std::make_shared<const ReservoirOf<float>>(input, recurrent);
  } else {
    state_ = std::make_shared<const ReservoirOf<double>>(input, recurrent);
  }
}

PreparedReservoir::~PreparedReservoir() = default;
PreparedReservoir::PreparedReservoir(const PreparedReservoir&) = default;
PreparedReservoir::PreparedReservoir(PreparedReservoir&&) noexcept = default;
PreparedReservoir& PreparedReservoir::operator=(PreparedReservoir other) noexcept {
  state_ = std::move(other.state_);
  return *this;
}

int64_t PreparedReservoir::neurons() const { return state_->neurons; }
int64_t PreparedReservoir::inputs() const { return state_->inputs; }
ElementType PreparedReservoir::type() const { return state_->type; }
Precision PreparedReservoir::precision() const { return state_->precision; }
PreparedReservoir::KeptWeights PreparedReservoir::input_weights() const { return state_->input_weights(); }
PreparedReservoir::KeptWeights PreparedReservoir::reservoir_weights() const { return state_->reservoir_weights(); }
size_t PreparedReservoir::byte_size() const { return state_->byte_size(); }
std::string PreparedReservoir::describe() const { return state_->describe(); }

namespace {

/// The spikes themselves where they are contiguous of the type, else `copy`, which becomes so.
const std::byte* contiguous(const ArrayView& spikes, ElementType type, Array& copy) {
  if (spikes.type == type && spikes.is_contiguous()) {
    return spikes.data;
  }
  copy = contiguous_copy(spikes, type);
  return copy.view().data;
}

}  // namespace

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
  Array copy;
  state_->run(1, batch, states.data, contiguous(spikes, type(), copy), activation, outputs.data, execution);
}

void PreparedReservoir::step(const ArrayView& states, const SpikeArray& spikes, const Activation& activation, MutableArrayView outputs,
                             const Execution& execution) const {
  Array dense(type(), spikes.shape());
  spikes.to_dense(dense.mutable_view());
  step(states, dense.view(), activation, outputs, execution);
}

void PreparedReservoir::run(const ArrayView& states, const ArrayView& spikes, const Activation& activation, MutableArrayView trajectory,
                            const Execution& execution) const {
  if (spikes.rank() != 3) {
    throw std::invalid_argument("spikes: their shape is " + spikes.shape.describe() + "; it must be (T, B, " + std::to_string(inputs()) + ")");
  }
  const int64_t steps = spikes.shape[0];
  const int64_t batch = spikes.shape[1];
  require_shape("spikes", spikes.shape, {steps, batch, inputs()});
  require_array("states", states, type(), {batch, neurons()});
  require_array("trajectory", trajectory, type(), {steps, batch, neurons()});
  check_activation(activation);
  Array copy;
  state_->run(steps, batch, states.data, contiguous(spikes, type(), copy), activation, trajectory.data, execution);
}

namespace {

/// `steps` and the batch lie in front of `spikes`' last axis.
void run_lif_checked(const PreparedReservoir::State& state, int64_t steps, int64_t batch, const SpikeArray& spikes, const LifParameters& parameters,
                     MutableArrayView potentials, MutableArrayView waits, SpikeArray& fired, SpikeArray* raster, const Execution& execution) {
  const Shape shape{batch, state.neurons};
  require_array("potentials", potentials, state.type, shape);
  require_array("waits", waits, ElementType::int32, shape);
  require_shape("fired", fired.shape(), shape);
  check_lif(parameters);
  state.run_lif(steps, spikes, parameters, {batch, potentials.data, waits.as<int32_t>(), &fired}, raster, execution);
}

}  // namespace

void PreparedReservoir::step_lif(const SpikeArray& spikes, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits,
                                 SpikeArray& fired, const Execution& execution) const {
  if (spikes.shape().rank() != 2 || spikes.columns() != inputs()) {
    throw std::invalid_argument("spikes: their shape is " + spikes.shape().describe() + "; it must be (B, " + std::to_string(inputs()) + ")");
  }
  run_lif_checked(*state_, 1, spikes.shape()[0], spikes, parameters, potentials, waits, fired, nullptr, execution);
}

void PreparedReservoir::run_lif(const SpikeArray& spikes, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits,
                                SpikeArray& fired, SpikeArray* raster, const Execution& execution) const {
  if (spikes.shape().rank() != 3 || spikes.columns() != inputs()) {
    throw std::invalid_argument("spikes: their shape is " + spikes.shape().describe() + "; it must be (T, B, " + std::to_string(inputs()) + ")");
  }
  const int64_t steps = spikes.shape()[0];
  const int64_t batch = spikes.shape()[1];
  if (raster != nullptr) {
    require_shape("raster", raster->shape(), {steps, batch, neurons()});
  }
  run_lif_checked(*state_, steps, batch, spikes, parameters, potentials, waits, fired, raster, execution);
}

}  // namespace omega::compute
