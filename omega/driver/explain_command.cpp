// SPDX-License-Identifier: Apache-2.0
// omega explain CODE.
#include <cstdio>
#include <string>

#include "omega/diag/diagnostic.h"
#include "omega/diag/edit_distance.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"

namespace omega::driver {

namespace {

/// A kind's message with `…` where names and types will stand.
std::string general_message(std::string_view message) {
  std::string text;
  for (size_t at = 0; at < message.size(); ++at) {
    if (message[at] == '{' && at + 2 < message.size() && message[at + 2] == '}') {
      text += "…";
      at += 2;
    } else {
      text += message[at];
    }
  }
  return text;
}

}  // namespace

int explain_command(const Options& options) {
  std::string code = options.path;
  for (char& c : code) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const bool digits_only = code.find_first_not_of("0123456789") == std::string::npos;
  for (const char* letter : {"E", "W"}) {
    const std::string padded = digits_only && code.size() < 4 ? std::string(4 - code.size(), '0') + code : code;
    if (digits_only && diag::find_code(letter + padded) != nullptr) {
      code = letter + padded;
    }
  }
  if (const diag::KindInfo* kind = diag::find_code(code)) {
    std::printf("%s (%s): %s\n\n%s\n", kind->code, std::string(diag::severity_name(kind->severity)).c_str(), general_message(kind->message).c_str(),
                general_message(kind->explanation).c_str());
    return kDone;
  }
  std::vector<std::string_view> codes;
  for (const diag::KindInfo& kind : diag::all_kinds()) {
    codes.emplace_back(kind.code);
  }
  std::fprintf(stderr, "error: there is no code `%s`\n", options.path.c_str());
  if (const std::string_view nearest = diag::nearest_name(code, codes); !nearest.empty()) {
    std::fprintf(stderr, "help: did you mean `%s`?\n", std::string(nearest).c_str());
  }
  return kWrongUsage;
}

}  // namespace omega::driver
