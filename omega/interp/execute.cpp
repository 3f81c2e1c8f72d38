// SPDX-License-Identifier: Apache-2.0
// The loop that runs decoded code.
#include <cmath>
#include <cstring>

#include "omega/interp/execute_operations.h"
#include "omega/interp/machine.h"

namespace omega::interp {

void atomic_update(void* place, const uint64_t* value, uint32_t operation, uint32_t aux) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  // As 256-bit values, so that one way serves every width; native threads of the interpreter take turns.
  const uint32_t type = aux_runtime_type(aux);
  om_wide old_value, operand;
  om_wide_load(&old_value, place, type);
  if (aux_bits(aux) > 64) {
    std::memcpy(&operand, value, sizeof operand);
  } else {
    om_wide_load(&operand, value, type);
  }
  om_wide result = old_value;
  const bool less = om_wide_cmp(&operand, &old_value, type) < 0;
  switch (static_cast<ir::AtomicOp>(operation)) {
    case ir::AtomicOp::Add: om_wide_add(&result, &old_value, &operand, type); break;
    case ir::AtomicOp::Sub: om_wide_sub(&result, &old_value, &operand, type); break;
    case ir::AtomicOp::Min: result = less ? operand : old_value; break;
    case ir::AtomicOp::Max: result = less ? old_value : operand; break;
    case ir::AtomicOp::And: om_wide_and(&result, &old_value, &operand); break;
    case ir::AtomicOp::Or: om_wide_or(&result, &old_value, &operand); break;
    case ir::AtomicOp::Xor: om_wide_xor(&result, &old_value, &operand); break;
  }
  om_wide_store(place, &result, type);
}

#define NEXT goto* labels[static_cast<uint16_t>(ip->op)]
#define STEP \
  ++ip;      \
  NEXT
#define D frame[ip->d]
#define A frame[ip->a]
#define B frame[ip->b]
#define IMM static_cast<int64_t>(static_cast<int32_t>(ip->b))
#define SAVE stack.ip = ip
#define OP(name) L_##name
#define GO(target)                   \
  ip = begin + (target);             \
  if (om_interrupted) [[unlikely]] { \
    SAVE;                            \
    om_poll();                       \
  }                                  \
  NEXT
#define JUMP_WHEN(condition) \
  if (condition) {           \
    GO(ip->d);               \
  }                          \
  STEP
#define SIGNED(x) static_cast<int64_t>(x)
#define DEFINE(name, expression) \
  OP(name) : D = (expression);   \
  STEP;
