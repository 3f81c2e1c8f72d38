// SPDX-License-Identifier: Apache-2.0
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "omega/compute/reservoir/ridge.h"
#include "omega/compute/spiking/dynamics.h"
#include "omega/compute/spiking/encoders.h"
#include "omega/compute/spiking/liquid_state_machine.h"
#include "omega/compute/spiking/spectral_radius.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"
#include "python/native/liquid_conversion.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// Spikes as a spike array, or as NumPy's booleans.
py::object give_spikes(compute::SpikeArray spikes, bool packed) { return packed ? py::cast(std::move(spikes)) : py::object(to_booleans(spikes)); }

py::object encode_rate(const py::object& values, std::optional<int64_t> steps, uint64_t seed, bool packed) {
  const py::array array = numbers_of(values, "values");
  const compute::ArrayView view = view_of(array, "values");
  const double work = static_cast<double>(view.count()) * static_cast<double>(steps.value_or(1));
  return give_spikes(unlocked(work,
                              [&](const task::Cancellation* stop) {
                                const compute::Execution execution{.cancellation = stop};
                                return steps ? compute::rate_encode(view, *steps, seed, execution) : compute::rate_encode_in_time(view, seed, execution);
                              }),
                     packed);
}

py::object encode_latency(const py::object& values, int64_t steps, const std::string& law, double tau, double threshold, bool packed) {
  if (law != "linear" && law != "logarithmic") {
    throw py::value_error("law: '" + law + "' is not 'linear' or 'logarithmic'");
  }
  const py::array array = numbers_of(values, "values");
  const compute::ArrayView view = view_of(array, "values");
  const compute::LatencyEncoding encoding{
      .law = law == "linear" ? compute::LatencyLaw::linear : compute::LatencyLaw::logarithmic, .tau = tau, .threshold = threshold};
  return give_spikes(unlocked(static_cast<double>(view.count()),
                              [&](const task::Cancellation* stop) { return compute::latency_encode(view, steps, encoding, {.cancellation = stop}); }),
                     packed);
}

py::object encode_delta(const py::object& values, double threshold, bool falling, bool packed) {
  const py::array array = numbers_of(values, "values");
  const compute::ArrayView view = view_of(array, "values");
  return give_spikes(unlocked(static_cast<double>(view.count()),
                              [&](const task::Cancellation* stop) { return compute::delta_encode(view, threshold, falling, {.cancellation = stop}); }),
                     packed);
}

/// A matrix of the config's type.
compute::SparseMatrix sparse_of(const py::handle& object, std::string_view argument) {
  if (py::isinstance<compute::SparseMatrix>(object)) {
    return object.cast<compute::SparseMatrix>();
  }
  const py::array array = numbers_of(object, argument);
  if (array.ndim() != 2) {
    throw py::value_error(std::string(argument) + ": " + std::to_string(array.ndim()) + " axes where a matrix is expected");
  }
  return compute::SparseMatrix::from_dense(view_of(array, argument));
}

py::array dense_of(const compute::SparseMatrix& matrix) {
  py::array array = new_array(matrix.type(), compute::Shape{matrix.rows(), matrix.columns()});
  matrix.to_dense(mutable_view_of(array, "matrix"));
  return array;
}

compute::LiquidStateMachine draw_liquid(const py::dict& fields, int64_t inputs) {
  const compute::LiquidConfig config = liquid_config(fields);
  const double work = static_cast<double>(config.connectivity.reservoir_size) * static_cast<double>(config.connectivity.reservoir_size + inputs);
  return unlocked(work, [&](const task::Cancellation* stop) { return compute::LiquidStateMachine(config, inputs, {.cancellation = stop}); });
}

compute::LiquidStateMachine given_liquid(const py::dict& fields, const py::object& recurrent, const py::object& input) {
  const compute::LiquidConfig config = liquid_config(fields);
  compute::RecurrentWeights weights{sparse_of(recurrent, "recurrent_weights"), {}, 0};
  compute::SparseMatrix inputs = sparse_of(input, "input_weights");
  return unlocked(static_cast<double>(weights.matrix.count()) * 100, [&](const task::Cancellation* stop) {
    weights.spectral_radius = compute::spectral_radius(weights.matrix, {.cancellation = stop});
    return compute::LiquidStateMachine(config, std::move(weights), std::move(inputs));
  });
}

/// The state's arrays in the order of omega.core.liquid_state_machine.LSMState, without the time: those of plasticity are None where there is none.
py::tuple give_state(const compute::LiquidState& state) {
  const bool plastic = state.weights.shape().rank() == 2;
  return py::make_tuple(to_numpy(state.potentials), to_numpy(state.waits), to_booleans(state.fired), to_numpy(state.trace),
                        plastic ? py::object(to_numpy(state.weights)) : py::none(), plastic ? py::object(to_numpy(state.presynaptic)) : py::none(),
                        plastic ? py::object(to_numpy(state.postsynaptic)) : py::none());
}

