// SPDX-License-Identifier: Apache-2.0
// Tests of both renderers against expected text.
#include "omega/diag/render.h"

#include <gtest/gtest.h>

#include <string>

#include "omega/diag/unicode.h"

namespace omega::diag {
namespace {

/// One file in memory.
class OneFile : public SourceReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::string_view path(FileId) const override { return "a.omega"; }
  [[nodiscard]] std::string_view text(FileId) const override { return text_; }
  [[nodiscard]] LineColumn locate(FileId, uint32_t offset) const override {
    LineColumn place;
    for (size_t i = 0; i < offset;) {
      const Character character = decode(text_, i);
      place = character.code == '\n' ? LineColumn{place.line + 1, 1} : LineColumn{place.line, place.column + 1};
      i += character.size;
    }
    return place;
  }

 private:
  std::string text_;
};

Span at(uint32_t begin, uint32_t end) { return {FileId{0}, begin, end}; }

TEST(RenderTerminal, ShowsLineCaretNoteAndHelp) {
  const OneFile file("let a = 1\nlet b = a # 2\n");
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(20, 21), {"#"}).note(at(4, 5), "`a` is declared here").note("and nowhere else").with_help("remove it");
  EXPECT_EQ(render_terminal(sink, file, {}),
            "a.omega:2:11: error[E0101]: unexpected character `#`\n"
            "   2 | let b = a # 2\n"
            "     |           ^\n"
            "a.omega:1:5: note: `a` is declared here\n"
            "   1 | let a = 1\n"
            "     |     ^\n"
            "     = note: and nowhere else\n"
            "     = help: remove it\n");
}

TEST(RenderTerminal, UnderlinesToTheEndOfTheLineAtMost) {
  const OneFile file("x = /* open\nmore");
  Sink sink;
  sink.report(Kind::UnterminatedComment, at(4, 16));
  EXPECT_EQ(render_terminal(sink, file, {}),
            "a.omega:1:5: error[E0103]: block comment has no closing `*/`\n"
            "   1 | x = /* open\n"
            "     |     ^~~~~~~\n");
}

TEST(RenderTerminal, TabsAndWideCharactersKeepTheCaretInPlace) {
  const OneFile file("\t\"漢字é\" #\r\n");
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(12, 13), {"#"});
  EXPECT_EQ(render_terminal(sink, file, {}),
            "a.omega:1:8: error[E0101]: unexpected character `#`\n"
            "   1 |     \"漢字é\" #\n"
            "     |             ^\n");
}

TEST(RenderTerminal, EndOfFileAndEmptyFile) {
  const OneFile file("");
  Sink sink;
  sink.report(Kind::UnterminatedComment, at(0, 0));
  EXPECT_EQ(render_terminal(sink, file, {}), "a.omega:1:1: error[E0103]: block comment has no closing `*/`\n   1 |\n     | ^\n");
}

TEST(RenderTerminal, WithoutPlace) {
  const OneFile file("");
  Sink sink;
  sink.report(Kind::CannotReadFile, {}, {"b.omega", "No such file or directory"});
  EXPECT_EQ(render_terminal(sink, file, {}), "omega: error[E0953]: cannot read file `b.omega`: No such file or directory\n");
}

TEST(RenderTerminal, LongLinesAreClippedAroundThePlace) {
  std::string text;
  for (int i = 0; i < 300000; ++i) {
    text += "abcdefghi ";
  }
  text[1500003] = '#';
  const OneFile file(text);
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(1500003, 1500004), {"#"});
  const std::string shown = render_terminal(sink, file, {.color = false, .width = 80});
  EXPECT_LT(shown.size(), 300u);
  const size_t first = shown.find('\n') + 1;
  const size_t second = shown.find('\n', first) + 1;
  const std::string line = shown.substr(first, second - first - 1);
  const std::string marks = shown.substr(second);
  EXPECT_LE(line.size(), 80u);
  ASSERT_NE(line.find('#'), std::string::npos);
  EXPECT_EQ(line.find('#'), marks.find('^'));
  EXPECT_EQ(line.substr(7, 3), "...");
  EXPECT_EQ(line.substr(line.size() - 3), "...");
}

TEST(RenderTerminal, LongLineIsClippedAtTheRightWhenThePlaceIsNear) {
  const OneFile file("# " + std::string(500, 'x'));
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(0, 1), {"#"});
  const std::string shown = render_terminal(sink, file, {.color = false, .width = 60});
  EXPECT_NE(shown.find("| # xxx"), std::string::npos);
  EXPECT_NE(shown.find("x...\n"), std::string::npos);
}

TEST(RenderTerminal, HiddenAndReorderingCharactersAreMadeVisible) {
  const OneFile file("a\xe2\x80\xae\x01 #");
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(6, 7), {"#"});
  EXPECT_NE(render_terminal(sink, file, {}).find("a\xef\xbf\xbd\xef\xbf\xbd #"), std::string::npos);
}

TEST(RenderTerminal, ColorsOnlyWhenAsked) {
  const OneFile file("#");
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(0, 1), {"#"});
  EXPECT_EQ(render_terminal(sink, file, {}).find('\x1b'), std::string::npos);
  EXPECT_NE(render_terminal(sink, file, {.color = true, .width = 0}).find("\x1b[1;31merror[E0101]:\x1b[0m"), std::string::npos);
}

TEST(RenderTerminal, SaysWhenThereAreTooMany) {
  const OneFile file(std::string(500, '#'));
  Sink sink;
  for (uint32_t i = 0; i < 500; ++i) {
    sink.report(Kind::UnexpectedCharacter, at(i, i + 1), {"#"});
  }
  EXPECT_NE(render_terminal(sink, file, {.color = false, .width = 80}).find("too many errors"), std::string::npos);
}

TEST(RenderJson, OneObjectALine) {
  const OneFile file("é #\nb");
  Sink sink;
  sink.report(Kind::UnexpectedCharacter, at(3, 4), {"\"\n\xff"}).note(at(5, 6), "here").with_help("do");
  sink.report(Kind::CannotReadFile, {}, {"x", "y"});
  EXPECT_EQ(render_json(sink, file),
            "{\"code\":\"E0953\",\"severity\":\"error\",\"message\":\"cannot read file `x`: y\",\"file\":null,\"line\":0,\"column\":0,"
            "\"end_line\":0,\"end_column\":0,\"notes\":[],\"help\":null}\n"
            "{\"code\":\"E0101\",\"severity\":\"error\",\"message\":\"unexpected character "
            "`\\\"\\n\xef\xbf\xbd`\",\"file\":\"a.omega\",\"line\":1,"
            "\"column\":3,\"end_line\":1,\"end_column\":4,\"notes\":[{\"message\":\"here\",\"file\":\"a.omega\",\"line\":2,\"column\":1,"
            "\"end_line\":2,\"end_column\":2}],\"help\":\"do\"}\n");
}

}  // namespace
}  // namespace omega::diag
