// SPDX-License-Identifier: Apache-2.0
// Places in the source: in panics, in the debugger; and that code generation takes time in proportion to its input.
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "omega/codegen/native/line_rows.h"
#include "omega/codegen/native/listing.h"
#include "omega/codegen/native/program_testing.h"
#include "omega/ir/builder.h"
#include "test/growth/growth.h"

namespace omega::codegen::native {
namespace {

// Lines begin at 0, 10, 20, 30, 42; the é counts as one column.
constexpr std::string_view source_text = "line one\n\nline two\n\nline thre\n\n\xc3\xa9 line four\nline five\n";

constexpr std::string_view program = R"(
function "inner"(s64) -> (s64) file 0 at 10 {
b0:
  %x = param s64 0 @10
  %one = const s64 1 @10
  %y = add checked s64 %x, %one @33
  ret (%y) @43
}
function "main"() -> (s64) file 0 at 0 {
b0:
  %m = const s64 9223372036854775806 @0
  %a = call s64 "inner"(%m) @12
  %b = call s64 "inner"(%a) @22
  ret (%b) @22
}
entry "main")";

struct Built {
  base::PodVector<uint32_t> starts;
  SourceFile file;
  base::PodVector<uint8_t> image;
};

Built build_with_lines() {
  Built built;
  built.starts.push_back(0);
  for (uint32_t k = 0; k < source_text.size(); ++k) {
    if (source_text[k] == '\n') {
      built.starts.push_back(k + 1);
    }
  }
  built.file = {"folder/demo.omega", source_text, {built.starts.data(), built.starts.size()}, false};
  auto module = ir::parse_text(program);
  EXPECT_TRUE(module.has_value());
  auto image = build(*module, {&built.file, 1});
  EXPECT_TRUE(image.has_value());
  built.image = std::move(*image);
  return built;
}

TEST(Lines, PanicNamesFileLineAndColumn) {
  const Built built = build_with_lines();
  const Outcome o = execute({built.image.data(), built.image.size()});
  EXPECT_EQ(o.exit_code, 1);
  // Byte 33 is the third byte of line seven and its second character.
  EXPECT_EQ(o.errors, "error: arithmetic overflow\n --> folder/demo.omega:7:2\n");
}

TEST(Lines, OverflowsAreReportedWhereSignalsAreBlocked) {
  const Built built = build_with_lines();
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  const Outcome o = execute({built.image.data(), built.image.size()});
  sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_EQ(o.errors, "error: arithmetic overflow\n --> folder/demo.omega:7:2\n");
}

/// What gdb says to these commands about the program; empty when there is no gdb, or nothing may be traced here.
std::string ask_debugger(const std::string& commands) {
  if (std::system("gdb --version > /dev/null 2>&1") != 0) {
    return "";
  }
  const Built built = build_with_lines();
  char path[] = "/tmp/omega_lines_XXXXXX";
  const int fd = mkstemp(path);
  EXPECT_GE(fd, 0);
  EXPECT_EQ(write(fd, built.image.data(), built.image.size()), static_cast<ssize_t>(built.image.size()));
  fchmod(fd, 0755);
  close(fd);
  FILE* pipe = popen(("gdb -batch -nx -iex 'set auto-load no' " + commands + " " + path + " 2>&1").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  const std::string said = read_all(fileno(pipe));
  unlink(path);
  return said.find("ptrace") != std::string::npos && said.find("not permitted") != std::string::npos ? "" : said;
}

TEST(Lines, DebuggerStopsAtALineAndShowsCallers) {
  const std::string said = ask_debugger("-ex 'break demo.omega:7' -ex run -ex bt");
  if (said.empty()) {
    GTEST_SKIP() << "no gdb, or no ptrace here";
  }
  EXPECT_NE(said.find("Breakpoint 1, "), std::string::npos) << said;
  EXPECT_NE(said.find("inner () at folder/demo.omega:7"), std::string::npos) << said;
  EXPECT_NE(said.find("in main () at folder/demo.omega:3"), std::string::npos) << said;
}

TEST(Lines, DebuggerStopsWhereAnOverflowIs) {
  const std::string said = ask_debugger("-ex run -ex bt -ex continue");
  if (said.empty()) {
    GTEST_SKIP() << "no gdb, or no ptrace here";
  }
  EXPECT_NE(said.find("signal SIGILL"), std::string::npos) << said;
  EXPECT_NE(said.find("inner () at folder/demo.omega:7"), std::string::npos) << said;
  EXPECT_NE(said.find("in main () at folder/demo.omega:5"), std::string::npos) << said;
  EXPECT_NE(said.find("error: arithmetic overflow\n --> folder/demo.omega:7:2\n"), std::string::npos) << said;
}

TEST(Lines, RowsAreReadAsTheyWereWritten) {
  const LineEntry rows[] = {{100, 1, 1, 0},       {100 + 59, 4, 200, 0}, {100 + 119, 4, 1, 0}, {100 + 178, 8, 7, 0},        {300, 7, 65535, 0},
                            {301, 1000000, 1, 0}, {302, 3, 127, 5},      {303, 3, 128, 5},     {2000000, 6, 3, 65535},      {2000001, 6, 3, 0},
                            {2000003, 9, 12, 0},  {2000005, 12, 40, 0},  {2000065, 12, 41, 0}, {2000066, 4000000000, 2, 0}, {2000067, 1, 1, 0}};
  base::PodVector<uint8_t> bytes;
  LineRowWriter writer;
  writer.begin(bytes, 40);
  for (const LineEntry& row : rows) {
    writer.put({row.offset, 77, 7, 7});  // replaced by the next at the same offset
    writer.put(row);
  }
  writer.finish();
  LineRowReader reader(bytes.data(), bytes.data() + bytes.size(), 40);
  for (const LineEntry& row : rows) {
    const LineEntry* read = reader.next();
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->offset, row.offset);
    EXPECT_EQ(read->line, row.line);
    EXPECT_EQ(read->column, row.column);
    EXPECT_EQ(read->file, row.file);
  }
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(Lines, ReadersAcceptTheExecutable) {
  const Built built = build_with_lines();
  char path[] = "/tmp/omega_lines_XXXXXX";
  const int fd = mkstemp(path);
  ASSERT_EQ(write(fd, built.image.data(), built.image.size()), static_cast<ssize_t>(built.image.size()));
  close(fd);
  FILE* pipe = popen((std::string("readelf -aW --debug-dump=decodedline,info ") + path + " 2>&1").c_str(), "r");
  const std::string said = read_all(fileno(pipe));
  unlink(path);
  EXPECT_EQ(said.find("arning"), std::string::npos) << said;
  EXPECT_EQ(said.find("rror:"), std::string::npos) << said;
  EXPECT_NE(said.find("demo.omega"), std::string::npos);
  EXPECT_NE(said.find("inner"), std::string::npos);
}

TEST(Listing, AssemblesToTheSameCode) {
  auto module = ir::parse_text(program);
  ASSERT_TRUE(module.has_value());
  const ModuleView view{{module->functions.data(), module->functions.size()}, {}};
  CodeBuffer buffer;
  Scratch scratch;
  diag::Sink sink;
  for (ir::FunctionId f = 0; f < module->functions.size(); ++f) {
    ASSERT_TRUE(compile_function(module->functions[f], f, view, scratch, buffer, sink));
  }
  const CodeBuffer* const buffers[] = {&buffer};
  const std::string text = listing(buffers, view);
  char path[] = "/tmp/omega_listing_XXXXXX";
  const int fd = mkstemp(path);
  ASSERT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(fd);
  FILE* pipe =
      popen((std::string("as -o ") + path + ".o " + path + " 2>&1 && objdump -dr --no-show-raw-insn " + path + ".o; rm -f " + path + ".o").c_str(), "r");
  const std::string said = read_all(fileno(pipe));
  unlink(path);
  EXPECT_NE(said.find("<inner>:"), std::string::npos) << said;
  EXPECT_NE(said.find("ud2"), std::string::npos) << said;
  EXPECT_NE(said.find("call "), std::string::npos) << said;
  EXPECT_EQ(said.find("(bad)"), std::string::npos) << said;
}

/// One function of n statements over a few variables, with branches and calls between.
ir::Module module_of(uint32_t n) {
  ir::FunctionBuilder b;
  const ir::Type s64 = ir::signed_type(64);
  ir::Module module;
  b.begin("f", {}, 0, {}, {});
  ir::SlotId slots[40];
  for (ir::SlotId& s : slots) {
    s = b.add_slot(s64);
  }
  for (uint32_t k = 0; k < n; ++k) {
    const ir::SlotId own = b.add_slot(s64);
    b.set(own, b.binary(ir::Op::Add, s64, b.get(slots[k % 40]), b.get(slots[k * 7 % 40]), ir::kChecked));
    b.set(slots[k * 3 % 40], b.get(own));
    if (k % 5 == 0) {
      const ir::Label yes = b.new_label(), no = b.new_label();
      b.cond_br(b.compare(ir::Op::Lt, b.get(own), b.const_int(s64, k)), yes, no);
      b.start_block(yes);
      b.call(0, ir::Type::Void, {});
      b.br(no);
      b.start_block(no);
    }
  }
  b.ret();
  module.functions.push_back(b.finish());
  module.entry = 0;
  return module;
}

TEST(Growth, TimeIsProportionalToStatements) {
  // Sixteen times the statements; a square would take 256 times as long.
  growth::expect_growth_below(64, module_of(4000), module_of(64000), [](const ir::Module& module) {
    const ModuleView view{{module.functions.data(), 1}, {}};
    return growth::seconds_of([&] {
      CodeBuffer buffer;
      Scratch scratch;
      diag::Sink sink;
      EXPECT_TRUE(compile_function(module.functions[0], 0, view, scratch, buffer, sink));
    });
  });
}

}  // namespace
}  // namespace omega::codegen::native
