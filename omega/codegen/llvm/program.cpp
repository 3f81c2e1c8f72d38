// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/program.h"

namespace omega::codegen::llvm {

namespace {

constexpr uint32_t kMostRegisters = 4;

void append_hex_byte(std::string& out, uint8_t byte) {
  static constexpr char digits[] = "0123456789ABCDEF";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

}  // namespace

void Program::refuse(const ir::Function& function, uint32_t instruction, std::string_view what) {
  const uint32_t at = instruction == ir::kNone ? function.location : function.locations[instruction];
  sink_.report(diag::Kind::NotOnChain, {function.file, at, at}, {std::string(what), std::string(target_.name)});
}

const Convention& Program::convention(ir::FunctionId id) {
  Convention& made = conventions_[id];
  if (is_known_[id] != 0) {
    return made;
  }
  is_known_[id] = 1;
  queue_.push_back(id);
  const ir::Function& f = module_.functions[id];
  uint32_t registers = 0;
  for (const ir::Type type : f.params) {
    const bool is_register = frame_words(type) == 1 && registers < kMostRegisters;
    registers += is_register ? 1 : 0;
    made.parameter_words.push_back(is_register ? ir::kNone : made.words);
    made.words += is_register ? 0 : frame_words(type);
  }
  for (const ir::Type type : f.results) {
    made.gives_references = made.gives_references || type == ir::Type::Ref;
    made.result_words.push_back(made.words);
    made.words += frame_words(type);
  }
  return made;
}

std::string Program::string_constant(const std::string& text) {
  const auto [it, is_new] = strings_.try_emplace(text, static_cast<uint32_t>(strings_.size()));
  const std::string name = "@s" + std::to_string(it->second);
  if (is_new) {
    const std::string type = "[" + std::to_string(text.size()) + " x i8]";
    constants_ += name + " = private unnamed_addr constant { i64, " + type + " } { i64 " + std::to_string(text.size()) + ", " + type + " " +
                  bytes_literal(text) + " }, align 8\n";
  }
  return name;
}

std::string Program::type_list(std::span<const uint32_t> types) {
  if (types.empty()) {
    return "null";
  }
  const auto [it, is_new] = type_lists_.try_emplace({types.begin(), types.end()}, static_cast<uint32_t>(type_lists_.size()));
  const std::string name = "@t" + std::to_string(it->second);
  if (is_new) {
    constants_ += name + " = private unnamed_addr constant [" + std::to_string(types.size()) + " x i32] [";
    for (size_t i = 0; i < types.size(); ++i) {
      constants_ += (i == 0 ? "i32 " : ", i32 ") + std::to_string(types[i]);
    }
    constants_ += "], align 4\n";
  }
  return name;
}

uint32_t frame_words(ir::Type type) { return type == ir::Type::Ref ? 1 : (ir::bit_width(type) + 63) / 64; }

std::string type_text(ir::Type type) { return type == ir::Type::Ref ? "ptr" : "i" + std::to_string(ir::bit_width(type)); }

std::string literal(const Limbs& value, uint32_t bits) {
  if (bits == 1) {
    return (value.limb[0] & 1) != 0 ? "true" : "false";
  }
  std::string digits;
  for (uint32_t i = (bits + 7) / 8; i-- > 0;) {
    uint64_t byte = value.limb[i / 8] >> (i % 8 * 8) & 0xff;
    if (bits < i * 8 + 8) {
      byte &= (1u << (bits - i * 8)) - 1;
    }
    if (byte != 0 || !digits.empty()) {
      append_hex_byte(digits, static_cast<uint8_t>(byte));
    }
  }
  return digits.empty() ? "0" : "u0x" + digits;
}

std::string bytes_literal(std::string_view bytes) {
  std::string out = "c\"";
  for (const char c : bytes) {
    const bool is_plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    if (is_plain) {
      out += c;
    } else {
      out += '\\';
      append_hex_byte(out, static_cast<uint8_t>(c));
    }
  }
  return out + "\"";
}

}  // namespace omega::codegen::llvm
