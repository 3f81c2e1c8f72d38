// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_machine.h"

#include <gtest/gtest.h>

#include "omega/base/hexadecimal.h"
#include "omega/base/keccak.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::interp {
namespace {

using base::bytes_of_hexadecimal;
using base::hexadecimal;

std::shared_ptr<const ContractCode> code_of(std::string_view text) {
  auto module = ir::parse_text(text);
  EXPECT_TRUE(module.has_value()) << module.error().message;
  EXPECT_EQ(ir::verify(*module), "");
  return std::make_shared<const ContractCode>(std::make_shared<const ir::Module>(std::move(*module)));
}

std::string selector(std::string_view signature) { return word_bytes(word_of(base::keccak256_selector(signature)), 4); }

std::string words(std::initializer_list<uint64_t> numbers) {
  std::string bytes;
  for (const uint64_t number : numbers) {
    bytes += word_bytes(word_of(number));
  }
  return bytes;
}

constexpr Word kNoValue{};

/// One contract, made and called by somebody.
class Deployed {
 public:
  explicit Deployed(std::string_view text, std::string_view arguments = {}) {
    machine.balance(sender) = word_of(1000);
    made = machine.deploy(code_of(text), sender, kNoValue, arguments);
  }

  ContractOutcome call(std::string_view data, uint64_t value = 0) { return machine.call(made.address, sender, word_of(value), data); }
  /// Hexadecimal: `+` and the results, `-` and what it reverted with.
  std::string answer(std::string_view data, uint64_t value = 0) {
    const ContractOutcome outcome = call(data, value);
    return (outcome.success ? "+" : "-") + hexadecimal(outcome.data);
  }

  ContractMachine machine;
  Address sender = word_of(0xa11ce);
  ContractOutcome made;
};

constexpr std::string_view kToken = R"ir(
contract "Token" {
  type t0 = uint 256
  type t1 = address
  type t2 = mapping t1 t0
  type t3 = bool
  type t4 = string
  variable "supply": t0
  variable "balances": t2
  immutable "owner": t1
  event "Transfer" (from: t1 indexed, to: t1 indexed, value: t0)
  error "TooMuch" (have: t0, want: t0)
  error "Error" (t4)
  function "transfer" nonpayable (to: t1, value: t0) -> (t3) = "transfer"
  function "balanceOf" view (who: t1) -> (t0) = "balanceOf"
  function "owner" view () -> (t1) = "owner"
  function "fail" pure () = "fail"
  function "deposit" payable () -> (t0) = "deposit"
  constructor nonpayable (supply: t0) = "constructor"
  receive payable () = "receive"
}
function "constructor"(u256) -> () {
b0:
  %n = param u256 0
  %who = message u160 Sender
  immutable.set 0, %who
  %s = state.variable ref 0
  state.set %s, %n, t0
  %b = state.variable ref 1
  %at = state.entry ref %b, %who, t2
  state.set %at, %n, t0
  ret
}
function "move"(ref, u160, u256, u1) -> () {
b0:
  %b = param ref 0
  %who = param u160 1
  %n = param u256 2
  %in = param u1 3
  %at = state.entry ref %b, %who, t2
  %old = state.get u256 %at, t0
  condbr %in, add, sub
add:
  %more = add checked u256 %old, %n
  br store(%more)
sub:
  %less = sub checked u256 %old, %n
  br store(%less)
store:
  %new = arg u256 0
  state.set %at, %new, t0
  ret
}
function "transfer"(u160, u256) -> (u1) {
b0:
  %to = param u160 0
  %n = param u256 1
  %from = message u160 Sender
  %b = state.variable ref 1
  %yes = const u1 1
  %no = const u1 0
  call "move"(%b, %to, %n, %yes)
  event 0 (%from, %to, %n)
  %at = state.entry ref %b, %from, t2
  %have = state.get u256 %at, t0
  %enough = ge u1 %have, %n
  condbr %enough, good, bad
good:
  call "move"(%b, %from, %n, %no)
  ret (%yes)
bad:
  revert 0 (%have, %n)
}
function "balanceOf"(u160) -> (u256) {
b0:
  %who = param u160 0
  %b = state.variable ref 1
  %at = state.entry ref %b, %who, t2
  %n = state.get u256 %at, t0
  ret (%n)
}
function "owner"() -> (u160) {
b0:
  %o = immutable.get u160 0
  ret (%o)
}
function "fail"() -> () {
b0:
  %text = const.string ref "no way"
  revert 1 (%text)
}
function "deposit"() -> (u256) {
b0:
  %v = message u256 Value
  ret (%v)
}
function "receive"() -> () {
b0:
  %v = message u256 Value
  %s = state.variable ref 0
  state.set %s, %v, t0
  ret
}
)ir";

