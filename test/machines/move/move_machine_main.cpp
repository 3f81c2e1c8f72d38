// SPDX-License-Identifier: Apache-2.0
// The Move VM as a program: a JSON command a line in, a JSON answer a line out (README.md).
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "omega/base/hash.h"
#include "omega/base/hexadecimal.h"
#include "test/machines/move/move_machine.h"

namespace {

using nlohmann::json;
using omega::object::move::AccountAddress;
using omega::testing::MoveMachine;
using omega::testing::MoveOutcome;

std::string bytes_of(std::string_view digits) {
  const std::optional<std::string> bytes = omega::base::bytes_of_hexadecimal(digits);
  return bytes ? *bytes : throw std::invalid_argument("not a hexadecimal number");
}

/// `0x1` and the like, zeros in front left out.
AccountAddress address_of(std::string_view text) {
  if (!text.starts_with("0x") || text.size() > 66) {
    throw std::invalid_argument("an address is 0x and up to 64 digits");
  }
  const std::string digits = std::string(66 - text.size(), '0') + std::string(text.substr(2));
  const std::string bytes = bytes_of(digits);
  AccountAddress address;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(address.data()));
  return address;
}

json answer(const MoveOutcome& outcome) {
  json out{{"ok", outcome.ok}, {"gas", outcome.gas}};
  if (outcome.aborted) {
    out["code"] = outcome.code;
  } else if (!outcome.ok) {
    out["error"] = outcome.error;
  }
  if (!outcome.result.empty()) {
    out["result"] = outcome.result;
  }
  json events = json::array();
  for (const MoveOutcome::Event& event : outcome.events) {
    events.push_back({{"type", event.type}, {"data", event.data}});
  }
  out["events"] = std::move(events);
  return out;
}

json state_of(const MoveMachine& machine) {
  uint64_t hash = 0;
  for (const auto& [key, value] : machine.store()) {
    hash = omega::base::hash_combine(hash, omega::base::hash_combine(omega::base::hash_bytes(key), omega::base::hash_bytes(value)));
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return {{"ok", true}, {"entries", machine.store().size()}, {"hash", text}};
}

json run(std::unique_ptr<MoveMachine>& chain, const json& command) {
  const std::string what = command.at("do");
  if (what == "reset") {
    auto fresh = MoveMachine::load();
    if (!fresh) {
      return {{"ok", false}, {"error", omega::base::describe(fresh.error())}};
    }
    chain = std::move(*fresh);
    return {{"ok", true}};
  }
  MoveMachine& machine = *chain;
  if (what == "publish") {
    const auto published = machine.publish(bytes_of(command.at("module").get<std::string>()));
    return published ? json{{"ok", true}} : json{{"ok", false}, {"error", published.error().message}};
  }
  if (what == "block") {
    machine.set_block(command.at("height"), command.at("timestamp"));
    return {{"ok", true}};
  }
  if (what == "state") {
    return state_of(machine);
  }
  if (what != "call" && what != "view") {
    throw std::invalid_argument("unknown command");
  }
  const std::string module = command.at("module");
  const size_t colons = module.find("::");
  if (colons == std::string::npos) {
    throw std::invalid_argument("a module is ADDRESS::NAME");
  }
  std::vector<std::string> arguments;
  for (const json& argument : command.at("arguments")) {
    arguments.push_back(argument.dump());
  }
  const AccountAddress at = address_of(std::string_view(module).substr(0, colons));
  const std::string name = module.substr(colons + 2);
  const std::string function = command.at("function");
  return answer(what == "view" ? machine.view(at, name, function, arguments)
                               : machine.call(address_of(command.at("sender").get<std::string>()), at, name, function, arguments));
}

}  // namespace

int main() {
  auto machine = MoveMachine::load();
  if (!machine) {
    std::cerr << omega::base::describe(machine.error()) << "\n";
    return 3;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    json out;
    try {
      out = run(*machine, json::parse(line));
    } catch (const std::exception& failure) {
      out = {{"ok", false}, {"error", std::string("command: ") + failure.what()}};
    }
    std::cout << out.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
  }
  return 0;
}
