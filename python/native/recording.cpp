// SPDX-License-Identifier: Apache-2.0
#include "python/native/recording.h"

#include <algorithm>
#include <string>

#include "python/native/array_expression.h"
#include "python/native/container_walk.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

constexpr int kMostLevels = 32;

/// What is called, by name; of an operator its own.
std::string name_of(const Operation& operation) {
  if (operation.callee == nullptr) {
    return "call";
  }
  if (operation.callee->is_light && PyCFunction_Check(operation.function)) {
    return reinterpret_cast<PyCFunctionObject*>(operation.function)->m_ml->ml_name;
  }
  return operation.callee->name;
}

/// As omega/xcs/effects.py numbers them.
int effect_of(const Operation& operation) {
  const Callee::Effect none = operation.is_for_effect ? Callee::Effect::shared : Callee::Effect::none;
  return static_cast<int>(operation.callee == nullptr || operation.is_for_effect ? none : operation.callee->effect);
}

}  // namespace

Recording::~Recording() {
  for (const auto& [object, number] : numbers_) {
    Py_DECREF(object);
  }
}

Recording::Entry& Recording::entry(uint32_t index) {
  for (; entries_.size() <= index; entries_.emplace_back()) {
    last_.insert(last_.end(), static_cast<uint32_t>(entries_.size()));
  }
  return entries_[index];
}

uint32_t Recording::number_of(PyObject* object) {
  const auto [found, is_new] = numbers_.try_emplace(object, static_cast<uint32_t>(numbers_.size() + 1));
  if (is_new) {
    Py_INCREF(object);
  }
  return found->second;
}

void Recording::add_results(PyObject* object, std::vector<Input>& inputs, Things& met, int most) {
  if (object == nullptr || most == 0) {
    return;
  }
  if (is_tracer(object)) {
    const Tracer* const tracer = as_tracer(object);
    if (tracer->producer != kNoOperation) {
      const Run* const run = current_run();
      const bool is_part =
          tracer->value != nullptr && run != nullptr && tracer->producer < run->log.size() && run->log[tracer->producer]->value != tracer->value;
      inputs.push_back({tracer->producer, is_part ? number_of(tracer->value) : 0});
      return;
    }
    if (tracer->expression != nullptr) {
      for (const Operand& operand : std::span(tracer->expression->operands, tracer->expression->operand_count)) {
        add_results(operand.source, inputs, met, most - 1);
      }
    }
    return;  // what is known holds no results
  }
  if (!is_container(object) || !met.add(object)) {
    return;
  }
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) {
    for (Py_ssize_t i = 0; i < Py_SIZE(object); ++i) {
      add_results(PyList_CheckExact(object) ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i), inputs, met, most - 1);
    }
  } else if (PyDict_CheckExact(object)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      add_results(value, inputs, met, most - 1);
    }
  }
}

bool Recording::note_inputs(uint32_t index, const Tracer* called, std::span<PyObject* const> arguments) {
  std::vector<Input> inputs;
  if (called != nullptr && called->producer != kNoOperation) {
    inputs.push_back({called->producer, 0});
  }
  bool any = !inputs.empty();
  for (PyObject* argument : arguments) {
    const size_t before = inputs.size();
    Things met;
    add_results(argument, inputs, met, kMostLevels);
    any |= inputs.size() > before;
    if (inputs.size() == before) {
      PyObject* const value = is_tracer(argument) ? as_tracer(argument)->value : argument;
      inputs.push_back({kNoOperation, number_of(value != nullptr ? value : argument)});
    }
  }
  Entry& noted = entry(index);
  noted = {{}, std::move(inputs), awaited_};
  for (const uint32_t each : noted.awaited) {
    last_.erase(each);
  }
  for (const Input& input : noted.inputs) {
    last_.erase(input.producer);
  }
  return any;
}

void Recording::note_need(uint32_t index, uint32_t other) {
  entry(index).needs.push_back(other);
  last_.erase(other);
}