TEST(ContractMachine, RunsAToken) {
  Deployed token(kToken, words({100}));
  ASSERT_TRUE(token.made.success);
  EXPECT_EQ(token.answer(selector("balanceOf(address)") + words({0xa11ce})), "+" + hexadecimal(words({100})));
  EXPECT_EQ(token.answer(selector("owner()")), "+" + hexadecimal(words({0xa11ce})));
  const ContractOutcome outcome = token.call(selector("transfer(address,uint256)") + words({0xb0b, 30}));
  EXPECT_TRUE(outcome.success);
  EXPECT_EQ(hexadecimal(outcome.data), hexadecimal(words({1})));
  ASSERT_EQ(outcome.logs.size(), 1u);
  ASSERT_EQ(outcome.logs[0].topics.size(), 3u);
  EXPECT_EQ(hexadecimal(word_bytes(outcome.logs[0].topics[0])), "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
  EXPECT_TRUE(same_word(outcome.logs[0].topics[2], word_of(0xb0b)));
  EXPECT_EQ(hexadecimal(outcome.logs[0].data), hexadecimal(words({30})));
  EXPECT_EQ(token.answer(selector("balanceOf(address)") + words({0xb0b})), "+" + hexadecimal(words({30})));
}

TEST(ContractMachine, WhatRevertsLeavesNothing) {
  Deployed token(kToken, words({100}));
  const ContractOutcome outcome = token.call(selector("transfer(address,uint256)") + words({0xb0b, 101}));
  EXPECT_FALSE(outcome.success);
  EXPECT_EQ(hexadecimal(outcome.data), hexadecimal(selector("TooMuch(uint256,uint256)") + words({100, 101})));
  EXPECT_TRUE(outcome.logs.empty());
  EXPECT_EQ(token.answer(selector("balanceOf(address)") + words({0xb0b})), "+" + hexadecimal(words({0})));
  EXPECT_EQ(token.answer(selector("fail()")), "-" + hexadecimal(selector("Error(string)") + words({32, 6}) + "no way" + std::string(26, '\0')));
  // An overflow: the receiver has more than fits.
  const std::string most = word_bytes({{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}});
  EXPECT_EQ(token.answer(selector("transfer(address,uint256)") + words({0xa11ce}) + most), "-" + hexadecimal(panic_data(0x11)));
}

TEST(ContractMachine, ChecksCalls) {
  Deployed token(kToken, words({100}));
  EXPECT_FALSE(Deployed(kToken).made.success) << "no arguments";
  EXPECT_EQ(token.answer("abc"), "-");
  EXPECT_EQ(token.answer("abcd"), "-");
  EXPECT_EQ(token.answer(selector("owner()") + "more"), "+" + hexadecimal(words({0xa11ce})));
  EXPECT_EQ(token.answer(selector("owner()"), 1), "-") << "not payable";
  EXPECT_EQ(token.answer(selector("balanceOf(address)") + std::string(31, '\0')), "-") << "short";
  EXPECT_EQ(token.answer(selector("balanceOf(address)") + std::string(11, '\0') + '\1' + std::string(20, '\0')), "-") << "no address";
  EXPECT_EQ(token.answer(selector("deposit()"), 7), "+" + hexadecimal(words({7})));
  EXPECT_EQ(token.answer("", 5), "+");
  EXPECT_TRUE(same_word(token.machine.balance(token.made.address), word_of(12)));
  EXPECT_EQ(token.answer("", 989), "-") << "more than there is";
}

constexpr std::string_view kData = R"ir(
contract "Data" {
  type t0 = uint 256
  type t1 = int 16
  type t2 = bytes 3
  type t3 = bool
  type t4 = enum "Colour" 3
  type t5 = bytes
  type t6 = string
  type t7 = array t0
  type t8 = struct "Pair" (a: t1, text: t6)
  type t9 = array t8
  type t10 = fixed t1 2
  type t11 = fixed t6 2
  type t12 = struct "All" (n: t1, list: t9, pair: t10)
  type t13 = mapping t6 t12
  variable "all": t13
  variable "list": t9
  event "E" (t6 indexed, t9 indexed, t10, t2 indexed)
  function "values" pure (t1, t2, t3, t4) -> (t1, t2, t3, t4) = "values"
  function "echo" pure (t9, t10, t11, t5 calldata) -> (t9, t10, t11, t5) = "echo"
  function "packed" pure (t1, t2, t3, t5, t10) -> (t5) = "packed"
  function "log" nonpayable (t6, t9, t10, t2) = "log"
  function "put" nonpayable (key: t6, all: t12) = "put"
  function "get" view (key: t6) -> (t12) = "get"
  function "push" nonpayable (t8) -> (t0) = "push"
  function "pop" nonpayable () = "pop"
  function "at" view (t0) -> (t8) = "at"
  function "loop" pure () = "loop"
  function "modular" pure (t0, t0, t0) -> (t0, t0) = "modular"
  function "grow" pure (t0) -> (t0) = "grow"
  fallback payable (t5) -> (t5) = "fallback"
}
function "values"(s16, u24, u1, u8) -> (s16, u24, u1, u8) {
b0:
  %a = param s16 0
  %b = param u24 1
  %c = param u1 2
  %d = param u8 3
  ret (%a, %b, %c, %d)
}
function "echo"(ref, ref, ref, ref) -> (ref, ref, ref, ref) {
b0:
  %a = param ref 0
  %b = param ref 1
  %c = param ref 2
  %d = param ref 3
  ret (%a, %b, %c, %d)
}
function "packed"(s16, u24, u1, ref, ref) -> (ref) {
b0:
  %a = param s16 0
  %b = param u24 1
  %c = param u1 2
  %d = param ref 3
  %e = param ref 4
  %r = data.encode ref Packed (%a: t1, %b: t2, %c: t3, %d: t5, %e: t10)
  ret (%r)
}
function "log"(ref, ref, ref, u24) -> () {
b0:
  %a = param ref 0
  %b = param ref 1
  %c = param ref 2
  %d = param u24 3
  event 0 (%a, %b, %c, %d)
  ret
}
function "put"(ref, ref) -> () {
b0:
  %k = param ref 0
  %v = param ref 1
  %m = state.variable ref 0
  %p = state.entry ref %m, %k, t13
  state.set %p, %v, t12
  ret
}
function "get"(ref) -> (ref) {
b0:
  %k = param ref 0
  %m = state.variable ref 0
  %p = state.entry ref %m, %k, t13
  %v = state.get ref %p, t12
  ret (%v)
}
function "push"(ref) -> (u256) {
b0:
  %v = param ref 0
  %l = state.variable ref 1
  %n = state.length u256 %l, t9
  %one = const u256 1
  %more = add checked u256 %n, %one
  state.resize %l, %more, t9
  %e = state.element ref %l, %n, t9
  state.set %e, %v, t8
  ret (%more)
}
function "pop"() -> () {
b0:
  %l = state.variable ref 1
  %n = state.length u256 %l, t9
  %zero = const u256 0
  %some = ne u1 %n, %zero
  check %some, _, PopEmpty
  %one = const u256 1
  %less = sub u256 %n, %one
  state.resize %l, %less, t9
  ret
}
function "at"(u256) -> (ref) {
b0:
  %i = param u256 0
  %l = state.variable ref 1
  %e = state.element ref %l, %i, t9
  %v = state.get ref %e, t8
  ret (%v)
}
function "loop"() -> () {
b0:
  br b1
b1:
  br b1
}
function "grow"(u256) -> (u256) {
b0:
  %n = param u256 0
  %a = array.new ref %n, 32
  %l = array.length s64 %a
  %r = cast u256 %l
  ret (%r)
}
function "modular"(u256, u256, u256) -> (u256, u256) {
b0:
  %a = param u256 0
  %b = param u256 1
  %m = param u256 2
  %s = addmod u256 %a, %b, %m
  %p = mulmod u256 %a, %b, %m
  ret (%s, %p)
}
function "fallback"(ref) -> (ref) {
b0:
  %d = param ref 0
  %r = data.concat ref (%d, %d)
  ret (%r)
}
)ir";

