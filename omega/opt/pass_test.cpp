// SPDX-License-Identifier: Apache-2.0
// Each pass on functions where what it should do can be counted; the whole pipeline; growth with size.
#include "omega/opt/pass.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "omega/ir/builder.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"
#include "test/growth/growth.h"

namespace omega::opt {
namespace {

using ir::Op;

ir::Module parsed(std::string_view text) {
  auto module = ir::parse_text(text);
  EXPECT_TRUE(module.has_value()) << (module.has_value() ? "" : module.error().message);
  if (!module.has_value()) {
    return {};
  }
  EXPECT_EQ(ir::verify(*module), "");
  return std::move(module).value();
}

ir::Function after(const ir::Module& module, std::initializer_list<std::string_view> names, ir::FunctionId id = 0) {
  ir::Function f = module.functions[id];
  std::vector<PassTime> times;
  OptimizeOptions options;
  options.verify = true;
  for (const std::string_view name : names) {
    run_pass(name, module, f, options, times);
  }
  EXPECT_EQ(ir::verify(module, f), "") << ir::print(module, f);
  return f;
}

size_t count(const ir::Function& f, Op op) {
  return static_cast<size_t>(std::count_if(f.insts.begin(), f.insts.end(), [&](const ir::Inst& i) { return i.op == op; }));
}
size_t count_checked(const ir::Function& f) {
  return static_cast<size_t>(std::count_if(f.insts.begin(), f.insts.end(), [&](const ir::Inst& i) { return (i.flags & ir::kChecked) != 0; }));
}

constexpr std::string_view sum = R"ir(
function "sum"(ref) -> (s64) file 0 at 0 {
  slot i: s64 depth 1 at 0
  slot hi: s64 depth 0 at 0
  slot a: ref depth 0 at 0
  slot total: s64 depth 0 at 0
  loop Sequential depth 0 header head body work latch latch exit done iv i hi hi step 1 threads _ parent _ at 0
b0:
  %a = param ref 0
  %zero = const s64 0
  set a, %a
  set total, %zero
  %n = array.length s64 %a
  set hi, %n
  set i, %zero
  br head
head:
  %i0 = get s64 i
  %h0 = get s64 hi
  %c = lt u1 %i0, %h0
  condbr %c, work, done
work:
  %i = get s64 i
  %b = get ref a
  check.index %i, %b
  %v = element.get s64 %b, %i
  %t = get s64 total
  %s = add checked s64 %t, %v
  set total, %s
  %two = const s64 2
  %ii = get s64 i
  %unused = mul s64 %ii, %two
  %next = const s64 1
  %peek = add checked s64 %ii, %next
  %even = mod s64 %peek, %two
  set total, %s
  br latch
latch:
  %i9 = get s64 i
  %one = const s64 1
  %n9 = add s64 %i9, %one
  set i, %n9
  br head
done:
  %r = get s64 total
  ret (%r)
}
)ir";

TEST(SlotsToValues, LeavesNoSlots) {
  const ir::Module m = parsed(sum);
  const ir::Function f = after(m, {"slots_to_values"});
  EXPECT_EQ(f.slots.size(), 0u);
  EXPECT_EQ(count(f, Op::SlotGet) + count(f, Op::SlotSet), 0u);
  // The counter and the total change in the loop; the array and the bound do not.
  EXPECT_EQ(count(f, Op::BlockArg), 2u);
}

TEST(SlotsToValues, UnsetSlotsAreZero) {
  const ir::Module m = parsed(R"ir(
function "f"(u1) -> (f64) file 0 at 0 {
  slot x: f64 depth 0 at 0
b0:
  %c = param u1 0
  condbr %c, b1, b2
b1:
  %one = const.float f64 1.5
  set x, %one
  br b2
b2:
  %r = get f64 x
  ret (%r)
}
)ir");
  const ir::Function f = after(m, {"slots_to_values"});
  EXPECT_EQ(count(f, Op::BlockArg), 1u);
  EXPECT_EQ(count(f, Op::ConstFloat), 2u);
}

TEST(RangeChecks, CounterBelowTheLengthNeedsNoCheck) {
  const ir::Module m = parsed(sum);
  const ir::Function before = after(m, {"slots_to_values"});
  EXPECT_EQ(count(before, Op::CheckIndex), 1u);
  EXPECT_EQ(count_checked(before), 2u);
  const ir::Function f = after(m, {"slots_to_values", "range_checks"});
  EXPECT_EQ(count(f, Op::CheckIndex), 0u);
  // The sum may overflow, the counter plus one may not.
  EXPECT_EQ(count_checked(f), 1u);
}

TEST(RangeChecks, KeepsChecksThatMayFail) {
  // The bound is not the array's length; then the array may change its length.
  std::string text(sum);
  text.replace(text.find("%n = array.length s64 %a"), 24, "%n = const s64 10");
  EXPECT_EQ(count(after(parsed(text), {"slots_to_values", "range_checks"}), Op::CheckIndex), 1u);
  text = sum;
  text.replace(text.find("  %next = const"), 15, "  call.runtime ArrayPushS64(%b, %i)\n  %next = const");
  EXPECT_EQ(count(after(parsed(text), {"slots_to_values", "range_checks"}), Op::CheckIndex), 1u);
  // One too far.
  text = sum;
  text.replace(text.find("check.index %i, %b"), 18, "%q = const s64 1\n  %far = add checked s64 %i, %q\n  check.index %far, %b");
  EXPECT_EQ(count(after(parsed(text), {"slots_to_values", "range_checks"}), Op::CheckIndex), 1u);
}

TEST(DeadCode, RemovesWhatNobodyNeeds) {
  const ir::Module m = parsed(sum);
  const ir::Function f = after(m, {"slots_to_values", "dead_code"});
  EXPECT_EQ(count(f, Op::Mul), 0u);
  // May panic: stays until ranges say that it cannot.
  EXPECT_EQ(count_checked(f), 2u);
  EXPECT_EQ(count_checked(after(m, {"slots_to_values", "range_checks", "dead_code"})), 1u);
}

/// A counted loop around `body`, behind which `result` is given; %n is the function's parameter.
std::string counted_loop(std::string_view test, std::string_view step, std::string_view body, std::string_view result) {
  std::string text = R"ir(
function "f"(s64) -> (s64) file 0 at 0 {
  loop Sequential depth 0 header head body work latch latch exit done iv _ hi _ step 1 threads _ parent _ at 0
b0:
  %n = param s64 0
  %zero = const s64 0
  %one = const s64 1
  %two = const s64 2
  br head(%zero)
head:
  %i = arg s64 0
  %c = TEST
  condbr %c, work, done
work:
  BODY
  br latch
latch:
  %next = STEP
  br head(%next)
done:
  ret (RESULT)
}
)ir";
  for (const auto& [word, with] : {std::pair{"TEST", test}, {"STEP", step}, {"BODY", body}, {"RESULT", result}}) {
    text.replace(text.find(word), std::string_view(word).size(), with);
  }
  return text;
}

