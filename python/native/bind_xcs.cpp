// SPDX-License-Identifier: Apache-2.0
// What omega.xcs calls: tracers, traced functions, and graphs of what they did.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "omega/graph/ir/drawing.h"
#include "omega/graph/ir/text.h"
#include "omega/graph/opt/pattern.h"
#include "python/native/array_expression.h"
#include "python/native/bind.h"
#include "python/native/callee.h"
#include "python/native/code_facts.h"
#include "python/native/globals_view.h"
#include "python/native/operation_threads.h"
#include "python/native/order.h"
#include "python/native/overlap.h"
#include "python/native/plain_frames.h"
#include "python/native/structure.h"
#include "python/native/structure_copy.h"
#include "python/native/substitutes.h"
#include "python/native/surroundings.h"
#include "python/native/traced_function.h"
#include "python/native/traced_run.h"
#include "python/native/tracer.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// An operation to be drawn: its name, the numbers of those that it needs, and of those that the traced code had waited for before it.
using DrawnOperation = std::tuple<std::string, std::vector<uint32_t>, std::vector<uint32_t>>;

/// The graph of operations. That the traced code waited for one is a token which that one gives.
graph::ComputationGraph graph_of(const std::string& name, const std::vector<DrawnOperation>& operations) {
  graph::ComputationGraph made;
  made.set_name(name);
  std::vector<bool> is_used(operations.size(), false);
  std::vector<bool> is_awaited(operations.size(), false);
  for (const auto& [callee, needs, awaited] : operations) {
    for (const uint32_t each : awaited) {
      is_awaited.at(each) = true;
    }
  }
  std::vector<graph::ValueRef> results;
  std::vector<graph::ValueRef> tokens;
  const graph::ValueRef arguments = made.add_input(graph::DType::any, graph::ShapeRef::none, "arguments");
  for (const auto& [callee, needs, awaited] : operations) {
    std::vector<graph::ValueRef> inputs;
    for (const uint32_t need : needs) {
      inputs.push_back(results.at(need));
      is_used[need] = true;
    }
    if (inputs.empty()) {
      inputs.push_back(arguments);
    }
    for (const uint32_t each : awaited) {
      if (std::ranges::find(needs, each) == needs.end()) {
        inputs.push_back(tokens.at(each));
      }
    }
    const graph::ComputationGraph::OutputSpec outputs[] = {{graph::DType::any, graph::ShapeRef::none}, {graph::DType::token, graph::ShapeRef::none}};
    const bool gives_token = is_awaited[results.size()];
    const graph::OperationId id = made.add_operation(graph::OpType::call, made.name(callee), inputs, std::span(outputs, gives_token ? 2 : 1), graph::kImpure);
    results.push_back(made.output(made.operation(id), 0));
    tokens.push_back(gives_token ? made.output(made.operation(id), 1) : results.back());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (!is_used[i]) {
      made.add_output(results[i]);
    }
  }
  return made;
}

/// What an operation takes: the operation that gave it, below 0 for none, and which part or object it is; 0: all that was given.
using Inputs = std::vector<std::pair<int64_t, uint64_t>>;

/// The values of a graph that has what operations gave, part by part.
class GivenValues {
 public:
  explicit GivenValues(graph::ComputationGraph& graph) : graph_(graph) {}

  /// Counts what is taken, before it is made.
  void count(const Inputs& inputs) {
    for (const auto& [producer, part] : inputs) {
      if (auto& parts = parts_[producer]; producer >= 0 && std::ranges::find(parts, part) == parts.end()) {
        parts.push_back(part);
      } else if (producer < 0 && !values_.contains({producer, part})) {
        values_[{producer, part}] = graph_.add_input(graph::DType::any, graph::ShapeRef::none);
      }
    }
  }
  graph::OperationId add(int64_t number, const std::string& callee, const Inputs& inputs, uint8_t flags) {
    const std::vector<uint64_t>& parts = parts_[number];
    const std::vector<graph::ComputationGraph::OutputSpec> outputs(std::max<size_t>(parts.size(), 1));
    std::vector<graph::ValueRef> taken;
    for (const auto& input : inputs) {
      taken.push_back(values_.at(input));
    }
    const graph::OperationId id = graph_.add_operation(graph::OpType::call, graph_.name(callee), taken, outputs, flags);
    for (size_t i = 0; i < parts.size(); ++i) {
      values_[{number, parts[i]}] = graph_.output(graph_.operation(id), static_cast<uint32_t>(i));
    }
    return id;
  }

 private:
  graph::ComputationGraph& graph_;
  std::map<int64_t, std::vector<uint64_t>> parts_;
  std::map<std::pair<int64_t, uint64_t>, graph::ValueRef> values_;
};

