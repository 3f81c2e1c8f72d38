// SPDX-License-Identifier: Apache-2.0
// Loops and branches as operations, and functions made from functions: cond, while_loop, scan, vmap, pmap. All are used inside of a traced
// function.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "omega/graph/trace/functions.h"

namespace omega::graph {

/// A part of a traced function: traced values to traced values.
using TracedBody = std::function<std::vector<Tracer>(std::span<const Tracer>)>;

/// Runs one of two bodies, which take the same inputs and give equally many results. Bodies may use values from around them.
std::vector<Tracer> cond(const Tracer& condition, const TracedBody& if_true, const TracedBody& if_false, const std::vector<Tracer>& inputs);
Tracer cond(const Tracer& condition, const std::function<Tracer()>& if_true, const std::function<Tracer()>& if_false);

/// Runs `step` on the state as long as `goes_on`, looked at first, gives true. Gives the last state.
std::vector<Tracer> while_loop(const std::function<Tracer(std::span<const Tracer>)>& goes_on, const TracedBody& step, const std::vector<Tracer>& state);

/// What scan() gives: the last state, and of each result of the body the sequence of all elements.
struct ScanResult {
  Tracer state;
  std::vector<Tracer> sequences;
};
/// What a scan's body gives: the next state, and one element of each result.
struct ScanStep {
  Tracer state;
  std::vector<Tracer> elements;
};
/// Goes over the elements of the sequences in order: body(state, elements).
ScanResult scan(const std::function<ScanStep(const Tracer& state, std::span<const Tracer> elements)>& body, const Tracer& state,
                const std::vector<Tracer>& sequences);

/// The body on each element of the sequences (lists, or the first dimension of arrays), at once on all workers; `whole` values come behind
/// the elements as they are.
std::vector<Tracer> map_elements(const TracedBody& body, const std::vector<Tracer>& sequences, const std::vector<Tracer>& whole = {});
/// The same where the body, if it is element-wise and no row is mixed with a scalar, is applied to whole arrays at once.
std::vector<Tracer> map_vectorised(const TracedBody& body, const std::vector<Tracer>& sequences, const std::vector<Tracer>& whole = {});

/// A function of elements made into one of sequences: element-wise functions become operations on whole arrays, others a parallel map.
/// `vmap(f)(xs, ys)` gives f of each pair of elements.
template <class F>
auto vmap(F f) {
  return [f = std::move(f)]<class... Sequences>(const Sequences&... sequences) {
    return map_vectorised(
        [&](std::span<const Tracer> elements) {
          return
              [&]<size_t... I>(std::index_sequence<I...>) { return std::vector<Tracer>{Tracer(f(elements[I]...))}; }(std::index_sequence_for<Sequences...>());
        },
        {Tracer(sequences)...})[0];
  };
}

/// The same with one call of `f` for each element, spread over the workers: for functions that are work enough by themselves.
template <class F>
auto pmap(F f) {
  return [f = std::move(f)]<class... Sequences>(const Sequences&... sequences) {
    return map_elements(
        [&](std::span<const Tracer> elements) {
          return
              [&]<size_t... I>(std::index_sequence<I...>) { return std::vector<Tracer>{Tracer(f(elements[I]...))}; }(std::index_sequence_for<Sequences...>());
        },
        {Tracer(sequences)...})[0];
  };
}

}  // namespace omega::graph
