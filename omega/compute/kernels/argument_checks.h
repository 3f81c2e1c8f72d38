// SPDX-License-Identifier: Apache-2.0
// What kernels ask of their arguments; each throws std::invalid_argument that names the argument, what it is and what is needed.
#pragma once

#include <stdexcept>
#include <string>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/spikes.h"

namespace omega::compute {

inline void require_shape(const char* argument, const Shape& given, const Shape& needed) {
  if (!(given == needed)) {
    throw std::invalid_argument(std::string(argument) + ": its shape is " + given.describe() + "; it must be " + needed.describe());
  }
}

inline void require_type(const char* argument, ElementType given, ElementType needed) {
  if (given != needed) {
    throw std::invalid_argument(std::string(argument) + ": its type is " + std::string(name_of(given)) + "; it must be " + std::string(name_of(needed)));
  }
}

inline void require_floats(const char* argument, ElementType given) {
  if (given != ElementType::float32 && given != ElementType::float64) {
    throw std::invalid_argument(std::string(argument) + ": its type is " + std::string(name_of(given)) + "; it must be float32 or float64");
  }
}

inline void require_contiguous(const char* argument, const ArrayView& view) {
  if (!view.is_contiguous()) {
    throw std::invalid_argument(std::string(argument) + ": its elements must lie one behind the other (contiguous)");
  }
}

/// A contiguous array of this type and shape.
inline void require_array(const char* argument, const ArrayView& view, ElementType type, const Shape& shape) {
  require_type(argument, view.type, type);
  require_shape(argument, view.shape, shape);
  require_contiguous(argument, view);
}

}  // namespace omega::compute
