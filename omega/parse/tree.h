// SPDX-License-Identifier: Apache-2.0
// The parse tree of one file in flat arrays; node_kinds.def says what each kind holds.
#pragma once

#include <cstdint>
#include <span>

#include "omega/base/interner.h"
#include "omega/base/pod_vector.h"
#include "omega/lex/tokens.h"
#include "omega/parse/tree_storage.h"

namespace omega::parse {

enum class NodeKind : uint8_t {
#define OMEGA_NODE(kind, operands) kind,
#include "omega/parse/node_kinds.def"
};

enum class BinaryOp : uint8_t { Add, Sub, Mul, Div, Mod, Pow, Shl, Shr, Sar, BitAnd, BitOr, BitXor, And, Or, Eq, Ne, Lt, Le, Gt, Ge };
enum class UnaryOp : uint8_t { Negate, Not, BitNot, Increment, Decrement, Delete };
enum class AssignOp : uint8_t { Assign, Add, Sub, Mul, Div, Mod, Shl, Shr, Sar, BitAnd, BitOr, BitXor };
enum class RangeLoopKind : uint8_t { Sequential, Parallel, ParallelThreads };
enum class ContractKind : uint8_t { Contract, Interface, Library };
enum class ImportKind : uint8_t { Whole, Alias, Symbols };
enum class DataLocation : uint8_t { None, Memory, Storage, Calldata };

/// Attribute bits of functions, state variables, modifiers and function types.
enum Attribute : uint32_t {
  kPublic = 1,
  kPrivate = 2,
  kInternal = 4,
  kExternal = 8,
  kPure = 16,
  kView = 32,
  kPayable = 64,
  kVirtual = 128,
  kConstant = 256,
  kImmutable = 512,
  kTransient = 1024,
  kAnonymous = 2048,
};
enum class FunctionKind : uint8_t { Plain, Constructor, Receive, Fallback };

using NodeId = uint32_t;  ///< index into Tree::nodes; 0 is "none"

struct Node {
  NodeKind kind;
  uint8_t flags;
  uint16_t height;  ///< of expressions: levels of nodes below and including this one, at most kMaxExpressionHeight; 0 elsewhere
  uint32_t token;   ///< index of the main token
  uint32_t a;
  uint32_t b;
};
static_assert(sizeof(Node) == 16);

/// Constructs that may stand inside one another: parentheses, blocks, types, operators that group to the right.
inline constexpr uint32_t kMaxNesting = 200;
/// The highest expression. Chains such as `a + b + …` and `a.b.c…` grow to the left without nesting, so walking one may recurse this deep.
inline constexpr uint32_t kMaxExpressionHeight = 2000;

/// What a Function node's `b` points at in `extra`, field by field in this order.
struct FunctionRecord {
  uint32_t kind;           ///< FunctionKind
  uint32_t type_params;    ///< list of TypeParam
  uint32_t params;         ///< list of Param
  uint32_t attributes;     ///< Attribute bits
  uint32_t modifiers;      ///< list of ModifierUse (and base constructor calls)
  uint32_t override_spec;  ///< OverrideSpec node or 0
  uint32_t results;        ///< list of Param
  NodeId body;             ///< Block or 0 (declaration only)
};

/// The tree of one file; owns its memory, move-only. Refers to `tokens`, which must outlive it. Immutable once parsing is done; reading is thread-safe.
/// Node ids are sparse (a file parsed in pieces on several threads gives each piece its own id range), so iterate by following children.
class Tree {
 public:
  const lex::TokenStream* tokens = nullptr;
  NodeId root = 0;  ///< the SourceUnit

  const Node& node(NodeId id) const { return nodes_[id]; }
  NodeKind kind(NodeId id) const { return nodes_[id].kind; }
  /// The items of a list operand.
  std::span<const uint32_t> list(uint32_t index) const {
    return index == 0 ? std::span<const uint32_t>{} : std::span<const uint32_t>{extra_ + index + 1, extra_[index]};
  }
  /// Field `field` of the record operand at `index`.
  uint32_t rec(uint32_t index, uint32_t field) const { return extra_[index + field]; }
  const FunctionRecord& function(const Node& node) const { return *reinterpret_cast<const FunctionRecord*>(extra_ + node.b); }
  base::NameId name(const Node& node) const { return base::NameId{node.a}; }
  /// The main token's place.
  base::Span span(NodeId id) const { return tokens->span(nodes_[id].token); }
  /// From the first to the last byte of everything below `id`, brackets that belong to it included (walks the subtree: for diagnostics).
  base::Span full_span(NodeId id) const;

  /// Makes an empty tree with room for everything that parsing `stream` can need. Throws std::bad_alloc.
  static Tree reserve(const lex::TokenStream& stream) { return reserve(stream, stream.size()); }
  /// The same for a part of `token_count` tokens.
  static Tree reserve(const lex::TokenStream& stream, uint32_t token_count);

  Node* nodes_ = nullptr;      ///< for the parser
  uint32_t* extra_ = nullptr;  ///< for the parser

 private:
  TreeStorage storage_;
};

}  // namespace omega::parse
