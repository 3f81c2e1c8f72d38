// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/reservoir_batch.h"

#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#include "omega/compute/kernels/direct_step.h"

namespace omega::compute {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

std::string element_of(const char* list, size_t i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

void check_lists(std::span<const ArrayView> states, std::span<const ArrayView> spikes, int64_t neurons, int64_t inputs) {
  if (states.size() != spikes.size()) {
    refuse("input_spikes_list: " + std::to_string(spikes.size()) + " entries for " + std::to_string(states.size()) + " reservoir_states; they go in pairs");
  }
  for (size_t i = 0; i < states.size(); ++i) {
    const Shape& state = states[i].shape;
    const Shape& spike = spikes[i].shape;
    if (state.rank() < 1 || state.rank() > 2 || state[state.rank() - 1] != neurons) {
      refuse(element_of("reservoir_states", i) + ": shape " + state.describe() + "; a reservoir of " + std::to_string(neurons) + " neurons needs " +
             Shape{neurons}.describe() + " or (batch, " + std::to_string(neurons) + ")");
    }
    const Shape expected = state.rank() == 1 ? Shape{inputs} : Shape{state[0], inputs};
    if (!(spike == expected)) {
      refuse(element_of("input_spikes_list", i) + ": shape " + spike.describe() + "; its state of shape " + state.describe() + " and " +
             std::to_string(inputs) + " inputs need " + expected.describe());
    }
  }
}

void check_weights(const ArrayView& input, const ArrayView& recurrent) {
  if (input.rank() != 2) {
    refuse("input_weights: shape " + input.shape.describe() + "; it must be (inputs, neurons)");
  }
  const Shape square{input.shape[1], input.shape[1]};
  if (!(recurrent.shape == square)) {
    refuse("reservoir_weights: shape " + recurrent.shape.describe() + "; input_weights of shape " + input.shape.describe() + " need " + square.describe());
  }
}

int64_t rows_of(const ArrayView& view) { return view.rank() == 1 ? 1 : view.shape[0]; }

/// As a matrix of one row or more.
ArrayView as_rows(const ArrayView& view) {
  if (view.rank() == 2) {
    return view;
  }
  ArrayView rows{view.data, view.type, {1, view.shape[0]}, {}};
  rows.strides[0] = view.strides[0] * view.shape[0];
  rows.strides[1] = view.strides[0];
  return rows;
}

template <class T, class From>
void convert_rows(const ArrayView& from, T* to) {
  for (int64_t r = 0; r < from.shape[0]; ++r) {
    const std::byte* at = from.data + r * from.strides[0];
    for (int64_t c = 0; c < from.shape[1]; ++c, at += from.strides[1]) {
      *to++ = static_cast<T>(*reinterpret_cast<const From*>(at));
    }
  }
}

template <class T>
void convert(const ArrayView& from, T* to) {
  if (from.type == element_type_of<T>() && from.is_contiguous()) {
    std::memcpy(to, from.data, static_cast<size_t>(from.count()) * sizeof(T));
    return;
  }
  const ArrayView rows = as_rows(from);
  switch (from.type) {
    case ElementType::boolean:
    case ElementType::uint8: convert_rows<T, uint8_t>(rows, to); break;
    case ElementType::int32: convert_rows<T, int32_t>(rows, to); break;
    case ElementType::int64: convert_rows<T, int64_t>(rows, to); break;
    case ElementType::float32: convert_rows<T, float>(rows, to); break;
    case ElementType::float64: convert_rows<T, double>(rows, to); break;
  }
}

/// The rows of all views one below the other.
Array gather(std::span<const ArrayView> views, ElementType type, int64_t columns) {
  int64_t rows = 0;
  for (const ArrayView& view : views) {
    rows += rows_of(view);
  }
  Array all(type, {rows, columns});
  std::byte* at = all.mutable_view().data;
  for (const ArrayView& view : views) {
    copy_converted(view, {at, type, view.shape, contiguous_strides(type, view.shape)});
    at += static_cast<size_t>(view.count()) * size_of(type);
  }
  return all;
}

/// Parts of `all` with the shapes of the views.
void scatter(Array& all, std::span<const ArrayView> views, std::vector<Array>& results) {
  std::byte* at = all.mutable_view().data;
  for (const ArrayView& view : views) {
    results.emplace_back(MutableArrayView{at, all.type(), view.shape, contiguous_strides(all.type(), view.shape)}, all.owner());
    at += static_cast<size_t>(view.count()) * size_of(all.type());
  }
}

using Step = std::function<void(const ArrayView& states, const ArrayView& spikes, MutableArrayView outputs)>;

void step_together(std::span<const ArrayView> states, std::span<const ArrayView> spikes, ElementType type, int64_t neurons, int64_t inputs, const Step& step,
                   std::vector<Array>& results) {
  const bool alone = states.size() == 1;
  const Array state_rows = alone && states[0].type == type && states[0].is_contiguous() ? Array() : gather(states, type, neurons);
  const ArrayView state_view = state_rows.owner() == nullptr ? as_rows(states[0]) : state_rows.view();
  const Array spike_rows = alone ? Array() : gather(spikes, type, inputs);
  const ArrayView spike_view = alone ? as_rows(spikes[0]) : spike_rows.view();
  Array outputs(type, state_view.shape);
  step(state_view, spike_view, outputs.mutable_view());
  scatter(outputs, states, results);
}

}  // namespace

std::optional<ElementType> current_type(ElementType state, ElementType input, ElementType recurrent, ElementType spikes) {
  bool single = false;
  bool wide_integer = false;
  for (const ElementType type : {state, input, recurrent, spikes}) {
    if (type == ElementType::float64) {
      return ElementType::float64;
    }
    single |= type == ElementType::float32;
    wide_integer |= type == ElementType::int32 || type == ElementType::int64;
  }
  if (!single) {
    return std::nullopt;
  }
  return wide_integer ? ElementType::float64 : ElementType::float32;
}

void check_reservoir_arguments(std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                               std::span<const ArrayView> spikes) {
  check_weights(input_weights, reservoir_weights);
  check_lists(states, spikes, input_weights.shape[1], input_weights.shape[0]);
}

void copy_converted(const ArrayView& from, MutableArrayView to) {
  if (to.type == ElementType::float32) {
    convert(from, to.as<float>());
  } else {
    convert(from, to.as<double>());
  }
}

std::vector<Array> reservoir_currents(std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                                      std::span<const ArrayView> spikes, const Activation& activation, const Execution& execution) {
  check_reservoir_arguments(states, input_weights, reservoir_weights, spikes);
  const int64_t inputs = input_weights.shape[0];
  const int64_t neurons = input_weights.shape[1];
  const Step step = [&](const ArrayView& state, const ArrayView& spike, MutableArrayView outputs) {
    direct_step(input_weights, reservoir_weights, state, spike, activation, outputs, execution);
  };
  const auto type_of = [&](size_t i) {
    const auto type = current_type(states[i].type, input_weights.type, reservoir_weights.type, spikes[i].type);
    return type ? *type : ElementType::float64;
  };
  std::vector<Array> results;
  results.reserve(states.size());
  for (size_t first = 0; first < states.size();) {
    const ElementType type = type_of(first);
    size_t last = first + 1;
    while (last < states.size() && type_of(last) == type) {
      ++last;
    }
    step_together(states.subspan(first, last - first), spikes.subspan(first, last - first), type, neurons, inputs, step, results);
    first = last;
  }
  return results;
}

std::vector<Array> reservoir_currents(std::span<const ArrayView> states, const PreparedReservoir& reservoir, std::span<const ArrayView> spikes,
                                      const Activation& activation, const Execution& execution) {
  check_lists(states, spikes, reservoir.neurons(), reservoir.inputs());
  std::vector<Array> results;
  results.reserve(states.size());
  if (!states.empty()) {
    const Step step = [&](const ArrayView& state, const ArrayView& spike, MutableArrayView outputs) {
      reservoir.step(state, spike, activation, outputs, execution);
    };
    step_together(states, spikes, reservoir.type(), reservoir.neurons(), reservoir.inputs(), step, results);
  }
  return results;
}

}  // namespace omega::compute
