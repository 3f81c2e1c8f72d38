// SPDX-License-Identifier: Apache-2.0
// How the checker says what is wrong.
#include "omega/check/checker.h"

namespace omega::check {

diag::Diagnostic& Checker::report(diag::Kind kind, NodeId where, std::initializer_list<std::string> args) {
  return report_at(kind, tree_->full_span(where), args);
}

diag::Diagnostic& Checker::report_at(diag::Kind kind, Span span, std::initializer_list<std::string> args) {
  diag::Diagnostic& diagnostic = sink_->report(kind, span, args);
  if (unit_ != nullptr && unit_->unit.kind == UnitKind::Instance) {
    diagnostic.note(unit_->unit.requested_at, "in `" + unit_name_ + "`, needed here");
  }
  return diagnostic;
}

std::string Checker::value_text(Value value) const {
  switch (value.kind) {
    case ValueKind::Void: return "no value";
    case ValueKind::Type: return "the type `" + types_.text(value.type) + "`";
    case ValueKind::Module: return "a module";
    case ValueKind::Functions: return "a function";
    case ValueKind::Builtin:
    case ValueKind::Pattern: return "a built-in function";
    case ValueKind::Lambda: return "a lambda";
    case ValueKind::Range: return "a range";
    case ValueKind::ErrorName: return "an error";
    default: break;
  }
  if (value.is_constant() && value.type == kNumberType) {
    switch (value.form) {
      case ConstantForm::Integer: return "the number " + std::to_string(value.bits);
      case ConstantForm::Wide: {
        const BigInteger& number = numbers_[value.id].numerator;
        return number.bit_length() <= 512 ? "the number " + number.text() : "a number of " + std::to_string(number.bit_length()) + " bits";
      }
      default: return "a decimal number";
    }
  }
  return "`" + types_.text(value.type) + "`";
}

Value Checker::mismatch(TypeId expected, Value found, NodeId where) {
  if (expected == kErrorType || found.is_error() || found.type == kErrorType) {
    return Value::error();
  }
  diag::Diagnostic& diagnostic = report(diag::Kind::TypeMismatch, where, {types_.text(expected), value_text(found)});
  const TypeInfo& to = types_[expected];
  if (!found.is_value()) {
    return Value::error();
  }
  const TypeKind from = types_[found.type].kind;
  const bool is_number = from == TypeKind::Integer || from == TypeKind::Float;
  if (from == TypeKind::Result && types_[found.type].element == expected) {
    diagnostic.with_help("take its value: `.value`, `.or(default)`, or `try` in a function that returns a `Result`");
  } else if ((to.kind == TypeKind::Integer || to.kind == TypeKind::Float) && (is_number || from == TypeKind::Enum)) {
    diagnostic.with_help("convert it: `" + types_.text(expected) + "(...)`");
  } else if (expected == kBoolType && is_number) {
    diagnostic.with_help("compare it: `... != 0`");
  } else if (to.kind == TypeKind::Array && converts(found, to.element)) {
    diagnostic.with_help("an array of one element is written `[x]`; `.push(x)` adds one element");
  } else if (to.kind == TypeKind::Result && converts(found, to.element)) {
    diagnostic.with_help("`Result.ok(...)` makes one of a value");
  } else if (expected == kStringType) {
    diagnostic.with_help("convert it: `string(...)`");
  }
  return Value::error();
}

}  // namespace omega::check
