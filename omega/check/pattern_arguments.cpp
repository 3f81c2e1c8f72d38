// SPDX-License-Identifier: Apache-2.0
// The table of the patterns' parameters, and binding.
#include "omega/check/pattern_arguments.h"

#include <string>

#include "omega/check/checker.h"
#include "omega/diag/edit_distance.h"

namespace omega::check {
namespace {

using parse::NodeId;
using parse::NodeKind;

constexpr PatternSignature kSignatures[] = {
    {"map", {{{"over", true, "array or range"}, {"transform", true, "x => ..."}}}, 2, "map(xs, x => ...)"},
    {"filter", {{{"over", true, "array or range"}, {"where", true, "x => condition"}}}, 2, "filter(xs, x => ...)"},
    {"fold", {{{"over", true, "array or range"}, {"from", true, "first value"}, {"with", true, "(acc, x) => ..."}}}, 3, "fold(xs, 0, (acc, x) => ...)"},
    {"find", {{{"over", true, "array or range"}, {"where", true, "x => condition"}}}, 2, "find(xs, x => ...)"},
    {"collect", {{{"over", true, "array or range"}, {"limit", false, "number"}}}, 2, "collect(xs)"},
    {"run", {{{"body", false, "() => ..."}, {"steps", false, "[b1, b2]"}}}, 2, "run(() => ...)"},
    {"try", {{{"body", true, "() => ..."}, {"catch", false, "e => ..."}}}, 2, "try(() => ..., e => ...)"},
    {"match", {{{"value", true, "value"}}}, 1, "match(x, 1 => ..., _ => ...)"},
    {"recurse",
     {{{"on", true, "value"}, {"step", true, "(self, x) => ..."}, {"memo", false, "true"}, {"parallel", false, "true"}}},
     4,
     "recurse(n, (self, k) => ...)"},
    {"parallel",
     {{{"tasks", true, "[b1, b2]"}, {"timeout", false, "ms"}, {"on_error", false, "\"fail\""}, {"max_concurrent", false, "number"}}},
     4,
     "parallel([() => ..., () => ...])"},
    {"timeout", {{{"after", true, "ms"}, {"body", true, "() => ..."}, {"default", false, "value"}}}, 3, "timeout(1000, () => ...)"},
    {"retry",
     {{{"body", true, "() => ..."}, {"attempts", true, "number"}, {"backoff", false, "\"constant\""}, {"delay", false, "ms"}, {"max_delay", false, "ms"}}},
     5,
     "retry(() => ..., 3)"},
    {"cache", {{{"key", true, "value"}, {"body", true, "() => ..."}, {"ttl", false, "ms"}}}, 3, "cache(key, () => ...)"},
    {"validate", {{{"value", true, "value"}, {"rules", true, "[(x => condition, \"message\")]"}}}, 2, "validate(x, [(v => ..., \"message\")])"},
};

/// `.over:`, `.transform:` …
std::string parameter_list(const PatternSignature& signature) {
  std::string text;
  for (const PatternParameter& parameter : signature.params()) {
    text += text.empty() ? "`." : ", `.";
    text += parameter.name;
    text += ":`";
  }
  return text;
}

class Binder {
 public:
  Binder(const PatternSignature& signature, Checker& checker, bool quiet) : signature_(signature), checker_(checker), tree_(checker.tree()), quiet_(quiet) {
    bound_.ok = true;
  }

  void positional(NodeId node) {
    if (saw_named_) {
      fail(diag::Kind::PatternPositionalAfterNamed, tree_.span(node));
      return;
    }
    if (next_ >= signature_.count) {
      fail(diag::Kind::PatternTooManyArguments, tree_.span(node), {std::string(signature_.name), std::to_string(signature_.count)})
          .with_help("it takes " + parameter_list(signature_));
      return;
    }
    bound_.values[next_++] = node;
  }

  void named(NodeId node) {
    saw_named_ = true;
    const parse::Node& argument = tree_.node(node);
    const std::string_view name = checker_.declarations().text(tree_.name(argument));
    for (uint32_t i = 0; i < signature_.count; ++i) {
      if (signature_.parameters[i].name == name) {
        if (bound_.values[i] != 0) {
          fail(diag::Kind::PatternArgumentTwice, tree_.span(node), {std::string(name), std::string(signature_.name)})
              .note(tree_.span(bound_.values[i]), "given here first");
          return;
        }
        bound_.values[i] = argument.b;
        return;
      }
    }
    unknown(node, name);
  }

