// SPDX-License-Identifier: Apache-2.0
// Spikes: packed to bits, and as lists of events.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstring>
#include <optional>
#include <vector>

#include "omega/compute/arrays/spikes.h"
#include "python/native/array_conversion.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"

namespace omega::python {
namespace py = pybind11;

namespace {

using compute::EventArray;
using compute::Shape;
using compute::SpikeArray;

py::tuple shape_tuple(const Shape& shape) {
  py::tuple extents(shape.rank());
  for (size_t i = 0; i < shape.rank(); ++i) {
    extents[i] = shape[i];
  }
  return extents;
}

/// Any numbers: a spike where one is not 0.
py::array dense_spikes(py::handle object) {
  py::array array = as_array(object, "dense");
  const bool is_known = std::string_view("?bBilqfd").find(array.dtype().char_()) != std::string_view::npos && array.dtype().byteorder() != '>';
  if (!is_known && std::string_view("iuf").find(array.dtype().kind()) != std::string_view::npos) {
    array = array.attr("__ne__")(0);
  }
  return array;
}

template <class Spikes>
Spikes from_dense(py::handle object) {
  py::array array = dense_spikes(object);
  if (array.dtype().char_() == 'b') {
    return from_dense<Spikes>(array.view("uint8"));
  }
  const compute::ArrayView view = view_of(array, "dense");
  return unlocked(static_cast<double>(view.count()), [&](const task::Cancellation*) { return Spikes::from_dense(view); });
}

template <class Spikes>
py::array to_dense(const Spikes& spikes, const py::object& dtype) {
  py::array dense = new_array(compute::ElementType::boolean, spikes.shape());
  const compute::MutableArrayView view = mutable_view_of(dense, "dense");
  unlocked(static_cast<double>(view.count()), [&](const task::Cancellation*) { spikes.to_dense(view); });
  return dtype.is_none() ? dense : py::array(dense.attr("astype")(dtype));
}

/// NumPy's view of the words, read only: … x words of a row.
py::array packed(const py::object& self) {
  auto& spikes = self.cast<SpikeArray&>();
  std::vector<ssize_t> extents(spikes.shape().extents().begin(), spikes.shape().extents().end());
  extents.back() = spikes.words_per_row();
  py::array words(py::dtype::of<uint64_t>(), extents, spikes.rows() == 0 ? nullptr : spikes.row(0), self);
  words.attr("flags").attr("writeable") = false;
  return words;
}

SpikeArray from_packed(const py::object& given, const py::object& shape) {
  const py::array words = integers_of(given, "uint64", "words");
  SpikeArray spikes(shape_of(shape, "shape"));
  const int64_t expected = spikes.rows() * spikes.words_per_row();
  if (words.size() != expected) {
    throw py::value_error("words: " + std::to_string(words.size()) + " words; spikes of shape " + spikes.shape().describe() + " take " +
                          std::to_string(expected));
  }
  if (expected != 0) {
    std::memcpy(spikes.mutable_row(0), words.data(), static_cast<size_t>(expected) * sizeof(uint64_t));
  }
  const int64_t used = spikes.columns() % 64;
  for (int64_t i = 0; used != 0 && i < spikes.rows(); ++i) {
    if ((spikes.row(i)[spikes.words_per_row() - 1] >> used) != 0) {
      throw py::value_error("words: bits behind the end of row " + std::to_string(i) + " are set");
    }
  }
  return spikes;
}

void bind_spike_array(py::module_& module) {
  py::class_<SpikeArray>(module, "SpikeArray",
                         "Spikes, a bit each: a boolean array of which each row (the last axis) is packed into 64-bit words.\n\n"
                         "Parameters\n----------\ndense : array_like\n    Spikes where elements are not 0; at least one axis.")
      .def(py::init([](const py::object& dense) { return from_dense<SpikeArray>(dense); }), py::arg("dense"))
      .def_static("from_dense", from_dense<SpikeArray>, py::arg("dense"), "Spikes where elements of an array are not 0.")
      .def_static(
          "zeros", [](const py::object& shape) { return SpikeArray(shape_of(shape, "shape")); }, py::arg("shape"), "No spikes.")
      .def_static("from_packed", from_packed, py::arg("words"), py::arg("shape"), "From words as `packed` has them, copied.")
      .def_static(
          "from_events",
          [](const py::object& events) {
            if (!py::isinstance<EventArray>(events)) {
              throw py::type_error("events = " + py::repr(events).cast<std::string>() + ": it must be an EventArray");
            }
            return events.cast<const EventArray&>().to_spikes();
          },
          py::arg("events"), "From a list of events.")
      .def_property_readonly("shape", [](const SpikeArray& spikes) { return shape_tuple(spikes.shape()); })
      .def_property_readonly("packed", packed,
                             "The words, uint64 of shape (…, words of a row), without a copy, read only: element i is bit i % 64 of word i // 64.")
      .def_property_readonly("nbytes", &SpikeArray::byte_size, "Bytes that the words take.")
      .def("count", &SpikeArray::count, "Number of spikes.", py::call_guard<py::gil_scoped_release>())
      .def("to_dense", to_dense<SpikeArray>, py::arg("dtype") = py::none(), "A new array, bool unless another dtype is asked for.")
      .def(
          "to_events", [](const SpikeArray& spikes) { return EventArray::from_spikes(spikes); }, "The list of the spikes.",
          py::call_guard<py::gil_scoped_release>());
}

void bind_event_array(py::module_& module) {
  py::class_<EventArray>(module, "EventArray",
                         "Spikes as the list of where they are, row by row (the last axis): those of row r are columns[first[r]:first[r + 1]].\n\n"
                         "Parameters\n----------\nshape : tuple of int\nfirst : array_like of int64, shape (rows + 1,)\ncolumns : array_like of int32\n"
                         "    Ascending in each row.")
      .def(py::init([](const py::object& shape, const py::object& first, const py::object& columns) {
             return EventArray(shape_of(shape, "shape"), integer_vector<int64_t>(first, "int64", "first"),
                               integer_vector<int32_t>(columns, "int32", "columns"));
           }),
           py::arg("shape"), py::arg("first"), py::arg("columns"))
      .def_static("from_dense", from_dense<EventArray>, py::arg("dense"), "The places where elements of an array are not 0.")
      .def_property_readonly("shape", [](const EventArray& events) { return shape_tuple(events.shape()); })
      .def_property_readonly(
          "first", [](const py::object& self) { return kept_view(self.cast<const EventArray&>().first(), self); }, "int64 of shape (rows + 1,), read only.")
      .def_property_readonly(
          "columns", [](const py::object& self) { return kept_view(self.cast<const EventArray&>().columns(), self); }, "int32 of shape (count(),), read only.")
      .def(
          "count", [](const EventArray& events) { return events.columns().size(); }, "Number of spikes.")
      .def("to_dense", to_dense<EventArray>, py::arg("dtype") = py::none(), "A new array, bool unless another dtype is asked for.")
      .def("to_spikes", &EventArray::to_spikes, "The same, packed.", py::call_guard<py::gil_scoped_release>())
      .def("__reduce__", [](const py::object& self) {
        const auto copy = [&self](const char* name) { return self.attr(name).attr("copy")(); };
        return py::make_tuple(py::type::of(self), py::make_tuple(self.attr("shape"), copy("first"), copy("columns")));
      });
}

}  // namespace

void bind_spikes(py::module_& module) {
  bind_event_array(module);
  bind_spike_array(module);
}

}  // namespace omega::python
