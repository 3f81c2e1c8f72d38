// SPDX-License-Identifier: Apache-2.0
// The parser's state and its productions, which expressions.cpp, types.cpp, statements.cpp, declarations.cpp and recovery.cpp define.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "omega/base/pod_vector.h"
#include "omega/diag/diagnostic.h"
#include "omega/lex/tokens.h"
#include "omega/parse/name_cache.h"
#include "omega/parse/parse.h"
#include "omega/parse/tree.h"

namespace omega::parse {

using lex::TokenKind;

/// Thrown after a mistake has been reported (or found to follow from one that has), to the place that knows how to go on.
struct SyntaxError {};

/// Thrown when a piece runs out of its part of the tree because its border is none.
struct PieceOverrun {};

/// Where to go on after a mistake.
enum class Resume : uint8_t {
  Statement,     ///< behind the `;` or line end of the statement, before a `}` of the block
  Body,          ///< before the `{` of the construct, else as Statement
  ClosingParen,  ///< before the `)` of the parenthesis that is open, else as Body
  Declaration,   ///< before the next declaration of the file or contract
};

/// What parsers of one task share.
struct ParserMemory {
  NameCache& names;
  base::PodVector<uint32_t>& pending;  ///< items of the lists being read
};

/// One parse of a run of tokens. Recursive descent; binary operators by precedence.
class Parser {
 public:
  /// `tree` has room for all tokens.
  Parser(const lex::TokenStream& tokens, Dialect dialect, diag::Sink& sink, Tree& tree, Piece piece, ParserMemory memory);

  /// The declarations and statements from the piece's begin to its end.
  base::PodVector<NodeId> items();
  /// The block that the piece is. Throws SyntaxError when it is nested too deeply.
  NodeId function_body() { return block(0); }
  /// True when the piece ended exactly at its border, and no mistake in it, told or not, bears on what comes behind.
  [[nodiscard]] bool ended_at_border() const { return position_ == end_ && !items_.lost && reported_at_ != position_; }

 private:
  // ---- tokens ----
  [[nodiscard]] TokenKind kind() const { return kinds_[position_]; }
  /// The token after this one; this one must not be the end of the file.
  [[nodiscard]] TokenKind next_kind() const { return kinds_[position_ + 1]; }
  /// The kind `distance` tokens on; EndOfFile beyond the end.
  [[nodiscard]] TokenKind peek(uint32_t distance) const { return position_ + distance <= last_ ? kinds_[position_ + distance] : TokenKind::EndOfFile; }
  [[nodiscard]] bool at(TokenKind wanted) const { return kinds_[position_] == wanted; }
  /// Takes a token that is known not to be the end of the file; gives its index.
  uint32_t take() { return position_++; }
  bool accept(TokenKind wanted) {
    if (at(wanted)) {
      ++position_;
      return true;
    }
    return false;
  }
  [[nodiscard]] const char* text_at(uint32_t token) const { return text_ + (offsets_[token] & ~lex::TokenStream::kNewlineBefore); }
  [[nodiscard]] bool newline_before(uint32_t token) const { return (offsets_[token] & lex::TokenStream::kNewlineBefore) != 0; }
  /// True when a line end before the token ends what came before it.
  [[nodiscard]] bool line_ended(uint32_t token) const { return (mode_ & kLinesEnd) != 0 && newline_before(token); }
  /// True when the identifier token is spelled like `word`.
  [[nodiscard]] bool is_word(uint32_t token, const Word& word) const { return load_word(text_at(token)) == word; }
  [[nodiscard]] bool at_word(const Word& word) const { return at(TokenKind::Identifier) && is_word(position_, word); }
  uint32_t name_at(uint32_t token) { return name_cache_.intern(text_at(token)); }
  [[nodiscard]] bool omega() const { return dialect_ == Dialect::Omega; }

  // ---- building ----
  NodeId add(NodeKind node_kind, uint32_t flags, uint32_t token, uint32_t a, uint32_t b, uint32_t height = 0) {
    if (next_node_ >= node_limit_) [[unlikely]] {
      out_of_room();
    }
    const NodeId id = next_node_++;
    nodes_[id] = {node_kind, static_cast<uint8_t>(flags), static_cast<uint16_t>(height), token, a, b};
    return id;
  }
  /// The height of a node above `child`; reports an expression that is too high.
  uint32_t height_over(NodeId child) {
    const uint32_t height = nodes_[child].height + 1u;
    if (height > kMaxExpressionHeight) [[unlikely]] {
      too_long();
    }
    return height;
  }
  uint32_t height_over(NodeId first, NodeId second) { return height_over(nodes_[first].height > nodes_[second].height ? first : second); }
  uint32_t record(std::initializer_list<uint32_t> fields);
  /// Moves what was pushed since `mark` into a list.
  uint32_t list_from(size_t mark);
  /// The highest of the nodes pushed since `mark`, or `other`.
  NodeId highest_from(size_t mark, NodeId other) const;
  NodeId invalid() { return add(NodeKind::Invalid, 0, position_, 0, 0, 1); }
  [[noreturn]] void out_of_room();
  [[noreturn]] void too_long();

