// SPDX-License-Identifier: Apache-2.0
// The failing half of OMEGA_CHECK.
#include "omega/base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace omega::base {
namespace {

constexpr int internal_error_exit_code = 70;

void print_failure(const CheckFailure& failure) {
  std::fprintf(stderr, "omega: internal error: %s:%d: %s (%s)\nThis is a bug in Omega, not in your program.\n", failure.file, failure.line, failure.message,
               failure.condition);
}

std::atomic<CheckHandler> current_handler{&print_failure};

}  // namespace

CheckHandler set_check_handler(CheckHandler handler) { return current_handler.exchange(handler == nullptr ? &print_failure : handler); }

void check_failed(const char* file, int line, const char* condition, const char* message) {
  current_handler.load()(CheckFailure{file, line, condition, message});
  std::_Exit(internal_error_exit_code);
}

}  // namespace omega::base
