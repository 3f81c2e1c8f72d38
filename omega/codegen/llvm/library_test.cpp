// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/library.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "runtime/chain/bitcode.h"

namespace omega::codegen::llvm {
namespace {

constexpr std::string_view kText = R"(
define i64 @twice(i64 %x) {
  %y = add i64 %x, %x
  ret i64 %y
}
define i64 @other(i64 %x) {
  ret i64 %x
}
)";

constexpr std::string_view kKept[] = {"twice"};

ObjectOptions host_options() {
  return {.triple = "x86_64-pc-linux-gnu", .cpu = "x86-64", .features = "", .arguments = {}, .passes = "default<O2>", .kept = kKept};
}

TEST(Library, MakesAnObjectOfWhatIsKept) {
  const ObjectResult made = make_object(kText, chain_runtime::host(), host_options());
  ASSERT_TRUE(made.object) << made.error;
  EXPECT_EQ(made.object->substr(0, 4),
            "\x7f"
            "ELF");
  EXPECT_NE(made.object->find("twice"), std::string::npos);
  EXPECT_EQ(made.object->find("other"), std::string::npos);
  EXPECT_EQ(made.object->find("chain_encode"), std::string::npos);
}

TEST(Library, SaysWhatIsWrong) {
  ObjectOptions options = host_options();
  EXPECT_NE(make_object("define i64 @f( {", chain_runtime::host(), options).error.find("expected"), std::string::npos);
  const uint8_t bytes[] = {1, 2, 3, 4};
  EXPECT_NE(make_object(kText, bytes, options).error, "");
  options.passes = "no_such_pass";
  EXPECT_NE(make_object(kText, chain_runtime::host(), options).error.find("no_such_pass"), std::string::npos);
  options = host_options();
  options.triple = "vax";
  EXPECT_NE(make_object(kText, chain_runtime::host(), options).error.find("vax"), std::string::npos);
}

TEST(Library, AFrameThatIsTooLargeIsAMistake) {
  static constexpr std::string_view arguments[] = {"-bpf-stack-size=4096"};
  static constexpr std::string_view kept[] = {"large"};
  const ObjectOptions options = {.triple = "bpfel", .cpu = "v2", .features = "", .arguments = arguments, .passes = "default<O2>", .kept = kept};
  const auto text = [](uint32_t bytes) {
    return "declare void @use(ptr)\ndefine void @large() {\n  %m = alloca [" + std::to_string(bytes) +
           " x i8], align 8\n  call void @use(ptr %m)\n  ret void\n}\n";
  };
  EXPECT_TRUE(make_object(text(4000), chain_runtime::host(), options).object);
  const ObjectResult made = make_object(text(5000), chain_runtime::host(), options);
  EXPECT_FALSE(made.object);
  EXPECT_NE(made.error.find("stack"), std::string::npos) << made.error;
}

TEST(Library, AnLlvmThatGivesUpTakesNobodyAlong) {
  static constexpr std::string_view kept[] = {"six"};
  const ObjectOptions options = {.triple = "bpfel", .cpu = "v2", .features = "", .arguments = {}, .passes = "default<O0>", .kept = kept};
  // BPF passes five registers.
  const ObjectResult made = make_object("define i64 @six(i64 %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f) {\n  %s = add i64 %a, %f\n  ret i64 %s\n}\n",
                                        chain_runtime::host(), options);
  EXPECT_FALSE(made.object);
  EXPECT_NE(made.error, "");
  EXPECT_TRUE(make_object(kText, chain_runtime::host(), host_options()).object);
}

TEST(Library, ManyAtOnceGiveTheSame) {
  const std::string expected = *make_object(kText, chain_runtime::host(), host_options()).object;
  std::vector<std::string> made(6);
  std::vector<std::thread> threads;
  for (std::string& one : made) {
    threads.emplace_back([&one] {
      for (int i = 0; i < 3; ++i) {
        one = make_object(kText, chain_runtime::host(), host_options()).object.value_or("");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::string& one : made) {
    EXPECT_TRUE(one == expected);
  }
}

}  // namespace
}  // namespace omega::codegen::llvm
