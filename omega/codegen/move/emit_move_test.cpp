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

}  // namespace
}  // namespace omega::codegen::move
