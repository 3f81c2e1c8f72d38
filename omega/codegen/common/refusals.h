// SPDX-License-Identifier: Apache-2.0
// What a target refuses, in the words of the source: for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "omega/ir/contract.h"
#include "omega/ir/ir.h"

namespace omega::codegen {

/// How the source asks for it, quoted: "`msg.value`".
std::string source_words(ir::MessageField field);

/// What an operation is to who wrote it: "a call by address"; the operation's own name, quoted, where the source has no other.
std::string source_words(ir::Op op);

/// An entry that chains without calldata and calls by address refuse, with the reason; empty when there is nothing: `receive`, `fallback`, a struct that
/// contains itself as a parameter or a result. `facts`: data_type_facts() of the contract.
std::string refused_entry(const ir::Contract& contract, const ir::EntryPoint& entry, std::span<const ir::DataTypeFacts> facts);

}  // namespace omega::codegen
