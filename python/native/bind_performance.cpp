// SPDX-License-Identifier: Apache-2.0
// What omega.performance stands on: the engine, currents of reservoirs, load balancing, threads of libraries.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "omega/compute/parallel/cost_model.h"
#include "omega/compute/parallel/device_currents.h"
#include "omega/compute/parallel/library_threads.h"
#include "omega/compute/parallel/load_balancer.h"
#include "omega/compute/parallel/reservoir_batch.h"
#include "omega/sys/environment.h"
#include "omega/sys/processors.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"
#include "python/native/reservoir_arguments.h"

namespace omega::python {
namespace py = pybind11;
namespace {

py::object reservoir_currents(Engine& engine, const py::list& states, const py::object& input_weights, const py::object& reservoir_weights,
                              const py::list& spikes, const std::string& activation, double leak, std::optional<double> timeout) {
  const Views state_views(states, "reservoir_states");
  const Views spike_views(spikes, "input_spikes_list");
  const py::array input = as_array(input_weights, "input_weights");
  const py::array recurrent = as_array(reservoir_weights, "reservoir_weights");
  const compute::ArrayView input_view = view_of(input, "input_weights");
  const compute::ArrayView recurrent_view = view_of(recurrent, "reservoir_weights");
  for (size_t i = 0; i < std::min(state_views.views.size(), spike_views.views.size()); ++i) {
    if (!compute::current_type(state_views.views[i].type, input_view.type, recurrent_view.type, spike_views.views[i].type)) {
      return py::none();
    }
  }
  const double operations =
      state_views.views.empty() ? 0 : static_cast<double>(state_views.views.size()) * static_cast<double>(input_view.count() + recurrent_view.count());
  return list_of(unlocked(operations, [&](const task::Cancellation* stop) {
    const task::Cancellation end(end_after(timeout), stop);
    return compute::reservoir_currents(state_views.views, input_view, recurrent_view, spike_views.views, activation_of(activation, leak),
                                       {.scheduler = &engine.scheduler(), .cancellation = timeout ? &end : stop});
  }));
}

/// Arrays of a kernel's run, kept as long as it lasts.
struct DeviceArrays {
  std::vector<py::array> kept;
  std::vector<compute::DeviceTask> tasks;
};

std::vector<unsigned> run_on_devices(compute::DevicePool& pool, const std::string& source, const std::string& kernel, const py::list& tasks) {
  DeviceArrays arrays;
  double elements = 0;
  for (const py::handle each : tasks) {
    const auto parts = each.cast<py::tuple>();
    const auto input = parts[0].cast<py::array>();
    auto output = parts[1].cast<py::array>();
    const compute::ArrayView view = view_of(input, "input");
    const compute::MutableArrayView out = mutable_view_of(output, "output");
    if (!view.is_contiguous() || !out.is_contiguous()) {
      throw py::value_error("arrays for devices must be contiguous");
    }
    arrays.tasks.push_back({.inputs = {view}, .output = out, .numbers = parts[2].cast<std::vector<int64_t>>(), .load = static_cast<double>(view.count())});
    elements += static_cast<double>(view.count());
    arrays.kept.push_back(input);
    arrays.kept.push_back(output);
  }
  return unlocked(elements, [&](const task::Cancellation* stop) { return pool.run(source, kernel, arrays.tasks, stop); });
}

py::list device_currents(compute::DevicePool& pool, const py::list& states, const py::object& input_weights, const py::object& reservoir_weights,
                         const py::list& spikes, const std::string& activation, double leak, std::optional<double> timeout) {
  const Views state_views(states, "reservoir_states");
  const Views spike_views(spikes, "input_spikes_list");
  const py::array input = as_array(input_weights, "input_weights");
  const py::array recurrent = as_array(reservoir_weights, "reservoir_weights");
  const compute::ArrayView input_view = view_of(input, "input_weights");
  const compute::ArrayView recurrent_view = view_of(recurrent, "reservoir_weights");
  return list_of(unlocked(kEndlessWork, [&](const task::Cancellation* stop) {
    const task::Cancellation end(end_after(timeout), stop);
    return compute::device_currents(pool, state_views.views, input_view, recurrent_view, spike_views.views, activation_of(activation, leak), &end);
  }));
}

void bind_devices(py::module_& module) {
  py::register_exception<compute::DeviceError>(module, "DeviceError", PyExc_RuntimeError);
  py::class_<compute::DevicePool>(module, "DevicePool", "OpenCL devices side by side.")
      .def(py::init<std::optional<unsigned>>(), py::arg("wanted"), py::call_guard<py::gil_scoped_release>())
      .def_property_readonly("names", &compute::DevicePool::names)
      .def_property_readonly("count", &compute::DevicePool::count)
      .def_property_readonly("has_float64", &compute::DevicePool::has_float64)
      .def("run", &run_on_devices, py::arg("source"), py::arg("kernel"), py::arg("tasks"), "Tasks are (input, output, numbers); gives the device of each.")
      .def("currents", &device_currents, py::arg("states"), py::arg("input_weights"), py::arg("reservoir_weights"), py::arg("spikes"), py::arg("activation"),
           py::arg("leak"), py::arg("timeout"));
}

std::unique_ptr<compute::TaskHandout> new_handout(std::vector<std::vector<uint32_t>> lists, std::vector<double> loads, std::optional<double> threshold,
                                                  size_t most, std::optional<double> seconds, double pace) {
  for (const auto& list : lists) {
    for (const uint32_t task : list) {
      if (task >= loads.size()) {
        throw py::index_error("lists: task " + std::to_string(task) + " has no load; there are " + std::to_string(loads.size()));
      }
    }
  }
  return std::make_unique<compute::TaskHandout>(std::move(lists), std::move(loads), threshold, compute::Chunk{most, seconds, pace});
}

void check_as_many(size_t functions, const char* what, size_t count) {
  if (count != functions) {
    throw py::value_error(std::string(what) + ": " + std::to_string(count) + " for " + std::to_string(functions) + " functions");
  }
}

void bind_balancing(py::module_& module) {
  using compute::LoadBalancer;
  using compute::TaskHandout;
  py::class_<compute::TaskRecord>(module, "TaskRecord", "One task that ran.")
      .def_readonly("function", &compute::TaskRecord::function)
      .def_readonly("elements", &compute::TaskRecord::elements, "Elements of its input.")
      .def_readonly("estimate", &compute::TaskRecord::estimate, "Seconds expected; 0 when nothing was known.")
      .def_readonly("seconds", &compute::TaskRecord::seconds, "Seconds taken.")
      .def_readonly("worker", &compute::TaskRecord::worker)
      .def("__repr__", [](const compute::TaskRecord& record) {
        return "TaskRecord(function='" + record.function + "', elements=" + std::to_string(static_cast<int64_t>(record.elements)) +
               ", estimate=" + std::to_string(record.estimate) + ", seconds=" + std::to_string(record.seconds) + ", worker=" + std::to_string(record.worker) +
               ")";
      });
  py::class_<LoadBalancer>(module, "LoadBalancer", "Seconds that tasks take, learned from those that ran.")
      .def(py::init<>())
      .def(
          "expected_seconds",
          [](const LoadBalancer& balancer, const std::vector<std::string>& functions, const std::vector<double>& elements) {
            check_as_many(functions.size(), "elements", elements.size());
            std::vector<std::optional<double>> expected;
            expected.reserve(functions.size());
            for (size_t i = 0; i < functions.size(); ++i) {
              expected.push_back(balancer.expected_seconds(functions[i], elements[i]));
            }
            return expected;
          },
          py::arg("functions"), py::arg("elements"), "Seconds expected of each; None where the function has never run.")
      .def(
          "estimate_loads",
          [](const LoadBalancer& balancer, const std::vector<std::string>& functions, const std::vector<double>& elements) {
            check_as_many(functions.size(), "elements", elements.size());
            return balancer.estimate_loads(functions, elements);
          },
          py::arg("functions"), py::arg("elements"))
      .def(
          "record",
          [](LoadBalancer& balancer, std::vector<std::string> functions, const std::vector<double>& elements,
             const std::vector<std::optional<double>>& estimates, const std::vector<double>& seconds, const std::vector<int>& workers,
             const std::vector<bool>& finished) {
            for (const auto& [name, size] : {std::pair{"elements", elements.size()},
                                             {"estimates", estimates.size()},
                                             {"seconds", seconds.size()},
                                             {"workers", workers.size()},
                                             {"finished", finished.size()}}) {
              check_as_many(functions.size(), name, size);
            }
            for (size_t i = 0; i < functions.size(); ++i) {
              if (finished[i]) {
                balancer.record({std::move(functions[i]), elements[i], estimates[i].value_or(0), seconds[i], static_cast<unsigned>(std::max(workers[i], 0))});
              }
            }
          },
          py::arg("functions"), py::arg("elements"), py::arg("estimates"), py::arg("seconds"), py::arg("workers"), py::arg("finished"),
          "Those of a call's tasks that are finished.")
      .def("history", &LoadBalancer::history, "The last 4,096 tasks, oldest first.")
      .def("clear", &LoadBalancer::clear);
  py::class_<TaskHandout>(module, "TaskHandout", "Tasks of one call handed out to workers while they run.")
      .def(py::init(&new_handout), py::arg("lists"), py::arg("loads"), py::arg("threshold"), py::arg("most") = 1, py::arg("seconds") = py::none(),
           py::arg("pace") = 0.0)
      .def(
          "next",
          [](TaskHandout& handout, unsigned worker, double seconds) {
            if (worker >= handout.workers()) {
              throw py::index_error("worker " + std::to_string(worker) + " of " + std::to_string(handout.workers()));
            }
            return handout.next(worker, seconds);
          },
          py::arg("worker"), py::arg("seconds") = 0.0)
      .def("stop", &TaskHandout::stop)
      .def_property_readonly("moves", &TaskHandout::moves)
      .def_property_readonly("left", &TaskHandout::left);
  module.def(
      "assign_heaviest_first", [](const std::vector<double>& loads, unsigned workers) { return compute::assign_heaviest_first(loads, std::max(workers, 1U)); },
      py::arg("loads"), py::arg("workers"));
  module.def(
      "assign_in_order", [](size_t tasks, unsigned workers, size_t chunk) { return compute::assign_in_order(tasks, std::max(workers, 1U), chunk); },
      py::arg("tasks"), py::arg("workers"), py::arg("chunk"));
}

void bind_costs(py::module_& module) {
  using compute::CostModel;
  using compute::Place;
  py::class_<CostModel>(module, "CostModel", "Where the strategy `hybrid` runs a call, by what such calls took.")
      .def(py::init<unsigned>(), py::arg("processors"))
      .def(
          "choose",
          [](const CostModel& model, const std::vector<std::string>& functions, const std::vector<double>& elements, unsigned workers) {
            CostModel::Choice choice = model.choose(functions, elements, workers);
            return py::make_tuple(std::string(compute::name_of(choice.place)), std::move(choice.why));
          },
          py::arg("functions"), py::arg("elements"), py::arg("workers"), "\"thread\" or \"process\", and why.")
      .def(
          "learn",
          [](CostModel& model, const std::string& place, const std::vector<std::string>& functions, const std::vector<double>& elements, unsigned workers,
             double seconds, double busy, double work) {
            const Place ran = place == "process" ? Place::processes : Place::threads;
            model.learn(ran, functions, elements, workers, {.seconds = seconds, .busy = busy, .work = work});
          },
          py::arg("place"), py::arg("functions"), py::arg("elements"), py::arg("workers"), py::arg("seconds"), py::arg("busy"), py::arg("work"),
          "Notes what a call took [s], of processors and of its tasks one after another too.");
}

}  // namespace

void bind_performance(py::module_& module) {
  py::class_<Engine>(module, "Engine", "Threads of the engine that belong to one processor.")
      .def(py::init<unsigned, bool>(), py::arg("threads"), py::arg("affinity"), py::call_guard<py::gil_scoped_release>())
      .def_property_readonly("threads", &Engine::threads);
  module.def("reservoir_currents", &reservoir_currents, py::arg("engine"), py::arg("states"), py::arg("input_weights"), py::arg("reservoir_weights"),
             py::arg("spikes"), py::arg("activation"), py::arg("leak"), py::arg("timeout"),
             "spikes @ input_weights + state @ reservoir_weights.T per state; None when the element types have no float among them.");
  module.def("openmp_available", &compute::openmp_available);
  module.def("threaded_libraries", &compute::threaded_libraries);
  py::class_<compute::OneLibraryThread>(module, "OneLibraryThread", "One thread for OpenMP, OpenBLAS and MKL as long as it lives.").def(py::init<>());
  module.def("end_with_parent", [] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }, "Ends this process when the thread that forked it does.");
  module.def(
      "renew_scheduler",
      [] {
        // Never ends: the process does.
        auto* const scheduler = new task::Scheduler(sys::cpu_count());
        new task::Attachment(*scheduler);
      },
      "In a forked process, where the engine's threads are not: gives the calling thread new ones.");
  module.def("cpu_count", &sys::cpu_count, "Processors this process may run on.");
  module.def("processors", [] { return sys::Processors().numbers(); }, "Their numbers.");
  py::class_<sys::Processors>(module, "Processors", "Those that the thread which makes this may run on.")
      .def(py::init<>())
      .def_property_readonly("count", &sys::Processors::count)
      .def(
          "keep_off_here",
          [](const sys::Processors& processors, const std::vector<pthread_t>& threads) {
            for (const pthread_t thread : threads) {
              processors.keep_off_here(thread);
            }
          },
          py::arg("threads"), "Threads that sleep, by their `ident`, wake up on another processor than the caller's.")
      .def("go_anywhere", &sys::Processors::go_anywhere, "Lets the calling thread go where the system wants to have it.");
  bind_balancing(module);
  bind_costs(module);
  bind_devices(module);
}

}  // namespace omega::python