void Recording::note_awaited(uint32_t operation) {
  if (std::ranges::find(awaited_, operation) != awaited_.end()) {
    return;
  }
  const Entry& known = entry(operation);
  std::erase_if(awaited_, [&](uint32_t each) {
    return std::ranges::find(known.awaited, each) != known.awaited.end() || std::ranges::find(known.needs, each) != known.needs.end() ||
           std::ranges::any_of(known.inputs, [&](const Input& input) { return input.producer == each; });
  });
  awaited_.push_back(operation);
}

void Recording::note_all_awaited(size_t count) {
  if (count > 0) {
    entry(static_cast<uint32_t>(count - 1));
  }
  awaited_.assign(last_.begin(), last_.end());
}

void Recording::note_result(PyObject* result) {
  result_.clear();
  Things met;
  add_results(result, result_, met, kMostLevels);
  result_kind_ = PyList_Check(result) || PyTuple_Check(result) || PyDict_Check(result) ? Py_TYPE(result)->tp_name : "";
}

PyObject* Recording::as_tuple(const Run& run) const {
  const auto list_of = [](const auto& each, auto make) {
    PyObject* const list = PyList_New(static_cast<Py_ssize_t>(each.size()));
    for (size_t i = 0; list != nullptr && i < each.size(); ++i) {
      PyObject* const made = make(each[i]);
      if (made == nullptr) {
        Py_DECREF(list);
        return static_cast<PyObject*>(nullptr);
      }
      PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), made);
    }
    return list;
  };
  const auto as_pair = [](const Input& input) {
    return Py_BuildValue("(lk)", input.producer == kNoOperation ? -1L : static_cast<long>(input.producer), static_cast<unsigned long>(input.part));
  };
  PyObject* const operations = list_of(std::span(run.log).first(std::min(run.log.size(), most_)), [&](const Operation* operation) {
    static const Entry nothing;
    const Entry& known = operation->index < entries_.size() ? entries_[operation->index] : nothing;
    std::vector<uint32_t> needs = known.needs;
    for (const Input& input : known.inputs) {
      if (input.producer != kNoOperation) {
        needs.push_back(input.producer);
      }
    }
    std::ranges::sort(needs);
    needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
    const Callee* const callee = operation->callee;
    PyObject* const needed = list_of(needs, [](uint32_t need) { return PyLong_FromUnsignedLong(need); });
    PyObject* const awaited = list_of(known.awaited, [](uint32_t each) { return PyLong_FromUnsignedLong(each); });
    PyObject* const inputs = list_of(known.inputs, as_pair);
    return Py_BuildValue("{s:s,s:N,s:N,s:N,s:O,s:d,s:O,s:i,s:O,s:i,s:s}", "name", name_of(*operation).c_str(), "needs", needed, "awaited", awaited, "inputs",
                         inputs, "inline", operation->is_inline ? Py_True : Py_False, "nanoseconds", operation->nanoseconds, "code",
                         operation->code == nullptr ? Py_None : operation->code, "line", operation->line, "light",
                         callee != nullptr && callee->is_light ? Py_True : Py_False, "effect", effect_of(*operation), "reason",
                         operation->is_for_effect ? "nobody takes what it gives"
                         : callee == nullptr      ? ""
                                                  : callee->reason.c_str());
  });
  PyObject* const joined = operations == nullptr ? nullptr : list_of(result_, as_pair);
  return joined == nullptr ? nullptr : Py_BuildValue("(NsN)", operations, result_kind_.c_str(), joined);
}

bool is_recorded(PyObject* object) {
  const Run* const run = current_run();
  return run != nullptr && run->recording != nullptr && !run->is_replay && is_tracer(object) && as_tracer(object)->producer != kNoOperation;
}

PyObject* seen_as_result(PyObject* value, uint32_t producer) {
  if (value == nullptr || is_tracer(value)) {
    return value;
  }
  PyObject* const made = known_tracer(value);
  if (made != nullptr) {
    as_tracer(made)->producer = producer;
  }
  return made;
}

}  // namespace omega::python