size_t loops_left(const std::string& text) { return after(parsed(text), {"dead_loops"}).loops.size(); }

TEST(DeadLoops, RemovesWhatEndsAndLeavesNothing) {
  const std::string text = counted_loop("lt u1 %i, %n", "add s64 %i, %one", "%x = mul s64 %i, %i", "%n");
  const ir::Module m = parsed(text);
  const ir::Function f = after(m, {"dead_loops", "dead_code", "simplify_cfg"});
  EXPECT_EQ(f.blocks.size(), 1u) << ir::print(m, f);
  EXPECT_EQ(count(f, Op::CondBr) + count(f, Op::Mul), 0u);
  EXPECT_EQ(loops_left(counted_loop("gt u1 %i, %n", "sub s64 %i, %one", "", "%n")), 0u);
  // Its last value is needed; it may panic; it writes.
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %one", "", "%i")), 1u);
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %one", "%x = mul checked s64 %i, %i", "%n")), 1u);
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %one", "%x = div s64 %n, %i", "%n")), 1u);
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %one", "call.runtime OutI64(%i)", "%n")), 1u);
}

TEST(DeadLoops, KeepsWhatMayNeverEnd) {
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %zero", "", "%n")), 1u);  // stands still
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "sub s64 %i, %one", "", "%n")), 1u);   // goes away from its bound
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %n", "", "%n")), 1u);     // by what is not known
  EXPECT_EQ(loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %two", "", "%n")), 1u);   // may step over the largest number and begin again
  EXPECT_EQ(loops_left(counted_loop("le u1 %i, %n", "add s64 %i, %one", "", "%n")), 1u);   // the same when the bound is the largest number
  EXPECT_EQ(loops_left(counted_loop("ne u1 %i, %n", "add s64 %i, %one", "", "%n")), 1u);
}

