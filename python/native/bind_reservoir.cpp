// SPDX-License-Identifier: Apache-2.0
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "omega/compute/kernels/reservoir_step.h"
#include "omega/compute/parallel/reservoir_batch.h"
#include "omega/compute/reservoir/echo_state.h"
#include "omega/compute/reservoir/reasoning_cores.h"
#include "omega/compute/reservoir/tasks.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"
#include "python/native/liquid_conversion.h"
#include "python/native/reservoir_arguments.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// core.process(data), without the GIL.
template <class Core>
py::array process(const Core& core, const py::object& data, const char* argument) {
  const py::array array = numbers_of(data, argument);
  const compute::ArrayView view = view_of(array, argument);
  return to_numpy(unlocked(static_cast<double>(view.count()) * 50, [&](const task::Cancellation*) { return core.process(view); }));
}

void bind_tasks(py::module_& module) {
  module.def(
      "narma10",
      [](int64_t steps, uint64_t seed) {
        compute::Series series = unlocked(static_cast<double>(steps) * 20, [&](const task::Cancellation*) { return compute::narma10(steps, seed); });
        return py::make_tuple(to_numpy(std::move(series.inputs)), to_numpy(std::move(series.targets)));
      },
      py::arg("steps"), py::arg("seed"));
  module.def(
      "mackey_glass",
      [](int64_t steps, double tau, uint64_t seed) {
        return to_numpy(unlocked(static_cast<double>(steps) * 1000, [&](const task::Cancellation*) { return compute::mackey_glass(steps, tau, seed); }));
      },
      py::arg("steps"), py::arg("tau"), py::arg("seed"));
  module.def(
      "spike_patterns",
      [](int64_t classes, int64_t samples, int64_t channels, int64_t steps, double dt, double rate, double jitter, uint64_t seed) {
        const compute::SpikePatternConfig config{
            .classes = classes, .samples = samples, .channels = channels, .steps = steps, .dt = dt, .rate = rate, .jitter = jitter, .seed = seed};
        compute::SpikePatterns patterns = unlocked(static_cast<double>(samples) * static_cast<double>(channels) * static_cast<double>(steps),
                                                   [&](const task::Cancellation*) { return compute::jittered_spike_patterns(config); });
        return py::make_tuple(to_booleans(patterns.spikes), to_numpy(std::move(patterns.labels)));
      },
      py::arg("classes"), py::arg("samples"), py::arg("channels"), py::arg("steps"), py::arg("dt"), py::arg("rate"), py::arg("jitter"), py::arg("seed"));
}

using compute::PreparedReservoir;

/// An array, which `keeper` holds, or a sparse matrix.
PreparedReservoir::Weights weights_of(const py::object& object, const char* argument, py::array& keeper) {
  if (py::isinstance<compute::SparseMatrix>(object)) {
    return object.cast<compute::SparseMatrix>();
  }
  keeper = as_array(object, argument);
  return view_of(keeper, argument);
}

PreparedReservoir prepare(const py::object& input_weights, const py::object& reservoir_weights, bool bfloat16) {
  py::array input_keeper;
  py::array recurrent_keeper;
  const PreparedReservoir::Weights input = weights_of(input_weights, "input_weights", input_keeper);
  const PreparedReservoir::Weights recurrent = weights_of(reservoir_weights, "reservoir_weights", recurrent_keeper);
  const compute::Precision precision = bfloat16 ? compute::Precision::bfloat16 : compute::Precision::full;
  return unlocked(static_cast<double>(recurrent_keeper.size()), [&](const task::Cancellation*) { return PreparedReservoir(input, recurrent, precision); });
}

py::object to_python(PreparedReservoir::KeptWeights weights) {
  if (auto* const dense = std::get_if<compute::Array>(&weights)) {
    return to_numpy(std::move(*dense));
  }
  return py::cast(std::get<compute::SparseMatrix>(std::move(weights)));
}

double multiplications(const PreparedReservoir& reservoir, double rows) {
  return rows * static_cast<double>(reservoir.neurons()) * static_cast<double>(reservoir.inputs() + reservoir.neurons());
}

py::list prepared_currents(const PreparedReservoir& reservoir, Engine* engine, const py::list& states, const py::list& spikes, const std::string& activation,
                           double leak, std::optional<double> timeout) {
  const Views state_views(states, "reservoir_states");
  const Views spike_views(spikes, "input_spikes_list");
  return list_of(unlocked(multiplications(reservoir, static_cast<double>(states.size())), [&](const task::Cancellation* stop) {
    const task::Cancellation end(end_after(timeout), stop);
    return compute::reservoir_currents(state_views.views, reservoir, spike_views.views, activation_of(activation, leak),
                                       {.scheduler = engine != nullptr ? &engine->scheduler() : nullptr, .cancellation = timeout ? &end : stop});
  }));
}

py::array prepared_run(const PreparedReservoir& reservoir, const py::object& states, const py::object& spikes, const std::string& activation, double leak) {
  const py::array start = as_array(states, "states");
  const py::array given = as_array(spikes, "spikes");
  const compute::ArrayView start_view = view_of(start, "states");
  const compute::ArrayView view = view_of(given, "spikes");
  py::array trajectory = new_array(reservoir.type(), {view.shape[0], view.shape[1], reservoir.neurons()});
  const compute::MutableArrayView out = mutable_view_of(trajectory, "trajectory");
  unlocked(multiplications(reservoir, static_cast<double>(view.shape[0] * view.shape[1])),
           [&](const task::Cancellation* stop) { reservoir.run(start_view, view, activation_of(activation, leak), out, {.cancellation = stop}); });
  return trajectory;
}

