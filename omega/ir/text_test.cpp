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
  br latch
latch:
  br head
done:
  %s = select s64 %is, %one, %i
  ret (%s)
dead:
  panic Overflow, _
}
entry "main"
)ir";

constexpr std::string_view every_contract_kind = R"ir(
contract "Every" {
  type t0 = uint 256
  type t1 = address
  type t2 = mapping t1 t0
  type t3 = struct "Point" (x: t0, y: t6)
  type t4 = bool
  type t5 = bytes 4
  type t6 = bytes
  type t7 = string
  type t8 = array t3
  type t9 = fixed t0 4
  type t10 = enum "Colour" 3
  type t11 = int 24 "Small"
  type t12 = address "Token"
  type t13 = array t14
  type t14 = struct "Tree" (children: t13, label: t7)
  type t15 = bytes "Blob"
  type t16 = bytes 24 function "function () external"
  variable "balances": t2
  variable "points": t8
  variable "name": t7
  variable "tree": t14
  immutable "owner": t1
  transient "busy": t4
  event "Transfer" (from: t1 indexed, to: t1 indexed, value: t0)
  event "Raw" (t6) anonymous
  error "TooMuch" (have: t0, "x-y": t3)
  error "Error" (t7)
  external "transfer" nonpayable (to: t1, value: t0) -> (t4)
  external "pay" payable ()
  external "" nonpayable (t0)
  creation "Vault" payable (owner: t1)
  function "f" payable (to: t1, value: t0) -> (t4) = "f"
  constructor nonpayable (supply: t0) = "make"
  receive payable () = "nothing"
  fallback nonpayable (t6 calldata) -> (t15) = "fallback"
}
function "make"(u256) -> () at 0 {
b0:
  %n = param u256 0
  %who = message u160 Sender
  immutable.set 0, %who
  %b = state.variable ref 0
  %at = state.entry ref %b, %who, t2
  state.set %at, %n, t0
  ret
}
function "nothing"() -> () at 0 {
b0:
  ret
}
function "fallback"(ref) -> (ref) at 0 {
b0:
  %a = param ref 0
  ret (%a)
}
function "grow"(ref) -> (ref) at 0 {
b0:
  %p = param ref 0
  %n = state.length u256 %p, t8
  %one = const u256 1
  %more = add checked u256 %n, %one
  state.resize %p, %more, t8
  %e = state.element ref %p, %n, t8
  ret (%e)
}
function "f"(u160, u256) -> (u1) at 0 {
b0:
  %to = param u160 0
  %value = param u256 1
  %owner = immutable.get u160 0
  %points = state.variable ref 1
  %p = call ref "grow"(%points)
  %x = state.field ref %p, 0, t3
  state.set %x, %value, t0
  %y = state.field ref %p, 1, t3
  %bytes = state.get ref %y, t6
  %q = call ref "grow"(%points)
  state.copy %q, %p, t3
  state.clear %p, t3
  %sender = message u160 Sender
  %data = message ref Data
  %had = balance u256 %owner
  %selector = const u32 42
  %e = data.encode ref Selector (%selector: t5, %value: t0, %bytes: t6)
  %none = data.encode ref Abi ()
  %d = data.decode u256 %data, (t0, t9)
  %d9 = result ref %d, 1
  %four = const u256 4
  check.bound %four, 4
  %el = fixed.get word u256 %d9, %four
  fixed.set word %d9, %four, %el
  %len = const u256 2
  %array = array.new ref %len, 32
  check.index %value, %array
  element.set word %array, %value, %el
  %again = element.get word u256 %array, %value
  %byte = element.get u8 %data, %value
  %o = new ref 64
  store %o, 32, %bytes
  store %o, 0, %again
  %cat = data.concat ref (%e, %none)
  %cut = data.slice ref %cat, %len, %four
  %h = hash u256 %cut, Keccak256
  %r = hash u160 %cut, Ripemd160
  %am = addmod u256 %h, %value, %four
  %mm = mulmod u256 %h, %am, %four
  event 0 (%sender, %to, %h)
  event 1 (%cut)
  %ok = call.contract u1 0, %to, value _, gas _ (%to, %value)
  %tried = call.contract try u1 0, %to, value _, gas %value (%to, %value)
  %well = result u1 %tried, 1
  call.contract 1, %to, value %value, gas _ ()
  %done = call.raw u1 Call, %to, value %value, gas _, %cut
  %back = result ref %done, 1
  call.contract 2, %to, value _, gas _ (%selector, %value)
  transient.set 0, %ok
  %busy = transient.get u1 0
  %made = create u160 0, value %value, salt _ (%to)
  %salted = create try u1 0, value _, salt %h (%to)
  %place = result u160 %salted, 1
  %why = result ref %salted, 2
  %code = creation.code ref 0, 1
  check %well, _, Assert
  condbr %ok, good, bad
good:
  ret (%tried)
bad:
  condbr %done, worse, worst
worse:
  revert 0 (%value, %o)
worst:
  condbr %ok, data, none
data:
  revert.data %back
none:
  revert _
}
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

