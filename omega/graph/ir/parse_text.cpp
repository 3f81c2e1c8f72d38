// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/assembly.h"
#include "omega/graph/ir/spelling.h"
#include "omega/graph/ir/text.h"

namespace omega::graph {
namespace {

constexpr size_t kMaxBodyDepth = 64;

/// A mistake in the text; leaves parsing at once and becomes the Result's error.
struct Mistake {
  base::Error error;
};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '+'; }

/// Reads words, quoted strings and punctuation; spaces, line ends and comments from `;` to the end of the line stand between them.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] GraphAssembly::Place place() {
    skip();
    return "line " + std::to_string(line_) + ", column " + std::to_string(at_ - line_start_ + 1);
  }
  [[noreturn]] void fail(const std::string& message) { throw Mistake{syntax_error(place(), message)}; }

  bool accept(std::string_view symbol) {
    skip();
    if (!text_.substr(at_).starts_with(symbol) || (is_word(symbol.back()) && at_ + symbol.size() < text_.size() && is_word(text_[at_ + symbol.size()]))) {
      return false;
    }
    at_ += symbol.size();
    return true;
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) {
      fail("expected `" + std::string(symbol) + "`");
    }
  }
  bool at_end() {
    skip();
    return at_ == text_.size();
  }
  [[nodiscard]] char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  std::string_view word(const char* what) {
    skip();
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) {
      ++at_;
    }
    if (at_ == begin) {
      fail(std::string("expected ") + what);
    }
    return text_.substr(begin, at_ - begin);
  }
  std::string quoted() {
    if (!accept("\"")) {
      fail("expected a string in quotes");
    }
    std::string out;
    while (true) {
      if (at_ >= text_.size() || text_[at_] == '\n') {
        fail("the string does not end on its line");
      }
      const char c = text_[at_++];
      if (c == '"') {
        return out;
      }
      out += c == '\\' ? escape() : c;
    }
  }
  SpelledType type(ComputationGraph& graph) {
    skip();
    std::string_view rest = text_.substr(at_);
    const size_t before = rest.size();
    const auto type = read_type(rest, graph);
    if (!type) {
      fail("expected a type, such as float64 or float64[3, ?]");
    }
    at_ += before - rest.size();
    return *type;
  }

 private:
  void skip() {
    while (at_ < text_.size()) {
      if (text_[at_] == ';') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_[at_] == '\n') {
        line_start_ = ++at_;
        ++line_;
      } else if (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }
  char escape() {
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    if (c == 'n') {
      return '\n';
    }
    if (c == '"' || c == '\\') {
      return c;
    }
    if (c != 'x') {
      fail("unknown escape in a string: there are \\n, \\\", \\\\ and \\xNN");
    }
    return static_cast<char>(digit() << 4 | digit());
  }
  int digit() {
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    fail("\\x takes two hexadecimal digits");
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t line_start_ = 0;
};

AttributeValue read_attribute_value(Reader& reader) {
  if (reader.peek() == '"') {
    return reader.quoted();
  }
  const std::string_view word = reader.word("a number, true, false or a string");
  if (word == "true" || word == "false") {
    return word == "true";
  }
  Constant number{DType::int64, {}, {}};
  if (append_element(number, word)) {
    int64_t value;
    __builtin_memcpy(&value, number.bytes.data(), sizeof value);
    return value;
  }
  if (const auto real = read_double(word)) {
    return *real;
  }
  reader.fail("`" + std::string(word) + "` is no number");
}

class GraphParser {
 public:
  GraphParser(Reader& reader, size_t depth) : reader_(reader), depth_(depth) {}

  ComputationGraph run() {
    if (depth_ > kMaxBodyDepth) {
      reader_.fail("bodies are nested deeper than " + std::to_string(kMaxBodyDepth));
    }
    reader_.expect("graph");
    assembly_.graph().set_name(reader_.quoted());
    reader_.expect("{");
    while (!reader_.accept("}")) {
      statement();
    }
    return take(std::move(assembly_).finish());
  }

 private:
  template <class T>
  static T take(base::Result<T> result) {
    if (!result) {
      throw Mistake{result.error()};
    }
    return std::move(result).value();
  }
  static void take(const base::Result<void>& result) {
    if (!result) {
      throw Mistake{result.error()};
    }
  }

  base::NameId value_name() {
    reader_.expect("%");
    return assembly_.name(reader_.word("the value's name behind `%`"));
  }

  void statement() {
    if (reader_.accept("meta")) {
      std::string key = reader_.quoted();
      reader_.expect("=");
      assembly_.graph().set_attribute({std::move(key), read_attribute_value(reader_)});
    } else if (reader_.accept("output")) {
      do {
        const auto place = reader_.place();
        assembly_.output(value_name(), place);
      } while (reader_.accept(","));
    } else if (reader_.peek() == '%') {
      definition();
    } else {
      GraphAssembly::PendingOperation op{};
      op.place = reader_.place();
      operation(std::move(op));
    }
  }

  void definition() {
    GraphAssembly::PendingOperation op{};
    op.place = reader_.place();
    do {
      const base::NameId name = value_name();
      if (reader_.accept("=")) {
        if (!op.outputs.empty()) {
          reader_.fail("expected `:` and the value's type");
        }
        leaf(name, op.place);
        return;
      }
      reader_.expect(":");
      const SpelledType type = reader_.type(assembly_.graph());
      op.outputs.push_back({name, type.dtype, type.shape});
    } while (reader_.accept(","));
    reader_.expect("=");
    operation(std::move(op));
  }

  void leaf(base::NameId name, const GraphAssembly::Place& place) {
    const bool is_input = reader_.accept("input");
    if (!is_input) {
      reader_.expect("constant");
    }
    const SpelledType type = reader_.type(assembly_.graph());
    if (is_input) {
      take(assembly_.input(name, type.dtype, type.shape, reader_.quoted(), place));
      return;
    }
    if (!type.shape.valid()) {
      reader_.fail("a constant has a known shape");
    }
    const auto extents = assembly_.graph().extents(type.shape);
    Constant constant{type.dtype, {extents.begin(), extents.end()}, {}};
    if (type.dtype == DType::string) {
      constant.bytes = reader_.quoted();
    } else if (constant.shape.empty()) {
      element(constant);
    } else {
      reader_.expect("[");
      if (!reader_.accept("]")) {
        do {
          element(constant);
        } while (reader_.accept(","));
        reader_.expect("]");
      }
    }
    take(assembly_.constant(name, std::move(constant), place));
  }

  void element(Constant& constant) {
    const std::string_view word = reader_.word("an element of the constant");
    if (!append_element(constant, word)) {
      reader_.fail("`" + std::string(word) + "` is no " + std::string(name_of(constant.dtype)));
    }
  }

  void operation(GraphAssembly::PendingOperation op) {
    const std::string_view word = reader_.word("an operation: call, load, store, control or fused");
    const auto type = op_type_named(word);
    if (!type) {
      reader_.fail("`" + std::string(word) + "` is no operation: there are call, load, store, control and fused");
    }
    op.type = *type;
    op.callee = reader_.quoted();
    reader_.expect("(");
    if (!reader_.accept(")")) {
      do {
        op.inputs.push_back(value_name());
      } while (reader_.accept(","));
      reader_.expect(")");
    }
    while (true) {
      if (reader_.accept("with")) {
        std::string key = reader_.quoted();
        reader_.expect("=");
        op.attributes.push_back({std::move(key), read_attribute_value(reader_)});
      } else if (reader_.accept("body")) {
        op.bodies.push_back(GraphParser(reader_, depth_ + 1).run());
      } else if (!flag(op.flags)) {
        break;
      }
    }
    take(assembly_.operation(std::move(op)));
  }

  bool flag(uint8_t& flags) {
    for (const auto& [bit, name] : kFlagNames) {
      if (reader_.accept(name)) {
        flags |= bit;
        return true;
      }
    }
    return false;
  }

  Reader& reader_;
  size_t depth_;
  GraphAssembly assembly_;
};

}  // namespace

base::Result<ComputationGraph> parse_text(std::string_view text) {
  try {
    Reader reader(text);
    ComputationGraph graph = GraphParser(reader, 0).run();
    if (!reader.at_end()) {
      reader.fail("expected the end of the text");
    }
    return graph;
  } catch (Mistake& mistake) {
    return std::move(mistake.error);
  }
}

}  // namespace omega::graph
