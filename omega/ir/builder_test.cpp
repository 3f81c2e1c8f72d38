// SPDX-License-Identifier: Apache-2.0
// FunctionBuilder and the walking of operands and successors.
#include "omega/ir/builder.h"

#include <gtest/gtest.h>

namespace omega::ir {
namespace {

TEST(Builder, BuildsALoopAndIsReusable) {
  FunctionBuilder b;
  for (int round = 0; round < 2; ++round) {
    const Type params[] = {Type::S64};
    const Type results[] = {Type::S64};
    b.begin("sum", base::FileId{0}, 3, params, results);
    const SlotId i = b.add_slot(Type::S64);
    const SlotId total = b.add_slot(Type::S64);
    b.set(i, b.const_int(Type::S64, 0));
    const Label header = b.new_label(), body = b.new_label(), exit = b.new_label();
    b.br(header);
    b.start_block(header);
    b.cond_br(b.compare(Op::Lt, b.get(i), b.param(0)), body, exit);
    b.start_block(body);
    b.set(total, b.binary(Op::Add, Type::S64, b.get(total), b.get(i), kChecked));
    b.set(i, b.binary(Op::Add, Type::S64, b.get(i), b.const_int(Type::S64, 1)));
    b.br(header);
    b.start_block(exit);
    b.ret(b.get(total));
    b.add_loop({LoopKind::Sequential, 0, header.index, body.index, body.index, exit.index, i, kNone, 1, kNone, kNone, 0});
    const Function f = b.finish();
    EXPECT_EQ(f.blocks.size(), 4u);
    EXPECT_EQ(f.insts.size(), f.locations.size());
    Function grown = f;
    grown.insts.push_back(f.insts[0]);
    EXPECT_EQ(grown.insts.size(), f.insts.size() + 1);
    EXPECT_EQ(grown.locations, f.locations);
    EXPECT_EQ(f.slots.size(), 2u);
    EXPECT_EQ(f.loops[0].header, 1u);
    EXPECT_EQ(f.loops[0].exit, 3u);
    std::vector<BlockId> targets;
    for (const Block& block : f.blocks) {
      for_each_successor(f, f.insts[block.end - 1], [&](BlockId target, std::span<const uint32_t>) { targets.push_back(target); });
    }
    EXPECT_EQ(targets, (std::vector<BlockId>{1, 2, 3, 1}));
  }
}

TEST(Builder, FunctionsKeepTheirStorage) {
  Function f;
  {
    FunctionBuilder b;
    b.set_storage(std::make_shared<base::Arena>(64));
    for (int64_t value = 0; value < 3; ++value) {
      const Type results[] = {Type::S64};
      b.begin("f", base::FileId{0}, 0, {}, results);
      b.ret(b.const_int(Type::S64, value));
      f = b.finish();
    }
  }
  ASSERT_EQ(f.insts.size(), 2u);
  EXPECT_EQ(f.insts[0].b, 2u);
  EXPECT_EQ(f.results[0], Type::S64);
  f.insts.push_back(f.insts[0]);
  EXPECT_EQ(f.insts[2].b, 2u);
}

TEST(Builder, CodeBehindATerminatorGoesToADeadBlock) {
  FunctionBuilder b;
  b.begin("f", base::FileId{0}, 0, {}, {});
  b.ret();
  EXPECT_FALSE(b.is_open());
  b.const_int(Type::S64, 1);
  EXPECT_TRUE(b.is_dead());
  b.ret();
  const Function f = b.finish();
  ASSERT_EQ(f.blocks.size(), 2u);
  EXPECT_EQ(f.blocks[1].first, 1u);
}

TEST(Builder, VisitsEveryOperand) {
  FunctionBuilder b;
  const Type params[] = {Type::S64, Type::Ref, Type::U1};
  b.begin("f", base::FileId{0}, 0, params, {});
  auto values_of = [&](const Inst& inst) {
    std::vector<ValueId> values;
    struct {
      const uint32_t* extra;
    } f{b.extra_words()};
    for_each_value(f, inst, [&](uint32_t value) { values.push_back(value); });
    return values;
  };
  const ValueId args[] = {0, 1};
  EXPECT_EQ(values_of(b.inst(b.call(5, Type::Void, args))), (std::vector<ValueId>{0, 1}));
  EXPECT_EQ(values_of(b.inst(b.call_closure(1, Type::Void, args))), (std::vector<ValueId>{1, 0, 1}));
  EXPECT_EQ(values_of(b.inst(b.emit(Op::CheckThat, Type::Void, 2, kNone, 0))), (std::vector<ValueId>{2}));
  EXPECT_EQ(values_of(b.inst(b.emit(Op::ElementSet, Type::Void, 1, 0, 2))), (std::vector<ValueId>{1, 0, 2}));
  EXPECT_EQ(values_of(b.inst(b.parallel_for({0, 0, kNone, 3, 1, kNone, kNone, 0, kNone, 0, 0, 0, 0}))), (std::vector<ValueId>{0, 0, 1}));
  const Label a = b.new_label(), c = b.new_label();
  b.cond_br(2, a, c, args, std::span<const ValueId>(args, 1));
  EXPECT_EQ(values_of(b.inst(b.inst_count() - 1)), (std::vector<ValueId>{2, 0, 1, 0}));
}

TEST(Ops, TableIsConsistent) {
  for (uint32_t i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    EXPECT_EQ(is_terminator(op), (op_info(op).effects & kTerminator) != 0) << op_info(op).text;
  }
  EXPECT_EQ(storage_size(unsigned_type(1)), 1u);
  EXPECT_EQ(storage_size(unsigned_type(24)), 4u);
  EXPECT_EQ(storage_size(signed_type(72)), 16u);
  EXPECT_EQ(storage_size(Type::U256), 32u);
  EXPECT_EQ(storage_size(Type::F32), 4u);
  EXPECT_EQ(type_name(signed_type(24)), "s24");
}

}  // namespace
}  // namespace omega::ir