  struct Nesting {
    explicit Nesting(Parser& p) : parser(p) {
      if (++parser.depth_ > kMaxNesting) [[unlikely]] {
        --parser.depth_;
        parser.too_deep();
      }
    }
    ~Nesting() { --parser.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    Parser& parser;
  };
  [[noreturn]] void too_deep();

  /// How the tokens around are to be read; set for the time of a bracket or header.
  static constexpr uint8_t kLinesEnd = 1;  ///< a line end ends a complete statement
  static constexpr uint8_t kHeader = 2;    ///< `{` begins a body, not a struct value without fields
  static constexpr uint8_t kPattern = 4;   ///< `=>` ends a pattern, it does not make a lambda
  struct Mode {
    Mode(Parser& p, uint8_t mode) : parser(p), before(p.mode_) { parser.mode_ = mode; }
    ~Mode() { parser.mode_ = before; }
    Mode(const Mode&) = delete;
    Mode& operator=(const Mode&) = delete;
    Parser& parser;
    uint8_t before;
  };

  // ---- mistakes (recovery.cpp) ----
  /// Reports at the current token unless this place has been reported or the lexer has. Null when it has.
  diag::Diagnostic* report(diag::Kind diagnostic, std::initializer_list<std::string> args = {});
  [[nodiscard]] bool is_unclosed_string(uint32_t token) const;
  diag::Diagnostic* report_at(uint32_t token, diag::Kind diagnostic, std::initializer_list<std::string> args = {});
  /// For syntax of other languages at the current token, what to write in its place; empty for what other languages do not have either
  /// (foreign_syntax.cpp).
  [[nodiscard]] std::string help_for_foreign_syntax() const;
  [[nodiscard]] std::string help_for_foreign_word() const;
  [[nodiscard]] std::string help_behind_word(uint32_t token) const;
  [[nodiscard]] std::string help_for_foreign_sign() const;
  [[nodiscard]] std::string help_for_foreign_brace() const;
  [[nodiscard]] bool touches_next(uint32_t token) const;
  [[noreturn]] void fail(diag::Kind diagnostic, std::initializer_list<std::string> args = {});
  /// `identifier `foo``, `end of file`: what stands at a token.
  [[nodiscard]] std::string described(uint32_t token) const;
  /// The current token, or the end of the line before it.
  [[nodiscard]] std::string described() const;
  [[nodiscard]] std::string_view spelled(uint32_t token) const;
  /// A place just behind the token before the current one.
  [[nodiscard]] base::Span behind_previous() const;
  uint32_t expect(TokenKind wanted, std::string_view what);
  /// Takes the closing bracket of the one at `opener`, or reports it as missing and goes on as if it were there.
  void close(TokenKind closer, uint32_t opener);
  [[gnu::noinline]] void missing_closer(TokenKind closer, uint32_t opener);
  void unclosed_brace(diag::Kind diagnostic, uint32_t open, uint32_t reports_before);
  [[noreturn]] void missing_name(std::string_view of_what);
  uint32_t expect_name(std::string_view of_what);
  /// The help where a keyword stands in a name's place.
  [[nodiscard]] std::string name_is_keyword(uint32_t token) const;
  /// Reports that `what` is not part of Solidity when this is a `.sol` file; goes on.
  void omega_only(uint32_t token, std::string_view what);
  /// The keyword that a misspelt word at `token` was meant to be, or empty.
  [[nodiscard]] std::string_view meant_keyword(uint32_t token) const;
  void skip(Resume resume);
  [[nodiscard]] bool may_begin_statement() const;
  /// Skips to behind the `}` of the braces that are open.
  void skip_braces();
  /// True at the `{` of a body. Otherwise reports it; true when the `}` is there, on the line of `header` or indented like it, so that only
  /// the `{` is missing.
  bool begins_body(std::string_view of_what, uint32_t header);
  /// At the `..` of a range that does not say whether its end belongs to it: reports that and leaves the statement.
  [[gnu::noinline]] void reject_two_dots();
  /// At the comma of a number such as `1,000,000` or `2,5`, where no comma may be: reports it once and takes the rest of the number.
  [[gnu::noinline]] bool take_comma_number();
  /// At the second `:` of `xs[a:b:step]`: reports it and takes the step.
  [[gnu::noinline]] void reject_step();
  [[nodiscard]] bool opener_is_missing(uint32_t header) const;
  /// Takes the `{` of a body, or goes on as if it were there; gives its index. Throws when there is no body.
  uint32_t open_body(std::string_view of_what, uint32_t header);
  [[nodiscard]] bool begins_statement_line(uint32_t token) const;
  [[nodiscard]] bool begins_declaration(uint32_t token) const;

