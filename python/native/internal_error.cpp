// SPDX-License-Identifier: Apache-2.0
#include "python/native/internal_error.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "omega/base/check.h"

namespace omega::python {
namespace {

struct InternalError : std::logic_error {
  using std::logic_error::logic_error;
};

base::CheckHandler ends_process = nullptr;
pid_t process = 0;

/// The file's path from the repository's root on; empty for files that are none of Omega's. The root may lie in folders of these names too.
std::string_view place_of(std::string_view file) {
  size_t begin = 0;
  for (const std::string_view folder : {"omega/", "python/native/"}) {
    const size_t at = file.rfind(folder);
    begin = at == std::string_view::npos ? begin : std::max(begin, at + 1);
  }
  return begin == 0 ? std::string_view() : file.substr(begin - 1);
}

bool is_pure(std::string_view place) {
  static constexpr std::string_view folders[] = {"omega/diag/", "omega/source/", "omega/lex/",     "omega/parse/",   "omega/check/",  "omega/ir/",
                                                 "omega/opt/",  "omega/object/", "omega/codegen/", "omega/compile/", "python/native/"};
  return std::ranges::any_of(folders, [&](std::string_view folder) { return place.starts_with(folder); });
}

void raise_failed_check(const base::CheckFailure& failure) {
  const std::string_view place = place_of(failure.file);
  if (getpid() != process || !is_pure(place)) {
    ends_process(failure);
    return;
  }
  throw InternalError("internal error: " + std::string(place) + ":" + std::to_string(failure.line) + ": " + failure.message + " (" + failure.condition +
                      "). This is a bug in Omega, not in your program");
}

}  // namespace

void bind_internal_errors(pybind11::module_& module) {
  pybind11::register_exception<InternalError>(module, "InternalError", PyExc_RuntimeError).doc() = "Omega's own bug: a check that failed while compiling.";
  process = getpid();
  ends_process = base::set_check_handler(raise_failed_check);
}

}  // namespace omega::python
