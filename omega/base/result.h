// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or how the world failed (a file that is missing, a full disk).
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "omega/base/check.h"

namespace omega::base {

/// A failure of the world outside.
struct Error {
  /// What could not be done, lower case, no full stop: "cannot read file".
  std::string message;
  /// The errno of the call that failed; 0 when there was none.
  int errno_value = 0;
  /// The file concerned; empty when there is none.
  std::string path;
};

/// One line for people: "cannot read file `a.omega`: No such file or directory".
std::string describe(const Error& error);

/// A T or an Error. Ask has_value() before either is taken; taking the wrong one fails a check.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    OMEGA_CHECK(has_value(), "Result::value() of an error");
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    OMEGA_CHECK(has_value(), "Result::value() of an error");
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    OMEGA_CHECK(has_value(), "Result::value() of an error");
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    OMEGA_CHECK(!has_value(), "Result::error() of a value");
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    OMEGA_CHECK(!has_value(), "Result::error() of a value");
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  [[nodiscard]] bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }

  const Error& error() const& {
    OMEGA_CHECK(failed_, "Result::error() of a success");
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace omega::base
