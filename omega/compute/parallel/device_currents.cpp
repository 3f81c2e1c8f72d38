// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/device_currents.h"

#include <algorithm>
#include <string>

#include "omega/compute/parallel/reservoir_batch.h"

namespace omega::compute {
namespace {

/// One work item a neuron and row; neighbours read neighbouring weights, since the recurrent weights come transposed.
constexpr const char* kSource = R"(
#ifdef WIDE
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
__kernel void currents(__global const T* states, __global const T* spikes, __global const T* input, __global const T* recurrent, __global T* outputs,
                       long count, long neurons, long inputs, long activation, long leak_bits) {
  const long at = get_global_id(0);
  if (at >= count) { return; }
  const long n = at % neurons;
  const __global T* spike = spikes + at / neurons * inputs;
  const __global T* state = states + at / neurons * neurons;
  T driven = 0;
  for (long i = 0; i < inputs; ++i) { driven = fma(spike[i], input[i * neurons + n], driven); }
  T recurred = 0;
  for (long k = 0; k < neurons; ++k) { recurred = fma(state[k], recurrent[k * neurons + n], recurred); }
  const T current = driven + recurred;
  const T leak = AS_LEAK;
  outputs[at] = activation == 0 ? current : activation == 1 ? tanh(current) : state[n] + leak * (tanh(current) - state[n]);
}
)";

std::string source_for(ElementType type) {
  return type == ElementType::float64 ? std::string("#define T double\n#define WIDE\n#define AS_LEAK as_double(leak_bits)\n") + kSource
                                      : std::string("#define T float\n#define AS_LEAK as_float((int)leak_bits)\n") + kSource;
}

int64_t bits_of(double leak, ElementType type) {
  return type == ElementType::float64 ? __builtin_bit_cast(int64_t, leak) : __builtin_bit_cast(int32_t, static_cast<float>(leak));
}

Array converted(const ArrayView& view, ElementType type) {
  Array array(type, view.shape);
  copy_converted(view, array.mutable_view());
  return array;
}

ArrayView turned(const ArrayView& matrix) {
  ArrayView view{matrix.data, matrix.type, {matrix.shape[1], matrix.shape[0]}, matrix.strides};
  std::swap(view.strides[0], view.strides[1]);
  return view;
}

}  // namespace

std::vector<Array> device_currents(DevicePool& pool, std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                                   std::span<const ArrayView> spikes, const Activation& activation, const task::Cancellation* cancellation) {
  check_reservoir_arguments(states, input_weights, reservoir_weights, spikes);
  std::vector<Array> results;
  if (states.empty()) {
    return results;
  }
  ElementType type = ElementType::float32;
  for (size_t i = 0; i < states.size(); ++i) {
    if (current_type(states[i].type, input_weights.type, reservoir_weights.type, spikes[i].type) != ElementType::float32) {
      type = ElementType::float64;
    }
  }
  if (type == ElementType::float64 && !pool.has_float64()) {
    throw DeviceError("float64: a device does not compute in it; use float32 arrays");
  }
  const Array input = converted(input_weights, type);
  const Array recurrent = converted(turned(reservoir_weights), type);
  std::vector<Array> kept;
  std::vector<DeviceTask> tasks;
  for (size_t i = 0; i < states.size(); ++i) {
    results.emplace_back(type, states[i].shape);
    const Array state = kept.emplace_back(converted(states[i], type));
    const Array spike = kept.emplace_back(converted(spikes[i], type));
    MutableArrayView output = results.back().mutable_view();
    tasks.push_back({.inputs = {state.view(), spike.view(), input.view(), recurrent.view()},
                     .output = output,
                     .numbers = {output.count(), input.shape()[1], input.shape()[0], static_cast<int64_t>(activation.kind), bits_of(activation.leak, type)},
                     .load = static_cast<double>(output.count())});
  }
  pool.run(source_for(type), "currents", tasks, cancellation);
  return results;
}

}  // namespace omega::compute