void bind_prepared(py::module_& module) {
  py::class_<PreparedReservoir>(module, "PreparedReservoir", "Weights in the layouts of the loops. Use omega.performance.PreparedReservoir.")
      .def(py::init(&prepare), py::arg("input_weights"), py::arg("reservoir_weights"), py::arg("bfloat16"))
      .def_property_readonly("precision", [](const PreparedReservoir& reservoir) { return std::string(compute::name_of(reservoir.precision())); })
      .def_property_readonly("inputs", &PreparedReservoir::inputs)
      .def_property_readonly("neurons", &PreparedReservoir::neurons)
      .def_property_readonly("dtype", [](const PreparedReservoir& reservoir) { return py::dtype(std::string(compute::name_of(reservoir.type()))); })
      .def_property_readonly("nbytes", &PreparedReservoir::byte_size)
      .def("input_weights", [](const PreparedReservoir& reservoir) { return to_python(reservoir.input_weights()); })
      .def("reservoir_weights", [](const PreparedReservoir& reservoir) { return to_python(reservoir.reservoir_weights()); })
      .def("describe", &PreparedReservoir::describe)
      .def("currents", &prepared_currents, py::arg("engine").none(true), py::arg("states"), py::arg("spikes"), py::arg("activation"), py::arg("leak"),
           py::arg("timeout"), "Of each state.")
      .def("run", &prepared_run, py::arg("states"), py::arg("spikes"), py::arg("activation"), py::arg("leak"),
           "States (B, neurons), spikes (T, B, inputs): all (T, B, neurons).");
}

}  // namespace

void bind_reservoir(py::module_& module) {
  using compute::EchoStateConfig;
  using compute::EchoStateNetwork;
  py::class_<EchoStateNetwork>(module, "EchoState", "An echo state network with its weights. Use omega.spiking.Reservoir.")
      .def(py::init([](int64_t reservoir_size, int64_t inputs, double connectivity, double spectral_radius, double input_scale, double bias_scale, double leak,
                       uint64_t seed) {
             const EchoStateConfig config{reservoir_size, inputs, connectivity, spectral_radius, input_scale, bias_scale, leak, seed};
             config.validate();
             return unlocked(static_cast<double>(reservoir_size) * static_cast<double>(reservoir_size),
                             [&](const task::Cancellation* stop) { return EchoStateNetwork(config, {.cancellation = stop}); });
           }),
           py::arg("reservoir_size"), py::arg("inputs"), py::arg("connectivity"), py::arg("spectral_radius"), py::arg("input_scale"), py::arg("bias_scale"),
           py::arg("leak"), py::arg("seed"))
      .def("recurrent_weights",
           [](const EchoStateNetwork& network) {
             py::array array = new_array(network.recurrent().type(), compute::Shape{network.recurrent().rows(), network.recurrent().columns()});
             network.recurrent().to_dense(mutable_view_of(array, "matrix"));
             return array;
           })
      .def("input_weights", [](const EchoStateNetwork& network) { return to_numpy(network.input_weights()); })
      .def(
          "run",
          [](const EchoStateNetwork& network, const py::object& states, const py::object& inputs) {
            const compute::Array start = copy_of(as_array(states, "state"), compute::ElementType::float64, "state");
            const py::array array = numbers_of(inputs, "inputs");
            const compute::ArrayView view = view_of(array, "inputs");
            const double work = static_cast<double>(view.count()) * static_cast<double>(network.config().reservoir_size) * 100;
            return to_numpy(unlocked(work, [&](const task::Cancellation* stop) { return network.run(start.view(), view, {.cancellation = stop}); }));
          },
          py::arg("states"), py::arg("inputs"))
      .def(
          "memory_capacity",
          [](const EchoStateNetwork& network, int64_t delays, int64_t steps, uint64_t seed) {
            return unlocked(kEndlessWork,
                            [&](const task::Cancellation* stop) { return compute::memory_capacity(network, delays, steps, seed, {.cancellation = stop}); });
          },
          py::arg("delays"), py::arg("steps"), py::arg("seed"));
  bind_prepared(module);
  bind_tasks(module);
  module.def(
      "visual_features",
      [](const py::object& images, int64_t cells, int64_t orientations) {
        return process(compute::VisualReasoningCore{cells, orientations}, images, "images");
      },
      py::arg("images"), py::arg("cells"), py::arg("orientations"));
  module.def(
      "audio_features",
      [](const py::object& sound, int64_t bands, double sample_rate, int64_t frame, int64_t hop) {
        return process(compute::AudioReasoningCore{bands, sample_rate, frame, hop}, sound, "sound");
      },
      py::arg("sound"), py::arg("bands"), py::arg("sample_rate"), py::arg("frame"), py::arg("hop"));
  module.def(
      "text_features",
      [](const py::object& text, int64_t features, int64_t longest) { return process(compute::TextReasoningCore{features, longest}, text, "text"); },
      py::arg("text"), py::arg("features"), py::arg("longest"));
}

}  // namespace omega::python
