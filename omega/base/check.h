// SPDX-License-Identifier: Apache-2.0
// OMEGA_CHECK: what must hold unless Omega itself has a bug. A failed check says where and ends the process with code 70.
#pragma once

namespace omega::base {

/// What a failed check knows.
struct CheckFailure {
  const char* file;
  int line;
  const char* condition;
  const char* message;
};

/// Called before the process ends; may print or clean up, need not return.
using CheckHandler = void (*)(const CheckFailure&);

/// Replaces the handler (the first one prints to standard error) and returns the one before. Thread-safe.
CheckHandler set_check_handler(CheckHandler handler);

/// Runs the handler, then ends the process with exit code 70.
[[noreturn, gnu::cold]] void check_failed(const char* file, int line, const char* condition, const char* message);

}  // namespace omega::base

/// Ends the process with exit code 70 unless `condition` holds; on in every build.
#define OMEGA_CHECK(condition, message)                                     \
  do {                                                                      \
    if (!(condition)) [[unlikely]] {                                        \
      ::omega::base::check_failed(__FILE__, __LINE__, #condition, message); \
    }                                                                       \
  } while (false)

/// Marks a place that cannot be reached unless Omega has a bug.
#define OMEGA_UNREACHABLE(message) ::omega::base::check_failed(__FILE__, __LINE__, "unreachable", message)

/// OMEGA_CHECK in builds without NDEBUG; costs nothing in release.
#ifdef NDEBUG
#define OMEGA_DCHECK(condition, message) \
  do {                                   \
    if (false) {                         \
      static_cast<void>(condition);      \
    }                                    \
  } while (false)
#else
#define OMEGA_DCHECK(condition, message) OMEGA_CHECK(condition, message)
#endif
