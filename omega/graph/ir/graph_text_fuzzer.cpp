// SPDX-License-Identifier: Apache-2.0
// What parses must print to a text that parses to the same graph, in both forms; validation must end.
#include <cstdint>
#include <string_view>

#include "omega/graph/ir/text.h"
#include "omega/graph/ir/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::graph;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto graph = parse_text(text);
  if (!graph) {
    graph = parse_json(text);
  }
  if (graph) {
    static_cast<void>(validate(*graph));
    auto again = parse_text(write_text(*graph));
    OMEGA_CHECK(again && identical(*graph, *again), "the text form does not round-trip");
    auto json = parse_json(write_json(*graph));
    OMEGA_CHECK(json && identical(*graph, *json), "the JSON form does not round-trip");
  }
  return 0;
}
