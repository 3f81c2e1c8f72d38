// SPDX-License-Identifier: Apache-2.0
#include "python/native/reservoir_arguments.h"

#include <utility>

#include "python/native/array_conversion.h"

namespace omega::python {
namespace py = pybind11;

Views::Views(const py::list& list, const char* name) {
  arrays.reserve(list.size());
  views.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    const auto where = [&] { return std::string(name) + "[" + std::to_string(i) + "]"; };
    arrays.push_back(py::isinstance<py::array>(list[i]) ? py::array(py::reinterpret_borrow<py::array>(list[i])) : as_array(list[i], where()));
    try {
      views.push_back(view_of(arrays.back(), ""));
    } catch (const py::type_error&) {
      views.push_back(view_of(arrays.back(), where()));
    }
  }
}

compute::Activation activation_of(const std::string& name, double leak) {
  using Kind = compute::Activation::Kind;
  if (name == "leaky_tanh") {
    return compute::Activation{Kind::leaky_tanh, leak};
  }
  return compute::Activation{name == "tanh" ? Kind::tanh : Kind::none, 1};
}

py::list list_of(std::vector<compute::Array> results) {
  py::list out(results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    out[i] = to_numpy(std::move(results[i]));
  }
  return out;
}

std::chrono::steady_clock::time_point end_after(std::optional<double> seconds) {
  // What is longer than a year does not fit into the clock's numbers.
  constexpr double kLongest = 3e7;
  return seconds && *seconds < kLongest
             ? std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(*seconds))
             : std::chrono::steady_clock::time_point::max();
}

}  // namespace omega::python
