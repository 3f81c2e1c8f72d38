// SPDX-License-Identifier: Apache-2.0
// Every integer operation on every kind of type, with values at the borders, against plain 128-bit arithmetic.
#include <cstdint>
#include <optional>
#include <vector>

#include "omega/codegen/native/program_testing.h"
#include "omega/ir/builder.h"

namespace omega::codegen::native {
namespace {

using ir::FunctionBuilder;
using ir::Op;
using ir::Type;
using ir::ValueId;
using Wide = __int128;

constexpr Wide smallest(Type t) { return ir::is_signed(t) ? -(Wide{1} << (ir::bit_width(t) - 1)) : 0; }
constexpr Wide largest(Type t) { return (Wide{1} << (ir::bit_width(t) - (ir::is_signed(t) ? 1 : 0))) - 1; }

Wide wrap(Type t, Wide v) {
  const uint32_t bits = ir::bit_width(t);
  auto low = static_cast<unsigned __int128>(v) & ((static_cast<unsigned __int128>(1) << bits) - 1);
  if (ir::is_signed(t) && (low >> (bits - 1) & 1) != 0) {
    return static_cast<Wide>(low) - (Wide{1} << bits);
  }
  return static_cast<Wide>(low);
}

/// The value, or nothing for a panic.
std::optional<Wide> expected(Op op, Type t, bool checked, Wide a, Wide b) {
  const auto fit = [&](Wide v) -> std::optional<Wide> {
    if (v >= smallest(t) && v <= largest(t)) {
      return v;
    }
    return checked ? std::nullopt : std::optional<Wide>(wrap(t, v));
  };
  const auto bits = static_cast<Wide>(ir::bit_width(t));
  switch (op) {
    case Op::Add: return fit(a + b);
    case Op::Sub: return fit(a - b);
    case Op::Mul: {
      Wide product;
      if (__builtin_mul_overflow(a, b, &product)) {
        // Only unsigned 64 by 64 comes here: beyond 127 bits.
        const uint64_t low = static_cast<uint64_t>(a) * static_cast<uint64_t>(b);
        return checked ? std::nullopt : std::optional<Wide>(wrap(t, static_cast<Wide>(low)));
      }
      return fit(product);
    }
    case Op::Div: return b == 0 ? std::nullopt : fit(a / b);
    case Op::Mod: return b == 0 ? std::nullopt : std::optional<Wide>(a % b);
    case Op::And: return a & b;
    case Op::Or: return a | b;
    case Op::Xor: return a ^ b;
    case Op::Min: return a < b ? a : b;
    case Op::Max: return a > b ? a : b;
    case Op::Shl: return b < 0 || b >= bits ? 0 : wrap(t, static_cast<Wide>(static_cast<unsigned __int128>(a) << b));
    case Op::Shr: return b < 0 || b >= bits ? (a < 0 ? -1 : 0) : a >> b;
    case Op::Neg: return fit(-a);
    case Op::Abs: return fit(a < 0 ? -a : a);
    case Op::Not: return wrap(t, ~a);
    case Op::Eq: return a == b;
    case Op::Ne: return a != b;
    case Op::Lt: return a < b;
    case Op::Le: return a <= b;
    case Op::Gt: return a > b;
    case Op::Ge: return a >= b;
    default: return std::nullopt;
  }
}

/// A program that runs closures `(a, b) -> result` under `try` and prints each result or `!`.
class Cases {
 public:
  Cases() { module_.functions.emplace_back(); }

  /// A function for the closure: body(builder, a, b) gives the result's value.
  template <class Body>
  ir::FunctionId function(Type a, Type b, Body&& body) {
    FunctionBuilder& f = builder_;
    const Type params[] = {Type::Ref, Type::Ref};
    const auto id = static_cast<ir::FunctionId>(module_.functions.size());
    f.begin("f" + std::to_string(id), {}, 0, params, {});
    const ValueId x = f.load(a, 0, 8);
    const ValueId y = f.load(b, 0, 16);
    const ValueId r = body(f, x, y);
    f.store(1, 0, r);
    f.ret();
    module_.functions.push_back(f.finish());
    return id;
  }

