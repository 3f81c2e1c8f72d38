// SPDX-License-Identifier: Apache-2.0
// The public face of computation graphs: namespace xcs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "omega/graph/trace/jit.h"

namespace omega::xcs {

using graph::call;
using graph::call_many;
using graph::cond;
using graph::Engine;
using graph::function;
using graph::HybridStrategy;
using graph::jit;
using graph::JitOptions;
using graph::list;
using graph::load;
using graph::map_elements;
using graph::pmap;
using graph::scan;
using graph::ScanResult;
using graph::ScanStep;
using graph::select;
using graph::Static;
using graph::StaticAnalysisStrategy;
using graph::StaticFunction;
using graph::store;
using graph::Strategy;
using graph::Tracer;
using graph::TracingError;
using graph::TracingStrategy;
using graph::TransientError;
using graph::Value;
using graph::vmap;
using graph::while_loop;

/// A thing that turns inputs into outputs by `forward()`, which is traced when the operator is given to jit().
class Operator {
 public:
  virtual ~Operator() = default;
  [[nodiscard]] virtual Tracer forward(const Tracer& inputs) const = 0;
  Tracer operator()(const Tracer& inputs) const { return forward(inputs); }

 protected:
  Operator() = default;
  Operator(const Operator&) = default;
  Operator& operator=(const Operator&) = default;
  Operator(Operator&&) = default;
  Operator& operator=(Operator&&) = default;
};

/// A registered operator of one result that is called like a function. Copies are the same operator.
class Model {
 public:
  /// Registers it; `flags` are graph::OperationFlag bits (graph::kWaits for what waits for a network).
  Model(std::string name, std::function<Value(std::span<const Value>)> run, uint8_t flags = 0, Engine& engine = Engine::process());

  template <class... Args>
  Tracer operator()(const Args&... inputs) const {
    return call(name_, {Tracer(inputs)...});
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace omega::xcs

namespace xcs = omega::xcs;