TEST(ContractMachine, RangesOfValues) {
  Deployed data(kData);
  const std::string f = selector("values(int16,bytes3,bool,uint8)");
  const auto value = [&](std::string_view a, std::string_view b, std::string_view c, std::string_view d) {
    const std::string all = std::string(a) + std::string(b) + std::string(c) + std::string(d);
    const std::string got = data.answer(f + *bytes_of_hexadecimal(all));
    return got == "+" + all ? "same" : got;
  };
  const std::string zero(64, '0'), ones(64, 'f');
  const std::string one = std::string(63, '0') + '1', three = std::string(63, '0') + '3';
  const std::string abc = "616263" + std::string(58, '0'), abcd = "61626364" + std::string(56, '0');
  const std::string high = std::string(60, '0') + "8000";
  EXPECT_EQ(value(ones, abc, one, one), "same");
  EXPECT_EQ(value(std::string(60, 'f') + "8000", zero, zero, zero), "same");
  EXPECT_EQ(value(high, zero, zero, zero), "-");
  EXPECT_EQ(value(zero, abcd, zero, zero), "-");
  EXPECT_EQ(value(zero, zero, three, zero), "-");
  EXPECT_EQ(value(zero, zero, zero, three), "-");
}

TEST(ContractMachine, ModularArithmetic) {
  Deployed data(kData);
  const std::string f = selector("modular(uint256,uint256,uint256)");
  const std::string most = word_bytes({{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}});
  EXPECT_EQ(data.answer(f + words({7, 9, 5})), "+" + hexadecimal(words({1, 3})));
  // 2^256 - 1 is 5 modulo 10, so its double is 0 and its square 5.
  EXPECT_EQ(data.answer(f + most + most + words({10})), "+" + hexadecimal(words({0, 5})));
  EXPECT_EQ(data.answer(f + words({7, 9, 0})), "-" + hexadecimal(panic_data(0x12)));
}

