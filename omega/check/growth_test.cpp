// SPDX-License-Identifier: Apache-2.0
// Checking takes time in proportion to a program's size, also where many things have one name or see each other.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "omega/check/check_testing.h"
#include "omega/parse/parse.h"
#include "test/growth/growth.h"

namespace omega::check {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

void expect_linear(const std::function<Files(uint32_t)>& program, uint32_t size) {
  // Eight times the program; a square would take 64 times as long.
  growth::expect_growth_below(24, program(size), program(size * 8), [](const Files& files) {
    return growth::seconds_of([&] {
      const CheckedProgram checked(files);
      EXPECT_EQ(checked.sink.error_count(), 0u);
    });
  });
}

std::string numbered(const std::string& text, uint32_t number) {
  std::string out;
  for (const char c : text) {
    out += c == '#' ? std::to_string(number) : std::string(1, c);
  }
  return out;
}

Files repeated(uint32_t count, const std::string& declarations, const std::string& statements) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    text += numbered(declarations, i);
  }
  for (uint32_t i = 0; i < count; ++i) {
    text += numbered(statements, i);
  }
  return {{"main.omega", text}};
}

TEST(CheckGrowth, CallsOfManyFunctionsOfOneName) {
  expect_linear([](uint32_t n) { return repeated(n, "struct S# { int64 x; }\nfunction f(S# s) returns (int64) { return s.x; }\n", "let r# = f(S#(#))\n"); },
                500);
}

/// `before`, a chain of so many `else if` about `k`, `behind`.
Files chain(uint32_t length, const std::string& before, const std::string& branch, const std::string& behind) {
  std::string text = before + "if k < 0 { return 0 }";
  for (uint32_t i = 0; i < length; ++i) {
    text += numbered(" else if k == # { " + branch + " }\n", i);
  }
  return {{"main.omega", text + behind}};
}

TEST(CheckGrowth, LongChainsOfElseIf) {
  expect_linear([](uint32_t n) { return chain(n, "function f(int64 k) returns (int64) { ", "return #", " return 1 }\nprintln(f(2))\n"); }, 2000);
}

TEST(CheckGrowth, LongChainsOfElseIfInARecursion) {
  const char* const before = "println(recurse(5, .step: (self, k) => { ";
  expect_linear([&](uint32_t n) { return chain(n, before, "return self(k - 1) + self(k - 2)", " else { return 1 } }, .parallel: true))\n"); }, 2000);
}

TEST(CheckGrowth, ManyFunctionsOfOneNameAsValues) {
  expect_linear(
      [](uint32_t n) {
        return repeated(n, "struct S# { int64 x; }\nfunction f(S# s) returns (int64) { return s.x; }\n", "function(S#) returns (int64) g# = f\n");
      },
      500);
}

/// The program and `count` files.
Files with_files(uint32_t count, const std::string& program, const std::string& file) {
  Files files{{"main.omega", ""}};
  for (uint32_t i = 0; i < count; ++i) {
    files[0].second += numbered(program, i);
    files.emplace_back(numbered("m#.omega", i), numbered(file, i));
  }
  return files;
}

/// Imports by position: CheckedProgram looks through all files for each path, which is a square of its own.
class ImportsCheckGrowth : public testing::Test {
 protected:
  static double seconds(const Files& files, const std::function<std::vector<uint32_t>(uint32_t)>& imports_of) {
    source::SourceSet sources;
    diag::Sink sink;
    base::NameInterner names;
    TypeStore types;
    std::vector<std::unique_ptr<lex::TokenStream>> streams;
    std::vector<parse::Tree> trees;
    for (const auto& [path, text] : files) {
      const base::FileId file = sources.add(path, text, sink);
      streams.push_back(std::make_unique<lex::TokenStream>(lex::lex(file, sources.text(file), sink)));
      trees.push_back(parse::parse(*streams.back(), names, parse::Dialect::Omega, sink));
    }
    std::vector<ModuleInput> inputs;
    for (uint32_t i = 0; i < files.size(); ++i) {
      inputs.push_back({&trees[i], files[i].first, imports_of(i)});
    }
    const double took = growth::seconds_of([&] {
      const auto declarations = declare(inputs, names, types, sink);
      const ir::Module module = check_program(*declarations, sink);
    });
    EXPECT_EQ(sink.error_count(), 0u);
    return took;
  }

  static void expect_linear(const std::function<double(uint32_t)>& seconds_of, uint32_t size) { growth::expect_growth_below(24, size, size * 8, seconds_of); }
};

TEST_F(ImportsCheckGrowth, OneFileThatImportsMany) {
  expect_linear(
      [](uint32_t n) {
        Files files = with_files(n, "import \"m#.omega\"\n", "function g#(int64 x) returns (int64) { return x; }\n");
        for (uint32_t i = 0; i < n; ++i) {
          files[0].second += numbered("let r# = g#(#)\n", i);
        }
        return seconds(files, [n](uint32_t file) {
          std::vector<uint32_t> all(file == 0 ? n : 0);
          for (uint32_t i = 0; i < all.size(); ++i) {
            all[i] = i + 1;
          }
          return all;
        });
      },
      250);
}

TEST_F(ImportsCheckGrowth, AChainOfFiles) {
  expect_linear(
      [](uint32_t n) {
        Files files;
        for (uint32_t i = 0; i <= n; ++i) {
          const std::string rest = i < n ? "import \"m" + std::to_string(i + 1) + ".omega\"\n" : "";
          files.emplace_back(numbered("m#.omega", i), rest + numbered("function g#(int64 x) returns (int64) { return ", i) +
                                                          (i < n ? "g" + std::to_string(i + 1) + "(x)" : "x") + "; }\n");
        }
        return seconds(files, [n](uint32_t file) { return file < n ? std::vector<uint32_t>{file + 1} : std::vector<uint32_t>{}; });
      },
      250);
}

TEST_F(ImportsCheckGrowth, ManyFilesWithNamesFromOne) {
  expect_linear(
      [](uint32_t n) {
        Files files = with_files(n, "import \"m#.omega\"\n", "import {g} from \"main.omega\"\nfunction f#() returns (int64) { return g(); }\n");
        files[0].second += "function g() returns (int64) { return 1; }\nfunction main() { printf(\"%d\\n\", f0()); }\n";
        return seconds(files, [n](uint32_t file) {
          std::vector<uint32_t> all(file == 0 ? n : 1);
          for (uint32_t i = 0; file == 0 && i < n; ++i) {
            all[i] = i + 1;
          }
          return all;
        });
      },
      250);
}

}  // namespace
}  // namespace omega::check