compute::LiquidState take_state(const compute::LiquidStateMachine& liquid, const py::tuple& parts) {
  const compute::ElementType type = liquid.config().connectivity.type;
  const auto part = [&](size_t i, compute::ElementType of, const char* name) {
    return copy_of(as_array(parts[i], std::string("state.") + name), of, std::string("state.") + name);
  };
  compute::LiquidState state{part(0, type, "potential"),
                             part(1, compute::ElementType::int32, "refractory"),
                             spikes_of(parts[2], "state.spikes"),
                             part(3, compute::ElementType::float64, "trace"),
                             {},
                             {},
                             {}};
  if (!parts[4].is_none()) {
    state.weights = part(4, type, "weights");
    state.presynaptic = part(5, type, "presynaptic");
    state.postsynaptic = part(6, type, "postsynaptic");
  }
  return state;
}

double work_of(const compute::LiquidStateMachine& liquid, const compute::SpikeArray& spikes) {
  return static_cast<double>(spikes.rows()) * static_cast<double>(liquid.neurons()) * 20;
}

py::tuple advance(const compute::LiquidStateMachine& liquid, const py::tuple& parts, const py::object& input, double dt, bool potentials, bool packed) {
  compute::LiquidState state = take_state(liquid, parts);
  const compute::SpikeArray spikes = spikes_of(input, "spikes");
  compute::LiquidRecord record =
      unlocked(work_of(liquid, spikes), [&](const task::Cancellation* stop) { return liquid.advance(state, spikes, dt, potentials, {.cancellation = stop}); });
  return py::make_tuple(give_spikes(std::move(record.spikes), packed), give_state(state),
                        record.potentials ? py::object(to_numpy(*record.potentials)) : py::none());
}

/// Runs the liquid and adds what a readout sees to `system`; gives the state after.
py::tuple add_run(const compute::LiquidStateMachine& liquid, const py::tuple& parts, const py::object& input, double dt, const py::object& targets,
                  int64_t warmup, compute::RidgeSystem& system) {
  compute::LiquidState state = take_state(liquid, parts);
  const compute::SpikeArray spikes = spikes_of(input, "spikes");
  const py::array wanted = numbers_of(targets, "targets");
  const compute::ArrayView view = view_of(wanted, "targets");
  unlocked(work_of(liquid, spikes), [&](const task::Cancellation* stop) {
    const compute::Execution execution{.cancellation = stop};
    const compute::Array before = state.trace;
    const compute::LiquidRecord record = liquid.advance(state, spikes, dt, false, execution);
    system.add_spikes(record.spikes, liquid.config().readout_decay(dt), before.view(), view, warmup, execution);
  });
  return give_state(state);
}

compute::LinearReadout readout_of(const py::array& weights, const py::array& intercepts) {
  compute::LinearReadout readout{copy_of(weights, compute::ElementType::float64, "weights"), copy_of(intercepts, compute::ElementType::float64, "intercepts")};
  if (readout.weights.shape().rank() != 2 || !(readout.intercepts.shape() == compute::Shape{readout.weights.shape()[1]})) {
    throw py::value_error("weights: shape " + readout.weights.shape().describe() + " does not fit intercepts of shape " +
                          readout.intercepts.shape().describe());
  }
  return readout;
}

/// Runs the liquid and gives what a readout says in each step, and the state after.
py::tuple predict_run(const compute::LiquidStateMachine& liquid, const py::tuple& parts, const py::object& input, double dt, const py::array& weights,
                      const py::array& intercepts) {
  compute::LiquidState state = take_state(liquid, parts);
  const compute::SpikeArray spikes = spikes_of(input, "spikes");
  const compute::LinearReadout readout = readout_of(weights, intercepts);
  compute::Array outputs = unlocked(work_of(liquid, spikes), [&](const task::Cancellation* stop) {
    const compute::Execution execution{.cancellation = stop};
    const compute::Array before = state.trace;
    const compute::LiquidRecord record = liquid.advance(state, spikes, dt, false, execution);
    return compute::predict_from_spikes(readout, record.spikes, liquid.config().readout_decay(dt), before.view(), execution);
  });
  return py::make_tuple(to_numpy(std::move(outputs)), give_state(state));
}

py::dict analyze(const compute::LiquidStateMachine& liquid, const py::object& input, double dt) {
  const compute::SpikeArray spikes = spikes_of(input, "spikes");
  compute::LiquidDynamics dynamics =
      unlocked(work_of(liquid, spikes), [&](const task::Cancellation* stop) { return compute::analyze_dynamics(liquid, spikes, dt, {.cancellation = stop}); });
  py::dict result;
  result["separation"] = dynamics.separation;
  result["input_distance"] = dynamics.input_distance;
  result["state_distance"] = dynamics.state_distance;
  result["kernel_rank"] = dynamics.kernel_rank;
  result["firing_rates"] = to_numpy(std::move(dynamics.firing_rates));
  result["mean_firing_rate"] = dynamics.mean_rate;
  result["firing_rate_std"] = dynamics.rate_deviation;
  result["silent_fraction"] = dynamics.silent;
  return result;
}

