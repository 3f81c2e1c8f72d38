// SPDX-License-Identifier: Apache-2.0
// Arguments and results of traced functions: nested C++ containers as flat lists of values, and back.
#pragma once

#include <array>
#include <concepts>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "omega/graph/trace/tracer.h"

namespace omega::graph {

/// An argument that tracing sees as it is: branches and loops may depend on it. A new value is a new signature.
template <class T>
struct Static {
  T value;
  operator const T&() const { return value; }  // NOLINT(google-explicit-constructor)
};

namespace structure {

/// Reads a flat list from front to back.
template <class T>
struct Cursor {
  std::span<const T> items;
  size_t next = 0;
  const T& take() { return items[next++]; }
};

/// Lengths and keys of containers, in the order of a walk through them.
struct Layout {
  std::vector<size_t> lengths;
  std::vector<std::string> keys;
};
struct LayoutCursor {
  const Layout& layout;
  size_t next_length = 0;
  size_t next_key = 0;
};

template <class T>
concept Number = std::is_arithmetic_v<T>;
/// Elements of vectors that become arrays.
template <class T>
concept Element = std::same_as<T, double> || std::same_as<T, int64_t>;

void append_signature(const Value& value, std::string& signature, size_t depth = 0);

// Arguments: C++ values to flat values, their signature, and what the traced function gets in their place.
template <class T>
struct Argument;

template <class T>
using Traced = typename Argument<std::remove_cvref_t<T>>::Type;

template <class T>
void flatten(const T& argument, std::vector<Value>& values, std::string& signature) {
  Argument<T>::flatten(argument, values, signature);
}
template <class T>
Traced<T> to_traced(const T& argument, Cursor<Tracer>& tracers) {
  return Argument<T>::to_traced(argument, tracers);
}

/// What becomes one tracer.
template <class T>
struct LeafArgument {
  using Type = Tracer;
  static void flatten(const T& argument, std::vector<Value>& values, std::string& signature) {
    values.push_back(Argument<T>::value_of(argument));
    append_signature(values.back(), signature);
  }
  static Tracer to_traced(const T&, Cursor<Tracer>& tracers) { return tracers.take(); }
};
template <>
struct Argument<Value> : LeafArgument<Value> {
  static Value value_of(const Value& value) { return value; }
};
template <Number T>
struct Argument<T> : LeafArgument<T> {
  static Value value_of(T value) {
    if constexpr (std::same_as<T, bool> || std::same_as<T, float> || std::same_as<T, double>) {
      return Value(value);
    } else {
      return Value(static_cast<int64_t>(value));
    }
  }
};
template <>
struct Argument<std::string> : LeafArgument<std::string> {
  static Value value_of(const std::string& value) { return Value(value); }
};
template <size_t N>
struct Argument<char[N]> : LeafArgument<char[N]> {
  static Value value_of(const char* value) { return Value(std::string(value)); }
};
template <>
struct Argument<const char*> : LeafArgument<const char*> {
  static Value value_of(const char* value) { return Value(std::string(value)); }
};
template <Element T>
struct Argument<std::vector<T>> : LeafArgument<std::vector<T>> {
  static Value value_of(const std::vector<T>& elements) { return Value::array(std::span<const T>(elements)); }
};

template <class T>
struct Argument<Static<T>> {
  using Type = Static<T>;
  static void flatten(const Static<T>& argument, std::vector<Value>&, std::string& signature) {
    signature += "static ";
    append_signature(Argument<T>::value_of(argument.value), signature);
    signature += Argument<T>::value_of(argument.value).describe() + ";";
  }
  static Static<T> to_traced(const Static<T>& argument, Cursor<Tracer>&) { return argument; }
};
template <class T>
struct Argument<std::vector<T>> {
  using Type = std::vector<Traced<T>>;
  static void flatten(const std::vector<T>& argument, std::vector<Value>& values, std::string& signature) {
    signature += "vector " + std::to_string(argument.size()) + " ";
    for (const T& each : argument) {
      structure::flatten(each, values, signature);
    }
  }
  static Type to_traced(const std::vector<T>& argument, Cursor<Tracer>& tracers) {
    Type traced;
    for (const T& each : argument) {
      traced.push_back(structure::to_traced(each, tracers));
    }
    return traced;
  }
};
template <class T, size_t N>
struct Argument<std::array<T, N>> {
  using Type = std::array<Traced<T>, N>;
  static void flatten(const std::array<T, N>& argument, std::vector<Value>& values, std::string& signature) {
    for (const T& each : argument) {
      structure::flatten(each, values, signature);
    }
  }
  static Type to_traced(const std::array<T, N>& argument, Cursor<Tracer>& tracers) {
    return [&]<size_t... I>(std::index_sequence<I...>) { return Type{structure::to_traced(argument[I], tracers)...}; }(std::make_index_sequence<N>());
  }
};
template <class T>
struct Argument<std::map<std::string, T>> {
  using Type = std::map<std::string, Traced<T>>;
  static void flatten(const std::map<std::string, T>& argument, std::vector<Value>& values, std::string& signature) {
    signature += "map " + std::to_string(argument.size()) + " ";
    for (const auto& [key, each] : argument) {
      signature += std::to_string(key.size()) + ":" + key + " ";
      structure::flatten(each, values, signature);
    }
  }
  static Type to_traced(const std::map<std::string, T>& argument, Cursor<Tracer>& tracers) {
    Type traced;
    for (const auto& [key, each] : argument) {
      traced.emplace(key, structure::to_traced(each, tracers));
    }
    return traced;
  }
};
template <class... T>
struct Argument<std::tuple<T...>> {
  using Type = std::tuple<Traced<T>...>;
  static void flatten(const std::tuple<T...>& argument, std::vector<Value>& values, std::string& signature) {
    std::apply([&](const T&... each) { (structure::flatten(each, values, signature), ...); }, argument);
  }
  static Type to_traced(const std::tuple<T...>& argument, Cursor<Tracer>& tracers) {
    return std::apply([&](const T&... each) { return Type{structure::to_traced(each, tracers)...}; }, argument);
  }
};
template <class A, class B>
struct Argument<std::pair<A, B>> {
  using Type = std::pair<Traced<A>, Traced<B>>;
  static void flatten(const std::pair<A, B>& argument, std::vector<Value>& values, std::string& signature) {
    structure::flatten(argument.first, values, signature);
    structure::flatten(argument.second, values, signature);
  }
  static Type to_traced(const std::pair<A, B>& argument, Cursor<Tracer>& tracers) {
    return Type{structure::to_traced(argument.first, tracers), structure::to_traced(argument.second, tracers)};
  }
};

// Results: what the traced function gives to flat tracers, and values back to the same containers.
template <class T>
struct Returned {
  static_assert(std::convertible_to<T, Tracer>, "a traced function gives tracers, numbers, strings, and containers of these");
  using Type = Value;
  static void flatten(const T& result, std::vector<Tracer>& tracers, Layout&) { tracers.push_back(Tracer(result)); }
  static Value from_values(Cursor<Value>& values, LayoutCursor&) { return values.take(); }
};
template <class T>
struct Returned<std::vector<T>> {
  using Type = std::vector<typename Returned<T>::Type>;
  static void flatten(const std::vector<T>& result, std::vector<Tracer>& tracers, Layout& layout) {
    layout.lengths.push_back(result.size());
    for (const T& each : result) {
      Returned<T>::flatten(each, tracers, layout);
    }
  }
  static Type from_values(Cursor<Value>& values, LayoutCursor& layout) {
    Type result;
    for (size_t left = layout.layout.lengths[layout.next_length++]; left > 0; --left) {
      result.push_back(Returned<T>::from_values(values, layout));
    }
    return result;
  }
};
template <class T, size_t N>
struct Returned<std::array<T, N>> {
  using Type = std::array<typename Returned<T>::Type, N>;
  static void flatten(const std::array<T, N>& result, std::vector<Tracer>& tracers, Layout& layout) {
    for (const T& each : result) {
      Returned<T>::flatten(each, tracers, layout);
    }
  }
  static Type from_values(Cursor<Value>& values, LayoutCursor& layout) {
    Type result;
    for (auto& each : result) {
      each = Returned<T>::from_values(values, layout);
    }
    return result;
  }
};
template <class T>
struct Returned<std::map<std::string, T>> {
  using Type = std::map<std::string, typename Returned<T>::Type>;
  static void flatten(const std::map<std::string, T>& result, std::vector<Tracer>& tracers, Layout& layout) {
    layout.lengths.push_back(result.size());
    for (const auto& [key, each] : result) {
      layout.keys.push_back(key);
      Returned<T>::flatten(each, tracers, layout);
    }
  }
  static Type from_values(Cursor<Value>& values, LayoutCursor& layout) {
    Type result;
    for (size_t left = layout.layout.lengths[layout.next_length++]; left > 0; --left) {
      const std::string& key = layout.layout.keys[layout.next_key++];
      result.emplace(key, Returned<T>::from_values(values, layout));
    }
    return result;
  }
};
template <class... T>
struct Returned<std::tuple<T...>> {
  using Type = std::tuple<typename Returned<T>::Type...>;
  static void flatten(const std::tuple<T...>& result, std::vector<Tracer>& tracers, Layout& layout) {
    std::apply([&](const T&... each) { (Returned<T>::flatten(each, tracers, layout), ...); }, result);
  }
  static Type from_values(Cursor<Value>& values, LayoutCursor& layout) { return Type{Returned<T>::from_values(values, layout)...}; }
};
template <class A, class B>
struct Returned<std::pair<A, B>> {
  using Type = std::pair<typename Returned<A>::Type, typename Returned<B>::Type>;
  static void flatten(const std::pair<A, B>& result, std::vector<Tracer>& tracers, Layout& layout) {
    Returned<A>::flatten(result.first, tracers, layout);
    Returned<B>::flatten(result.second, tracers, layout);
  }
  static Type from_values(Cursor<Value>& values, LayoutCursor& layout) {
    return Type{Returned<A>::from_values(values, layout), Returned<B>::from_values(values, layout)};
  }
};

/// Whether an argument holds tracers already: the call is part of another trace.
template <class T>
struct HoldsTracers : std::is_same<T, Tracer> {};
template <class T>
struct HoldsTracers<std::vector<T>> : HoldsTracers<T> {};
template <class T, size_t N>
struct HoldsTracers<std::array<T, N>> : HoldsTracers<T> {};
template <class T>
struct HoldsTracers<std::map<std::string, T>> : HoldsTracers<T> {};
template <class... T>
struct HoldsTracers<std::tuple<T...>> : std::disjunction<HoldsTracers<T>...> {};
template <class A, class B>
struct HoldsTracers<std::pair<A, B>> : std::disjunction<HoldsTracers<A>, HoldsTracers<B>> {};

}  // namespace structure
}  // namespace omega::graph