#define COMPARE(name, condition)      \
  OP(name) : D = (condition) ? 1 : 0; \
  STEP;                               \
  OP(J##name) : JUMP_WHEN(condition);
#define CHECKED(name, type, builtin, left, right)                              \
  OP(name) : {                                                                 \
    type result;                                                               \
    if (builtin(static_cast<type>(left), static_cast<type>(right), &result)) { \
      SAVE;                                                                    \
      om_panic_overflow();                                                     \
    }                                                                          \
    D = static_cast<uint64_t>(result);                                         \
    STEP;                                                                      \
  }
#define FAILING(name, expression) \
  OP(name) : SAVE;                \
  D = (expression);               \
  STEP;
#define WIDE(name, statement) \
  OP(name) : SAVE;            \
  statement;                  \
  STEP;
#define WD wide_at(&D)
#define WA wide_at(&A)
#define WB wide_at(&B)
#define TYPE aux_runtime_type(ip->aux)
#define LOADS(name, address)                                                   \
  DEFINE(name##U8, load<uint8_t>(address(1)))                                  \
  DEFINE(name##S8, static_cast<uint64_t>(int64_t{load<int8_t>(address(1))}))   \
  DEFINE(name##U16, load<uint16_t>(address(2)))                                \
  DEFINE(name##S16, static_cast<uint64_t>(int64_t{load<int16_t>(address(2))})) \
  DEFINE(name##U32, load<uint32_t>(address(4)))                                \
  DEFINE(name##S32, static_cast<uint64_t>(int64_t{load<int32_t>(address(4))})) \
  DEFINE(name##X64, load<uint64_t>(address(8)))                                \
  WIDE(name##W, om_wide_load(WD, reinterpret_cast<const void*>(address(storage_bytes(ip->aux))), TYPE))
#define STORES(name, address)                     \
  OP(name##U8) : store<uint8_t>(address(1), D);   \
  STEP;                                           \
  OP(name##U16) : store<uint16_t>(address(2), D); \
  STEP;                                           \
  OP(name##U32) : store<uint32_t>(address(4), D); \
  STEP;                                           \
  OP(name##X64) : store<uint64_t>(address(8), D); \
  STEP;                                           \
  WIDE(name##W, om_wide_store(reinterpret_cast<void*>(address(storage_bytes(ip->aux))), WD, TYPE))
#define AT_OFFSET(size) (A + ip->b)
#define AT_ELEMENT(size) (data_of(A) + B * (size))
#define AT_FIXED(size) (A + B * (size))

void execute(Program& program, DecodedFunction& function, const uint64_t* args, uint32_t arg_cells, uint64_t* results) {
  static const void* const labels[] = {
#define OMEGA_CODE(name) &&L_##name,
#include "omega/interp/opcodes.def"
  };
  Stack& stack = this_stack();
  const auto native_frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  drop_unwound(stack, native_frame);
  if (stack.depth == Stack::kDeepest) {
    om_panic(OM_PANIC_STACK, nullptr);
  }
  const Code* ip = program.code_of(function);
  uint64_t* frame = push_frame(stack, function, stack.top);
  stack.activations[stack.depth++] = {native_frame, stack.top, stack.frame, stack.ip};
  if (arg_cells != 0) {
    std::memcpy(frame, args, arg_cells * sizeof(uint64_t));
  }
  frame[-4] = 0;
  stack.frame = frame;
  stack.top = frame + function.frame_cells;
  const Code* begin = ip;
  const uint32_t* lists = function.lists.data();
  NEXT;

  OP(Ext) : STEP;
  DEFINE(Const, ip->a | uint64_t{ip->b} << 32)
  WIDE(ConstWide, std::memcpy(WD, lists + ip->a, 32))
  DEFINE(Move, A)
  OP(MoveWide) : std::memmove(&D, &A, 32);
  STEP;
  OP(Zero) : std::memset(&D, 0, ip->a * sizeof(uint64_t));
  STEP;

  OP(Jump) : GO(ip->d);
  OP(JumpIf) : JUMP_WHEN(A != 0);
  OP(JumpIfNot) : JUMP_WHEN(A == 0);

  OP(Call) : {
    DecodedFunction& callee = program.functions[ip->a];
    SAVE;
    const Code* code = program.code_of(callee);
    uint64_t* inner = push_frame(stack, callee, stack.top);
    const uint32_t* list = lists + ip->d;
    copy_cells(inner, frame, list + 1, list[0]);
    inner[-4] = reinterpret_cast<uint64_t>(ip);
    inner[-3] = reinterpret_cast<uint64_t>(frame);
    frame = inner;
    stack.frame = frame;
    stack.top = frame + callee.frame_cells;
    lists = callee.lists.data();
    begin = code;
    ip = code;
    NEXT;
  }
  OP(CallClosure) : {
    SAVE;
    if (A == 0) {
      om_panic(OM_PANIC_NULL_CALL, nullptr);
    }
    auto& callee = *reinterpret_cast<DecodedFunction*>(load<uint64_t>(A));
    const Code* code = program.code_of(callee);
    uint64_t* inner = push_frame(stack, callee, stack.top);
    const uint32_t* list = lists + ip->d;
    copy_cells(inner, frame, list + 1, list[0]);
    inner[-4] = reinterpret_cast<uint64_t>(ip);
    inner[-3] = reinterpret_cast<uint64_t>(frame);
    frame = inner;
    stack.frame = frame;
    stack.top = frame + callee.frame_cells;
    lists = callee.lists.data();
    begin = code;
    ip = code;
    NEXT;
  }
  OP(Return) : {
    const uint32_t* list = lists + ip->d;
    const auto* call = reinterpret_cast<const Code*>(frame[-4]);
    if (call == nullptr) {
      if (results != nullptr) {
        copy_cells(results, frame, list + 1, list[0]);
      }
      const Stack::Activation& ended = stack.activations[--stack.depth];
      stack.top = ended.top;
      stack.frame = ended.frame;
      stack.ip = ended.ip;
      return;
    }
    auto* caller = reinterpret_cast<uint64_t*>(frame[-3]);
    const auto& back = *reinterpret_cast<const DecodedFunction*>(caller[-2]);
    const uint32_t* outer = back.lists.data() + call->d;
    copy_results(caller, outer + outer[0] + 2, frame, list + 1, outer[outer[0] + 1]);
    frame = caller;
    stack.frame = frame;
    stack.top = frame + back.frame_cells;
    lists = back.lists.data();
    begin = back.codes.data();
    ip = call;
    STEP;
  }
  OP(CallRuntime) : {
    SAVE;
    call_runtime(ip->a, frame, lists + ip->b, ip->d == ir::kNone ? nullptr : &D);
    // A panic that the runtime caught left deeper frames where they were.
    const auto& self = *reinterpret_cast<const DecodedFunction*>(frame[-2]);
    drop_unwound(stack, native_frame - 1);
    stack.frame = frame;
    stack.top = frame + self.frame_cells;
    STEP;
  }
  OP(ParallelFor) : {
    SAVE;
    run_parallel_for(program, frame, lists + ip->d);
    const auto& self = *reinterpret_cast<const DecodedFunction*>(frame[-2]);
    drop_unwound(stack, native_frame - 1);
    stack.frame = frame;
    stack.top = frame + self.frame_cells;
    STEP;
  }
  OP(Panic) : SAVE;
  om_panic(ip->aux, ip->a == ir::kNone ? nullptr : reinterpret_cast<const om_array*>(A));
  OP(CheckThat) : if (D == 0) {
    SAVE;
    om_panic(ip->aux, ip->a == ir::kNone ? nullptr : reinterpret_cast<const om_array*>(A));
  }
  STEP;

  DEFINE(AddW, A + B)
  DEFINE(SubW, A - B)
  DEFINE(MulW, A * B)
  DEFINE(AddWI, A + static_cast<uint64_t>(IMM))
  DEFINE(SubWI, A - static_cast<uint64_t>(IMM))
  DEFINE(MulWI, A * static_cast<uint64_t>(IMM))
  CHECKED(AddS, int64_t, __builtin_add_overflow, A, B)
  CHECKED(SubS, int64_t, __builtin_sub_overflow, A, B)
  CHECKED(MulS, int64_t, __builtin_mul_overflow, A, B)
  CHECKED(AddU, uint64_t, __builtin_add_overflow, A, B)
  CHECKED(SubU, uint64_t, __builtin_sub_overflow, A, B)
  CHECKED(MulU, uint64_t, __builtin_mul_overflow, A, B)
  CHECKED(AddSI, int64_t, __builtin_add_overflow, A, IMM)
  CHECKED(SubSI, int64_t, __builtin_sub_overflow, A, IMM)
  CHECKED(MulSI, int64_t, __builtin_mul_overflow, A, IMM)
  DEFINE(And, A & B)
  DEFINE(Or, A | B)
  DEFINE(Xor, A ^ B)
  DEFINE(AndI, A & static_cast<uint64_t>(IMM))
  DEFINE(OrI, A | static_cast<uint64_t>(IMM))
  DEFINE(XorI, A ^ static_cast<uint64_t>(IMM))
  OP(DivS) : {
    const int64_t b = SIGNED(B);
    if (b == 0 || b == -1) [[unlikely]] {
      SAVE;
      D = divide(A, B, ip->aux);
    } else {
      D = static_cast<uint64_t>(SIGNED(A) / b);
    }
    STEP;
  }
  OP(ModS) : {
    const int64_t b = SIGNED(B);
    if (b == 0 || b == -1) [[unlikely]] {
      SAVE;
      D = remainder_of(A, B, ip->aux);
    } else {
      D = static_cast<uint64_t>(SIGNED(A) % b);
    }
    STEP;
  }
  DEFINE(MinS, SIGNED(B) < SIGNED(A) ? B : A)
  DEFINE(MaxS, SIGNED(B) > SIGNED(A) ? B : A)
  DEFINE(MinU, B < A ? B : A)
  DEFINE(MaxU, B > A ? B : A)

  FAILING(AddN, fit(full(A, ip->aux) + full(B, ip->aux), ip->aux))
  FAILING(SubN, fit(full(A, ip->aux) - full(B, ip->aux), ip->aux))
  FAILING(MulN, fit(full(A, ip->aux) * full(B, ip->aux), ip->aux))
  FAILING(DivN, divide(A, B, ip->aux))
  FAILING(ModN, remainder_of(A, B, ip->aux))
  FAILING(PowN, power(A, B, ip->aux))
  FAILING(NegN, fit(-full(A, ip->aux), ip->aux))
  FAILING(AbsN, fit(full(A, ip->aux) < 0 ? -full(A, ip->aux) : full(A, ip->aux), ip->aux))
  DEFINE(NotN, extend(~A, ip->aux))
  DEFINE(ShlN, shift_left(A, B, ip->aux))
  DEFINE(ShrN, shift_right(A, B, ip->aux))
  FAILING(CastN, cast_narrow(A, ip->b != 0, ip->aux))

  COMPARE(Eq, A == B)
  COMPARE(Ne, A != B)
  COMPARE(LtS, SIGNED(A) < SIGNED(B))
  COMPARE(LeS, SIGNED(A) <= SIGNED(B))
  COMPARE(LtU, A < B)
  COMPARE(LeU, A <= B)
  COMPARE(EqI, SIGNED(A) == IMM)
  COMPARE(NeI, SIGNED(A) != IMM)
  COMPARE(LtSI, SIGNED(A) < IMM)
  COMPARE(LeSI, SIGNED(A) <= IMM)
  COMPARE(GtSI, SIGNED(A) > IMM)
  COMPARE(GeSI, SIGNED(A) >= IMM)
  COMPARE(LtUI, A < static_cast<uint64_t>(IMM))
  COMPARE(LeUI, A <= static_cast<uint64_t>(IMM))
  COMPARE(GtUI, A > static_cast<uint64_t>(IMM))
  COMPARE(GeUI, A >= static_cast<uint64_t>(IMM))
  OP(Select) : {
    const uint64_t* from = A != 0 ? &B : &frame[ip[1].a];
    if (ip->aux != 0) {
      std::memmove(&D, from, 32);
    } else {
      D = *from;
    }
    ip += 2;
    NEXT;
  }

#define FLOATS(suffix, as, type)                                                                                   \
  DEFINE(Add##suffix, cell_of(as(A) + as(B)))                                                                      \
  DEFINE(Sub##suffix, cell_of(as(A) - as(B)))                                                                      \
  DEFINE(Mul##suffix, cell_of(as(A) * as(B)))                                                                      \
  DEFINE(Div##suffix, cell_of(as(A) / as(B)))                                                                      \
  DEFINE(Mod##suffix, cell_of(static_cast<type>(om_fmod(static_cast<double>(as(A)), static_cast<double>(as(B)))))) \
  DEFINE(Min##suffix, cell_of(static_cast<type>(om_fmin(static_cast<double>(as(A)), static_cast<double>(as(B)))))) \
  DEFINE(Max##suffix, cell_of(static_cast<type>(om_fmax(static_cast<double>(as(A)), static_cast<double>(as(B)))))) \
  DEFINE(Abs##suffix, cell_of(std::fabs(as(A))))                                                                   \
  DEFINE(Sqrt##suffix, cell_of(std::sqrt(as(A))))                                                                  \
  DEFINE(Eq##suffix, as(A) == as(B) ? 1 : 0)                                                                       \
  DEFINE(Ne##suffix, as(A) != as(B) ? 1 : 0)                                                                       \
  DEFINE(Lt##suffix, as(A) < as(B) ? 1 : 0)                                                                        \
  DEFINE(Le##suffix, as(A) <= as(B) ? 1 : 0)
  FLOATS(D, as_double, double)
  FLOATS(F, as_float, float)
  DEFINE(NegD, A ^ uint64_t{1} << 63)
  DEFINE(NegF, (A ^ uint64_t{1} << 31) & 0xffff'ffffu)

  DEFINE(IntToD, cell_of(ip->b != 0 ? static_cast<double>(SIGNED(A)) : static_cast<double>(A)))
  DEFINE(IntToF, cell_of(ip->b != 0 ? static_cast<float>(SIGNED(A)) : static_cast<float>(A)))
  DEFINE(DToF, cell_of(static_cast<float>(as_double(A))))
  DEFINE(FToD, cell_of(static_cast<double>(as_float(A))))
  FAILING(DToInt, static_cast<uint64_t>(om_f64_to_int(as_double(A), TYPE)))
  FAILING(FToInt, static_cast<uint64_t>(om_f64_to_int(static_cast<double>(as_float(A)), TYPE)))
  DEFINE(WideToD, cell_of(om_wide_to_f64(WA, TYPE)))
  DEFINE(WideToF, cell_of(static_cast<float>(om_wide_to_f64(WA, TYPE))))
  WIDE(DToWide, float_to_wide(WD, as_double(A), ip->aux))
  WIDE(FToWide, float_to_wide(WD, static_cast<double>(as_float(A)), ip->aux))
  WIDE(IntToWide, int_to_wide(WD, A, ip->b != 0, ip->aux))
  FAILING(WideToInt, wide_to_int(WA, ip->b, ip->aux))
  WIDE(WideToWide, wide_to_wide(WD, WA, ip->b, ip->aux))

  WIDE(WAdd, check_wide(om_wide_add(WD, WA, WB, TYPE), ip->aux))
  WIDE(WSub, check_wide(om_wide_sub(WD, WA, WB, TYPE), ip->aux))
  WIDE(WMul, check_wide(om_wide_mul(WD, WA, WB, TYPE), ip->aux))
  WIDE(WDiv, check_wide(om_wide_div(WD, WA, WB, TYPE), ip->aux))
  WIDE(WMod, check_wide(om_wide_mod(WD, WA, WB, TYPE) & OM_WIDE_ZERO, ip->aux))
  WIDE(WPow, check_wide(om_wide_pow(WD, WA, WB, TYPE), ip->aux))
  WIDE(WNeg, check_wide(om_wide_neg(WD, WA, TYPE), ip->aux))
  WIDE(WAbs, wide_abs(WD, WA, ip->aux))
  WIDE(WNot, om_wide_not(WD, WA, TYPE))
  WIDE(WAnd, om_wide_and(WD, WA, WB))
  WIDE(WOr, om_wide_or(WD, WA, WB))
  WIDE(WXor, om_wide_xor(WD, WA, WB))
  WIDE(WShl, om_wide_shl(WD, WA, B, TYPE))
  WIDE(WShr, om_wide_shr(WD, WA, B, TYPE))
  WIDE(WMin, *WD = om_wide_cmp(WB, WA, TYPE) < 0 ? *WB : *WA)
  WIDE(WMax, *WD = om_wide_cmp(WB, WA, TYPE) > 0 ? *WB : *WA)
  DEFINE(WEq, om_wide_cmp(WA, WB, TYPE) == 0 ? 1 : 0)
  DEFINE(WNe, om_wide_cmp(WA, WB, TYPE) != 0 ? 1 : 0)
  DEFINE(WLt, om_wide_cmp(WA, WB, TYPE) < 0 ? 1 : 0)
  DEFINE(WLe, om_wide_cmp(WA, WB, TYPE) <= 0 ? 1 : 0)

  LOADS(Load, AT_OFFSET)
  STORES(Store, AT_OFFSET)
  LOADS(ElemGet, AT_ELEMENT)
  STORES(ElemSet, AT_ELEMENT)
  LOADS(FixedGet, AT_FIXED)
  STORES(FixedSet, AT_FIXED)
  OP(ElemAddress) : D = data_of(A) + B * ip[1].a;
  STEP;
  OP(FixedAddress) : D = A + B * ip[1].a;
  STEP;
  FAILING(New, reinterpret_cast<uint64_t>(om_alloc(ip->a, ip->b)))
  OP(Stack) : std::memset(frame + ip->a, 0, ip->b);
  D = reinterpret_cast<uint64_t>(frame + ip->a);
  STEP;
  FAILING(ArrayNew, reinterpret_cast<uint64_t>(om_array_new(SIGNED(A), ip->b, ip->aux != 0 ? 0 : OM_ARRAY_REFS)))
  DEFINE(ArrayLength, A == 0 ? 0 : static_cast<uint64_t>(reinterpret_cast<const om_array*>(A)->len))
  OP(CheckIndex) : SAVE;
  check_index(A, B);
  STEP;
  OP(CheckBound) : if (A >= ip->b) {
    SAVE;
    om_panic_index(SIGNED(A), ip->b);
  }
  STEP;
  OP(Atomic) : atomic_update(reinterpret_cast<void*>(A), &D, ip->b, ip->aux);
  STEP;
  OP(Closure) : SAVE;
  make_closure(program.functions[ip->a], frame, lists + ip->b, &D);
  STEP;
}

}  // namespace omega::interp
