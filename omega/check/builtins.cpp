// SPDX-License-Identifier: Apache-2.0
// Which file has which built-in function and method.
#include "omega/check/builtins.h"

#include "omega/check/builtin_values.h"

namespace omega::check {

Value check_builtin_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  if (kind <= FunctionKind::Eprintf) {
    return check_output_function(checker, kind, site);
  }
  if (kind <= FunctionKind::Max) {
    return check_math_function(checker, kind, site);
  }
  if (kind <= FunctionKind::Chr) {
    return check_text_function(checker, kind, site);
  }
  if (kind == FunctionKind::Copy || kind == FunctionKind::Sort) {
    const bool is_copy = kind == FunctionKind::Copy;
    if (!check_argument_count(checker, site, is_copy ? "copy" : "sort", 1, is_copy ? 1 : 2)) {
      return Value::error();
    }
    const Value value = checker.runtime_expression(site.arguments[0]);
    if (value.is_error()) {
      return value;
    }
    return is_copy ? copy_value(checker, value, site.node) : sort_array(checker, value, site.arguments.size() > 1 ? site.arguments[1] : 0, site.node);
  }
  if (kind <= FunctionKind::Random) {
    return check_system_function(checker, kind, site);
  }
  if (kind <= FunctionKind::Revert) {
    return check_failing_function(checker, kind, site);
  }
  return check_atomic_function(checker, kind, site);
}

Value check_method(Checker& checker, MethodKind kind, const CallSite& site) {
  switch (checker.info(site.receiver.type).kind) {
    case TypeKind::String: return check_text_method(checker, kind, site);
    case TypeKind::Mapping: return check_mapping_method(checker, kind, site);
    case TypeKind::Result: return result_or(checker, site);
    case TypeKind::Random: return check_random_method(checker, kind, site);
    default: return check_array_method(checker, kind, site);
  }
}

}  // namespace omega::check
