// SPDX-License-Identifier: Apache-2.0
// omega explain CODE.
#include <cstdio>
#include <string>

#include "omega/diag/diagnostic.h"
#include "omega/diag/edit_distance.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"

namespace omega::driver {

int explain_command(const Options& options) {
  std::string code = options.path;
  for (char& c : code) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (const diag::KindInfo* kind = diag::find_code(code)) {
    std::printf("%s (%s): %s\n\n%s\n", kind->code, std::string(diag::severity_name(kind->severity)).c_str(), kind->message, kind->explanation);
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
