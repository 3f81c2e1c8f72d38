// SPDX-License-Identifier: Apache-2.0
// The tree as text: one node a line, children indented below it.
#include <string>
#include <string_view>
#include <vector>

#include "omega/parse/parse.h"
#include "omega/parse/visit_children.h"

namespace omega::parse {
namespace {

constexpr const char* kind_names[] = {
#define OMEGA_NODE(kind, operands) #kind,
#include "omega/parse/node_kinds.def"
};

constexpr const char* unary_names[] = {"-", "!", "~", "++", "--", "delete"};
constexpr const char* assign_names[] = {"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", ">>>=", "&=", "|=", "^="};
constexpr const char* binary_names[] = {"+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "==", "!=", "<", "<=", ">", ">="};
constexpr const char* location_names[] = {"", " memory", " storage", " calldata", " transient"};
constexpr const char* attribute_names[] = {"public",  "private", "internal", "external",  "pure",      "view",
                                           "payable", "virtual", "constant", "immutable", "transient", "anonymous"};

class Dump {
 public:
  Dump(const Tree& tree, const base::NameInterner& names) : tree_(tree), names_(names) {}

  std::string take() {
    // An explicit stack: expressions may be thousands of nodes high.
    struct Entry {
      const char* role;
      NodeId id;
      uint32_t depth;
    };
    std::vector<Entry> stack{{"", tree_.root, 0}};
    std::vector<Entry> children;
    while (!stack.empty()) {
      const Entry entry = stack.back();
      stack.pop_back();
      out_.append(size_t{2} * entry.depth, ' ');
      if (*entry.role != 0) {
        out_ += entry.role;
        out_ += ": ";
      }
      if (entry.id == 0) {
        out_ += "(none)\n";
        continue;
      }
      line(tree_.node(entry.id));
      out_ += '\n';
      children.clear();
      const bool is_if = tree_.node(entry.id).kind == NodeKind::If;
      visit_children(tree_, entry.id, [&](const char* role, NodeId id) {
        // A chain of `else if` stays at its first column, however long it is.
        const bool goes_on = is_if && std::string_view(role) == "else" && tree_.node(id).kind == NodeKind::If;
        children.push_back({role, id, goes_on ? entry.depth : entry.depth + 1});
      });
      stack.insert(stack.end(), children.rbegin(), children.rend());
    }
    return std::move(out_);
  }

 private:
  void word(std::string_view text) {
    out_ += ' ';
    out_ += text;
  }
  void name(uint32_t index) {
    if (index != base::NameId::none.index) {
      word(names_.text(base::NameId{index}));
    }
  }
  void token(uint32_t index) { word(tree_.tokens->spelled(index)); }
  void attributes(uint32_t bits) {
    for (size_t i = 0; i < std::size(attribute_names); ++i) {
      if ((bits >> i & 1) != 0) {
        word(attribute_names[i]);
      }
    }
  }
  void tokens(uint32_t first, uint32_t last) {
    for (uint32_t i = first; i <= last && i < tree_.tokens->size(); ++i) {
      token(i);
    }
  }

  void line(const Node& node) {
    out_ += kind_names[static_cast<size_t>(node.kind)];
    switch (node.kind) {
      case NodeKind::Name:
        name(node.a);
        out_ += (node.flags & 1) != 0 ? " payable" : "";
        break;
      case NodeKind::TypeParam:
      case NodeKind::Struct:
      case NodeKind::Enum:
      case NodeKind::EnumMember:
      case NodeKind::ErrorDecl:
      case NodeKind::UserType:
      case NodeKind::NamedArg: name(node.a); break;
      case NodeKind::Member:
      case NodeKind::UnitLiteral: name(node.b); break;
      case NodeKind::IntLiteral:
        if ((node.flags & 1) != 0) {
          word(std::to_string(uint64_t{node.b} << 32 | node.a));
        } else {
          token(node.token);
        }
        break;
      case NodeKind::DecimalLiteral: token(node.token); break;
      case NodeKind::StringLiteral:
      case NodeKind::HexLiteral:
      case NodeKind::UnicodeLiteral: tokens(node.token, node.token + node.b - 1); break;
      case NodeKind::BoolLiteral: word(node.a != 0 ? "true" : "false"); break;
      case NodeKind::Binary: word(binary_names[node.flags]); break;
      case NodeKind::Unary:
      case NodeKind::Postfix: word(unary_names[node.flags]); break;
      case NodeKind::Assign: word(assign_names[node.flags]); break;
      case NodeKind::Range: word((node.flags & 1) != 0 ? "..=" : "..<"); break;
      case NodeKind::MappingType:
        name(tree_.rec(node.a, 1));
        name(tree_.rec(node.a, 3));
        break;
      case NodeKind::FunctionType: attributes(tree_.rec(node.b, 1)); break;
      default: declaration(node); break;
    }
  }

  void declaration(const Node& node) {
    static constexpr const char* loops[] = {"in order", "parallel", "on threads"};
    static constexpr const char* contracts[] = {"contract", "interface", "library"};
    static constexpr const char* functions[] = {"", "constructor", "receive", "fallback"};
    switch (node.kind) {
      case NodeKind::Block: out_ += (node.flags & 1) != 0 ? " unchecked" : ""; break;
      case NodeKind::VarDecl:
        name(tree_.rec(node.b, 0));
        out_ += location_names[tree_.rec(node.b, 1)];
        break;
      case NodeKind::Param:
        name(tree_.rec(node.b, 0));
        out_ += location_names[tree_.rec(node.b, 1)];
        out_ += tree_.rec(node.b, 2) != 0 ? " indexed" : "";
        break;
      case NodeKind::TupleDecl: out_ += (node.flags & 1) != 0 ? " let" : ""; break;
      case NodeKind::RangeLoop:
        name(tree_.rec(node.a, 0));
        word(loops[node.flags]);
        break;
      case NodeKind::CatchClause: name(tree_.rec(node.a, 0)); break;
      case NodeKind::Assembly: tokens(node.a, node.b - 1); break;
      case NodeKind::Pragma: tokens(node.a, node.b); break;
      case NodeKind::Import:
        token(node.token);
        name(node.a);
        break;
      case NodeKind::ImportSymbol:
        name(node.a);
        if (node.a != node.b) {
          word("as");
          name(node.b);
        }
        break;
      case NodeKind::Function:
        name(node.a);
        if (tree_.function(node).kind != 0) {
          word(functions[tree_.function(node).kind]);
        }
        attributes(tree_.function(node).attributes);
        break;
      case NodeKind::Contract:
        name(node.a);
        word(contracts[node.flags]);
        out_ += tree_.rec(node.b, 2) != 0 ? " abstract" : "";
        break;
      case NodeKind::StateVar:
        name(tree_.rec(node.b, 0));
        attributes(tree_.rec(node.b, 1));
        break;
      case NodeKind::Modifier:
        name(node.a);
        attributes(tree_.rec(node.b, 1));
        break;
      case NodeKind::Event:
        name(node.a);
        out_ += (node.flags & 1) != 0 ? " anonymous" : "";
        break;
      case NodeKind::UsingFor:
        out_ += tree_.rec(node.a, 0) == 0 ? " *" : "";
        out_ += tree_.rec(node.a, 1) != 0 ? " global" : "";
        break;
      case NodeKind::UsingItem:
        if (node.b != 0) {
          token(node.b);
        }
        break;
      default: break;
    }
  }

  const Tree& tree_;
  const base::NameInterner& names_;
  std::string out_;
};

}  // namespace

std::string dump_tree(const Tree& tree, const base::NameInterner& names) { return Dump(tree, names).take(); }

}  // namespace omega::parse
