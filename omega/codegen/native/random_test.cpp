// SPDX-License-Identifier: Apache-2.0
// Random functions of IR: native code does what the interpreter does. The same ones in every run.
#include <random>
#include <sstream>

#include "omega/codegen/native/program_testing.h"
#include "omega/interp/run_program.h"
#include "omega/ir/builder.h"

namespace omega::codegen::native {
namespace {

using ir::FunctionBuilder;
using ir::kChecked;
using ir::Label;
using ir::Op;
using ir::Type;
using ir::ValueId;

constexpr Type value_types[] = {Type::S64,
                                Type::S64,
                                Type::U64,
                                Type::U64,
                                ir::signed_type(32),
                                Type::U32,
                                ir::signed_type(16),
                                ir::unsigned_type(16),
                                Type::S8,
                                Type::U8,
                                ir::signed_type(24),
                                ir::unsigned_type(40),
                                Type::F64,
                                Type::F32,
                                Type::U256,
                                Type::S256,
                                ir::unsigned_type(128)};

/// Writes one module: functions that may call those before them, and a main function that prints what they give for some arguments.
class RandomModule {
 public:
  explicit RandomModule(uint64_t seed) : random_(seed) {}

  ir::Module make() {
    constexpr uint32_t functions = 6;
    for (uint32_t k = 0; k < functions; ++k) {
      module_.functions.push_back(make_function(k));
    }
    module_.functions.push_back(make_main());
    module_.entry = functions;
    return std::move(module_);
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool chance(uint32_t percent) { return below(100) < percent; }
  Type any_type() { return value_types[below(std::size(value_types))]; }

  // ---- values ---------------------------------------------------------------------------------------------------------

  ValueId constant(Type t) {
    static constexpr int64_t interesting[] = {0, 1, 2, 3, 7, 10, 64, 255, 1000, INT32_MAX, INT64_MAX};
    const int64_t magnitude = chance(70) ? interesting[below(std::size(interesting))] : static_cast<int64_t>(random_() >> below(63));
    if (t == Type::F64) {
      return b_.const_f64(static_cast<double>(magnitude) / 8.0 * (chance(40) ? -1.0 : 1.0));
    }
    if (t == Type::F32) {
      return b_.const_f32(static_cast<float>(magnitude % 100000) / 8.0f * (chance(40) ? -1.0f : 1.0f));
    }
    const uint32_t bits = ir::bit_width(t);
    if (ir::is_wide(t)) {
      uint64_t limbs[4] = {random_(), chance(50) ? random_() : 0, 0, 0};
      return chance(50) ? b_.const_int(t, magnitude & INT64_MAX) : b_.const_wide(t, limbs);
    }
    // Extended to 64 bits by the type's sign.
    const auto shift = 64 - bits;
    const uint64_t cut = static_cast<uint64_t>(chance(30) ? -magnitude : magnitude) << shift;
    return b_.const_int(t, ir::is_signed(t) ? static_cast<int64_t>(cut) >> shift : static_cast<int64_t>(cut >> shift));
  }

  /// A value of the type: one made before (in this block or one that leads here), a slot's, a constant, or another one converted.
  ValueId value(Type t) {
    for (int attempt = 0; attempt < 6; ++attempt) {
      if (chance(55) && !known_.empty()) {
        const ValueId v = known_[known_.size() - 1 - below(static_cast<uint32_t>(std::min<size_t>(known_.size(), 24)))];
        if (b_.type_of(v) == t) {
          return v;
        }
      } else if (!slots_.empty()) {
        const ir::SlotId slot = slots_[below(static_cast<uint32_t>(slots_.size()))];
        if (b_.slot(slot).type == t) {
          return keep(b_.get(slot));
        }
      }
    }
    if (chance(40) && !known_.empty()) {
      const ValueId v = known_[below(static_cast<uint32_t>(known_.size()))];
      const Type from = b_.type_of(v);
      if (ir::is_integer(from) && from != Type::U1 && (ir::is_integer(t) || !ir::is_wide(from))) {
        return keep(b_.cast(t, v));
      }
    }
    return constant(t);
  }
  ValueId keep(ValueId v) {
    known_.push_back(v);
    return v;
  }
  ValueId truth() {
    const Type t = any_type();
    static constexpr Op compares[] = {Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge};
    const ValueId a = value(t), b = value(t);
    const ValueId is = b_.compare(compares[below(6)], a, b);
    return chance(15) ? b_.unary(Op::Not, Type::U1, is) : is;
  }

  ValueId operation(Type t) {
    if (chance(10)) {
      const ValueId a = value(t), b = value(t);
      return b_.select(t, truth(), a, b);
    }
    const ValueId a = value(t);
    if (ir::is_float(t)) {
      static constexpr Op ops[] = {Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Min, Op::Max, Op::Neg, Op::Abs};
      const Op op = ops[below(std::size(ops))];
      return op == Op::Neg || op == Op::Abs ? b_.unary(op, t, a) : b_.binary(op, t, a, value(t));
    }
    static constexpr Op ops[] = {Op::Add, Op::Add, Op::Sub, Op::Sub, Op::Mul, Op::And, Op::Or,  Op::Xor,
                                 Op::Min, Op::Max, Op::Shl, Op::Shr, Op::Div, Op::Mod, Op::Neg, Op::Not};
    const Op op = ops[below(std::size(ops))];
    const uint8_t checked = chance(8) ? kChecked : 0;
    switch (op) {
      case Op::Neg: return b_.unary(op, t, a, ir::is_signed(t) ? checked : 0);
      case Op::Not: return b_.unary(op, t, a);
      case Op::Shl:
      case Op::Shr: return b_.binary(op, t, a, chance(60) ? b_.const_int(Type::U32, below(80)) : value(Type::U8));
      case Op::Div:
      case Op::Mod: return b_.binary(op, t, a, b_.binary(Op::Or, t, value(t), b_.const_int(t, 1)), checked);
      case Op::Add:
      case Op::Sub:
      case Op::Mul: return b_.binary(op, t, a, value(t), checked);
      default: return b_.binary(op, t, a, value(t));
    }
  }

  // ---- statements -----------------------------------------------------------------------------------------------------

  void statements(uint32_t depth) {
    for (uint32_t k = 2 + below(7); k > 0; --k) {
      const uint32_t kind = below(100);
      if (kind < 45) {
        keep(operation(any_type()));
      } else if (kind < 72 && !slots_.empty()) {
        const ir::SlotId slot = slots_[below(static_cast<uint32_t>(slots_.size()))];
        const Type t = b_.slot(slot).type;
        b_.set(slot, chance(70) ? operation(t) : value(t));
      } else if (kind < 80) {
        through_memory();
      } else if (kind < 84 && number_ > 0 && !in_loop_ && !called_) {
        called_ = true;
        call(below(number_));
      } else if (kind < 93 && depth > 0) {
        choice(depth - 1);
      } else if (depth > 0) {
        repetition(depth - 1);
      }
    }
  }

  void through_memory() {
    const Type t = any_type();
    const ValueId object = b_.emit(Op::StackObject, Type::Ref, 64);
    b_.store(object, 32, value(t));
    keep(b_.load(t, object, 32));
  }

  void call(uint32_t callee) {
    const ir::Function& f = module_.functions[callee];
    std::vector<ValueId> arguments;
    for (const Type t : f.params) {
      arguments.push_back(value(t));
    }
    const ValueId first = b_.call(callee, f.results[0], arguments);
    std::vector<ValueId> results{first};
    for (uint32_t k = 1; k < f.results.size(); ++k) {
      results.push_back(b_.result(first, k, f.results[k]));
    }
    known_.insert(known_.end(), results.begin(), results.end());
  }

  void choice(uint32_t depth) {
    const Label yes = b_.new_label(), no = b_.new_label(), join = b_.new_label();
    const Type passed = any_type();
    const bool passes = chance(50);
    b_.cond_br(truth(), yes, no);
    const size_t before = known_.size();
    for (const Label side : {yes, no}) {
      b_.start_block(side);
      statements(depth);
      if (passes) {
        const ValueId argument = value(passed);
        b_.br(join, std::span<const ValueId>(&argument, 1));
      } else {
        b_.br(join);
      }
      known_.resize(before);
    }
    b_.start_block(join);
    if (passes) {
      keep(b_.block_arg(0, passed));
    }
  }

  void repetition(uint32_t depth) {
    const ir::SlotId variable = b_.add_slot(Type::S64);
    b_.set(variable, b_.const_int(Type::S64, 0));
    const Label head = b_.new_label(), body = b_.new_label(), exit = b_.new_label();
    b_.br(head);
    b_.start_block(head);
    const size_t before = known_.size();
    b_.cond_br(b_.compare(Op::Lt, b_.get(variable), b_.const_int(Type::S64, 1 + below(4))), body, exit);
    b_.start_block(body);
    const bool was_in_loop = in_loop_;
    in_loop_ = true;
    statements(depth);
    in_loop_ = was_in_loop;
    b_.set(variable, b_.binary(Op::Add, Type::S64, b_.get(variable), b_.const_int(Type::S64, 1)));
    b_.br(head);
    known_.resize(before);
    b_.start_block(exit);
  }

  // ---- functions ------------------------------------------------------------------------------------------------------

  ir::Function make_function(uint32_t number) {
    number_ = number;
    in_loop_ = called_ = false;
    known_.clear();
    slots_.clear();
    std::vector<Type> params, results;
    for (uint32_t k = 1 + below(9); k > 0; --k) {
      params.push_back(any_type());
    }
    for (uint32_t k = 1 + below(3); k > 0; --k) {
      results.push_back(any_type());
    }
    b_.begin("f" + std::to_string(number), base::FileId{0}, 0, params, results);
    for (uint32_t k = 0; k < params.size(); ++k) {
      keep(b_.param(k));
    }
    for (uint32_t k = below(14); k > 0; --k) {
      slots_.push_back(b_.add_slot(any_type()));
    }
    statements(3);
    std::vector<ValueId> values;
    for (const Type t : results) {
      values.push_back(value(t));
    }
    b_.ret(values);
    return b_.finish();
  }

  void print(ValueId v) {
    using Runtime = ir::RuntimeFunctionId;
    const Type t = b_.type_of(v);
    if (t == Type::F64) {
      b_.call_runtime(Runtime::OutF64, {v});
    } else if (t == Type::F32) {
      b_.call_runtime(Runtime::OutF32, {v});
    } else {
      for (uint32_t limb = 0; limb < (ir::is_wide(t) ? 4u : 1u); ++limb) {
        const ValueId part = limb == 0 ? v : b_.binary(Op::Shr, t, v, b_.const_int(Type::U32, 64 * limb));
        b_.call_runtime(Runtime::OutU64, {b_.cast(Type::U64, part)});
      }
    }
    b_.call_runtime(Runtime::OutStr, {b_.const_string(" ")});
  }

  ir::Function make_main() {
    known_.clear();
    slots_.clear();
    b_.begin("main", base::FileId{0}, 0, {}, {});
    for (uint32_t k = 0; k < module_.functions.size(); ++k) {
      for (int round = 0; round < 3; ++round) {
        known_.clear();
        const ir::Function& f = module_.functions[k];
        call(k);
        const std::vector<ValueId> results(known_.end() - static_cast<ptrdiff_t>(f.results.size()), known_.end());
        for (const ValueId v : results) {
          print(v);
        }
      }
    }
    b_.ret();
    return b_.finish();
  }

  std::mt19937_64 random_;
  ir::Module module_;
  FunctionBuilder b_;
  std::vector<ValueId> known_;
  std::vector<ir::SlotId> slots_;
  uint32_t number_ = 0;
  bool in_loop_ = false;
  bool called_ = false;
};

/// The same program with the blocks of each function behind the first in another order.
ir::Module shuffled(const ir::Module& module, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::istringstream lines(ir::print(module));
  std::string text, line;
  std::vector<std::string> blocks;
  const auto flush = [&] {
    for (size_t k = blocks.size(); k > 2; --k) {
      std::swap(blocks[k - 1], blocks[1 + random() % (k - 1)]);
    }
    for (const std::string& block : blocks) {
      text += block;
    }
    blocks.clear();
  };
  while (std::getline(lines, line)) {
    if (line.starts_with("b") && line.find(':') != std::string::npos) {
      blocks.emplace_back();
    } else if (line.starts_with("}")) {
      flush();
    }
    (blocks.empty() ? text : blocks.back()) += line + "\n";
  }
  auto read = ir::parse_text(text);
  if (!read) {
    ADD_FAILURE() << read.error().message << "\n" << text;
    return {};
  }
  return std::move(*read);
}

void expect_same(const ir::Module& module, uint64_t seed) {
  const std::string mistakes = ir::verify(module);
  ASSERT_EQ(mistakes, "") << "seed " << seed << "\n" << ir::print(module);
  const interp::Outcome expected = interp::run_in_child(module, {});
  auto image = build(module);
  ASSERT_TRUE(image) << "seed " << seed << ": " << image.error().message;
  const Outcome found = execute({image->data(), image->size()});
  ASSERT_EQ(found.exit_code, expected.exit_code) << "seed " << seed << "\n" << found.errors << ir::print(module);
  ASSERT_EQ(found.output, expected.output) << "seed " << seed << "\n" << ir::print(module);
}

TEST(Random, NativeCodeDoesWhatTheInterpreterDoes) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    ASSERT_NO_FATAL_FAILURE(expect_same(RandomModule(seed).make(), seed));
  }
}

// A choice whose operands and whose comparison's operands take all registers.
TEST(Random, ChoicesNeedNoRegisterBesideTheirOperands) { ASSERT_NO_FATAL_FAILURE(expect_same(RandomModule(8453).make(), 8453)); }

TEST(Random, BlocksMayStandInAnyOrder) {
  for (uint64_t seed = 1001; seed <= 1050; ++seed) {
    ASSERT_NO_FATAL_FAILURE(expect_same(shuffled(RandomModule(seed).make(), seed), seed));
  }
}

}  // namespace
}  // namespace omega::codegen::native
