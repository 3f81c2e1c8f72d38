// SPDX-License-Identifier: Apache-2.0
#include "test/contracts/player.h"

#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include "omega/base/hexadecimal.h"
#include "omega/codegen/common/abi_json.h"
#include "omega/diag/render.h"

namespace omega::contract_tests {

namespace {

using base::hexadecimal;

/// What a request holds instead of what it should.
struct BadRequest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The next word of a request as bytes; none when there is no more.
std::string bytes_of(std::istream& words) {
  std::string digits;
  words >> digits;
  std::optional<std::string> bytes = base::bytes_of_hexadecimal(digits);
  return bytes ? std::move(*bytes) : throw BadRequest("not hexadecimal: " + digits);
}

interp::Word word_of(std::istream& words) { return interp::word_from_bytes(bytes_of(words)); }

std::string outcome_json(const CallOutcome& outcome, const interp::Word& address) {
  std::string out = std::string(R"({"status":")") + (outcome.success ? "done" : "reverted") + R"(","data":"0x)" + hexadecimal(outcome.data) + R"(","logs":[)";
  for (const CallOutcome::Log& log : outcome.logs) {
    out += &log == outcome.logs.data() ? R"({"topics":[)" : R"(,{"topics":[)";
    for (const std::string& topic : log.topics) {
      out += (&topic == log.topics.data() ? "\"0x" : ",\"0x") + hexadecimal(topic) + '"';
    }
    out += R"(],"data":"0x)" + hexadecimal(log.data) + "\"}";
  }
  return out + R"(],"address":"0x)" + hexadecimal(interp::word_bytes(address, 20)) + "\"}";
}

}  // namespace

void Player::serve(std::istream& in, std::ostream& out) {
  for (std::string line; std::getline(in, line);) {
    try {
      out << answer(line) << '\n' << std::flush;
    } catch (const BadRequest& mistake) {
      out << rejected("failed", mistake.what()) << '\n' << std::flush;
    }
  }
}

std::string Player::loaded(const ir::Module& module) { return R"({"status":"loaded","abi":)" + codegen::abi_json(*module.contract) + "}"; }

std::string Player::rejected(std::string_view status, std::string_view why) {
  std::string out = R"({"status":")" + std::string(status) + R"(","why":)";
  diag::append_json_string(out, why);
  return out + "}";
}

std::string Player::answer(const std::string& line) {
  std::istringstream words(line);
  std::string request;
  words >> request;
  if (request == "load") {
    std::string name, path;
    words >> name >> std::ws;
    std::getline(words, path);
    return load(name, path);
  }
  if (request == "reset") {
    reset();
    return R"({"status":"done"})";
  }
  if (request == "fund" || request == "balance") {
    return answer_balance(words, request == "fund");
  }
  if (request == "deploy" || request == "call") {
    return answer_call(words, request == "deploy");
  }
  return rejected("failed", "no such request: " + line);
}

std::string Player::answer_balance(std::istream& words, bool set) {
  const interp::Word address = word_of(words);
  if (set) {
    set_balance(address, word_of(words));
  }
  return R"({"status":"done","balance":"0x)" + hexadecimal(interp::word_bytes(balance(address))) + "\"}";
}

std::string Player::answer_call(std::istream& words, bool makes_contract) {
  Call call{};
  call.makes_contract = makes_contract;
  for (interp::Word* part : {&call.sender, &call.value, &call.time, &call.number}) {
    *part = word_of(words);
  }
  call.data = bytes_of(words);
  const base::Result<CallOutcome> outcome = play(call);
  return outcome ? outcome_json(*outcome, address()) : rejected("failed", outcome.error().message);
}

}  // namespace omega::contract_tests
