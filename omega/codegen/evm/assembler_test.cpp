// SPDX-License-Identifier: Apache-2.0
// Words, pushes, jump destinations and what neighbours allow to mend.
#include "omega/codegen/evm/assembler.h"

#include <gtest/gtest.h>

#include <vector>

#include "omega/base/hexadecimal.h"
#include "omega/codegen/evm/builder.h"
#include "omega/codegen/evm/scheduler.h"

namespace omega::codegen::evm {
namespace {

TEST(Word, Arithmetic) {
  const Word most = ~Word(0);
  EXPECT_EQ(most + Word(1), Word(0));
  EXPECT_EQ(Word(0) - Word(1), most);
  EXPECT_EQ(most * most, Word(1));
  EXPECT_EQ(divide(most, Word(10)).remainder, Word(5));
  EXPECT_EQ(divide(most, most).quotient, Word(1));
  EXPECT_EQ(power(Word(2), Word(255)), shift_left(Word(1), Word(255)));
  EXPECT_EQ(sign_extend(Word(0), Word(0x80)), Word::from_signed(-128));
  EXPECT_EQ(shift_right_signed(Word::from_signed(-256), Word(4)), Word::from_signed(-16));
  EXPECT_TRUE(less_signed(most, Word(0)));
  EXPECT_EQ(most.decimal(), "115792089237316195423570985008687907853269984665640564039457584007913129639935");
}

std::string pushed(const Word& word) {
  Program program;
  Assembler out(program);
  out.push(word);
  return base::hexadecimal(out.finish({}).bytes);
}

TEST(Assembler, PushesTakeTheShortForm) {
  EXPECT_EQ(pushed(0), "5f");
  EXPECT_EQ(pushed(0x1234), "611234");
  EXPECT_EQ(pushed(~Word(0)), "5f19");
  EXPECT_EQ(pushed(shift_left(Word(0x4e487b71), 224)), "634e487b7160e01b");
  EXPECT_EQ(pushed(Word::ones(160)), "5f1960601c");
}

TEST(Assembler, MendsNeighbours) {
  Program program;
  Assembler out(program);
  out.push(7);
  out.op(Op::Pop);
  out.op(Op::Caller);
  out.op(Op::Origin);
  out.swap(1);
  out.op(Op::Lt);
  EXPECT_EQ(base::hexadecimal(out.finish({}).bytes), "333211");
}

TEST(Assembler, DestinationsTakeAsManyBytesAsTheyNeed) {
  Program program;
  Assembler out(program);
  const LabelId far = out.new_label(), near = out.new_label();
  out.push_label(near);
  out.push_label(far);
  out.place(near);
  for (uint32_t i = 0; i < 300; ++i) {
    out.op(Op::Caller);
  }
  out.place(far);
  EXPECT_EQ(base::hexadecimal(out.finish({}).bytes).substr(0, 12), "60056101325b");
}

TEST(Assembler, EqualEndsAreKeptOnce) {
  Program program;
  Assembler out(program);
  const LabelId first = out.new_label(), second = out.new_label();
  out.push_label(first);
  out.push_label(second);
  out.op(Op::Jump);
  for (const LabelId label : {first, second}) {
    out.place(label);
    out.op(Op::Caller);
    out.op(Op::Stop);
  }
  EXPECT_EQ(base::hexadecimal(out.finish({}).bytes), "60056005565b3300");
}

TEST(Assembler, WhatSeveralPlacesShareHasNone) {
  Program program;
  program.locations = {Location{}, Location{0, 10}, Location{0, 20}, Location{0, 30}};
  Assembler out(program);
  const LabelId labels[] = {out.new_label(), out.new_label()};
  out.set_location(3);
  out.push_label(labels[0]);
  out.push_label(labels[1]);
  out.op(Op::Jump);
  for (const uint32_t k : {0, 1}) {
    out.place(labels[k]);  // belongs to what it leads to, not to what was before
    out.set_location(k + 1);
    out.op(Op::Caller);
    out.set_location(3);
    out.op(Op::Stop);
  }
  const Assembled made = out.finish({});
  EXPECT_EQ(base::hexadecimal(made.bytes), "60056005565b3300");
  EXPECT_EQ(std::vector<uint32_t>(made.locations.begin(), made.locations.end()), (std::vector<uint32_t>{3, 3, 3, 0, 0, 3}));
}

TEST(Builder, FoldsAndForwards) {
  Program program;
  Builder b(program);
  b.begin("f", 2, 1);
  const ValueId x = b.param(0);
  EXPECT_EQ(b.plus(b.plus(x, 3), 4), b.plus(x, 7));
  EXPECT_EQ(b.number(b.mul(b.constant(6), b.constant(7))), Word(42));
  EXPECT_EQ(b.is_zero(b.is_zero(b.lt(x, b.param(1)))), b.lt(x, b.param(1)));
  EXPECT_EQ(b.bit_and(b.emit(Op::Caller, {}), b.constant(Word::ones(160))), b.emit(Op::Caller, {}));
  b.sstore(b.constant(1), x);
  EXPECT_EQ(b.sload(b.constant(1)), x);
  b.sstore(b.param(1), b.constant(5));  // may be slot 1
  EXPECT_NE(b.sload(b.constant(1)), x);
  const ValueId result[] = {x};
  b.ret(result);
  b.finish();
}

/// Code of a routine without callees.
std::string scheduled(Program& program) {
  Assembler out(program);
  SharedLabels labels;
  labels.routines.push_back(out.new_label());
  SpillArea area;
  EXPECT_TRUE(Scheduler(program, 0, labels, area, out).run());
  return out.listing();
}

TEST(Scheduler, ComputesSingleUsesWhereTheyAreUsed) {
  Program program;
  Builder b(program);
  b.begin("f", 2, 1);
  const ValueId result[] = {b.add(b.mul(b.param(0), b.param(1)), b.constant(1))};
  b.ret(result);
  program.routines.push_back(b.finish());
  EXPECT_EQ(scheduled(program), "L0:\nMul\nPUSH 1\nAdd\nSWAP1\nJump\n");
}

TEST(Scheduler, WhatIsOutOfReachLiesInMemory) {
  Program program;
  Builder b(program);
  b.begin("f", 1, 0, false);
  program.entry = 0;
  Values all;
  for (uint32_t i = 0; i < 24; ++i) {
    all.push_back(b.sload(b.plus(b.param(0), i)));
  }
  for (uint32_t i = 0; i < 24; ++i) {
    b.sstore(b.plus(b.param(0), i), all[23 - i]);
  }
  b.emit(Op::Stop, {});
  program.routines.push_back(b.finish());
  const std::string code = scheduled(program);
  EXPECT_NE(code.find("Mload"), std::string::npos);
  EXPECT_EQ(code.find("DUP17"), std::string::npos);
}

}  // namespace
}  // namespace omega::codegen::evm
