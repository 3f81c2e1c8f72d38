// SPDX-License-Identifier: Apache-2.0
#include "python/native/liquid_conversion.h"

#include <array>
#include <cstring>
#include <string>

#include "omega/compute/arrays/strided.h"
#include "python/native/array_conversion.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// What a field of type T takes.
template <class T>
constexpr const char* kWanted = "a str";
template <>
constexpr const char* kWanted<int64_t> = "an int";
template <>
constexpr const char* kWanted<uint64_t> = "an int from 0 to 2**64 - 1";
template <>
constexpr const char* kWanted<double> = "a number";
template <>
constexpr const char* kWanted<bool> = "True or False";
template <>
constexpr const char* kWanted<py::tuple> = "three ints, or None";

template <class T>
T number_of(const py::handle& value, const char* name, const char* wanted) {
  // A bool is an int to Python, and a float that is whole is one to pybind11.
  const bool is_wrong = (std::is_integral_v<T> && !std::is_same_v<T, bool> && (py::isinstance<py::bool_>(value) || PyIndex_Check(value.ptr()) == 0)) ||
                        (std::is_same_v<T, double> && py::isinstance<py::bool_>(value)) ||
                        (std::is_same_v<T, py::tuple> && !py::isinstance<py::tuple>(value) && !py::isinstance<py::list>(value));
  try {
    return is_wrong ? throw py::cast_error("") : value.cast<T>();
  } catch (const py::cast_error&) {
    throw py::type_error(std::string(name) + " = " + py::repr(value).cast<std::string>() + ": it must be " + wanted);
  }
}

template <class T>
T field(const py::dict& fields, const char* name) {
  return number_of<T>(fields[name], name, kWanted<T>);
}

compute::Topology topology_of(const std::string& name) {
  if (name == "random") {
    return compute::Topology::random;
  }
  if (name == "distance") {
    return compute::Topology::distance;
  }
  if (name == "small_world") {
    return compute::Topology::small_world;
  }
  throw py::value_error("topology: '" + name + "' is not one of 'random', 'distance', 'small_world'");
}

compute::ElementType element_type_of(const std::string& name) {
  if (name == "float32") {
    return compute::ElementType::float32;
  }
  if (name == "float64") {
    return compute::ElementType::float64;
  }
  throw py::value_error("dtype: '" + name + "' is not 'float32' or 'float64'");
}

}  // namespace

compute::SpikeArray spikes_of(py::handle object, std::string_view argument) {
  if (py::isinstance<compute::SpikeArray>(object)) {
    return object.cast<compute::SpikeArray>();
  }
  const py::array array = numbers_of(object, argument);
  if (array.ndim() == 0) {
    throw py::value_error(std::string(argument) + ": a scalar where an array of spikes is expected");
  }
  return compute::SpikeArray::from_dense(view_of(array, argument));
}

py::array to_booleans(const compute::SpikeArray& spikes) {
  py::array array = new_array(compute::ElementType::boolean, spikes.shape());
  spikes.to_dense(mutable_view_of(array, "spikes"));
  return array;
}

compute::Array copy_of(const py::array& array, compute::ElementType type, std::string_view argument) {
  const compute::ArrayView view = view_of(array, argument);
  if (view.type != type) {
    throw py::type_error(std::string(argument) + ": dtype " + std::string(compute::name_of(view.type)) + " where " + std::string(compute::name_of(type)) +
                         " is expected");
  }
  compute::Array copy(type, view.shape);
  const compute::Rows<const std::byte> rows(view);
  std::byte* to = copy.mutable_view().data;
  const size_t size = compute::size_of(type);
  for (int64_t row = 0; row < rows.count() && view.count() > 0; ++row) {
    const std::byte* at = rows.row(row);
    for (int64_t c = 0; c < rows.columns(); ++c, at += rows.stride(), to += size) {
      std::memcpy(to, at, size);
    }
  }
  return copy;
}

compute::LiquidConfig liquid_config(const py::dict& fields) {
  compute::LiquidConfig config;
  config.connectivity = {.reservoir_size = field<int64_t>(fields, "reservoir_size"),
                         .topology = topology_of(field<std::string>(fields, "topology")),
                         .connectivity = field<double>(fields, "connectivity"),
                         .excitatory_ratio = field<double>(fields, "excitatory_ratio"),
                         .spectral_radius = field<double>(fields, "spectral_radius"),
                         .grid = {},
                         .connection_length = field<double>(fields, "connection_length"),
                         .rewiring = field<double>(fields, "rewiring"),
                         .input_connectivity = field<double>(fields, "input_connectivity"),
                         .input_weight_scale = field<double>(fields, "input_weight_scale"),
                         .seed = field<uint64_t>(fields, "seed"),
                         .type = element_type_of(field<std::string>(fields, "dtype"))};
  if (!fields["grid"].is_none()) {
    const auto grid = field<py::tuple>(fields, "grid");
    if (grid.size() != 3) {
      throw py::value_error("grid: " + std::to_string(grid.size()) + " extents where 3 are expected");
    }
    for (size_t i = 0; i < 3; ++i) {
      config.connectivity.grid[i] = number_of<int64_t>(grid[i], "grid", "three ints, or None");
    }
  }
  config.tau_membrane = field<double>(fields, "tau_membrane");
  config.threshold = field<double>(fields, "threshold");
  config.reset = field<double>(fields, "reset");
  config.rest = field<double>(fields, "rest");
  config.refractory_period = field<double>(fields, "refractory_period");
  config.tau_readout = field<double>(fields, "tau_readout");
  if (field<bool>(fields, "plasticity")) {
    config.plasticity = compute::PlasticityConfig{.rule = {.potentiation = field<double>(fields, "potentiation"),
                                                           .depression = field<double>(fields, "depression"),
                                                           .lowest = field<double>(fields, "lowest_weight"),
                                                           .highest = field<double>(fields, "highest_weight")},
                                                  .tau_potentiation = field<double>(fields, "tau_potentiation"),
                                                  .tau_depression = field<double>(fields, "tau_depression")};
  }
  config.validate();
  return config;
}

}  // namespace omega::python
