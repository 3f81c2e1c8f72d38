// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/llvm/library.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
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
  EXPECT_GT(made.cpu_ns, 0);
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

constexpr int kWideBits = 120;

/// Every operation that machines of 64 bits have no instruction for.
std::string wide_text() {
  std::string text;
  for (const char* op : {"mul", "shl", "lshr", "ashr", "udiv", "urem", "sdiv", "srem"}) {
    text += std::string("define void @") + op +
            "(ptr %to, ptr %a, ptr %b) {\n  %a1 = load i128, ptr %a\n  %b1 = load i128, ptr %b\n"
            "  %a2 = trunc i128 %a1 to i120\n  %b2 = trunc i128 %b1 to i120\n  %r = " +
            op + " i120 %a2, %b2\n  %s = sext i120 %r to i128\n  store i128 %s, ptr %to\n  ret void\n}\n";
  }
  return text;
}
constexpr std::string_view kWide[] = {"mul", "shl", "lshr", "ashr", "udiv", "urem", "sdiv", "srem"};

TEST(Library, WideOperationsCallNobody) {
  for (const std::string_view triple : {"bpfel", "wasm32-unknown-unknown"}) {
    std::string text = wide_text();
    text +=
        "declare { i64, i1 } @llvm.umul.with.overflow.i64(i64, i64)\ndefine i1 @checked(i64 %a, i64 %b) {\n"
        "  %p = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %a, i64 %b)\n  %o = extractvalue { i64, i1 } %p, 1\n  ret i1 %o\n}\n"
        "define void @triple(ptr %to, ptr %a) {\n  %x = load i256, ptr %a\n  %y = mul i256 %x, 3\n  store i256 %y, ptr %to\n  ret void\n}\n";
    std::vector<std::string_view> kept(std::begin(kWide), std::end(kWide));
    kept.push_back("triple");
    kept.push_back("checked");
    const ObjectOptions options = {
        .triple = triple, .cpu = triple == "bpfel" ? "v2" : "mvp", .features = "", .arguments = {}, .passes = "default<O2>", .kept = kept};
    const ObjectResult made = make_object(text, chain_runtime::host(), options);
    ASSERT_TRUE(made.object) << made.error;
    for (const char* called : {"__multi3", "__ashlti3", "__lshrti3", "__ashrti3", "__udivti3", "__umodti3", "__divti3", "__modti3"}) {
      EXPECT_EQ(made.object->find(called), std::string::npos) << triple << ' ' << called;
    }
  }
}

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

Wide cut(Wide number) { return static_cast<Wide>(static_cast<UnsignedWide>(number) << (128 - kWideBits)) >> (128 - kWideBits); }
UnsignedWide without_sign(Wide number) { return static_cast<UnsignedWide>(number) << (128 - kWideBits) >> (128 - kWideBits); }

/// What an operation gives for numbers that fit.
Wide expected(std::string_view op, Wide a, Wide b) {
  const UnsignedWide x = without_sign(a), y = without_sign(b);
  const auto shift = static_cast<int>(b);
  return cut(op == "mul"    ? static_cast<Wide>(x * y)
             : op == "shl"  ? static_cast<Wide>(x << shift)
             : op == "lshr" ? static_cast<Wide>(x >> shift)
             : op == "ashr" ? a >> shift
             : op == "udiv" ? static_cast<Wide>(x / y)
             : op == "urem" ? static_cast<Wide>(x % y)
             : op == "sdiv" ? a / b
                            : a % b);
}

TEST(Library, WideOperationsGiveWhatTheyShould) {
  ObjectOptions options = host_options();
  options.kept = kWide;
  options.is_position_independent = true;
  const ObjectResult made = make_object(wide_text(), chain_runtime::host(), options);
  ASSERT_TRUE(made.object) << made.error;
  const std::string stem = ::testing::TempDir() + "omega_wide_operations" + std::to_string(getpid());
  std::ofstream(stem + ".o", std::ios::binary) << *made.object;
  ASSERT_EQ(std::system(("cc -shared -nostdlib -Wl,-z,defs -o " + stem + ".so " + stem + ".o").c_str()), 0);
  void* library = dlopen((stem + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  std::remove((stem + ".o").c_str());
  std::remove((stem + ".so").c_str());
  ASSERT_NE(library, nullptr) << dlerror();
  std::mt19937_64 random(1);
  const auto number = [&] { return cut(static_cast<Wide>(UnsignedWide{random()} << 64 | random())) >> random() % kWideBits; };
  for (const std::string_view op : kWide) {
    auto* function = reinterpret_cast<void (*)(Wide*, const Wide*, const Wide*)>(dlsym(library, std::string(op).c_str()));
    ASSERT_NE(function, nullptr);
    for (int i = 0; i < 1000; ++i) {
      const bool shifts = op == "shl" || op.ends_with("shr");
      const Wide a = number(), b = shifts ? static_cast<Wide>(random() % kWideBits) : number() | 1;
      Wide got = 0;
      function(&got, &a, &b);
      ASSERT_TRUE(got == expected(op, a, b)) << op << ' ' << static_cast<uint64_t>(a >> 64) << ' ' << static_cast<uint64_t>(a);
    }
  }
  dlclose(library);
}

TEST(Library, BlocksOfBpfStandInTheOrderOfTheirWeights) {
  static constexpr std::string_view kept[] = {"pick"};
  const ObjectOptions options = {.triple = "bpfel", .cpu = "v2", .features = "", .arguments = {}, .passes = "function(early-cse)", .kept = kept};
  const std::string rare = "rare:\n  %r = call i64 @f(i64 %x)\n  br label %end\n", usual = "usual:\n  %u = add i64 %x, 3\n  br label %end\n";
  const auto made = [&](const std::string& blocks, const std::string& weights) {
    return make_object("declare i64 @f(i64)\ndefine i64 @pick(i64 %x) {\n  %c = icmp eq i64 %x, 7\n  br i1 %c, label %rare, label %usual, !prof !0\n" + blocks +
                           "end:\n  %v = phi i64 [ %r, %rare ], [ %u, %usual ]\n  ret i64 %v\n}\n!0 = !{!\"branch_weights\", " + weights + "}\n",
                       chain_runtime::host(), options)
        .object.value_or("");
  };
  const std::string ordered = made(usual + rare, "i32 1, i32 2000");
  ASSERT_NE(ordered, "");
  EXPECT_EQ(made(rare + usual, "i32 1, i32 2000"), ordered);
  EXPECT_NE(made(usual + rare, "i32 2000, i32 1"), ordered);
  EXPECT_EQ(made(usual + rare, "i32 2000, i32 1"), made(rare + usual, "i32 2000, i32 1"));
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
