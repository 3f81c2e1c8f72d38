// SPDX-License-Identifier: Apache-2.0
// How omega and its workers talk: a message is a list of byte strings, over a socket that both have to themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace omega::codegen::llvm {

using Message = std::vector<std::string>;

/// Sends all of it; false when the other side is gone.
bool send_message(int socket, const std::vector<std::string_view>& parts);
/// The next message; nothing when the other side is gone.
std::optional<Message> receive_message(int socket);

}  // namespace omega::codegen::llvm
