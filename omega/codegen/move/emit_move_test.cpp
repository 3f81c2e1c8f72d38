// SPDX-License-Identifier: Apache-2.0
// Contracts in the IR's text, compiled and run in the Move VM.
#include "omega/codegen/move/emit_move.h"

#include <gtest/gtest.h>

#include "omega/codegen/move/move_testing.h"

namespace omega::codegen::move {
namespace {

constexpr std::string_view kCounter = R"ir(
contract "Counter" {
  type t0 = uint 256
  type t1 = bool
  variable "count": t0
  variable "locked": t1
  error "Locked" ()
  error "Error" (t2)
  type t2 = string
  function "increment" nonpayable (by: t0) -> (t0) = "increment"
  function "get" view () -> (t0) = "get"
  function "lock" nonpayable () = "lock"
  function "reset" nonpayable () = "reset"
  function "tell" pure (t0) = "tell"
  constructor nonpayable (start: t0) = "make"
}
function "make"(u256) -> () at 0 {
b0:
  %n = param u256 0
  %c = state.variable ref 0
  state.set %c, %n, t0
  ret
}
function "increment"(u256) -> (u256) at 0 {
b0:
  %by = param u256 0
  %l = state.variable ref 1
  %locked = state.get u1 %l, t1
  condbr %locked, bad, good
bad:
  revert 0 ()
good:
  %c = state.variable ref 0
  %old = state.get u256 %c, t0
  %new = add checked u256 %old, %by
  state.set %c, %new, t0
  ret (%new)
}
function "get"() -> (u256) at 0 {
b0:
  %c = state.variable ref 0
  %old = state.get u256 %c, t0
  ret (%old)
}
function "lock"() -> () at 0 {
b0:
  %l = state.variable ref 1
  %t = const u1 1
  state.set %l, %t, t1
  ret
}
function "reset"() -> () at 0 {
b0:
  %c = state.variable ref 0
  state.clear %c, t0
  %l = state.variable ref 1
  state.clear %l, t1
  ret
}
function "tell"(u256) -> () at 0 {
b0:
  %n = param u256 0
  %text = const.string ref "not today"
  %zero = const u256 0
  %is = eq u1 %n, %zero
  condbr %is, plain, message
plain:
  revert _
message:
  revert 1 (%text)
}
)ir";

TEST(EmitMove, CounterRuns) {
  Deployed counter(kCounter, {"\"40\""});
  EXPECT_EQ(counter.view("get"), "\"40\"");
  EXPECT_EQ(counter.view("simulate_increment", {"\"0x7\"", "\"1\""}), "\"41\"");
  EXPECT_EQ(counter.call("increment", {"\"2\""}), "ok");
  EXPECT_EQ(counter.view("get"), "\"42\"");
  EXPECT_EQ(counter.call("increment", {"\"115792089237316195423570985008687907853269984665640564039457584007913129639935\""}), "abort 17");
  EXPECT_EQ(counter.view("get"), "\"42\"");
  EXPECT_EQ(counter.call("lock"), "ok");
  EXPECT_EQ(counter.call("increment", {"\"1\""}), "abort 65536");
  EXPECT_EQ(counter.call("reset"), "ok");
  EXPECT_EQ(counter.call("increment", {"\"1\""}), "ok");
  EXPECT_EQ(counter.view("get"), "\"1\"");
}

TEST(EmitMove, RevertsHaveCodes) {
  Deployed counter(kCounter, {"\"0\""});
  EXPECT_EQ(counter.view("tell", {"\"0\""}), "abort 196608");
  EXPECT_EQ(counter.view("tell", {"\"1\""}), "abort 131072");
  EXPECT_NE(counter.abi().find("{\"code\":131072,\"name\":\"Error\",\"meaning\":\"not today\"}"), std::string::npos) << counter.abi();
  EXPECT_NE(counter.abi().find("{\"code\":65536,\"name\":\"Locked\",\"meaning\":\"Locked()\"}"), std::string::npos);
}

TEST(EmitMove, TheConstructorRunsOnceAndForItsAccount) {
  Deployed counter(kCounter, {"\"0\""});
  EXPECT_EQ(counter.call("constructor", {"\"0\""}), "abort 196611");
  EXPECT_EQ(counter.call("constructor", {"\"0\""}, 7), "abort 196610");
}

constexpr std::string_view kToken = R"ir(
contract "Token" {
  type t0 = uint 256
  type t1 = address
  type t2 = mapping t1 t0
  type t3 = mapping t1 t2
  type t4 = bool
  type t5 = string
  type t6 = mapping t5 t0
  variable "name": t5
  variable "balances": t2
  variable "allowances": t3
  variable "named": t6
  immutable "supply": t0
  event "Transfer" (from: t1 indexed, to: t1 indexed, value: t0)
  event "Named" (t5, ok: t4)
  event "Nothing" ()
  error "TooMuch" (have: t0, want: t0)
  function "transfer" nonpayable (to: t1, value: t0) -> (t4) = "transfer"
  function "approve" nonpayable (spender: t1, value: t0) = "approve"
  function "balanceOf" view (t1) -> (t0) = "balanceOf"
  function "allowance" view (t1, t1) -> (t0) = "allowance"
  function "name" view () -> (t5) = "name"
  function "me" view () -> (t1) = "me"
  function "supply" view () -> (t0) = "supply"
  function "put" nonpayable (key: t5, value: t0) = "put"
  function "put" nonpayable (value: t0) = "put0"
  function "at" view (key: t5) -> (t0) = "at"
  constructor nonpayable (name_: t5, supply_: t0) = "make"
}
function "make"(ref, u256) -> () at 0 {
b0:
  %name = param ref 0
  %n = param u256 1
  immutable.set 0, %n
  %v = state.variable ref 0
  state.set %v, %name, t5
  %who = message u160 Sender
  %b = state.variable ref 1
  %at = state.entry ref %b, %who, t2
  state.set %at, %n, t0
  %zero = const u160 0
  event 0 (%zero, %who, %n)
  ret
}
function "transfer"(u160, u256) -> (u1) at 0 {
b0:
  %to = param u160 0
  %value = param u256 1
  %who = message u160 Sender
  %b = state.variable ref 1
  %from = state.entry ref %b, %who, t2
  %have = state.get u256 %from, t0
  %few = lt u1 %have, %value
  condbr %few, bad, good
bad:
  revert 0 (%have, %value)
good:
  %rest = sub u256 %have, %value
  state.set %from, %rest, t0
  %dest = state.entry ref %b, %to, t2
  %old = state.get u256 %dest, t0
  %new = add checked u256 %old, %value
  state.set %dest, %new, t0
  event 0 (%who, %to, %value)
  %yes = const u1 1
  ret (%yes)
}
function "approve"(u160, u256) -> () at 0 {
b0:
  %to = param u160 0
  %value = param u256 1
  %who = message u160 Sender
  %b = state.variable ref 2
  %from = state.entry ref %b, %who, t3
  %at = state.entry ref %from, %to, t2
  state.set %at, %value, t0
  ret
}
function "allowance"(u160, u160) -> (u256) at 0 {
b0:
  %who = param u160 0
  %to = param u160 1
  %b = state.variable ref 2
  %from = state.entry ref %b, %who, t3
  %at = state.entry ref %from, %to, t2
  %v = state.get u256 %at, t0
  ret (%v)
}
function "balanceOf"(u160) -> (u256) at 0 {
b0:
  %who = param u160 0
  %b = state.variable ref 1
  %from = state.entry ref %b, %who, t2
  %have = state.get u256 %from, t0
  ret (%have)
}
function "name"() -> (ref) at 0 {
b0:
  %v = state.variable ref 0
  %n = state.get ref %v, t5
  ret (%n)
}
function "me"() -> (u160) at 0 {
b0:
  %who = message u160 Sender
  ret (%who)
}
function "supply"() -> (u256) at 0 {
b0:
  %n = immutable.get u256 0
  ret (%n)
}
function "put"(ref, u256) -> () at 0 {
b0:
  %key = param ref 0
  %value = param u256 1
  %b = state.variable ref 3
  %at = state.entry ref %b, %key, t6
  state.set %at, %value, t0
  %yes = const u1 1
  event 1 (%key, %yes)
  event 2 ()
  ret
}
function "put0"(u256) -> () at 0 {
b0:
  %value = param u256 0
  %key = const.string ref "key"
  call "put"(%key, %value)
  ret
}
function "at"(ref) -> (u256) at 0 {
b0:
  %key = param ref 0
  %b = state.variable ref 3
  %at = state.entry ref %b, %key, t6
  %v = state.get u256 %at, t0
  ret (%v)
}
)ir";

