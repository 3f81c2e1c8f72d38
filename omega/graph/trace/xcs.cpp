// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/xcs.h"

namespace omega::xcs {

Model::Model(std::string name, std::function<Value(std::span<const Value>)> run, uint8_t flags, Engine& engine) : name_(std::move(name)) {
  engine.operators().add(
      name_,
      [run = std::move(run)](graph::Call& call) {
        std::vector<Value> inputs;
        inputs.reserve(call.input_count());
        for (size_t i = 0; i < call.input_count(); ++i) {
          inputs.push_back(call.input(i));
        }
        call.set(0, run(inputs));
      },
      flags);
}

}  // namespace omega::xcs
