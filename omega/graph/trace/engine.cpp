// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/trace/engine.h"

namespace omega::graph {

Engine& Engine::process() {
  static Engine engine;
  return engine;
}

}  // namespace omega::graph
