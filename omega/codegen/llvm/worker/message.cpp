// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/worker/message.h"

#include <sys/socket.h>

#include <cerrno>

namespace omega::codegen::llvm {

namespace {

bool send_bytes(int socket, const void* bytes, size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size != 0) {
    const ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    at += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

bool receive_bytes(int socket, void* bytes, size_t size) {
  char* at = static_cast<char*>(bytes);
  while (size != 0) {
    const ssize_t got = recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

bool send_message(int socket, const std::vector<std::string_view>& parts) {
  const uint64_t count = parts.size();
  bool is_sent = send_bytes(socket, &count, sizeof count);
  for (const std::string_view part : parts) {
    const uint64_t size = part.size();
    is_sent = is_sent && send_bytes(socket, &size, sizeof size) && send_bytes(socket, part.data(), part.size());
  }
  return is_sent;
}

std::optional<Message> receive_message(int socket) {
  uint64_t count = 0;
  if (!receive_bytes(socket, &count, sizeof count)) {
    return std::nullopt;
  }
  Message message;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t size = 0;
    if (!receive_bytes(socket, &size, sizeof size)) {
      return std::nullopt;
    }
    std::string& part = message.emplace_back(size, '\0');
    if (!receive_bytes(socket, part.data(), size)) {
      return std::nullopt;
    }
  }
  return message;
}

}  // namespace omega::codegen::llvm