TEST(DeadLoops, ABoundWithRoomBehindItIsReached) {
  const auto with_bound = [](std::string_view bound, std::string_view test, std::string_view step) {
    std::string text = counted_loop(test, step, "", "%n");
    text.replace(text.find("%two = const s64 2"), 18, "%two = const s64 2\n  %b = const s64 " + std::string(bound));
    return loops_left(text);
  };
  EXPECT_EQ(with_bound("9223372036854775806", "lt u1 %i, %b", "add s64 %i, %two"), 0u);
  EXPECT_EQ(with_bound("9223372036854775807", "lt u1 %i, %b", "add s64 %i, %two"), 1u);
  EXPECT_EQ(with_bound("9223372036854775806", "le u1 %i, %b", "add s64 %i, %one"), 0u);
  EXPECT_EQ(with_bound("9223372036854775807", "le u1 %i, %b", "add s64 %i, %one"), 1u);
  EXPECT_EQ(with_bound("-9223372036854775807", "gt u1 %i, %b", "sub s64 %i, %two"), 0u);
  EXPECT_EQ(with_bound("-9223372036854775808", "gt u1 %i, %b", "sub s64 %i, %two"), 1u);
}

/// Two loops, one in the other; `inner` stands in the inner one, `result` is what is given.
std::string nested_loops(std::string_view inner_step, std::string_view result) {
  std::string text = R"ir(
function "f"(s64) -> (s64) file 0 at 0 {
  loop Sequential depth 0 header head body work latch latch exit done iv _ hi _ step 1 threads _ parent _ at 0
  loop Sequential depth 1 header inner body deep latch back exit behind iv _ hi _ step 1 threads _ parent 0 at 0
b0:
  %n = param s64 0
  %zero = const s64 0
  %one = const s64 1
  br head(%zero)
head:
  %i = arg s64 0
  %c = lt u1 %i, %n
  condbr %c, work, done
work:
  br inner(%zero, %zero)
inner:
  %j = arg s64 0
  %s = arg s64 1
  %d = lt u1 %j, %i
  condbr %d, deep, behind
deep:
  %t = xor s64 %s, %j
  br back
back:
  %jnext = STEP
  br inner(%jnext, %t)
behind:
  %odd = lt u1 %s, %zero
  condbr %odd, rare, latch
rare:
  br latch
latch:
  %next = add s64 %i, %one
  br head(%next)
done:
  ret (RESULT)
}
)ir";
  text.replace(text.find("STEP"), 4, inner_step);
  text.replace(text.find("RESULT"), 6, result);
  return text;
}

TEST(DeadLoops, GoWithTheLoopsInThem) {
  // What the inner loop computes is needed in the outer one, whose choice changes nothing.
  EXPECT_EQ(loops_left(nested_loops("add s64 %j, %one", "%n")), 0u);
  EXPECT_EQ(loops_left(nested_loops("add s64 %j, %one", "%i")), 2u);
  EXPECT_EQ(loops_left(nested_loops("add s64 %j, %zero", "%n")), 2u);
}

TEST(DeadLoops, WaysOutToElsewhereKeepALoop) {
  const auto left_for = [](std::string_view target) {
    const std::string body = "%odd = eq u1 %i, %two\n  condbr %odd, " + std::string(target) + ", more\nmore:";
    return loops_left(counted_loop("lt u1 %i, %n", "add s64 %i, %one", body, "%n)\ngone:\n  ret (%two"));
  };
  EXPECT_EQ(left_for("done"), 0u);
  EXPECT_EQ(left_for("gone"), 1u);
}