void bind_ridge(py::module_& module) {
  using compute::RidgeSystem;
  py::class_<RidgeSystem>(module, "RidgeSystem", "Normal equations of a ridge regression, filled in parts.")
      .def(py::init<int64_t, int64_t>(), py::arg("features"), py::arg("outputs"))
      .def(
          "add",
          [](RidgeSystem& system, const py::object& features, const py::object& targets) {
            const py::array x = numbers_of(features, "features");
            const py::array y = numbers_of(targets, "targets");
            const compute::ArrayView x_view = view_of(x, "features");
            const compute::ArrayView y_view = view_of(y, "targets");
            unlocked(static_cast<double>(x_view.count()) * 100, [&](const task::Cancellation* stop) { system.add(x_view, y_view, {.cancellation = stop}); });
          },
          py::arg("features"), py::arg("targets"))
      .def_property_readonly("samples", &RidgeSystem::samples)
      .def(
          "solve",
          [](const RidgeSystem& system, double regularization) {
            compute::LinearReadout readout =
                unlocked(kShortWork, [&](const task::Cancellation* stop) { return system.solve(regularization, {.cancellation = stop}); });
            return py::make_tuple(to_numpy(std::move(readout.weights)), to_numpy(std::move(readout.intercepts)));
          },
          py::arg("regularization"));
  module.def(
      "apply_readout",
      [](const py::array& weights, const py::array& intercepts, const py::object& features) {
        const compute::LinearReadout readout = readout_of(weights, intercepts);
        const py::array x = numbers_of(features, "features");
        const compute::ArrayView view = view_of(x, "features");
        return to_numpy(unlocked(static_cast<double>(view.count()),
                                 [&](const task::Cancellation* stop) { return compute::predict(readout, view, {.cancellation = stop}); }));
      },
      py::arg("weights"), py::arg("intercepts"), py::arg("features"), "features @ weights + intercepts");
}

}  // namespace

void bind_spiking(py::module_& module) {
  module.def("encode_rate", &encode_rate, py::arg("values"), py::arg("steps"), py::arg("seed"), py::arg("packed"));
  module.def("encode_latency", &encode_latency, py::arg("values"), py::arg("steps"), py::arg("law"), py::arg("tau"), py::arg("threshold"), py::arg("packed"));
  module.def("encode_delta", &encode_delta, py::arg("values"), py::arg("threshold"), py::arg("falling"), py::arg("packed"));
  module.def(
      "spectral_radius",
      [](const py::object& matrix) {
        const compute::SparseMatrix sparse = sparse_of(matrix, "matrix");
        return unlocked(static_cast<double>(sparse.count()) * 100,
                        [&](const task::Cancellation* stop) { return compute::spectral_radius(sparse, {.cancellation = stop}); });
      },
      py::arg("matrix"), "Largest magnitude of an eigenvalue.");
  bind_ridge(module);
  using compute::LiquidStateMachine;
  py::class_<LiquidStateMachine>(module, "Liquid", "A liquid with its weights. Use omega.core.liquid_state_machine.")
      .def_static("draw", &draw_liquid, py::arg("fields"), py::arg("inputs"))
      .def_static("given", &given_liquid, py::arg("fields"), py::arg("recurrent"), py::arg("input"))
      .def(
          "with_inputs",
          [](const LiquidStateMachine& liquid, int64_t inputs) {
            const double work = static_cast<double>(inputs) * static_cast<double>(liquid.neurons()) * 20;
            return unlocked(work, [&](const task::Cancellation* stop) { return liquid.with_inputs(inputs, {.cancellation = stop}); });
          },
          py::arg("inputs"))
      .def_property_readonly("neurons", &LiquidStateMachine::neurons)
      .def_property_readonly("inputs", &LiquidStateMachine::inputs)
      .def_property_readonly("spectral_radius", [](const LiquidStateMachine& liquid) { return liquid.recurrent().spectral_radius; })
      .def_property_readonly("synapses", [](const LiquidStateMachine& liquid) { return liquid.recurrent().matrix.count(); })
      .def("recurrent_weights", [](const LiquidStateMachine& liquid) { return dense_of(liquid.recurrent().matrix); })
      .def("input_weights", [](const LiquidStateMachine& liquid) { return dense_of(liquid.input_weights()); })
      .def(
          "initial_state", [](const LiquidStateMachine& liquid, int64_t batch) { return give_state(liquid.initial_state(batch)); }, py::arg("batch"))
      .def("advance", &advance, py::arg("state"), py::arg("spikes"), py::arg("dt"), py::arg("potentials"), py::arg("packed"))
      .def("add_run", &add_run, py::arg("state"), py::arg("spikes"), py::arg("dt"), py::arg("targets"), py::arg("warmup"), py::arg("system"))
      .def("predict_run", &predict_run, py::arg("state"), py::arg("spikes"), py::arg("dt"), py::arg("weights"), py::arg("intercepts"))
      .def("analyze", &analyze, py::arg("spikes"), py::arg("dt"));
}

}  // namespace omega::python
