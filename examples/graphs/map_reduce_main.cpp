// SPDX-License-Identifier: Apache-2.0
// Counts words over files: one call for each file, folded two by two. `map_reduce FILE...` prints the ten most frequent words.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <map>

#include "omega/graph/trace/xcs.h"

namespace {

using Counts = std::map<std::string, int64_t>;

xcs::Value count_words(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error("cannot read " + path);
  }
  auto counts = std::make_shared<Counts>();
  for (std::string word; file >> word;) {
    std::erase_if(word, [](unsigned char c) { return std::isalpha(c) == 0; });
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!word.empty()) {
      ++(*counts)[word];
    }
  }
  return xcs::Value::object(std::move(counts));
}

xcs::Value merge(const Counts& a, const Counts& b) {
  auto merged = std::make_shared<Counts>(a);
  for (const auto& [word, count] : b) {
    (*merged)[word] += count;
  }
  return xcs::Value::object(std::move(merged));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: map_reduce FILE...\n");
    return 2;
  }
  const xcs::Model count("count words", [](std::span<const xcs::Value> inputs) { return count_words(inputs[0].as_string()); });
  const xcs::Model join("merge counts", [](std::span<const xcs::Value> inputs) {
    return merge(inputs[0].as_object_of<Counts>(), inputs[1].as_object_of<Counts>());
  });
  const auto frequencies = xcs::jit([&](const std::vector<xcs::Tracer>& paths) {
    std::vector<xcs::Tracer> counts;
    for (const xcs::Tracer& path : paths) {
      counts.push_back(count(path));
    }
    while (counts.size() > 1) {
      std::vector<xcs::Tracer> merged;
      for (size_t i = 0; i + 1 < counts.size(); i += 2) {
        merged.push_back(join(counts[i], counts[i + 1]));
      }
      if (counts.size() % 2 == 1) {
        merged.push_back(counts.back());
      }
      counts = std::move(merged);
    }
    return counts[0];
  });
  const std::vector<std::string> paths(argv + 1, argv + argc);
  try {
    static_cast<void>(frequencies(paths));  // traces
    const xcs::Value result = frequencies(paths);
    const Counts& counts = result.as_object_of<Counts>();
    std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
    std::ranges::stable_sort(sorted, std::ranges::greater(), &std::pair<std::string, int64_t>::second);
    for (size_t i = 0; i < sorted.size() && i < 10; ++i) {
      std::printf("%5ld %s\n", static_cast<long>(sorted[i].second), sorted[i].first.c_str());
    }
    std::fprintf(stderr, "%s", frequencies.explain(paths).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "map_reduce: %s\n", error.what());
    return 1;
  }
}