std::string text_word(std::string text) {
  text.resize(32);
  return text;
}

TEST(ContractMachine, NestedDataComesBackAsItWent) {
  Deployed data(kData);
  const std::string f = selector("echo((int16,string)[],int16[2],string[2],bytes)");
  const std::string list = words({2, 64, 192, 7, 64, 2}) + text_word("ab") + words({8, 64, 0});
  const std::string strings = words({64, 128, 1}) + text_word("x") + words({3}) + text_word("xyz");
  const std::string head = words({160, 5, 6, 160 + list.size(), 160 + list.size() + strings.size()});
  const std::string all = head + list + strings + words({5}) + text_word("bytes");
  EXPECT_EQ(data.answer(f + all), "+" + hexadecimal(all));
  for (size_t cut = 0; cut + 27 < all.size(); cut += 9) {
    EXPECT_EQ(data.answer(f + all.substr(0, cut)), "-") << cut;
  }
  // Offsets and lengths that lead out of the data.
  for (const size_t at : {size_t{0}, size_t{96}, size_t{128}, size_t{160}, size_t{192}, size_t{256}, size_t{288}}) {
    for (const uint64_t wrong : {uint64_t{100'000}, ~uint64_t{0}, ~uint64_t{0} - 31}) {
      std::string changed = all;
      changed.replace(at, 32, word_bytes(word_of(wrong)));
      EXPECT_EQ(data.answer(f + changed), at == 160 && wrong > 100'000 ? "-" + hexadecimal(panic_data(0x41)) : "-") << at << ' ' << wrong;
    }
  }
}

TEST(ContractMachine, PackedDataAndTopics) {
  Deployed data(kData);
  const std::string arguments = words({0x1234}) + *bytes_of_hexadecimal("616263" + std::string(58, '0')) + words({1, 192, 1, 2}) + words({2}) + text_word("yz");
  EXPECT_EQ(data.answer(selector("packed(int16,bytes3,bool,bytes,int16[2])") + arguments),
            "+" + hexadecimal(words({32, 2 + 3 + 1 + 2 + 64}) + *bytes_of_hexadecimal("1234616263") + '\1' + "yz" + words({1, 2}) + std::string(24, '\0')));
  const std::string list = words({1, 32, 7, 64, 2}) + text_word("ab");
  const ContractOutcome outcome =
      data.call(selector("log(string,(int16,string)[],int16[2],bytes3)") + words({160, 224, 5, 6}) + text_word("abc") + words({1}) + text_word("k") + list);
  ASSERT_TRUE(outcome.success) << hexadecimal(outcome.data);
  const ContractLog& log = outcome.logs.at(0);
  const auto keccak = [](std::string_view text) {
    const base::Keccak256Digest digest = base::keccak256(text);
    return hexadecimal({reinterpret_cast<const char*>(digest.data()), digest.size()});
  };
  EXPECT_EQ(hexadecimal(word_bytes(log.topics.at(0))), keccak("E(string,(int16,string)[],int16[2],bytes3)"));
  EXPECT_EQ(hexadecimal(word_bytes(log.topics.at(1))), keccak("k"));
  EXPECT_EQ(hexadecimal(word_bytes(log.topics.at(2))), keccak(words({7}) + text_word("ab")));
  EXPECT_EQ(hexadecimal(word_bytes(log.topics.at(3))), hexadecimal(text_word("abc")));
  EXPECT_EQ(hexadecimal(log.data), hexadecimal(words({5, 6})));
}

TEST(ContractMachine, StateOfAnyType) {
  Deployed data(kData);
  const std::string list = words({2, 64, 160, 7, 64, 0}) + words({8, 64, 2}) + text_word("ab");
  const std::string value = words({32, 9, 128, 3, 4}) + list;
  const std::string put = selector("put(string,(int16,(int16,string)[],int16[2]))"), get = selector("get(string)");
  const std::string key = words({1}) + text_word("k"), other = words({1}) + text_word("l");
  EXPECT_EQ(data.answer(put + words({64, 128}) + key + value.substr(32)), "+");
  EXPECT_EQ(data.answer(get + words({32}) + key), "+" + hexadecimal(value));
  EXPECT_EQ(data.answer(get + words({32}) + other), "+" + hexadecimal(words({32, 0, 128, 0, 0, 0})));
  // A shorter list takes the place of the longer one; nothing of that comes back.
  const std::string shorter = words({1, 2, 128, 0, 0, 0});
  EXPECT_EQ(data.answer(put + words({64, 128}) + key + shorter.substr(32)), "+");
  EXPECT_EQ(data.answer(get + words({32}) + key), "+" + hexadecimal(words({32}) + shorter.substr(32)));
  const std::string pair = words({7, 64, 2}) + text_word("ab"), push = selector("push((int16,string))");
  EXPECT_EQ(data.answer(selector("pop()")), "-" + hexadecimal(panic_data(0x31)));
  EXPECT_EQ(data.answer(push + words({32}) + pair), "+" + hexadecimal(words({1})));
  EXPECT_EQ(data.answer(push + words({32}) + pair), "+" + hexadecimal(words({2})));
  EXPECT_EQ(data.answer(selector("pop()")), "+");
  EXPECT_EQ(data.answer(selector("at(uint256)") + words({0})), "+" + hexadecimal(words({32}) + pair));
  EXPECT_EQ(data.answer(selector("at(uint256)") + words({1})), "+" + hexadecimal(words({32, 0, 64, 0})));
}

TEST(ContractMachine, LimitsEndACall) {
  Deployed data(kData);
  EXPECT_EQ(data.answer(selector("loop()")), "-");
  EXPECT_EQ(data.answer(selector("grow(uint256)") + words({1000})), "+" + hexadecimal(words({1000})));
  EXPECT_EQ(data.answer(selector("grow(uint256)") + words({uint64_t{1} << 40})), "-");
  EXPECT_EQ(data.answer(selector("grow(uint256)") + word_bytes({{0, 1, 0, 0}})), "-" + hexadecimal(panic_data(0x41)));
  EXPECT_EQ(data.answer("xyz"), "+" + hexadecimal("xyzxyz")) << "fallback";
}

constexpr std::string_view kCaller = R"ir(
contract "Caller" {
  type t0 = uint 256
  type t1 = address
  type t2 = bool
  type t3 = bytes
  variable "calls": t0
  external "transfer" nonpayable (to: t1, value: t0) -> (t2)
  external "deposit" payable () -> (t0)
  external "balanceOf" view (who: t1) -> (t0)
  external "touch" view () -> (t0)
  function "transfer" nonpayable (t1, t1, t0) -> (t2) = "transfer"
  function "tries" nonpayable (t1, t1, t0) -> (t2, t2, t3) = "tries"
  function "deposit" payable (t1) -> (t0) = "deposit"
  function "raw" payable (t1, t3) -> (t2, t3) = "raw"
  function "touch" nonpayable () -> (t0) = "touch"
  function "look" nonpayable () -> (t0) = "look"
  function "again" nonpayable () -> (t0) = "again"
}
function "count"() -> () {
b0:
  %c = state.variable ref 0
  %n = state.get u256 %c, t0
  %one = const u256 1
  %m = add checked u256 %n, %one
  state.set %c, %m, t0
  ret
}
function "transfer"(u160, u160, u256) -> (u1) {
b0:
  %at = param u160 0
  %to = param u160 1
  %n = param u256 2
  call "count"()
  %r = call.contract u1 0, %at, value _, gas _ (%to, %n)
  ret (%r)
}
function "tries"(u160, u160, u256) -> (u1, u1, ref) {
b0:
  %at = param u160 0
  %to = param u160 1
  %n = param u256 2
  %r = call.contract try u1 0, %at, value _, gas _ (%to, %n)
  %s = result u1 %r, 1
  %d = result ref %r, 2
  ret (%r, %s, %d)
}
function "deposit"(u160) -> (u256) {
b0:
  %at = param u160 0
  %v = message u256 Value
  %r = call.contract u256 1, %at, value %v, gas _ ()
  ret (%r)
}
function "raw"(u160, ref) -> (u1, ref) {
b0:
  %at = param u160 0
  %data = param ref 1
  %v = message u256 Value
  %ok = call.raw u1 Call, %at, value %v, gas _, %data
  %back = result ref %ok, 1
  ret (%ok, %back)
}
function "touch"() -> (u256) {
b0:
  call "count"()
  %c = state.variable ref 0
  %n = state.get u256 %c, t0
  ret (%n)
}
function "look"() -> (u256) {
b0:
  %self = message u160 Self
  %r = call.contract u256 3, %self, value _, gas _ ()
  ret (%r)
}
function "again"() -> (u256) {
b0:
  %self = message u160 Self
  %data = message ref Data
  call "count"()
  %ok = call.raw u1 Call, %self, value _, gas _, %data
  %c = state.variable ref 0
  %n = state.get u256 %c, t0
  ret (%n)
}
)ir";

TEST(ContractMachine, ContractsCallEachOther) {
  Deployed caller(kCaller);
  const ContractOutcome token = caller.machine.deploy(code_of(kToken), caller.sender, kNoValue, words({100}));
  ASSERT_TRUE(token.success);
  const std::string at = word_bytes(token.address), to = words({0xb0b});
  const std::string too_much = selector("TooMuch(uint256,uint256)") + words({0, 1});
  const std::string nothing = words({0, 0, 96, 68}) + too_much + std::string(28, '\0');
  EXPECT_EQ(caller.answer(selector("transfer(address,address,uint256)") + at + to + words({1})), "-" + hexadecimal(too_much));
  EXPECT_EQ(caller.answer(selector("tries(address,address,uint256)") + at + to + words({1})), "+" + hexadecimal(nothing));
  EXPECT_EQ(caller.answer(selector("tries(address,address,uint256)") + at + to + words({0})), "+" + hexadecimal(words({1, 1, 96, 0})));
  EXPECT_EQ(caller.answer(selector("tries(address,address,uint256)") + to + to + words({0})), "-") << "no contract there";
  EXPECT_EQ(caller.answer(selector("deposit(address)") + at, 7), "+" + hexadecimal(words({7})));
  EXPECT_TRUE(same_word(caller.machine.balance(token.address), word_of(7)));
  // What was written before the failing call is undone with it.
  EXPECT_EQ(caller.answer(selector("touch()")), "+" + hexadecimal(words({1})));
  EXPECT_EQ(caller.answer(selector("look()")), "-") << "a view writes nothing";
  EXPECT_EQ(caller.answer(selector("touch()")), "+" + hexadecimal(words({2})));
  EXPECT_EQ(caller.answer(selector("raw(address,bytes)") + to + words({64, 0}), 3), "+" + hexadecimal(words({1, 64, 0})));
  EXPECT_TRUE(same_word(caller.machine.balance(word_of(0xb0b)), word_of(3)));
  EXPECT_EQ(caller.answer(selector("raw(address,bytes)") + words({4, 64, 2}) + text_word("hi")), "+" + hexadecimal(words({1, 64, 2}) + text_word("hi")));
  EXPECT_THROW(caller.call(selector("raw(address,bytes)") + words({5, 64, 0})), ContractUnsupported);
}

TEST(ContractMachine, CallsWithoutEndEnd) {
  Deployed caller(kCaller);
  EXPECT_EQ(caller.answer(selector("again()")), "+" + hexadecimal(words({257})));
}

TEST(ContractMachine, AddressesOfContracts) {
  // The first contract of 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0, as the yellow paper's formula and known chains have it.
  ContractMachine machine;
  const Address sender = word_from_bytes(*bytes_of_hexadecimal("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"));
  const auto code = code_of(kData);
  EXPECT_EQ(hexadecimal(word_bytes(machine.deploy(code, sender, kNoValue, "").address, 20)), "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d");
  EXPECT_EQ(hexadecimal(word_bytes(machine.deploy(code, sender, kNoValue, "").address, 20)), "343c43a37d37dff08ae8c4a11544c718abb4fcf8");
}

}  // namespace
}  // namespace omega::interp