  void run(ir::FunctionId f, Type a_type, Wide a, Type b_type, Wide b, Type result, std::optional<Wide> wanted, std::string what) {
    calls_.push_back({f, a_type, b_type, result, a, b, wanted, std::move(what)});
  }

  void check() {
    std::vector<ir::FunctionId> parts;
    FunctionBuilder& f = builder_;
    for (size_t at = 0; at < calls_.size(); at += 500) {
      parts.push_back(static_cast<ir::FunctionId>(module_.functions.size()));
      f.begin("part" + std::to_string(at), {}, 0, {}, {});
      for (size_t k = at; k < std::min(calls_.size(), at + 500); ++k) {
        const Call& call = calls_[k];
        const ValueId captures[] = {f.const_int(call.a_type, static_cast<int64_t>(call.a)), f.const_int(call.b_type, static_cast<int64_t>(call.b))};
        const ValueId closure = f.make_closure(call.function, captures);
        const ValueId result = f.emit(Op::StackObject, Type::Ref, 32);
        const ValueId error = f.call_runtime(ir::RuntimeFunctionId::Try, {closure, result});
        const ValueId null = f.const_null();
        const ir::Label good = f.new_label(), bad = f.new_label(), end = f.new_label();
        f.cond_br(f.compare(Op::Eq, error, null), good, bad);
        f.start_block(good);
        const ValueId value = f.load(call.result, result, 0);
        if (ir::is_signed(call.result)) {
          f.call_runtime(ir::RuntimeFunctionId::OutI64, {f.cast(ir::signed_type(64), value)});
        } else {
          f.call_runtime(ir::RuntimeFunctionId::OutU64, {f.cast(Type::U64, value)});
        }
        f.br(end);
        f.start_block(bad);
        f.call_runtime(ir::RuntimeFunctionId::OutStr, {f.const_string("!")});
        f.br(end);
        f.start_block(end);
        f.call_runtime(ir::RuntimeFunctionId::OutStr, {f.const_string("\n")});
      }
      f.ret();
      module_.functions.push_back(f.finish());
    }
    f.begin("main", {}, 0, {}, {});
    for (const ir::FunctionId part : parts) {
      f.call(part, Type::Void, {});
    }
    f.ret();
    module_.functions[0] = f.finish();
    module_.entry = 0;
    ASSERT_EQ(ir::verify(module_), "");
    auto image = build(module_);
    ASSERT_TRUE(image.has_value());
    const Outcome o = execute({image->data(), image->size()});
    EXPECT_EQ(o.exit_code, 0) << o.errors;
    size_t at = 0, wrong = 0;
    for (const Call& call : calls_) {
      const size_t end = o.output.find('\n', at);
      ASSERT_NE(end, std::string::npos);
      const std::string got = o.output.substr(at, end - at);
      at = end + 1;
      const std::string want = !call.wanted                 ? "!"
                               : ir::is_signed(call.result) ? std::to_string(static_cast<int64_t>(*call.wanted))
                                                            : std::to_string(static_cast<uint64_t>(*call.wanted));
      if (got != want && ++wrong < 20) {
        ADD_FAILURE() << call.what << " a=" << static_cast<int64_t>(call.a) << " b=" << static_cast<int64_t>(call.b) << ": got " << got << ", want " << want;
      }
    }
    EXPECT_EQ(wrong, 0u) << "of " << calls_.size();
  }

