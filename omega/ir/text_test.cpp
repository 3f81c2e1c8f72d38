// SPDX-License-Identifier: Apache-2.0
// The textual form round-trips; the verifier accepts what is right and names what is wrong.
#include "omega/ir/text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "omega/ir/builder.h"
#include "omega/ir/verify.h"

namespace omega::ir {
namespace {

constexpr std::string_view every_kind = R"ir(
extern "outside"(s64) -> (f64) at 0
; a comment
function "callee"(ref, s64) -> (s64, u256) file 3 at 17 {
b0:
  %c = param ref 0
  %n = param s64 1
  %w = const.wide u256 0xffffffffffffffffffffffffffffffffff
  ret (%n, %w)
}
function "body"(s64, s64, ref, ref, ref) -> () at 0 {
b0:
  %a = param s64 0
  %b = param s64 1
  %c = param ref 2
  %d = param ref 3
  %e = param ref 4
  ret
}
function "combine"(ref, ref) -> () at 0 {
b0:
  %a = param ref 0
  %b = param ref 1
  ret
}
function "main"() -> (s64) file 0 at 5 {
  slot i: s64 "i" user depth 1 at 9
  slot t: s24 depth 0 at 0
  loop Sequential depth 0 header head body body latch latch exit done iv i hi _ step -2 threads _ parent _ at 12
entry:
  %one = const s64 1 @7
  %big = const u64 18446744073709551615
  %neg = const s8 -128
  %null = const ref 0
  %half = const.float f64 0.5
  %nan = const.float f32 0x7fc00001
  %text = const.string ref "a \"b\" \\ \x00\xff\x0a" @9
  %f = function ref "callee"
  set i, %one
  br head
head:
  %i = get s64 i
  %is = lt u1 %i, %one
  condbr %is, body(%one), done
body:
  %arg = arg s64 0
  %sum = add checked s64 %arg, %one @11
  %o = new norefs ref 24
  store %o, 8, %sum
  %l = load s64 %o, 8
  check.index %l, %text
  check %is, %text, Require
  check %is, _, Assert
  atomic %o, %sum, Xor
  %q = call s64 "callee"(%null, %sum)
  %r = result u256 %q, 1
  %k = closure ref "callee"(%sum, %half)
  %v = call.closure s64 %k(%sum)
  %z = call.runtime f64 Sin(%half)
  parallel.for %one, %i threads _ body "body" env %o combine "combine" acc %o size 8 neutral %o cost 3 auto 1 quiet 1 at 44
  %key = state.key ref (%one, %sum)
  %st = state.get u256 %key
  state.set %key, %r
  event "E(uint256)"(%r)
  %who = message u160 Sender
  br latch
latch:
  br head
done:
  %s = select s64 %is, %one, %i
  ret (%s)
dead:
  revert "Bad(int64)"(%one)
dead2:
  panic Overflow, _
}
entry "main"
)ir";

std::string normalised(std::string_view text) {
  base::NameInterner names;
  auto module = parse_text(text, &names);
  EXPECT_TRUE(module.has_value()) << module.error().message;
  return module.has_value() ? print(*module, &names) : std::string();
}

TEST(Text, EveryKindOfOperandRoundTrips) {
  const auto module = parse_text(every_kind);
  ASSERT_TRUE(module.has_value()) << module.error().message;
  EXPECT_EQ(verify(*module), "");
  const std::string text = normalised(every_kind);
  EXPECT_EQ(normalised(text), text);
  EXPECT_NE(text.find("slot s0: s64 \"i\" user depth 1 at 9"), std::string::npos) << text;
}

TEST(Text, ErrorsNameTheLine) {
  const auto expect = [](std::string_view text, std::string_view message) {
    const auto module = parse_text(text);
    ASSERT_FALSE(module.has_value()) << text;
    EXPECT_EQ(module.error().message, message);
  };
  expect("function \"f\"() -> () {\nb:\n  frob %1\n}\n", "line 3: no such operation: frob");
  expect("function \"f\"() -> () {\nb:\n  ret (%x)\n}\n", "line 3: no such value: x");
  expect("function \"f\"() -> () {\nb:\n  br c\n}\n", "line 3: no such block: c");
  expect("function \"f\"() -> (s257) {\nb:\n  ret\n}\n", "line 1: no such type: s257");
  expect("function \"f\"() -> () {\nb:\n  ret\n", "line 2: function without `}`");
  expect("function \"f\"() -> () {\n ret\n}\n", "line 2: instruction before the first block");
  expect("nonsense", "line 1: expected `function`");
  expect("function \"f\"() -> () {\nb:\n  %x = const s64 99999999999999999999\n}\n", "line 3: expected a number in range");
}

TEST(Verify, NamesWhatIsWrong) {
  const auto expect = [](std::string_view body, std::string_view part) {
    const std::string text =
        "function \"g\"(ref) -> (s64) {\nb:\n %c = param ref 0\n %z = const s64 0\n ret (%z)\n}\nfunction \"f\"(s64) -> (s64) {\n" + std::string(body) + "}\n";
    const auto module = parse_text(text);
    ASSERT_TRUE(module.has_value()) << module.error().message << "\n" << text;
    const std::string mistakes = verify(*module);
    EXPECT_NE(mistakes.find(part), std::string::npos) << body << "gives: " << mistakes;
  };
  const std::string head = "b0:\n %p = param s64 0\n";
  expect("b0:\n %p = const s64 0\n ret (%p)\n", "begins with the parameters");
  expect(head + " %x = add s32 %p, %p\n ret (%p)\n", "left operand must be s32, is s64");
  expect(head + " %x = const u8 256\n ret (%p)\n", "does not fit");
  expect(head + " %x = const s8 128\n ret (%p)\n", "does not fit");
  expect(head + " %x = const.wide s72 0x800000000000000000\n ret (%p)\n", "does not fit");
  expect(head + " ret\n", "takes 1 values, not 0");
  expect(head + " %x = add s64 %p, %y\n %y = add s64 %p, %p\n ret (%p)\n", "does not come before");
  expect(head + " %c = lt u1 %p, %p\n condbr %c, b1, b2\nb1:\n %y = add s64 %p, %p\n br b2\nb2:\n ret (%y)\n", "does not come before");
  expect(head + " br b1\nb1:\n %a = arg s64 0\n ret (%a)\n", "number of block arguments");
  expect(head + " br b1(%p)\nb1:\n %a = arg f64 0\n ret (%p)\n", "block argument must be f64");
  expect(head + " br b0\n", "not the entry");
  expect(head + " ret (%p)\n ret (%p)\n", "only terminator");
  expect(head + " %q = neg s64 %p\n", "only terminator");
  expect("b0:\nb1:\n ret\n", "not empty");
  expect(head + " %x = call s64 \"g\"(%p)\n ret (%p)\n", "must be ref");
  expect(head + " %x = call f64 \"g\"()\n ret (%p)\n", "takes 1 values");
  expect(head + " %x = function ref \"f\"\n ret (%p)\n", "closure as its first");
  expect(head + " call.runtime OutI64(%p, %p)\n ret (%p)\n", "OutI64 takes 1");
  expect(head + " %x = result s64 %p, 1\n ret (%p)\n", "of a call only");
  expect(head + " %n = const ref 0\n %x = lt u1 %n, %n\n ret (%p)\n", "no order");
  expect(head + " %x = bitcast f32 %p\n ret (%p)\n", "one width");
  expect(head + " %x = sqrt s64 %p\n ret (%p)\n", "floats only");
  expect(head + " br b1\nb1:\n ret (%p)\nb2:\n ret (%p)\n loop While depth 0 header b2 body b2 latch b2 exit b1 iv _ hi _ step 0 threads _ parent _ at 0\n",
         "out of order");
  expect(head + " check %p, _, Assert\n ret (%p)\n", "condition must be u1");
}

/// A random function over s64 whose every use is dominated, with loops and joins.
Function random_function(std::mt19937& random, FunctionBuilder& b) {
  const Type params[] = {Type::S64, Type::S64};
  const Type results[] = {Type::S64};
  b.begin("random", base::FileId{0}, 1, params, results);
  const SlotId slot = b.add_slot(Type::S64);
  std::vector<ValueId> values = {0, 1};
  auto pick = [&] { return values[random() % values.size()]; };
  const uint32_t steps = random() % 12;
  for (uint32_t i = 0; i < steps; ++i) {
    b.set_location(random() % 100);
    constexpr Op ops[] = {Op::Add, Op::Sub, Op::Mul, Op::And, Op::Or, Op::Xor, Op::Min, Op::Max};
    switch (random() % 5) {
      case 0: values.push_back(b.const_int(Type::S64, static_cast<int64_t>(random()) - 0x80000000)); break;
      case 1: values.push_back(b.binary(ops[random() % 8], Type::S64, pick(), pick(), random() % 2 != 0 ? kChecked : 0)); break;
      case 2:
        b.set(slot, pick());
        values.push_back(b.get(slot));
        break;
      case 3: {
        const Label yes = b.new_label(), no = b.new_label(), join = b.new_label();
        b.cond_br(b.compare(Op::Lt, pick(), pick()), yes, no);
        b.start_block(yes);
        const ValueId x[] = {b.binary(Op::Add, Type::S64, pick(), pick())};
        b.br(join, x);
        b.start_block(no);
        const ValueId y[] = {pick()};
        b.br(join, y);
        b.start_block(join);
        values.push_back(b.block_arg(0, Type::S64));
        break;
      }
      default: {
        const Label body = b.new_label(), after = b.new_label();
        const ValueId x[] = {pick()};
        b.br(body, x);
        b.start_block(body);
        const ValueId arg = b.block_arg(0, Type::S64);
        const ValueId y[] = {b.binary(Op::Add, Type::S64, arg, pick())};
        b.cond_br(b.compare(Op::Ge, arg, pick()), body, after, y);
        b.start_block(after);
        values.push_back(arg);
        break;
      }
    }
  }
  b.ret(pick());
  return b.finish();
}

TEST(Text, RandomFunctionsRoundTripToEqualArrays) {
  std::mt19937 random(1);
  FunctionBuilder b;
  for (int i = 0; i < 2000; ++i) {
    Module module;
    module.functions.push_back(random_function(random, b));
    ASSERT_EQ(verify(module), "");
    const std::string text = print(module);
    const auto again = parse_text(text);
    ASSERT_TRUE(again.has_value()) << again.error().message << text;
    const Function& f = module.functions[0];
    const Function& g = again->functions[0];
    ASSERT_EQ(print(*again), text);
    ASSERT_EQ(f.locations, g.locations);
    ASSERT_EQ(f.insts.size(), g.insts.size());
    ASSERT_EQ(f.extra, g.extra);
    ASSERT_EQ(std::memcmp(f.insts.data(), g.insts.data(), f.insts.size() * sizeof(Inst)), 0) << text;
  }
}

TEST(Text, TheOperationFunctionDeclaresNone) {
  const auto module = parse_text("function \"f\"() -> () at 0 {\nb0:\n  function \"f\"\n  ret\n}\n");
  ASSERT_TRUE(module.has_value()) << module.error().message;
  EXPECT_EQ(module->functions.size(), 1u);
  const std::string text = print(*module);
  const auto again = parse_text(text);
  ASSERT_TRUE(again.has_value()) << again.error().message << text;
  EXPECT_EQ(print(*again), text);
  EXPECT_FALSE(parse_text("function \"f\"() -> () at 0 {\nb0:\n  function \"g\"\n  ret\n}\n").has_value());
}

}  // namespace
}  // namespace omega::ir
