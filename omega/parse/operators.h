// SPDX-License-Identifier: Apache-2.0
// What each token means between and before operands, by token kind.
#pragma once

#include <array>
#include <cstdint>

#include "omega/lex/tokens.h"
#include "omega/parse/tree.h"

namespace omega::parse {

/// How tightly binary operators hold, loosest first; Solidity's table with ranges between `&` and the shifts.
enum Precedence : uint8_t { kNoOperator, kOr, kAnd, kEquality, kComparison, kBitOr, kBitXor, kBitAnd, kRange, kShift, kSum, kProduct, kPower };

struct OperatorTable {
  std::array<uint8_t, 256> precedence{};  ///< Precedence of a binary operator
  std::array<uint8_t, 256> binary{};      ///< its BinaryOp
  std::array<uint8_t, 256> ends{};        ///< 1 + AssignOp; 255 for `?`; 0 when the expression ends before this token

  std::array<bool, 256> ends_name{};  ///< a name before this token is an operand by itself

  constexpr OperatorTable() {
    using K = lex::TokenKind;
    using O = BinaryOp;
    ends_name.fill(true);
    for (const K kind : {K::Dot, K::LeftParen, K::LeftBracket, K::LeftBrace, K::PlusPlus, K::MinusMinus, K::FatArrow, K::Payable, K::Identifier, K::String,
                         K::Integer, K::Decimal, K::True, K::False, K::Try, K::New, K::Tilde, K::Bang}) {
      ends_name[static_cast<uint8_t>(kind)] = false;
    }
    set(K::PipePipe, kOr, O::Or);
    set(K::AmpAmp, kAnd, O::And);
    set(K::EqualEqual, kEquality, O::Eq);
    set(K::BangEqual, kEquality, O::Ne);
    set(K::Less, kComparison, O::Lt);
    set(K::LessEqual, kComparison, O::Le);
    set(K::Greater, kComparison, O::Gt);
    set(K::GreaterEqual, kComparison, O::Ge);
    set(K::Pipe, kBitOr, O::BitOr);
    set(K::Caret, kBitXor, O::BitXor);
    set(K::Amp, kBitAnd, O::BitAnd);
    set(K::DotDotLess, kRange, O::Add);
    set(K::DotDotEqual, kRange, O::Add);
    set(K::LessLess, kShift, O::Shl);
    set(K::GreaterGreater, kShift, O::Shr);
    set(K::GreaterGreaterGreater, kShift, O::Sar);
    set(K::Plus, kSum, O::Add);
    set(K::Minus, kSum, O::Sub);
    set(K::Star, kProduct, O::Mul);
    set(K::Slash, kProduct, O::Div);
    set(K::Percent, kProduct, O::Mod);
    set(K::StarStar, kPower, O::Pow);

    assign(K::Equal, AssignOp::Assign);
    assign(K::PlusEqual, AssignOp::Add);
    assign(K::MinusEqual, AssignOp::Sub);
    assign(K::StarEqual, AssignOp::Mul);
    assign(K::SlashEqual, AssignOp::Div);
    assign(K::PercentEqual, AssignOp::Mod);
    assign(K::AmpEqual, AssignOp::BitAnd);
    assign(K::PipeEqual, AssignOp::BitOr);
    assign(K::CaretEqual, AssignOp::BitXor);
    assign(K::LessLessEqual, AssignOp::Shl);
    assign(K::GreaterGreaterEqual, AssignOp::Shr);
    assign(K::GreaterGreaterGreaterEqual, AssignOp::Sar);
    ends[static_cast<uint8_t>(K::Question)] = 255;
  }

 private:
  constexpr void set(lex::TokenKind kind, Precedence level, BinaryOp op) {
    precedence[static_cast<uint8_t>(kind)] = level;
    binary[static_cast<uint8_t>(kind)] = static_cast<uint8_t>(op);
  }
  constexpr void assign(lex::TokenKind kind, AssignOp op) { ends[static_cast<uint8_t>(kind)] = static_cast<uint8_t>(1 + static_cast<uint8_t>(op)); }
};

inline constexpr OperatorTable kOperators;

}  // namespace omega::parse