  PatternArguments finish(base::Span call) {
    if (bound_.ok) {
      check_order();
      check_list();
    }
    for (uint32_t i = 0; i < signature_.count && bound_.ok; ++i) {
      const PatternParameter& parameter = signature_.parameters[i];
      if (parameter.is_required && bound_.values[i] == 0) {
        fail(diag::Kind::PatternArgumentMissing, call, {std::string(signature_.name), std::string(parameter.name)})
            .with_help(signature_.name == "fold" ? std::string("it begins with a value: `fold(xs, 0, (acc, x) => acc + x)`")
                                                 : "add `." + std::string(parameter.name) + ": " + std::string(parameter.shape) + "`");
      }
    }
    return bound_;
  }

 private:
  diag::Diagnostic& fail(diag::Kind kind, base::Span span, std::initializer_list<std::string> args = {}) {
    bound_.ok = false;
    return quiet_ ? unseen_ : checker_.report_at(kind, span, args);
  }

  static bool takes_function(const PatternParameter& parameter) { return parameter.shape.find("=>") != std::string_view::npos && parameter.shape[0] != '['; }

  Symbol named_by(NodeId node) { return tree_.node(node).kind == NodeKind::Name ? checker_.lookup(tree_.name(tree_.node(node))) : Symbol{}; }

  bool is_function(NodeId node) {
    const Symbol symbol = named_by(node);
    return tree_.node(node).kind == NodeKind::Lambda || symbol.kind == SymbolKind::Functions ||
           (symbol.kind == SymbolKind::Local && checker_.info(checker_.local(symbol.index).type).kind == TypeKind::Function);
  }

  /// True where no function can stand, whatever the types are.
  bool is_certainly_no_function(NodeId node) {
    switch (tree_.node(node).kind) {
      case NodeKind::IntLiteral:
      case NodeKind::DecimalLiteral:
      case NodeKind::StringLiteral:
      case NodeKind::ArrayLiteral:
      case NodeKind::Range: return true;
      case NodeKind::Name: return named_by(node).kind == SymbolKind::Local && !is_function(node);
      default: return false;
    }
  }

  /// `map(x => ..., xs)`: a function where none belongs, and none where one belongs.
  void check_order() {
    uint32_t function = signature_.count;
    uint32_t other = signature_.count;
    for (uint32_t i = 0; i < next_; ++i) {
      const NodeId node = bound_.values[i];
      if (node == 0 || !signature_.parameters[i].is_required) {
        continue;
      }
      if (takes_function(signature_.parameters[i])) {
        other = is_certainly_no_function(node) ? i : other;
      } else {
        function = is_function(node) ? i : function;
      }
    }
    if (function != signature_.count && other != signature_.count) {
      fail(diag::Kind::PatternArgumentOrder, tree_.full_span(bound_.values[function]),
           {std::string(signature_.name), std::string(signature_.parameters[function].name)})
          .with_help("write `" + std::string(signature_.form) + "`");
    }
  }

  /// `parallel(() => ..., () => ...)`: a function in place of a list of them.
  void check_list() {
    const PatternParameter& first = signature_.parameters[0];
    if (bound_.ok && first.shape[0] == '[' && bound_.values[0] != 0 && tree_.node(bound_.values[0]).kind == NodeKind::Lambda) {
      fail(diag::Kind::PatternNeedsList, tree_.full_span(bound_.values[0]), {std::string(first.name), std::string(signature_.name)})
          .with_help("write `" + std::string(signature_.form) + "`");
    }
  }

  void unknown(NodeId node, std::string_view name) {
    std::array<std::string_view, kMaxPatternParameters> candidates;
    for (uint32_t i = 0; i < signature_.count; ++i) {
      candidates[i] = signature_.parameters[i].name;
    }
    const std::string_view near = diag::nearest_name(name, std::span(candidates).first(signature_.count));
    diag::Diagnostic& diagnostic = fail(diag::Kind::PatternUnknownArgument, tree_.span(node), {std::string(signature_.name), std::string(name)});
    diagnostic.with_help(near.empty() ? "it takes " + parameter_list(signature_) : "did you mean `." + std::string(near) + ":`?");
  }

  const PatternSignature& signature_;
  Checker& checker_;
  const parse::Tree& tree_;
  bool quiet_;
  diag::Diagnostic unseen_;
  PatternArguments bound_;
  uint32_t next_ = 0;
  bool saw_named_ = false;
};

}  // namespace

const PatternSignature& pattern_signature(PatternKind pattern) { return kSignatures[static_cast<uint32_t>(pattern)]; }

PatternArguments bind_pattern_arguments(Checker& checker, PatternKind pattern, NodeId receiver, std::span<const uint32_t> args, base::Span call, bool quiet) {
  Binder binder(pattern_signature(pattern), checker, quiet);
  if (receiver != 0) {
    binder.positional(receiver);
  }
  for (const NodeId arg : args) {
    if (checker.node(arg).kind == NodeKind::NamedArg) {
      binder.named(arg);
    } else {
      binder.positional(arg);
    }
  }
  return binder.finish(call);
}

}  // namespace omega::check
