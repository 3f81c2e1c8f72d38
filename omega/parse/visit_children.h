// SPDX-License-Identifier: Apache-2.0
// The children of a node with what each of them is, for dumps, comparisons and spans. Checking reads nodes directly.
#pragma once

#include "omega/parse/tree.h"

namespace omega::parse {

/// Calls `child(role, id)` for each child of `id` in source order. `role` says what the child is ("condition"), empty where the kind of the
/// parent says it. A hole in a tuple is given as 0.
template <class Child>
void visit_children(const Tree& tree, NodeId id, Child child) {
  const Node& node = tree.node(id);
  const auto one = [&](const char* role, NodeId c) {
    if (c != 0) {
      child(role, c);
    }
  };
  const auto all = [&](const char* role, uint32_t list) {
    for (const uint32_t c : tree.list(list)) {
      child(role, c);
    }
  };
  switch (node.kind) {
    case NodeKind::Invalid:
    case NodeKind::Name:
    case NodeKind::IntLiteral:
    case NodeKind::DecimalLiteral:
    case NodeKind::StringLiteral:
    case NodeKind::HexLiteral:
    case NodeKind::UnicodeLiteral:
    case NodeKind::BoolLiteral:
    case NodeKind::Break:
    case NodeKind::Continue:
    case NodeKind::Assembly:
    case NodeKind::Placeholder:
    case NodeKind::Pragma:
    case NodeKind::ImportSymbol:
    case NodeKind::TypeParam:
    case NodeKind::EnumMember:
    case NodeKind::DeferredBody: break;
    case NodeKind::GenericType:
      one("", node.a);
      all("of", node.b);
      break;
    case NodeKind::ArrayType:
      one("of", node.a);
      one("size", node.b);
      break;
    case NodeKind::MappingType:
      one("key", tree.rec(node.a, 0));
      one("value", tree.rec(node.a, 2));
      break;
    case NodeKind::FunctionType:
      all("param", node.a);
      all("result", tree.rec(node.b, 0));
      break;
    case NodeKind::TupleType:
    case NodeKind::Tuple:
    case NodeKind::ArrayLiteral:
    case NodeKind::Block:
    case NodeKind::SourceUnit:
    case NodeKind::Import:
    case NodeKind::Struct:
    case NodeKind::Enum:
    case NodeKind::Event:
    case NodeKind::ErrorDecl:
    case NodeKind::OverrideSpec: all("", node.b); break;
    case NodeKind::Binary:
    case NodeKind::Range:
      one("", node.a);
      one("", node.b);
      break;
    case NodeKind::Assign:
      one("target", node.a);
      one("value", node.b);
      break;
    case NodeKind::Conditional:
      one("condition", node.a);
      one("then", tree.rec(node.b, 0));
      one("else", tree.rec(node.b, 1));
      break;
    case NodeKind::Call:
      one("callee", node.a);
      all("argument", node.b);
      break;
    case NodeKind::ModifierUse:
      one("", node.a);
      all("argument", node.b);
      break;
    case NodeKind::CallOptions:
      one("", node.a);
      all("", node.b);
      break;
    case NodeKind::NamedArg:
    case NodeKind::UserType: one("", node.b); break;
    case NodeKind::Index:
      one("", node.a);
      one("index", node.b);
      break;
    case NodeKind::Slice:
      one("", node.a);
      one("low", tree.rec(node.b, 0));
      one("high", tree.rec(node.b, 1));
      break;
    case NodeKind::UnitLiteral:
    case NodeKind::Unary:
    case NodeKind::Postfix:
    case NodeKind::Member:
    case NodeKind::Paren:
    case NodeKind::New:
    case NodeKind::TypeOf:
    case NodeKind::Try:
    case NodeKind::ExprStmt:
    case NodeKind::Return:
    case NodeKind::Emit:
    case NodeKind::Revert:
    case NodeKind::UsingItem: one("", node.a); break;
    case NodeKind::Lambda:
      all("param", node.a);
      one("body", node.b);
      break;
    case NodeKind::Match:
      one("of", node.a);
      all("", node.b);
      break;
    case NodeKind::MatchArm:
      all("pattern", tree.rec(node.a, 0));
      one("if", tree.rec(node.a, 1));
      one("gives", node.b);
      break;
    case NodeKind::VarDecl:
      one("type", node.a);
      one("value", tree.rec(node.b, 2));
      break;
    case NodeKind::TupleDecl:
      all("", node.b);
      one("value", node.a);
      break;
    case NodeKind::If:
      one("condition", node.a);
      one("then", tree.rec(node.b, 0));
      one("else", tree.rec(node.b, 1));
      break;
    case NodeKind::While:
      one("condition", node.a);
      one("body", node.b);
      break;
    case NodeKind::DoWhile:
      one("body", node.b);
      one("condition", node.a);
      break;
    case NodeKind::For:
      one("init", tree.rec(node.a, 0));
      one("condition", tree.rec(node.a, 1));
      one("step", tree.rec(node.a, 2));
      one("body", node.b);
      break;
    case NodeKind::RangeLoop:
      one("threads", tree.rec(node.a, 3));
      one("over", tree.rec(node.a, 2));
      one("body", node.b);
      break;
    case NodeKind::TryStatement:
      one("call", node.a);
      all("result", tree.rec(node.b, 0));
      one("body", tree.rec(node.b, 1));
      all("", tree.rec(node.b, 2));
      break;
    case NodeKind::CatchClause:
      all("param", tree.rec(node.a, 1));
      one("body", node.b);
      break;
    case NodeKind::Function: {
      const FunctionRecord& function = tree.function(node);
      all("", function.type_params);
      all("param", function.params);
      all("", function.modifiers);
      one("", function.override_spec);
      all("result", function.results);
      one("body", function.body);
      break;
    }
    case NodeKind::Param: one("", node.a); break;
    case NodeKind::Contract:
      one("layout", tree.rec(node.b, 3));
      all("base", tree.rec(node.b, 0));
      all("", tree.rec(node.b, 1));
      break;
    case NodeKind::StateVar:
      one("type", node.a);
      one("", tree.rec(node.b, 3));
      one("value", tree.rec(node.b, 2));
      break;
    case NodeKind::Modifier:
      all("param", tree.rec(node.b, 0));
      one("", tree.rec(node.b, 2));
      one("body", tree.rec(node.b, 3));
      break;
    case NodeKind::UsingFor:
      all("", node.b);
      one("for", tree.rec(node.a, 0));
      break;
  }
}

}  // namespace omega::parse