TEST(EmitMove, TokenRuns) {
  Deployed token(kToken, {"\"Gold\"", "\"1000\""});
  EXPECT_EQ(token.view("name"), "\"Gold\"");
  EXPECT_EQ(token.view("supply"), "\"1000\"");
  EXPECT_EQ(token.view("balanceOf", {"\"0x42\""}), "\"1000\"");
  EXPECT_EQ(token.call("transfer", {"\"0x7\"", "\"300\""}), "ok Transfer{\"from\":\"0x42\",\"to\":\"0x7\",\"value\":\"300\"}");
  EXPECT_EQ(token.view("balanceOf", {"\"0x42\""}), "\"700\"");
  EXPECT_EQ(token.view("balanceOf", {"\"0x7\""}), "\"300\"");
  EXPECT_EQ(token.call("transfer", {"\"0x8\"", "\"301\""}, 7), "abort 65536");
  EXPECT_EQ(token.view("simulate_transfer", {"\"0x7\"", "\"0x8\"", "\"300\""}), "true");
  EXPECT_EQ(token.call("transfer", {"\"0x8\"", "\"300\""}, 7), "ok Transfer{\"from\":\"0x7\",\"to\":\"0x8\",\"value\":\"300\"}");
  EXPECT_EQ(token.view("balanceOf", {"\"0x7\""}), "\"0\"");
  EXPECT_EQ(token.view("me", {"\"0x77\""}), "\"0x77\"");
}

