// SPDX-License-Identifier: Apache-2.0
// What a call of a contract gave, in the form that every machine's can take.
#pragma once

#include <string>
#include <vector>

namespace omega::contract_tests {

/// What happened, whatever machine it happened in.
struct CallOutcome {
  struct Log {
    std::vector<std::string> topics;  ///< 32 bytes each
    std::string data;
  };
  bool success = false;
  std::string data;
  std::vector<Log> logs;  ///< none when it reverted
};

}  // namespace omega::contract_tests
