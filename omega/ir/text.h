// SPDX-License-Identifier: Apache-2.0
// The textual form of the IR (docs/ir.md): print and parse are inverse to each other.
#pragma once

#include <string>
#include <string_view>

#include "omega/base/interner.h"
#include "omega/base/result.h"
#include "omega/ir/contract.h"
#include "omega/ir/ir.h"

namespace omega::ir {

/// The module as text. `names` gives the slots' source names; without it they are left out.
std::string print(const Module& module, const base::NameInterner* names = nullptr);

/// One function as text; `module` names what it refers to.
std::string print(const Module& module, const Function& function, const base::NameInterner* names = nullptr);

/// Reads a module; `names` takes the slots' names when given. The error's message is `line N: …`. What comes back has every id in range
/// but need not be right: see verify().
base::Result<Module> parse_text(std::string_view text, base::NameInterner* names = nullptr);

/// Names of the enumerators, for texts: `Overflow`, `Add`, `Sender`, `Parallel`.
std::string_view panic_kind_name(PanicKind kind);
std::string_view atomic_op_name(AtomicOp op);
std::string_view message_field_name(MessageField field);
std::string_view loop_kind_name(LoopKind kind);
std::string_view encoding_name(Encoding encoding);
std::string_view hash_kind_name(HashKind kind);
std::string_view raw_call_kind_name(RawCallKind kind);
std::string_view mutability_name(Mutability mutability);
inline constexpr uint32_t kPanicKindCount = 15;
inline constexpr uint32_t kAtomicOpCount = 7;
inline constexpr uint32_t kMessageFieldCount = 16;
inline constexpr uint32_t kLoopKindCount = 4;
inline constexpr uint32_t kEncodingCount = 3;
inline constexpr uint32_t kHashKindCount = 3;
inline constexpr uint32_t kRawCallKindCount = 3;
inline constexpr uint32_t kMutabilityCount = 4;

}  // namespace omega::ir