TEST(EmitMove, MappingsOfMappingsAndOfStrings) {
  Deployed token(kToken, {"\"Gold\"", "\"1000\""});
  EXPECT_EQ(token.call("approve", {"\"0x7\"", "\"5\""}), "ok");
  EXPECT_EQ(token.view("allowance", {"\"0x42\"", "\"0x7\""}), "\"5\"");
  EXPECT_EQ(token.view("allowance", {"\"0x7\"", "\"0x42\""}), "\"0\"");
  EXPECT_EQ(token.call("put_string_uint256", {"\"hello\"", "\"9\""}), "ok Named{\"argument0\":\"hello\",\"ok\":true} Nothing{}");
  EXPECT_EQ(token.call("put_uint256", {"\"11\""}).substr(0, 2), "ok");
  EXPECT_EQ(token.view("at", {"\"hello\""}), "\"9\"");
  EXPECT_EQ(token.view("at", {"\"key\""}), "\"11\"");
  EXPECT_EQ(token.view("at", {"\"\""}), "\"0\"");
}

TEST(EmitMove, AnAddressIsTheLastTwentyBytes) {
  Deployed token(kToken, {"\"Gold\"", "\"1000\""});
  const std::string wide = "\"0xffffffffffffffffffffffff00000000000000000000000000000000000000ab\"";
  EXPECT_EQ(token.call("transfer", {wide, "\"1\""}), "ok Transfer{\"from\":\"0x42\",\"to\":\"0xab\",\"value\":\"1\"}");
  EXPECT_EQ(token.view("balanceOf", {wide}), "\"1\"");
  EXPECT_EQ(token.view("balanceOf", {"\"0xab\""}), "\"1\"");
}

TEST(EmitMove, AbortsLeaveTheStateAsItWas) {
  Deployed token(kToken, {"\"Gold\"", "\"1000\""});
  const auto before = token.machine().store();
  EXPECT_EQ(token.call("transfer", {"\"0x8\"", "\"1001\""}), "abort 65536");
  EXPECT_TRUE(token.machine().store() == before);
}

}  // namespace
}  // namespace omega::codegen::move
