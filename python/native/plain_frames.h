// SPDX-License-Identifier: Apache-2.0
// Frames of traced code for who looks at them. Used with the GIL.
#pragma once

#include <Python.h>

#include <functional>
#include <vector>

namespace omega::python {

/// While one lives after `make`, the frames of traced code that the interpreter is in are what they are without traces: their variables are values, their
/// globals hold what the module's do. What is put into these globals meanwhile the module gets.
class PlainFrames {
 public:
  PlainFrames() = default;
  PlainFrames(const PlainFrames&) = delete;
  PlainFrames& operator=(const PlainFrames&) = delete;
  ~PlainFrames();
  /// `hand_over`: gives others a container that a variable holds, -1 with an exception set. -1 with an exception set.
  int make(const std::function<int(PyObject*)>& hand_over);

 private:
  struct Variable {
    PyFrameObject* frame;
    PyObject* name;
    PyObject* seen;
    PyObject* value;
  };
  struct View {
    PyObject* view;
    PyObject* filled_with;
  };
  int make_frame(PyFrameObject* frame, PyObject* globals, const std::function<int(PyObject*)>& hand_over);

  std::vector<Variable> variables_;  ///< a reference to each part, as of these:
  std::vector<View> views_;
};

/// The arguments of a generator that has not begun, by its frame, without tracers. -1 with an exception set.
int make_arguments_plain(PyObject* frame);

}  // namespace omega::python