/// A parallel loop whose body is `body`.
std::string parallel_loop(std::string_view body) {
  std::string text = R"ir(
function "main"(ref) -> () file 0 at 0 {
b0:
  %env = param ref 0
  %lo = const s64 0
  %hi = const s64 10000
  parallel.for %lo, %hi threads _ body "main.loop0" env %env combine _ acc _ size 0 neutral _ cost 5 auto 0 quiet 1 at 0
  ret ()
}
function "main.loop0"(s64, s64, ref, ref, ref) -> () file 0 at 0 {
  slot i: s64 depth 1 at 0
  slot hi: s64 depth 0 at 0
  loop Sequential depth 0 header head body work latch latch exit done iv i hi hi step 1 threads _ parent _ at 0
b0:
  %lo = param s64 0
  %end = param s64 1
  %env = param ref 2
  %acc = param ref 3
  %at = param ref 4
  set i, %lo
  set hi, %end
  br head
head:
  %i0 = get s64 i
  %h0 = get s64 hi
  %c = lt u1 %i0, %h0
  condbr %c, work, done
work:
  BODY
  br latch
latch:
  %i9 = get s64 i
  %one = const s64 1
  %n9 = add s64 %i9, %one
  set i, %n9
  br head
done:
  ret ()
}
)ir";
  text.replace(text.find("BODY"), 4, body);
  return text;
}

TEST(DeadLoops, AParallelLoopThatDoesNothingNeedsNoThreads) {
  const auto left = [](std::string_view body) { return count(after(parsed(parallel_loop(body)), {"dead_loops"}), Op::ParallelFor); };
  EXPECT_EQ(left(""), 0u);
  EXPECT_EQ(left("%x = mul s64 %i0, %i0"), 0u);
  EXPECT_EQ(left("%x = mul checked s64 %i0, %i0"), 1u);
  EXPECT_EQ(left("store %env, 0, %i0"), 1u);
  EXPECT_EQ(left("set hi, %i0"), 1u);                    // its bound moves
  EXPECT_EQ(left("%z = const s64 0\n  set i, %z"), 1u);  // does not end
}

TEST(Constants, FoldAndDecide) {
  const ir::Module m = parsed(R"ir(
function "f"() -> (s64) file 0 at 0 {
b0:
  %a = const s64 6
  %b = const s64 7
  %c = mul checked s64 %a, %b
  %forty = const s64 40
  %d = gt u1 %c, %forty
  condbr %d, yes, no
yes:
  br end(%c)
no:
  %x = const s64 9223372036854775807
  %y = add checked s64 %x, %a
  br end(%y)
end:
  %r = arg s64 0
  ret (%r)
}
)ir");
  const ir::Function f = after(m, {"constants", "simplify_cfg", "dead_code"});
  EXPECT_EQ(f.blocks.size(), 1u) << ir::print(m, f);
  EXPECT_EQ(count(f, Op::Mul) + count(f, Op::CondBr) + count(f, Op::Add), 0u);
  // An overflow is not folded away.
  const ir::Module over = parsed(R"ir(
function "f"() -> (s8) file 0 at 0 {
b0:
  %a = const s8 127
  %b = const s8 1
  %c = add checked s8 %a, %b
  %d = add s8 %a, %b
  %e = sub s8 %c, %d
  ret (%e)
}
)ir");
  EXPECT_EQ(count_checked(after(over, {"constants", "dead_code"})), 1u);
}

TEST(CommonSubexpressions, ComputeOnce) {
  const ir::Module m = parsed(R"ir(
function "f"(ref, s64) -> (s64) file 0 at 0 {
b0:
  %a = param ref 0
  %i = param s64 1
  check.index %i, %a
  %x = element.get s64 %a, %i
  check.index %i, %a
  %y = element.get s64 %a, %i
  %p = mul checked s64 %x, %y
  %q = mul checked s64 %x, %y
  element.set %a, %i, %p
  %z = element.get s64 %a, %i
  %s = add checked s64 %q, %z
  ret (%s)
}
)ir");
  const ir::Function f = after(m, {"common_subexpressions"});
  EXPECT_EQ(count(f, Op::CheckIndex), 1u);
  EXPECT_EQ(count(f, Op::Mul), 1u);
  EXPECT_EQ(count(f, Op::ElementGet), 2u);  // the write between
}

