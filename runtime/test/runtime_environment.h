// SPDX-License-Identifier: Apache-2.0
// Makes the test's main thread an Omega thread, and small bridges between strings of both worlds.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "runtime/omega_runtime.h"

inline om_array* om(std::string_view text) { return om_string_new(text.data(), static_cast<int64_t>(text.size())); }
inline std::string text(const om_array* a) {
  return a == nullptr || a->len == 0 ? std::string() : std::string(reinterpret_cast<const char*>(a->data), static_cast<size_t>(a->len));
}
/// What `print` prints, as a string.
template <class Print>
std::string printed(Print print) {
  om_text_begin();
  print();
  return text(om_text_end());
}
/// A closure as compiled code makes it, around a callable.
template <class Body>
struct Closure {
  void (*code)(void*, void*);
  Body* body;
};
template <class Body>
Closure<Body> closure(Body& body) {
  return {[](void* self, void*) { (*static_cast<Closure<Body>*>(self)->body)(); }, &body};
}
/// The error text of `body`, or "" when it ends well.
template <class Body>
std::string error_of(Body body) {
  auto c = closure(body);
  return text(om_try(&c, nullptr));
}
