// SPDX-License-Identifier: Apache-2.0
// What Aptos and Initia keep beside a module's code: view functions, events, meanings of abort codes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace omega::codegen::move {

/// Their `RuntimeModuleMetadata`: of Initia version 0, of Aptos version 1, which are the same bytes.
struct Metadata {
  struct AbortCode {
    uint64_t code;
    std::string name;
    std::string description;
  };
  std::vector<AbortCode> errors;
  std::vector<std::string> event_structs;
  std::vector<std::string> view_functions;

  /// In BCS.
  std::string bytes() const;
};

}  // namespace omega::codegen::move