TEST(LoopInvariants, MoveOut) {
  std::string text(sum);
  text.replace(text.find("  %next = const"), 15, "  %len = array.length s64 %b\n  %k = xor s64 %len, %two\n  element.set %b, %i, %k\n  %next = const");
  const ir::Module m = parsed(text);
  const ir::Function f = after(m, {"slots_to_values", "loop_invariants"});
  const ir::Inst* moved = std::find_if(f.insts.begin(), f.insts.end(), [](const ir::Inst& i) { return i.op == Op::Xor; });
  // The constant it needs stays where it is, so only the length moves.
  ASSERT_NE(moved, f.insts.end());
  EXPECT_EQ(std::count_if(f.insts.begin(), f.insts.begin() + f.blocks[0].end, [](const ir::Inst& i) { return i.op == Op::ArrayLength; }), 2);
}

TEST(Inlining, SmallFunctions) {
  const ir::Module m = parsed(R"ir(
function "f"(s64) -> (s64) file 0 at 0 {
b0:
  %x = param s64 0
  %y = call s64 "square"(%x)
  %z = call s64 "square"(%y)
  ret (%z)
}
function "square"(s64) -> (s64) file 0 at 0 {
  slot n: s64 depth 0 at 0
b0:
  %p = param s64 0
  set n, %p
  %a = get s64 n
  %b = get s64 n
  %q = mul checked s64 %a, %b
  ret (%q)
}
)ir");
  const ir::Function f = after(m, {"inlining", "slots_to_values", "constants", "simplify_cfg"});
  EXPECT_EQ(count(f, Op::Call), 0u);
  EXPECT_EQ(count(f, Op::Mul), 2u);
  EXPECT_EQ(f.blocks.size(), 1u) << ir::print(m, f);
}

constexpr std::string_view kContract = R"ir(
contract "C" {
  type t0 = uint 256
  type t1 = string
  type t2 = mapping t0 t0
  type t3 = mapping t1 t0
  type t4 = array t0
  variable "of_number": t2
  variable "of_text": t3
  error "Bad" (t0)
  external "get" view (t0) -> (t0)
  function "f" view (t0, t1, t4) -> (t0) = "f"
}
function "f"(u256, ref, ref) -> (u256) {
  slot s: u256 depth 0 at 0
b0:
  %i = param u256 0
  %text = param ref 1
  %list = param ref 2
  set s, %i
  %m = state.variable ref 0
  %m2 = state.variable ref 0
  %a = state.entry ref %m, %i, t2
  %b = state.entry ref %m2, %i, t2
  %x = state.get u256 %a, t0
  %y = state.get u256 %b, t0
  %t = state.variable ref 1
  %c = state.entry ref %t, %text, t3
  %d = state.entry ref %t, %text, t3
  %z = state.get u256 %c, t0
  state.set %d, %z, t0
  %five = const u256 5
  check.bound %five, 5
  check.index %i, %list
  %e = element.get word u256 %list, %i
  %self = message u160 Self
  %called = call.contract u256 0, %self, value _, gas _ (%e)
  %bytes = data.encode ref Abi (%x: t0, %y: t0, %text: t1)
  %decoded = data.decode u256 %bytes, (t0, t0)
  %more = result u256 %decoded, 1
  %r = call u256 "small"(%more)
  %now = get u256 s
  %sum = add checked u256 %r, %now
  %sum2 = add checked u256 %sum, %called
  ret (%sum2)
}
function "small"(u256) -> (u256) {
b0:
  %n = param u256 0
  %zero = const u256 0
  %bad = eq u1 %n, %zero
  condbr %bad, b1, b2
b1:
  revert 0 (%n)
b2:
  ret (%n)
}
)ir";

