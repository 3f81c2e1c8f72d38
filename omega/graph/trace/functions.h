// SPDX-License-Identifier: Apache-2.0
// What can be done with traced values: arithmetic, mathematics, folds, calls, memory.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "omega/graph/trace/tracer.h"

namespace omega::graph {

/// One element operator on traced values. A C++ number beside a traced one takes its type; integers beside floats become float64.
Tracer element_wise(ElementOp op, std::vector<Tracer> inputs);
/// One fold.
Tracer fold(ReduceOp op, const Tracer& array);

inline Tracer operator+(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::add, {a, b}); }
inline Tracer operator-(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::sub, {a, b}); }
inline Tracer operator*(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::mul, {a, b}); }
inline Tracer operator/(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::div, {a, b}); }
inline Tracer operator-(const Tracer& a) { return element_wise(ElementOp::neg, {a}); }
inline Tracer& operator+=(Tracer& a, const Tracer& b) { return a = a + b; }
inline Tracer& operator-=(Tracer& a, const Tracer& b) { return a = a - b; }
inline Tracer& operator*=(Tracer& a, const Tracer& b) { return a = a * b; }
inline Tracer& operator/=(Tracer& a, const Tracer& b) { return a = a / b; }
inline Tracer operator==(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::equal, {a, b}); }
inline Tracer operator!=(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::not_equal, {a, b}); }
inline Tracer operator<(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::less, {a, b}); }
inline Tracer operator<=(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::less_equal, {a, b}); }
inline Tracer operator>(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::greater, {a, b}); }
inline Tracer operator>=(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::greater_equal, {a, b}); }
/// Both sides are computed: there is no short circuit.
inline Tracer operator&&(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::logical_and, {a, b}); }
inline Tracer operator||(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::logical_or, {a, b}); }
inline Tracer operator!(const Tracer& a) { return element_wise(ElementOp::logical_not, {a}); }

inline Tracer minimum(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::minimum, {a, b}); }
inline Tracer maximum(const Tracer& a, const Tracer& b) { return element_wise(ElementOp::maximum, {a, b}); }
inline Tracer abs(const Tracer& a) { return element_wise(ElementOp::abs, {a}); }
inline Tracer sqrt(const Tracer& a) { return element_wise(ElementOp::sqrt, {a}); }
inline Tracer exp(const Tracer& a) { return element_wise(ElementOp::exp, {a}); }
inline Tracer log(const Tracer& a) { return element_wise(ElementOp::log, {a}); }
inline Tracer sin(const Tracer& a) { return element_wise(ElementOp::sin, {a}); }
inline Tracer cos(const Tracer& a) { return element_wise(ElementOp::cos, {a}); }
inline Tracer tanh(const Tracer& a) { return element_wise(ElementOp::tanh, {a}); }
inline Tracer to_float64(const Tracer& a) { return element_wise(ElementOp::to_float64, {a}); }
/// Element for element a where the condition holds, else b; both are computed.
inline Tracer select(const Tracer& condition, const Tracer& a, const Tracer& b) { return element_wise(ElementOp::select, {condition, a, b}); }

inline Tracer sum(const Tracer& array) { return fold(ReduceOp::sum, array); }
inline Tracer product(const Tracer& array) { return fold(ReduceOp::product, array); }
inline Tracer lowest(const Tracer& array) { return fold(ReduceOp::lowest, array); }
inline Tracer highest(const Tracer& array) { return fold(ReduceOp::highest, array); }

/// A call of a registered operator. Throws TracingError when there is none of that name.
Tracer call(std::string_view callee, const std::vector<Tracer>& inputs, std::span<const Attribute> attributes = {});
/// The same for operators of several results.
std::vector<Tracer> call_many(std::string_view callee, const std::vector<Tracer>& inputs, size_t output_count, std::span<const Attribute> attributes = {});
/// The values as one list.
Tracer list(const std::vector<Tracer>& elements);

/// Reads, writes memory that outlives the run (RunOptions::resources); an index makes it an element. Order among accesses that may overlap
/// is kept.
Tracer load(std::string_view resource, const std::vector<Tracer>& index = {});
void store(std::string_view resource, const Tracer& value, const std::vector<Tracer>& index = {});

/// A function of the host program as an argument for a traced function: calls of the tracer are CALLs of `apply`.
Value function(std::function<Value(std::span<const Value>)> host);

}  // namespace omega::graph