  /// Runs `production`; after a mistake in it skips to `resume` and gives an Invalid node.
  template <class Production>
  NodeId guarded(Resume resume, Production production) {
    const size_t mark = pending_.size();
    try {
      return production();
    } catch (const SyntaxError&) {
      pending_.resize(mark);
      half_taken_ = false;
      skip(resume);
      return invalid();
    }
  }

  /// What is remembered from one element of a sequence to the next.
  struct Sequence {
    bool lost = false;  ///< the element before had a mistake, so one that cannot begin like this follows from it
  };

  /// guarded() for one element of a sequence: gets on by at least one token.
  template <class Production>
  NodeId element(Sequence& sequence, Resume resume, Production production) {
    const uint32_t first = position_;
    const size_t mark = pending_.size();
    const uint32_t reports = reports_;
    const bool quiet_outside = quiet_;
    if (sequence.lost) [[unlikely]] {
      quiet_ = quiet_outside || !(resume == Resume::Declaration ? begins_declaration(first) || (omega() && may_begin_statement()) : may_begin_statement());
    }
    NodeId node;
    try {
      node = production();
      sequence.lost = reports_ != reports || (quiet_ && nodes_[node].kind == NodeKind::Invalid);
      if (position_ == first) {
        ++position_;
      }
    } catch (const SyntaxError&) {
      pending_.resize(mark);
      half_taken_ = false;
      if (position_ == first && !at(TokenKind::EndOfFile)) {
        ++position_;
      }
      skip(resume);
      sequence.lost = true;
      node = invalid();
    }
    quiet_ = quiet_outside;
    return node;
  }

  /// Runs `production` within braces that are no block; a mistake in it leaves the parser behind them.
  template <class Production>
  void within_braces(Production production) {
    try {
      production();
    } catch (const SyntaxError&) {
      skip_braces();
      throw;
    }
  }

  // ---- expressions.cpp ----
  NodeId expression();
  /// Goes on behind an operand of the loosest operators.
  NodeId expression_after(NodeId node);
  /// An operand with its suffixes and all operators that hold tighter than `above`.
  NodeId binary(uint32_t above);
  /// What stands between binary operators.
  NodeId operand();
  NodeId binary_after(NodeId left, uint32_t above);
  NodeId unary();
  NodeId postfix(NodeId base);
  NodeId primary();
  NodeId name_or_lambda();
  NodeId integer_literal();
  NodeId integer_node(uint32_t token);
  NodeId decimal_literal();
  NodeId with_unit(NodeId literal);
  NodeId strings(NodeKind node_kind, TokenKind token_kind);
  NodeId parenthesised();
  NodeId array_literal();
  NodeId lambda(uint32_t parameters, NodeId highest);
  /// A block that is (part of) an expression; its height is that of its highest expression.
  NodeId value_block();
  NodeId call(NodeId callee);
  void positional_arguments();
  NodeId named_argument(uint32_t flags);
  void braced_arguments();
  NodeId call_options(NodeId callee);
  [[nodiscard]] bool begins_call_options(NodeId callee) const;
  NodeId index(NodeId base);
  NodeId new_expression();
  NodeId type_of();
  NodeId try_expression();
  NodeId match_word(uint32_t token);
  NodeId match_braces(uint32_t token, NodeId subject);
  NodeId match_call(uint32_t open, NodeId callee, NodeId subject);
  NodeId match_arm(NodeId pattern);
  void push_alternatives(NodeId pattern);
  [[noreturn]] void no_expression();

  // ---- types.cpp ----
  NodeId type();
  NodeId type_path();
  NodeId array_suffixes(NodeId element);
  NodeId mapping_type();
  NodeId function_type();
  NodeId tuple_type();
  NodeId generic_type(NodeId base);
  [[nodiscard]] bool begins_generic_arguments() const;
  [[nodiscard]] uint32_t skip_type(uint32_t token, uint32_t limit) const;
  void close_generic();
  [[nodiscard]] bool is_type(NodeId node) const;
  /// Turns an expression that was read where a type turned out to be meant into the type.
  NodeId as_type(NodeId node);
  uint32_t params();
  NodeId param();
  DataLocation data_location();
  /// Takes one attribute word if there is one.
  bool attribute(uint32_t& bits);
  NodeId path(std::string_view of_what);