TEST(Passes, ContractsKeepWhatTheyDo) {
  const ir::Module module = parsed(kContract);
  ir::Function f = module.functions[0];
  std::vector<PassTime> times;
  f = optimize_function(module, 0, {{}, true}, times);
  EXPECT_EQ(ir::verify(module, f), "") << ir::print(module, f);
  EXPECT_EQ(count(f, Op::StateVariable), 2u);
  // One entry by number; bytes may have changed in between.
  EXPECT_EQ(count(f, Op::StateEntry), 3u) << ir::print(module, f);
  // Ranges of wide integers are not known, so their checks stay.
  EXPECT_EQ(count(f, Op::CheckBound), 1u);
  EXPECT_EQ(count(f, Op::CheckIndex), 1u);
  EXPECT_EQ(count(f, Op::CallContract), 1u);
  EXPECT_EQ(count(f, Op::DataDecode), 1u);
  EXPECT_EQ(count(f, Op::Revert), 1u) << "small functions are put in place";
  EXPECT_EQ(count(f, Op::Call), 0u);
}

TEST(Passes, AreNamedSortedAndSwitchable) {
  EXPECT_TRUE(std::is_sorted(passes().begin(), passes().end(), [](const Pass& a, const Pass& b) { return a.name < b.name; }));
  for (const std::string_view name : pipeline()) {
    EXPECT_TRUE(std::any_of(passes().begin(), passes().end(), [&](const Pass& p) { return p.name == name; })) << name;
  }
  const ir::Module m = parsed(sum);
  ir::Function f = m.functions[0];
  std::vector<PassTime> times;
  OptimizeOptions options;
  options.disabled = {"slots_to_values"};
  EXPECT_FALSE(run_pass("slots_to_values", m, f, options, times));
  EXPECT_EQ(f.slots.size(), 4u);
  const ir::Module o = optimize(m, {}, times);
  EXPECT_EQ(ir::verify(o), "");
  EXPECT_EQ(count(o.functions[0], Op::CheckIndex), 0u);
  EXPECT_FALSE(times.empty());
}

/// A function of `n` statements: nested choices, loops, sums.
ir::Module long_function(uint32_t n) {
  ir::FunctionBuilder b;
  const ir::Type params[] = {ir::Type::S64};
  const ir::Type results[] = {ir::Type::S64};
  b.begin("long", base::FileId{0}, 0, params, results);
  std::vector<ir::SlotId> slots;
  for (uint32_t i = 0; i < 20; ++i) {
    slots.push_back(b.add_slot(ir::Type::S64));
    b.set(slots.back(), b.param(0));
  }
  for (uint32_t k = 0; k < n; ++k) {
    const ir::SlotId x = slots[k % 20], y = slots[(k * 7 + 3) % 20];
    const ir::Label yes = b.new_label(), no = b.new_label(), end = b.new_label();
    b.cond_br(b.compare(Op::Lt, b.get(x), b.get(y)), yes, no);
    b.start_block(yes);
    b.set(x, b.binary(Op::Add, ir::Type::S64, b.get(x), b.const_int(ir::Type::S64, k), ir::kChecked));
    b.br(end);
    b.start_block(no);
    b.set(y, b.binary(Op::Sub, ir::Type::S64, b.get(y), b.get(x), ir::kChecked));
    b.br(end);
    b.start_block(end);
  }
  ir::ValueId total = b.get(slots[0]);
  for (const ir::SlotId slot : slots) {
    total = b.binary(Op::Xor, ir::Type::S64, total, b.get(slot));
  }
  b.ret(total);
  ir::Module m;
  m.functions.push_back(b.finish());
  return m;
}

TEST(Passes, WorkGrowsLinearly) {
  // Eight times the size; a quadratic pass would take 64 times as long.
  growth::expect_growth_below(24, long_function(300), long_function(2400), [](const ir::Module& m) {
    return growth::seconds_of([&] {
      std::vector<PassTime> times;
      EXPECT_FALSE(optimize_function(m, 0, {}, times).insts.empty());
    });
  });
}

}  // namespace
}  // namespace omega::opt
