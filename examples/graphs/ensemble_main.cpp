// SPDX-License-Identifier: Apache-2.0
// An ensemble of models written as a plain loop: the graph shows that the calls do not wait for each other, so all run at once.
#include <chrono>
#include <cstdio>
#include <thread>

#include "omega/graph/trace/xcs.h"

namespace {

/// Asks every model in turn. Nothing here speaks of parallelism.
class EnsembleOperator final : public xcs::Operator {
 public:
  explicit EnsembleOperator(std::vector<xcs::Model> models) : models_(std::move(models)) {}

  [[nodiscard]] xcs::Tracer forward(const xcs::Tracer& inputs) const override {
    std::vector<xcs::Tracer> results;
    for (const xcs::Model& model : models_) {
      results.push_back(model(inputs));  // parallel opportunity
    }
    return xcs::list(results);
  }

 private:
  std::vector<xcs::Model> models_;
};

/// A model that takes 10 ms to answer, as if it were somewhere else.
xcs::Model slow_model(int number) {
  return {"model " + std::to_string(number),
          [number](std::span<const xcs::Value> inputs) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            return xcs::Value(inputs[0].as_string() + " " + std::to_string(number * number));
          },
          omega::graph::kWaits};
}

}  // namespace

int main() {
  std::vector<xcs::Model> models;
  for (int i = 0; i < 20; ++i) {
    models.push_back(slow_model(i));
  }
  const auto ensemble = xcs::jit(EnsembleOperator(std::move(models)));
  static_cast<void>(ensemble("warm up"));  // traces, one model after the other

  const auto start = std::chrono::steady_clock::now();
  const xcs::Value answers = ensemble("answer");
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;

  for (const xcs::Value& answer : answers.as_list()) {
    std::printf("%s\n", answer.as_string().c_str());
  }
  std::fprintf(stderr, "20 models of 10 ms each: %.1f ms\n%s", time.count(), ensemble.explain("answer").c_str());
}
