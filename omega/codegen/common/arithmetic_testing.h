// SPDX-License-Identifier: Apache-2.0
// For tests of chain targets: a contract, as IR's text, that does every integer operation at one type, and numbers to try it with.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "omega/interp/contract_word.h"

namespace omega::codegen {

/// Functions `OP(a, b)` of uint256 that cut both to the type, apply OP there, and give the result's 256 bits.
class Operations {
 public:
  explicit Operations(const std::string& type) : type_(type) {
    for (const char* op :
         {"add", "sub", "mul", "div", "add checked", "sub checked", "mul checked", "div checked", "mod", "and", "or", "xor", "shl", "shr", "min", "max"}) {
      function(op, "%x, %y", type_);
    }
    for (const char* op : {"eq", "ne", "lt", "le", "gt", "ge"}) {
      function(op, "%x, %y", "u1");
    }
    for (const char* op : {"neg", "neg checked", "abs", "abs checked", "not"}) {
      function(op, "%x", type_);
    }
    for (const char* op : {"pow", "pow checked"}) {
      function(op, "%x, %e", type_);
    }
    for (const char* target : {"u8", "s8", "u64", "s64", "u128", "s200", "u256", "s256", "u1"}) {
      function("cast", "%x", target);
    }
    text_ = "contract \"Operations\" {\n  type t0 = uint 256\n" + entries_ + "}\n" + text_;
  }

  const std::string& text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  void function(const std::string& op, const std::string& operands, const std::string& result) {
    std::string name = op + (op == "cast" ? "_" + result : "");
    std::replace(name.begin(), name.end(), ' ', '_');
    names_.push_back(name);
    entries_ += "  function \"" + name + "\" pure (a: t0, b: t0) -> (t0) = \"" + name + "\"\n";
    text_ += "function \"" + name + "\"(u256, u256) -> (u256) at 0 {\nb0:\n  %a = param u256 0\n  %b = param u256 1\n";
    const auto narrowed = [&](const char* to, const char* from) { text_ += std::string("  ") + to + " = cast " + type_ + " " + from + "\n"; };
    narrowed("%x", "%a");
    narrowed("%y", "%b");
    text_ += "  %e = cast u8 %b\n";
    const size_t space = op.find(' ');
    const std::string operation = op.substr(0, space);
    text_ += "  %r = " + operation + (space == std::string::npos ? " " : " checked ") + result + " " + operands + "\n";
    text_ += "  %out = cast u256 %r\n  ret (%out)\n}\n";
  }

  std::string type_;
  std::string entries_;
  std::string text_;
  std::vector<std::string> names_;
};

/// A contract with `addmod(a, b)` and `mulmod(a, b)` of uint256, both modulo a ^ b.
inline std::string modular_operations() {
  std::string text = "contract \"Modular\" {\n  type t0 = uint 256\n";
  for (const char* op : {"addmod", "mulmod"}) {
    text += std::string("  function \"") + op + "\" pure (a: t0, b: t0) -> (t0) = \"" + op + "\"\n";
  }
  text += "}\n";
  for (const char* op : {"addmod", "mulmod"}) {
    text += std::string("function \"") + op + "\"(u256, u256) -> (u256) at 0 {\nb0:\n  %a = param u256 0\n  %b = param u256 1\n" +
            "  %m = xor u256 %a, %b\n  %r = " + op + " u256 %a, %b, %m\n  ret (%r)\n}\n";
  }
  return text;
}

/// The ends of a type of so many bits and what lies beside them, small numbers, and some of no shape.
inline std::vector<interp::Word> values_for(uint32_t bits) {
  using interp::Word;
  const Word one = interp::word_of(1);
  std::vector<Word> values{interp::word_of(0), one, interp::word_of(2), interp::word_of(7)};
  Word all{{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}};
  values.push_back(all);
  values.push_back(interp::shifted_left(one, bits - 1));
  values.push_back(interp::shifted_right(all, 256 - bits + 1));
  values.push_back(interp::shifted_left(one, bits / 2));
  values.push_back({{0x0123456789abcdef, 0xfedcba9876543210, 0x1122334455667788, 0x0f0f0f0f0f0f0f0f}});
  values.push_back({{0x9e3779b97f4a7c15, 0xd6e8feb86659fd93, 0xa24baed4963ee407, 0xc2b2ae3d27d4eb4f}});
  return values;
}

}  // namespace omega::codegen
