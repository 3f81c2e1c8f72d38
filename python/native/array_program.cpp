// SPDX-License-Identifier: Apache-2.0
// Computing expressions: those of a run when somebody needs them, those of a function of one array for many arrays.
#include <pybind11/numpy.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "omega/task/parallel_for.h"
#include "python/native/array_expression.h"
#include "python/native/array_passes.h"
#include "python/native/array_plan.h"
#include "python/native/interrupts.h"
#include "python/native/numpy_values.h"
#include "python/native/traced_run.h"
#include "python/native/type_slot.h"

namespace omega::python {
namespace {

using graph::DType;
namespace py = pybind11;

/// Calls `work`; what it throws becomes Python's exception. -1 then.
template <class Work>
int guarded(Work work) {
  try {
    work();
    return 0;
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return -1;
}

}  // namespace

int evaluate_expressions(std::span<Tracer* const> tracers) {
  return guarded([&] {
    std::vector<py::object> kept;
    std::vector<Tracer*> roots;
    for (Tracer* tracer : tracers) {
      if (tracer->expression != nullptr) {
        if (tracer->expression->kind == Expression::Kind::parameter) {
          PyErr_SetString(PyExc_TypeError, "the elements of a traced array are not there while a program is made of it");
          throw py::error_already_set();
        }
        roots.push_back(tracer);
        kept.push_back(py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(tracer)));
      }
    }
    if (roots.empty()) {
      return;
    }
    Plan plan;
    const std::vector<uint32_t> places = make_plan(plan, roots, nullptr);
    std::vector<graph::Value> slots(plan.slots);
    const double begun = now_ns();
    const bool was_worth_it = run_plan(plan, nullptr, slots.data());
    if (Run* const run = current_run(); run != nullptr) {
      const double ns = now_ns() - begun;
      run->spent.calls += ns;
      run->spent.useful += ns;
      run->spent.gained += was_worth_it ? ns : 0;
    }
    for (size_t i = 0; i < roots.size(); ++i) {
      if (roots[i]->expression != nullptr) {  // nobody was faster
        roots[i]->value = to_numpy(slots[places[i]]).release().ptr();
        drop_expression(roots[i]);
      }
    }
  });
}

namespace {

/// A Python object: the program of a function of one array.
struct ArrayProgram {
  PyObject_HEAD Plan* plan;
  uint32_t result;
  DType dtype;
  std::vector<int64_t>* shape;
};

void free_program(PyObject* self) {
  auto* const program = reinterpret_cast<ArrayProgram*>(self);
  delete program->plan;
  delete program->shape;
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

/// Each array through the program: arrays side by side where there are enough of them, each in parallel otherwise.
void run_all(const ArrayProgram& program, std::vector<graph::Value>& parameters, std::vector<graph::Value>& results) {
  const Plan& plan = *program.plan;
  std::vector<const graph::ComputationGraph*> graphs;
  double operations = 0;
  for (const Pass& pass : plan.passes) {
    graphs.push_back(&graph_of_pass(pass));
    operations += pass.operations;
  }
  unlocked(operations * static_cast<double>(parameters.size()), [&](const task::Cancellation* stop) {
    task::Scheduler& scheduler = task::Scheduler::global();
    const bool side_by_side = parameters.size() >= scheduler.threads();
    const auto run_one = [&](size_t i) {
      std::vector<graph::Value> slots(plan.slots);
      for (size_t k = 0; k < plan.passes.size(); ++k) {
        run_pass(plan.passes[k], *graphs[k], plan, &parameters[i], slots.data(), side_by_side ? nullptr : &scheduler, stop);
      }
      results[i] = slots[program.result];
    };
    if (side_by_side) {
      task::parallel_for(scheduler, 0, parameters.size(), run_one, {.cancellation = stop});
    } else {
      for (size_t i = 0; i < parameters.size(); ++i) {
        run_one(i);
      }
    }
    if (stop != nullptr && stop->requested()) {
      throw std::runtime_error("the computation was interrupted");
    }
  });
}

PyObject* run_many(PyObject* self, PyObject* arrays) {
  const auto& program = *reinterpret_cast<const ArrayProgram*>(self);
  py::object list;
  const int failed = guarded([&] {
    const py::object sequence = py::reinterpret_steal<py::object>(PySequence_Fast(arrays, "run_many: `arrays` must be a list of arrays"));
    if (!sequence) {
      throw py::error_already_set();
    }
    std::vector<graph::Value> parameters;
    for (ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.ptr()); ++i) {
      PyObject* const array = PySequence_Fast_GET_ITEM(sequence.ptr(), i);
      DType dtype = DType::any;
      std::span<const int64_t> shape;
      if (!array_type(array, dtype, shape) || dtype != program.dtype || !std::ranges::equal(shape, *program.shape)) {
        PyErr_Format(PyExc_ValueError, "run_many: arrays[%zd] is not a contiguous array of the type and shape that the program was made for", i);
        throw py::error_already_set();
      }
      parameters.push_back(value_of_array(array));
    }
    std::vector<graph::Value> results(parameters.size());
    run_all(program, parameters, results);
    py::list made;
    for (graph::Value& result : results) {
      made.append(to_numpy(std::move(result)));
    }
    list = std::move(made);
  });
  return failed < 0 ? nullptr : list.release().ptr();
}

PyObject* takes(PyObject* self, PyObject* array) {
  const auto& program = *reinterpret_cast<const ArrayProgram*>(self);
  DType dtype = DType::any;
  std::span<const int64_t> shape;
  return PyBool_FromLong(array_type(array, dtype, shape) && dtype == program.dtype && std::ranges::equal(shape, *program.shape));
}

PyTypeObject* program_type = nullptr;

}  // namespace

PyObject* make_array_program(PyObject* parameter, PyObject* result) {
  if (!is_tracer(result) || as_tracer(result)->expression == nullptr || as_tracer(result)->expression->kind == Expression::Kind::parameter) {
    Py_RETURN_NONE;
  }
  auto* const program = PyObject_New(ArrayProgram, program_type);
  if (program == nullptr) {
    return nullptr;
  }
  const Expression& input = *as_tracer(parameter)->expression;
  program->plan = new Plan;
  program->dtype = input.dtype;
  program->shape = new std::vector<int64_t>(input.extents().begin(), input.extents().end());
  const int failed = guarded([&] {
    Tracer* const roots[] = {as_tracer(result)};
    program->result = make_plan(*program->plan, roots, as_tracer(parameter))[0];
  });
  if (failed < 0) {
    Py_DECREF(program);
    return nullptr;
  }
  return reinterpret_cast<PyObject*>(program);
}

int add_array_program_type(PyObject* module) {
  static PyMethodDef methods[] = {
      {"run_many", run_many, METH_O, "run_many(arrays) -> list\n\nThe results of all arrays, in order, computed without the interpreter's lock."},
      {"takes", takes, METH_O, "takes(array) -> bool\n\nWhether the array is of the type, shape and layout that the program was made for."},
      {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot slots[] = {type_slot(Py_tp_dealloc, free_program),
                                type_slot(Py_tp_methods, methods),
                                type_slot(Py_tp_doc, const_cast<char*>("A function of one array as a program that runs without Python.")),
                                {0, nullptr}};
  static PyType_Spec spec = {"omega._native.ArrayProgram", sizeof(ArrayProgram), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  program_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return program_type == nullptr ? -1 : PyModule_AddObjectRef(module, "ArrayProgram", reinterpret_cast<PyObject*>(program_type));
}

}  // namespace omega::python