/// What the engine's matchers find in operations (name, inputs, whether they keep the program's order): name, numbers of operations, description, whether
/// its parts can run at the same time. `joined` is what the function puts into a container of type `join`.
py::list find_patterns(const std::vector<std::tuple<std::string, Inputs, bool>>& operations, const std::string& join, const Inputs& joined) {
  py::list found;
  for (const auto& matcher : graph::default_matchers()) {
    // The container of results is no stage of a pipeline.
    const bool is_joined = !join.empty() && matcher->name() != "pipeline";
    graph::ComputationGraph graph;
    GivenValues values(graph);
    for (const auto& [callee, inputs, is_ordered] : operations) {
      values.count(inputs);
    }
    if (is_joined) {
      values.count(joined);
    }
    int64_t number = 0;
    for (const auto& [callee, inputs, is_ordered] : operations) {
      values.add(number++, callee, inputs, static_cast<uint8_t>(graph::kImpure | (is_ordered ? graph::kOrdered : 0)));
    }
    if (is_joined) {
      values.add(number, join, joined, 0);
    }
    for (const graph::PatternMatch& match : matcher->match(graph)) {
      py::list numbers;
      for (const graph::OperationId id : match.operations) {
        if (id.index < operations.size()) {
          numbers.append(id.index);
        }
      }
      found.append(py::make_tuple(match.pattern, numbers, match.description, match.parallelizable));
    }
  }
  return found;
}

}  // namespace

void bind_xcs(py::module_& module) {
  static_cast<void>(py::detail::npy_api::get());  // imports, which may not happen first while a function is traced
  if (find_error_handling() < 0 || add_tracer_type(module.ptr()) < 0 || add_traced_function_type(module.ptr()) < 0 ||
      add_array_program_type(module.ptr()) < 0) {
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
      .def("dot", [](const graph::ComputationGraph& self) { return graph::draw_dot(self); }, "A drawing for Graphviz.");
  module.def("find_patterns", &find_patterns, py::arg("operations"), py::arg("join"), py::arg("joined"),
             "Shapes of parallel work that have a name, found in operations.");
  module.def("set_run_hooks", [](const py::object& classify, const py::object& needs_originals, const py::object& in_process, const py::object& declared) {
    set_classifier(classify.ptr(), needs_originals.ptr(), declared.ptr());
    set_process_call(in_process.ptr());
  });
  module.def("set_fact_hooks",
             [](const py::object& code_facts, const py::object& is_program_module, const py::object& dead_variables, const py::object& instruction_facts,
                const py::object& type_facts, const py::object& changes_own_object, const py::object& uses_of_given, const py::object& changes_later,
                const py::object& looks_later, const py::set& changing_methods) {
               set_fact_hooks({code_facts.ptr(), is_program_module.ptr(), dead_variables.ptr(), instruction_facts.ptr(), type_facts.ptr(),
                               changes_own_object.ptr(), uses_of_given.ptr(), changes_later.ptr(), looks_later.ptr()},
                              changing_methods.ptr());
             });
  module.def("set_substitutes", [](const py::dict& by_builtin) { set_substitutes(by_builtin.ptr()); });
  module.def("set_plain_generator",
             [](const py::object& function, const py::object& of_iterators) { set_plain_generator(function.ptr(), of_iterators.ptr()); });
  module.def("make_arguments_plain", [](const py::object& frame) {
    if (make_arguments_plain(frame.ptr()) < 0) {
      throw py::error_already_set();
    }
  });
  module.def("set_overlap_hooks", [](const py::object& named_values, const py::object& holds_lock, const py::object& holds_objects) {
    set_overlap_hooks(named_values.ptr(), holds_lock.ptr(), holds_objects.ptr());
  });
  module.def("finish_operation_threads", &finish_operation_threads);
  module.def("after_fork_in_child", [] {
    start_operation_threads();
    note_forked_child();
  });
  module.def(
      "is_array_function", [](std::string_view name) { return array_op_named(name) != ArrayOp::none || array_fold_named(name) != ArrayFold::none; },
      py::arg("name"), "Whether traced code computes NumPy's function or array method of that name in passes over memory.");
  module.def("is_tracing", [] { return current_run() != nullptr; }, "Whether this thread traces a function.");
  module.def("value_of", [](const py::object& object) {
    PyObject* const value = plain_structure(object.ptr());
    if (value == nullptr || wait_for_changes(value, Looking::whole) < 0) {
      throw py::error_already_set();
    }
    return py::reinterpret_steal<py::object>(value);
  });
  module.def("globals_of", [](const py::object& function) {
    const bool is_plain = PyFunction_Check(function.ptr()) || PyFrame_Check(function.ptr());
    const py::object globals = function.attr(PyFrame_Check(function.ptr()) ? "f_globals" : "__globals__");
    return is_plain ? py::reinterpret_borrow<py::object>(globals_behind(globals.ptr())) : globals;
  });
  module.def(
      "call_outside_trace",
      [](const py::object& function, const py::args& arguments, const py::kwargs& keywords) {
        const OutsideTrace outside;
        return function(*arguments, **keywords);
      },
      "Calls a function of which the trace that goes on has no part.");
  module.def("seen", [](const py::object& object) { return py::reinterpret_steal<py::object>(seen(Py_NewRef(object.ptr()))); });
  module.def("taken_attribute", [](const py::object& object, const py::str& name) {
    PyObject* const attribute = taken_attribute(object.ptr(), name.ptr());
    if (attribute == nullptr) {
      throw py::error_already_set();
    }
    return py::reinterpret_steal<py::object>(attribute);
  });
  module.def("pass_count", &pass_count);
}

}  // namespace omega::python
