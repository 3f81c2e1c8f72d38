// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/run_trace.h"

#include <algorithm>
#include <array>
#include <bit>
#include <nlohmann/json.hpp>

namespace omega::graph {
namespace {

using Json = nlohmann::ordered_json;

uint32_t bucket_of(size_t bytes) { return static_cast<uint32_t>(std::bit_width(bytes)); }

/// Text as JSON can hold it: bytes above ASCII become `?`.
std::string plain(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

}  // namespace

std::string_view name_of(OperationStatus status) {
  static constexpr std::array<std::string_view, 4> names = {"not run", "done", "failed", "skipped"};
  return names[static_cast<size_t>(status)];
}

std::string RunTrace::to_chrome_json(const ComputationGraph& graph) const {
  Json list = Json::array();
  int64_t origin = INT64_MAX;
  std::vector<const TraceEvent*> by_operation(graph.operations().size(), nullptr);
  for (const TraceEvent& event : events) {
    origin = std::min(origin, event.ready_ns);
    by_operation[event.operation.index] = &event;
  }
  const auto micros = [&](int64_t ns) { return static_cast<double>(ns - origin) / 1000; };
  for (size_t lane = 0; lane < lane_names.size(); ++lane) {
    list.push_back({{"ph", "M"}, {"pid", 1}, {"tid", lane}, {"name", "thread_name"}, {"args", {{"name", lane_names[lane]}}}});
  }
  for (const TraceEvent& event : events) {
    Json args{{"operation", event.operation.index},
              {"status", std::string(name_of(event.status))},
              {"attempts", event.attempts},
              {"waited_for_a_worker_us", static_cast<double>(event.start_ns - event.ready_ns) / 1000}};
    if (event.released_by.valid()) {
      args["waited_for_operation"] = event.released_by.index;
    }
    list.push_back({{"ph", "X"},
                    {"pid", 1},
                    {"tid", event.lane},
                    {"name", plain(graph.text(graph.operation(event.operation).callee))},
                    {"ts", micros(event.start_ns)},
                    {"dur", static_cast<double>(event.end_ns - event.start_ns) / 1000},
                    {"args", std::move(args)}});
    if (event.released_by.valid() && by_operation[event.released_by.index] != nullptr) {
      const TraceEvent& from = *by_operation[event.released_by.index];
      list.push_back(
          {{"ph", "s"}, {"id", event.operation.index}, {"pid", 1}, {"tid", from.lane}, {"name", "release"}, {"cat", "release"}, {"ts", micros(from.end_ns)}});
      list.push_back({{"ph", "f"},
                      {"bp", "e"},
                      {"id", event.operation.index},
                      {"pid", 1},
                      {"tid", event.lane},
                      {"name", "release"},
                      {"cat", "release"},
                      {"ts", micros(event.start_ns)}});
    }
  }
  return Json{{"traceEvents", std::move(list)}, {"displayTimeUnit", "ns"}}.dump();
}

void CostModel::learn(std::string_view callee, size_t input_bytes, double nanoseconds) {
  const std::lock_guard lock(mutex_);
  Cost& cost = costs_[{std::string(callee), bucket_of(input_bytes)}];
  // A mean that forgets: the newest run weighs at least an eighth.
  cost.weight = std::min(cost.weight + 1, 8.0);
  cost.mean += (nanoseconds - cost.mean) / cost.weight;
}

void CostModel::learn(const ComputationGraph& graph, const RunTrace& trace) {
  for (const TraceEvent& event : trace.events) {
    if (event.status == OperationStatus::done) {
      learn(graph.text(graph.operation(event.operation).callee), 0, static_cast<double>(event.end_ns - event.start_ns));
    }
  }
}

double CostModel::predict(std::string_view callee, size_t input_bytes, double unknown) const {
  const std::lock_guard lock(mutex_);
  const std::string name(callee);
  const uint32_t bucket = bucket_of(input_bytes);
  double best = unknown;
  uint32_t distance = UINT32_MAX;
  for (auto at = costs_.lower_bound({name, 0}); at != costs_.end() && at->first.first == name; ++at) {
    const uint32_t size = at->first.second;
    const uint32_t away = size > bucket ? size - bucket : bucket - size;
    if (away < distance) {
      distance = away;
      best = at->second.mean;
    }
  }
  return best;
}

std::string CostModel::to_json() const {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const auto& [key, cost] : costs_) {
    list.push_back({{"operator", plain(key.first)}, {"size_bits", key.second}, {"nanoseconds", cost.mean}, {"weight", cost.weight}});
  }
  return Json{{"omega_costs", 1}, {"costs", std::move(list)}}.dump();
}

bool CostModel::read(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("omega_costs", 0) != 1 || !json.contains("costs") || !json["costs"].is_array()) {
    return false;
  }
  std::map<std::pair<std::string, uint32_t>, Cost> read;
  for (const Json& each : json["costs"]) {
    if (!each.is_object() || !each.contains("operator") || !each["operator"].is_string() || !each.contains("size_bits") ||
        !each["size_bits"].is_number_unsigned() || !each.contains("nanoseconds") || !each["nanoseconds"].is_number() || !each.contains("weight") ||
        !each["weight"].is_number()) {
      return false;
    }
    read[{each["operator"].get<std::string>(), each["size_bits"].get<uint32_t>()}] = {each["nanoseconds"].get<double>(), each["weight"].get<double>()};
  }
  const std::lock_guard lock(mutex_);
  for (auto& [key, cost] : read) {
    costs_[key] = cost;
  }
  return true;
}

}  // namespace omega::graph
