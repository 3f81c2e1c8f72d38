// SPDX-License-Identifier: Apache-2.0
// Holds the places of built-ins until their files are there: each use is reported.
#include "omega/check/checker.h"
namespace omega::check {
Value check_pattern(Checker& c, PatternKind, const CallSite& s) { c.report(diag::Kind::NotAValue, s.node, {"pattern"}); return {}; }
Value check_builtin_function(Checker& c, FunctionKind, const CallSite& s) { c.report(diag::Kind::NotAValue, s.node, {"builtin"}); return {}; }
Value check_method(Checker& c, MethodKind, const CallSite& s) { c.report(diag::Kind::NotAValue, s.node, {"method"}); return {}; }
Value check_match(Checker& c, parse::NodeId n, TypeId) { c.report(diag::Kind::NotAValue, n, {"match"}); return {}; }
}