TEST(Text, ContractsRoundTrip) {
  const auto module = parse_text(every_contract_kind);
  ASSERT_TRUE(module.has_value()) << module.error().message;
  EXPECT_EQ(verify(*module), "");
  const std::string text = normalised(every_contract_kind);
  EXPECT_EQ(normalised(text), text);
  // What is written as docs/ir.md has it is printed so.
  const size_t begin = every_contract_kind.find("contract"), end = every_contract_kind.find("function \"make\"");
  EXPECT_EQ(text.substr(0, end - begin), every_contract_kind.substr(begin, end - begin));
}

TEST(Contract, NamesAndValueTypes) {
  const auto module = parse_text(every_contract_kind);
  ASSERT_TRUE(module.has_value()) << module.error().message;
  const Contract& contract = *module->contract;
  EXPECT_EQ(signature(contract, "transfer", contract.externals[0].params), "transfer(address,uint256)");
  EXPECT_EQ(signature(contract, "TooMuch", contract.errors[0].arguments), "TooMuch(uint256,(uint256,bytes))");
  EXPECT_EQ(canonical_name(contract, 8), "(uint256,bytes)[]");
  EXPECT_EQ(canonical_name(contract, 9), "uint256[4]");
  EXPECT_EQ(canonical_name(contract, 10), "uint8");
  EXPECT_EQ(canonical_name(contract, 11), "int24");
  EXPECT_EQ(canonical_name(contract, 12), "address");
  EXPECT_EQ(value_type(contract.types[5]), Type::U32);
  EXPECT_EQ(value_type(contract.types[11]), signed_type(24));
  EXPECT_EQ(value_type(contract.types[12]), unsigned_type(160));
  EXPECT_EQ(value_type(contract.types[9]), Type::Ref);
  const std::vector<DataTypeFacts> facts = data_type_facts(contract);
  EXPECT_TRUE(facts[13].is_recursive && facts[14].is_recursive);
  EXPECT_FALSE(facts[8].is_recursive || facts[8].has_mapping);
  EXPECT_TRUE(facts[2].has_mapping);
  EXPECT_EQ(facts[8].depth, 3u);
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
  expect(head + " %n = const ref 0\n %x = element.get word s64 %n, %p\n ret (%p)\n", "in contracts");
  expect(head + " %x = add try s64 %p, %p\n ret (%p)\n", "for calls of contracts");
  expect(head + " %x = message u160 Sender\n ret (%p)\n", "in contracts only");
}

