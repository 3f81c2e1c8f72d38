// SPDX-License-Identifier: Apache-2.0
// Values that are made when they are first asked for, and kept.
#pragma once

namespace omega::python {

/// What the first call of `make` gave, for ever: one for each expression that makes. With the GIL. A static initialiser would let a second thread wait inside
/// C++ with the GIL held, while the first needs it to go on: whatever makes objects may collect garbage, which runs code of the program and may give the lock
/// away. Here both make theirs, and the second is dropped.
template <class Make>
const auto& made_once(Make make) {
  using Value = decltype(make());
  static constinit const Value* kept = nullptr;
  if (kept == nullptr) {
    const Value* const made = new Value(make());
    if (kept == nullptr) {
      kept = made;
    } else {
      delete made;
    }
  }
  return *kept;
}

}  // namespace omega::python