 private:
  struct Call {
    ir::FunctionId function;
    Type a_type, b_type, result;
    Wide a, b;
    std::optional<Wide> wanted;
    std::string what;
  };
  FunctionBuilder builder_;
  ir::Module module_;
  std::vector<Call> calls_;
};

const Type types[] = {ir::signed_type(8),    ir::unsigned_type(8),  ir::signed_type(16),   ir::unsigned_type(16), ir::signed_type(24),
                      ir::unsigned_type(24), ir::signed_type(32),   ir::unsigned_type(32), ir::signed_type(40),   ir::unsigned_type(40),
                      ir::signed_type(56),   ir::unsigned_type(56), ir::signed_type(64),   ir::unsigned_type(64)};

std::vector<Wide> values(Type t) {
  std::vector<Wide> all = {0, 1, 3, 7, largest(t), largest(t) - 1, largest(t) / 2, largest(t) / 3};
  if (ir::is_signed(t)) {
    for (const Wide v : {Wide{-1}, Wide{-7}, smallest(t), smallest(t) + 1, smallest(t) / 2}) {
      all.push_back(v);
    }
  }
  return all;
}

bool is_compare(Op op) { return op >= Op::Eq && op <= Op::Ge; }

const Op operations[] = {Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Mod, Op::And, Op::Or, Op::Xor, Op::Min, Op::Max, Op::Shl,
                         Op::Shr, Op::Neg, Op::Abs, Op::Not, Op::Eq,  Op::Ne,  Op::Lt, Op::Le,  Op::Gt,  Op::Ge};

std::string describe(Op op, Type t, bool checked) { return std::string(ir::op_info(op).text) + (checked ? " checked " : " ") + ir::type_name(t); }

TEST(Integers, OperandsInRegisters) {
  Cases cases;
  for (const Type t : types) {
    for (const Op op : operations) {
      for (const bool checked : {false, true}) {
        const Type result = is_compare(op) ? Type::U1 : t;
        const ir::FunctionId f = cases.function(t, t, [&](FunctionBuilder& b, ValueId x, ValueId y) {
          return op == Op::Neg || op == Op::Abs || op == Op::Not ? b.unary(op, result, x, checked ? ir::kChecked : 0)
                                                                 : b.binary(op, result, x, y, checked ? ir::kChecked : 0);
        });
        for (const Wide a : values(t)) {
          for (const Wide b : values(t)) {
            cases.run(f, t, a, t, b, result, expected(op, t, checked, a, b), describe(op, t, checked));
          }
        }
      }
    }
  }
  cases.check();
}

TEST(Integers, OneOperandConstant) {
  Cases cases;
  for (const Type t : types) {
    for (const Op op : operations) {
      if (op == Op::Neg || op == Op::Abs || op == Op::Not) {
        continue;
      }
      const bool checked = true;
      const Type result = is_compare(op) ? Type::U1 : t;
      for (const Wide c : values(t)) {
        const ir::FunctionId right = cases.function(
            t, t, [&](FunctionBuilder& b, ValueId x, ValueId) { return b.binary(op, result, x, b.const_int(t, static_cast<int64_t>(c)), ir::kChecked); });
        const ir::FunctionId left = cases.function(
            t, t, [&](FunctionBuilder& b, ValueId x, ValueId) { return b.binary(op, result, b.const_int(t, static_cast<int64_t>(c)), x, ir::kChecked); });
        for (const Wide a : {Wide{0}, Wide{5}, largest(t), smallest(t), smallest(t) / 3 + 1}) {
          cases.run(right, t, a, t, 0, result, expected(op, t, checked, a, c),
                    describe(op, t, checked) + " x, const " + std::to_string(static_cast<int64_t>(c)));
          cases.run(left, t, a, t, 0, result, expected(op, t, checked, c, a),
                    describe(op, t, checked) + " const, x " + std::to_string(static_cast<int64_t>(c)));
        }
      }
    }
  }
  cases.check();
}

TEST(Integers, DivisionByManyConstants) {
  Cases cases;
  uint64_t state = 1;
  for (int round = 0; round < 400; ++round) {
    for (const Type t : {ir::signed_type(64), ir::unsigned_type(64), ir::signed_type(32), ir::unsigned_type(32)}) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      Wide divisor = wrap(t, static_cast<Wide>(state >> (round % 63)));
      if (round < 40) {
        divisor = round - (ir::is_signed(t) ? 20 : 0);
      }
      const uint64_t other = state * 7919;
      for (const Op op : {Op::Div, Op::Mod}) {
        const ir::FunctionId f = cases.function(
            t, t, [&](FunctionBuilder& b, ValueId x, ValueId) { return b.binary(op, t, x, b.const_int(t, static_cast<int64_t>(divisor)), ir::kChecked); });
        for (const Wide a : {Wide{0}, Wide{1}, Wide{100}, largest(t), smallest(t), wrap(t, static_cast<Wide>(other)), divisor, wrap(t, divisor * 3 - 1)}) {
          cases.run(f, t, a, t, 0, t, expected(op, t, true, a, divisor), describe(op, t, true) + " by " + std::to_string(static_cast<int64_t>(divisor)));
        }
      }
    }
  }
  cases.check();
}

TEST(Integers, Casts) {
  Cases cases;
  for (const Type from : types) {
    for (const Type to : types) {
      for (const bool checked : {false, true}) {
        const ir::FunctionId f = cases.function(from, from, [&](FunctionBuilder& b, ValueId x, ValueId) { return b.cast(to, x, checked ? ir::kChecked : 0); });
        for (const Wide a : values(from)) {
          const bool fits = a >= smallest(to) && a <= largest(to);
          cases.run(f, from, a, from, 0, to,
                    fits      ? std::optional<Wide>(a)
                    : checked ? std::nullopt
                              : std::optional<Wide>(wrap(to, a)),
                    "cast " + ir::type_name(from) + " to " + ir::type_name(to));
        }
      }
    }
  }
  cases.check();
}

TEST(Integers, FusedComparisonsAndSelect) {
  Cases cases;
  for (const Type t : {ir::signed_type(64), ir::unsigned_type(32), ir::signed_type(8)}) {
    for (Op op = Op::Eq; op <= Op::Ge; op = static_cast<Op>(static_cast<int>(op) + 1)) {
      const ir::FunctionId select = cases.function(t, t, [&](FunctionBuilder& b, ValueId x, ValueId y) { return b.select(t, b.compare(op, x, y), x, y); });
      const ir::FunctionId inverted =
          cases.function(t, t, [&](FunctionBuilder& b, ValueId x, ValueId y) { return b.select(t, b.unary(Op::Not, Type::U1, b.compare(op, x, y)), x, y); });
      const ir::FunctionId branch = cases.function(t, t, [&](FunctionBuilder& b, ValueId x, ValueId y) {
        const ir::SlotId slot = b.add_slot(t);
        const ir::Label yes = b.new_label(), no = b.new_label(), end = b.new_label();
        b.cond_br(b.unary(Op::Not, Type::U1, b.compare(op, x, y)), no, yes);
        b.start_block(yes);
        b.set(slot, x);
        b.br(end);
        b.start_block(no);
        b.set(slot, y);
        b.br(end);
        b.start_block(end);
        return b.get(slot);
      });
      for (const Wide a : values(t)) {
        for (const Wide b : values(t)) {
          const bool holds = *expected(op, t, false, a, b) != 0;
          cases.run(select, t, a, t, b, t, holds ? a : b, "select " + describe(op, t, false));
          cases.run(inverted, t, a, t, b, t, holds ? b : a, "select not " + describe(op, t, false));
          cases.run(branch, t, a, t, b, t, holds ? a : b, "branch " + describe(op, t, false));
        }
      }
    }
  }
  cases.check();
}

// A remainder that is only compared with zero.
TEST(Integers, DivisibilityByPowersOfTwo) {
  std::string body = "  %space = const.string ref \" \"\n", expected;
  int n = 0;
  for (const int64_t x : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{6}, int64_t{-6}, int64_t{-8}, int64_t{1} << 40, -(int64_t{1} << 40), INT64_MIN}) {
    for (const int64_t d : {int64_t{1}, int64_t{2}, int64_t{-2}, int64_t{8}, int64_t{1} << 33}) {
      for (const bool equal : {true, false}) {
        const std::string k = std::to_string(n++);
        body += "  %c" + k + " = const s64 " + std::to_string(x) + "\n  set s0, %c" + k + "\n  %x" + k + " = get s64 s0\n  %d" + k + " = const s64 " +
                std::to_string(d) + "\n  %r" + k + " = mod s64 %x" + k + ", %d" + k + "\n  %z" + k + " = const s64 0\n  %e" + k + " = " +
                (equal ? "eq" : "ne") + " u1 %r" + k + ", %z" + k + "\n  call.runtime OutBool(%e" + k + ")\n  call.runtime OutStr(%space)\n";
        expected += (x % d == 0) == equal ? "true " : "false ";
      }
    }
  }
  const Outcome o = run_text("function \"main\"() -> () file 0 at 0 {\n  slot s0: s64 depth 0 at 0\nb0:\n" + body + "  ret ()\n}\nentry \"main\"\n");
  EXPECT_EQ(o.output, expected) << o.errors;
}

}  // namespace
}  // namespace omega::codegen::native
