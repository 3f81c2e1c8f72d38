// SPDX-License-Identifier: Apache-2.0
// What players of contracts share: their requests' numbers and bytes, and sources as modules.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "omega/interp/contract_word.h"
#include "omega/ir/ir.h"
#include "omega/task/scheduler.h"

namespace omega::contract_tests {

/// Bytes as hexadecimal text, without 0x.
std::string hex(std::string_view bytes);
/// The other way round; an odd digit stands in front.
std::string bytes_of(std::string text);
/// A number in hexadecimal.
interp::Word word_of(const std::string& text);
/// `{"status":"failed","why":…}`
std::string failed(std::string_view why);

/// A contract of a source, or why there is none.
struct LoadedContract {
  std::shared_ptr<ir::Module> module;
  std::string why;
};

/// Compiles the contract `name` of the source at `path`; with `optimize` runs the optimisation passes and verifies after each.
LoadedContract load_contract(const std::string& name, const std::string& path, bool optimize, task::Scheduler& scheduler);

}  // namespace omega::contract_tests