TEST(Verify, NamesWhatIsWrongInContracts) {
  const auto expect = [](std::string_view rows, std::string_view body, std::string_view part) {
    const std::string text =
        "contract \"C\" {\n type t0 = uint 256\n type t1 = mapping t0 t0\n type t2 = bytes\n type t3 = address\n type t4 = array t0\n type t5 = struct "
        "\"S\" (a: t0, m: t1)\n" +
        std::string(rows) +
        "\n variable \"v\": t0\n variable \"m\": t1\n variable \"b\": t2\n variable \"s\": t5\n event \"E\" (t0)\n}\n"
        "function \"none\"() -> () {\nb0:\n ret\n}\n"
        "function \"f\"(u256, u160, ref) -> () {\nb0:\n %n = param u256 0\n %w = param u160 1\n %r = param ref 2\n %v = state.variable ref 0\n"
        " %m = state.variable ref 1\n %b = state.variable ref 2\n %s = state.variable ref 3\n" +
        std::string(body) + "\n ret\n}\n";
    const auto module = parse_text(text);
    ASSERT_TRUE(module.has_value()) << module.error().message << "\n" << text;
    const std::string mistakes = verify(*module);
    if (part.empty()) {
      EXPECT_EQ(mistakes, "") << rows << body;
    } else {
      EXPECT_NE(mistakes.find(part), std::string::npos) << rows << body << " gives: " << mistakes;
    }
  };
  expect("", " state.set %v, %n, t0", "");
  expect("", " %x = state.variable ref 9", "no such state variable");
  expect("", " state.set %v, %w, t0", "value must be u256");
  expect("", " state.set %v, %n, t9", "no such data type");
  expect("", " %x = state.get u256 %v, t3", "another data type");
  expect("", " %x = state.get ref %m, t1", "a mapping is no data");
  expect("", " %x = state.get ref %s, t5", "a mapping is no data");
  expect("", " state.clear %s, t5", "");
  expect("", " %x = state.entry ref %m, %w, t1", "key must be u256");
  expect("", " %x = state.entry ref %b, %n, t2", "of mappings only");
  expect("", " %x = state.field ref %s, 2, t5", "struct's fields only");
  expect("", " state.set %r, %n, t0", "not handed on");
  expect("", " %x = state.get ref %r, t2", "");
  expect("", " %x = new ref 32\n %y = state.get ref %x, t2", "not a reference to memory");
  expect("", " %x = state.length u256 %v, t0", "has a length only");
  expect("", " %x = load u256 %v, 0", "not used so");
  expect("", " %x = array.length s64 %b", "not used so");
  expect("", " %x = state.variable ref 0\n %c = const u1 1\n %y = select ref %c, %x, %v", "not used so");
  expect("", " %c = const u1 1\n %y = select ref %c, %b, %b", "");
  expect("", " %x = data.encode ref Abi (%n: t3)", "value must be u160");
  expect("", " %x = data.encode ref Abi (%m: t1)", "not used so");
  expect("", " %x = data.encode ref Abi (%r: t1)", "no encoding");
  expect("", " %x = data.encode ref Selector (%n: t0)", "the selector");
  expect("", " %x = data.decode u160 %r, (t0)", "gives u256");
  expect("", " %x = hash u160 %r, Keccak256", "gives u256");
  expect("", " %x = addmod u256 %n, %w, %n", "operand must be u256");
  expect("", " event 0 (%w)", "value 0 must be u256");
  expect("", " event 1 (%n)", "no such event");
  expect("", " %x = message u256 Sender", "gives u160");
  expect("", " %x = element.get u256 %r, %n", "bytes or words");
  expect("", " %x = new ref 8", "made of words");
  expect("", " %x = stack ref 32", "not in contracts");
  expect("", " check %x, _, Require\n %x = const u1 1", "no such panic");
  expect("", " %x = cast checked u8 %n", "truncates");
  expect(" immutable \"i\": t0", " immutable.set 0, %n", "");
  expect(" immutable \"i\": t0\n function \"f\" view (t0, t3, t2) = \"f\"", " immutable.set 0, %n", "sets an immutable");
  expect(" immutable \"i\": t2", "", "an immutable is a value");
  expect(" transient \"i\": t0", " transient.set 0, %n", "");
  expect(" transient \"i\": t0", " transient.set 0, %w", "value must be u256");
  expect(" transient \"i\": t2", "", "a transient variable is a value");
  expect(" creation \"C\" (t0)", " %x = create u160 0, value _, salt _ (%n)", "");
  expect(" creation \"C\" (t0)", " %x = create u160 0, value %n, salt _ (%n)", "payable constructors");
  expect(" creation \"C\" (t0)", " %x = create u160 0, value _, salt _ (%w)", "value 0 must be u256");
  expect(" creation \"C\" (t0)", " %x = create u160 1, value _, salt _ (%n)", "no such contract to make");
  expect(" creation \"C\" (t0)", " %x = creation.code ref 0, 2", "no such code");
  expect(" external \"\" view (t0)", " %a = const u160 1\n call.contract 0, %a, value _, gas _ (%n)", "selector must be u32");
  expect(" function \"f\" view (t0, t3) = \"f\"", "", "are not the function's");
  expect(" function \"f\" view (t0, t3, t1) = \"f\"", "", "no encoding");
  expect(" function \"f\" view () = \"none\"\n function \"f\" view () = \"none\"", "", "two functions of this signature");
  expect(" receive nonpayable () = \"none\"", "", "is payable");
  expect(" constructor payable () = \"none\"\n constructor payable () = \"none\"", "", "two entries");
  expect(" constructor nonpayable () implicit = \"none\"", "", "");
  expect(" receive payable () implicit = \"none\"", "", "is implicit");
  expect(" constructor nonpayable (t0) implicit = \"f\"", "", "is implicit");
  expect(" type t6 = uint 7", "", "bits are");
  expect(" type t6 = fixed t7 2\n type t7 = struct \"T\" (t6)", "", "contains itself");
  expect(" type t6 = array t7\n type t7 = struct \"T\" (t6)", "", "");
  expect(" event \"I\" (t0 indexed, t0 indexed, t0 indexed, t0 indexed)", "", "too many indexed");
  std::string deep;
  for (int i = 6; i < 80; ++i) {
    deep += " type t" + std::to_string(i) + " = array t" + std::to_string(i == 6 ? 0 : i - 1) + "\n";
  }
  expect(deep, "", "nest too deep");
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
