// SPDX-License-Identifier: Apache-2.0
// What omega.xcs calls: tracers, traced functions, and graphs of what they did.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "omega/graph/ir/drawing.h"
#include "omega/graph/ir/text.h"
#include "omega/graph/opt/optimizer.h"
#include "python/native/array_expression.h"
#include "python/native/bind.h"
#include "python/native/callee.h"
#include "python/native/operation_threads.h"
#include "python/native/structure.h"
#include "python/native/traced_function.h"
#include "python/native/traced_run.h"
#include "python/native/tracer.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// The graph of operations: for each its name and the numbers of those that it needs.
graph::ComputationGraph graph_of(const std::string& name, const std::vector<std::pair<std::string, std::vector<uint32_t>>>& operations) {
  graph::ComputationGraph made;
  made.set_name(name);
  std::vector<bool> is_used(operations.size(), false);
  std::vector<graph::ValueRef> results;
  const graph::ValueRef arguments = made.add_input(graph::DType::any, graph::ShapeRef::none, "arguments");
  for (const auto& [callee, needs] : operations) {
    std::vector<graph::ValueRef> inputs;
    for (const uint32_t need : needs) {
      inputs.push_back(results.at(need));
      is_used[need] = true;
    }
    if (inputs.empty()) {
      inputs.push_back(arguments);
    }
    results.push_back(made.call(callee, inputs, graph::DType::any, graph::ShapeRef::none, graph::kImpure));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (!is_used[i]) {
      made.add_output(results[i]);
    }
  }
  return made;
}

}  // namespace

void bind_xcs(py::module_& module) {
  static_cast<void>(py::detail::npy_api::get());  // imports, which may not happen first while a function is traced
  if (add_tracer_type(module.ptr()) < 0 || add_traced_function_type(module.ptr()) < 0 || add_array_program_type(module.ptr()) < 0) {
    throw py::error_already_set();
  }
  start_operation_threads();
  py::class_<graph::ComputationGraph>(module, "ComputationGraph", "What a traced function did, as a graph.")
      .def(py::init(&graph_of), py::arg("name"), py::arg("operations"))
      .def("__len__", [](const graph::ComputationGraph& self) { return self.operations().size(); })
      .def_property_readonly(
          "longest_chain", [](const graph::ComputationGraph& self) { return self.independent_sets().size(); },
          "Operations of the longest chain of dependencies.")
      .def(
          "independent_sets",
          [](const graph::ComputationGraph& self) {
            std::vector<std::vector<uint32_t>> sets;
            for (const auto& each : self.independent_sets()) {
              auto& set = sets.emplace_back();
              for (const graph::OperationId id : each) {
                set.push_back(id.index);
              }
            }
            return sets;
          },
          "Numbers of operations in sets that can run in parallel.")
      .def(
          "text", [](const graph::ComputationGraph& self) { return graph::write_text(self); }, "The graph in Omega's notation.")
      .def(
          "svg", [](const graph::ComputationGraph& self) { return graph::draw_svg(self); }, "A picture for browsers.")
      .def(
          "dot", [](const graph::ComputationGraph& self) { return graph::draw_dot(self); }, "A drawing for Graphviz.")
      .def(
          "patterns",
          [](const graph::ComputationGraph& self) {
            graph::OptimizeReport report;
            static_cast<void>(graph::GraphOptimizer().optimize(self, {}, &report));
            return report.explain();
          },
          "What the optimiser finds in it, in words.");
  module.def("set_run_hooks", [](const py::object& classify, const py::object& in_process, const py::object& declared) {
    set_classifier(classify.ptr(), declared.ptr());
    set_process_call(in_process.ptr());
  });
  module.def("finish_operation_threads", &finish_operation_threads);
  module.def("after_fork_in_child", [] {
    start_operation_threads();
    note_forked_child();
  });
  module.def("is_tracing", [] { return current_run() != nullptr; }, "Whether this thread traces a function.");
  module.def("value_of", [](const py::object& object) {
    PyObject* const value = plain_structure(object.ptr());
    if (value == nullptr) {
      throw py::error_already_set();
    }
    return py::reinterpret_steal<py::object>(value);
  });
  module.def("pass_count", &pass_count);
}

}  // namespace omega::python