  // ---- statements.cpp ----
  NodeId statement();
  /// A declaration or expression without its end.
  NodeId simple_statement();
  NodeId identifier_statement();
  NodeId after_type(NodeId type_node);
  NodeId local_constant(NodeId type_node);
  NodeId let_statement();
  NodeId tuple_declaration(NodeId assignment, uint32_t flags);
  NodeId initial_value();
  NodeId block(uint32_t flags);
  /// The rest of a block whose `{` is at `open`, or would be behind that token.
  NodeId block_after(uint32_t open, uint32_t flags);
  NodeId body();
  NodeId condition(uint32_t keyword);
  NodeId parenthesised_condition();
  NodeId header_condition(NodeId node, uint32_t keyword);
  void assignment_as_condition(NodeId assignment);
  /// The body behind a header, which may be Invalid.
  NodeId body_of(NodeId header);
  NodeId if_statement();
  NodeId while_statement();
  NodeId do_statement();
  NodeId for_statement();
  NodeId for_in();
  [[nodiscard]] bool begins_threaded_loop(NodeId node) const;
  NodeId threaded_loop(NodeId node);
  NodeId range_loop(NodeId threads);
  NodeId range_loop_header(RangeLoopKind loop, uint32_t token, NodeId threads);
  NodeId return_statement();
  NodeId call_statement(NodeKind node_kind);
  NodeId try_statement(uint32_t token, NodeId call_node);
  /// The names of what a call gave, or of what went wrong: in Solidity, brackets hold at least one.
  uint32_t params_of_outcome();
  NodeId catch_clause();
  NodeId assembly_statement();
  void end_statement();
  [[gnu::noinline]] void missing_statement_end();
  [[nodiscard]] bool at_statement_end() const;

  // ---- declarations.cpp ----
  NodeId item();
  NodeId pragma();
  NodeId import();
  NodeId function(FunctionKind function_kind);
  NodeId deferred_body();
  /// The results of a function whose header is broken, in place of those that were not read: what it returns is no mistake.
  uint32_t unknown_result(uint32_t token);
  void function_attributes(FunctionRecord& made);
  void missing_body(FunctionRecord& made, uint32_t token);
  uint32_t type_params();
  NodeId modifier_use(std::string_view of_what);
  NodeId override_spec();
  NodeId struct_declaration();
  NodeId enum_declaration();
  NodeId contract(bool abstract);
  uint32_t contract_members(uint32_t open);
  NodeId contract_member();
  NodeId state_variable(NodeId type_node);
  NodeId modifier();
  NodeId event();
  NodeId error_declaration();
  NodeId using_for();
  NodeId using_item();
  NodeId user_type();
  void end_declaration();
  [[noreturn]] void misspelt_declaration();

  // What every production touches comes first.
  const TokenKind* kinds_;
  const uint32_t* offsets_;
  const char* text_;
  Node* nodes_;
  uint32_t* extra_;
  uint32_t position_;
  uint32_t next_node_;
  uint32_t node_limit_;
  uint32_t next_extra_;
  uint32_t extra_limit_;
  uint32_t depth_ = 0;
  uint8_t mode_ = 0;
  Dialect dialect_;
  bool half_taken_ = false;  ///< the first `>` of a `>>` has closed a list of type arguments
  Tree& tree_;
  base::PodVector<uint32_t>& pending_;
  uint32_t last_;  ///< index of the end-of-file token
  uint32_t end_;
  uint32_t statement_start_ = 0;       ///< where the statement being read begins; only there `(T a, U b) =` declares
  uint32_t deepest_in_block_ = 0;      ///< greatest height of an expression that ended in the lambda body being read
  uint32_t reports_ = 0;               ///< mistakes reported so far
  bool quiet_ = false;                 ///< what is read follows from a mistake before it
  uint32_t body_open_ = UINT32_MAX;    ///< where a body begins whose `{` is missing
  uint32_t reported_at_ = UINT32_MAX;  ///< token of the last mistake; what follows at the same place is its consequence
  Sequence items_;                     ///< of the file, or of the piece of it
  const lex::TokenStream& tokens_;
  diag::Sink& sink_;
  NameCache& name_cache_;
};

}  // namespace omega::parse
