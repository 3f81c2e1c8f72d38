// SPDX-License-Identifier: Apache-2.0
// omega_support.h: what the generated C leans on beside the runtime.
#include "omega/codegen/c/support_text.h"

namespace omega::codegen::c {

const std::string_view support_text = R"c(/* Part of Omega's C output: arithmetic without undefined behaviour, access to memory. */
#ifndef OMEGA_SUPPORT_H
#define OMEGA_SUPPORT_H

#include <stdint.h>
#include <string.h>

)c"
                                      "#include \"omega_runtime.h\"\n"
                                      R"c(

#if defined(__GNUC__) && !defined(__TINYC__)
#define OMC_ALIAS __attribute__((may_alias))
#define OMC_INLINE static inline __attribute__((unused))
#define OMC_RARELY(x) __builtin_expect(!!(x), 0)
#define OMC_NEVER __builtin_unreachable()
#else
#define OMC_ALIAS
#define OMC_INLINE static inline
#define OMC_RARELY(x) (x)
#define OMC_NEVER for (;;) { }
#endif

/* A place in the source, as om_at takes it. */
#define OMC_AT(file, line, column) ((uint64_t)(file) << 48 | (uint64_t)(column) << 32 | (uint64_t)(line))

/* Types for memory: a block may be looked at as any of them. */
typedef uint8_t OMC_ALIAS omc_u8;
typedef int8_t OMC_ALIAS omc_s8;
typedef uint16_t OMC_ALIAS omc_u16;
typedef int16_t OMC_ALIAS omc_s16;
typedef uint32_t OMC_ALIAS omc_u32;
typedef int32_t OMC_ALIAS omc_s32;
typedef uint64_t OMC_ALIAS omc_u64;
typedef int64_t OMC_ALIAS omc_s64;
typedef float OMC_ALIAS omc_f32;
typedef double OMC_ALIAS omc_f64;
typedef void *OMC_ALIAS omc_ref;

/* First word of a closure. */
typedef void (*omc_code)(void);

#define OMC_AS(type, address, offset) (*(type *)((char *)(address) + (offset)))
#define OMC_ELEMENTS(type, array) ((type *)(void *)((om_array *)(array))->data)

/* ---- panics with their place ---- */
OMC_INLINE void omc_overflow(uint64_t at) {
  om_at(at);
  om_panic_overflow();
}
OMC_INLINE void omc_divide(uint64_t at) {
  om_at(at);
  om_panic_divide();
}
OMC_INLINE void omc_bad_cast(uint64_t at) {
  om_at(at);
  om_panic_cast();
}
OMC_INLINE void omc_bad_index(int64_t index, int64_t length, uint64_t at) {
  om_at(at);
  om_panic_index(index, length);
}
OMC_INLINE void omc_panic(int32_t kind, const void *text, uint64_t at) {
  om_at(at);
  om_panic(kind, (const om_array *)text);
}
OMC_INLINE void omc_check(int condition, int32_t kind, const void *text, uint64_t at) {
  if (OMC_RARELY(!condition)) omc_panic(kind, text, at);
}
OMC_INLINE void omc_check_index(int64_t index, const void *array, uint64_t at) {
  int64_t length = array ? ((const om_array *)array)->len : 0;
  if (OMC_RARELY((uint64_t)index >= (uint64_t)length)) omc_bad_index(index, length, at);
}
OMC_INLINE void omc_check_bound(int64_t index, int64_t bound, uint64_t at) {
  if (OMC_RARELY((uint64_t)index >= (uint64_t)bound)) omc_bad_index(index, bound, at);
}
OMC_INLINE int64_t omc_length(const void *array) { return array ? ((const om_array *)array)->len : 0; }
OMC_INLINE omc_code omc_code_of(const void *closure, uint64_t at) {
  if (OMC_RARELY(!closure)) omc_panic(OM_PANIC_NULL_CALL, 0, at);
  return *(const omc_code *)closure;
}

/* ---- integers: values are held extended by their own sign ---- */
OMC_INLINE int64_t omc_sign_extend(uint64_t v, int bits) {
  uint64_t sign = UINT64_C(1) << (bits - 1);
  v &= (sign << 1) - 1;
  return (int64_t)((v ^ sign) - sign);
}
OMC_INLINE uint64_t omc_zero_extend(uint64_t v, int bits) { return v & ((UINT64_C(1) << bits) - 1); }
OMC_INLINE int64_t omc_fit(int64_t v, int64_t lo, int64_t hi, uint64_t at) {
  if (OMC_RARELY(v < lo || v > hi)) omc_overflow(at);
  return v;
}
#if defined(__GNUC__) && !defined(__TINYC__)
#define OMC_CHECKED(name, type, builtin)                            \
  OMC_INLINE type name(type a, type b, uint64_t at) {               \
    type r;                                                         \
    if (OMC_RARELY(builtin(a, b, &r))) omc_overflow(at);            \
    return r;                                                       \
  }
OMC_CHECKED(omc_add_s64, int64_t, __builtin_add_overflow)
OMC_CHECKED(omc_sub_s64, int64_t, __builtin_sub_overflow)
OMC_CHECKED(omc_mul_s64, int64_t, __builtin_mul_overflow)
OMC_CHECKED(omc_add_u64, uint64_t, __builtin_add_overflow)
OMC_CHECKED(omc_sub_u64, uint64_t, __builtin_sub_overflow)
OMC_CHECKED(omc_mul_u64, uint64_t, __builtin_mul_overflow)
#else
OMC_INLINE int64_t omc_add_s64(int64_t a, int64_t b, uint64_t at) {
  int64_t r = (int64_t)((uint64_t)a + (uint64_t)b);
  if (((a ^ r) & (b ^ r)) < 0) omc_overflow(at);
  return r;
}
OMC_INLINE int64_t omc_sub_s64(int64_t a, int64_t b, uint64_t at) {
  int64_t r = (int64_t)((uint64_t)a - (uint64_t)b);
  if (((a ^ b) & (a ^ r)) < 0) omc_overflow(at);
  return r;
}
OMC_INLINE int64_t omc_mul_s64(int64_t a, int64_t b, uint64_t at) {
  int64_t r = (int64_t)((uint64_t)a * (uint64_t)b);
  if ((a == -1 && b == INT64_MIN) || (b == -1 && a == INT64_MIN)) omc_overflow(at);
  if (a != 0 && a != -1 && r / a != b) omc_overflow(at);
  return r;
}
OMC_INLINE uint64_t omc_add_u64(uint64_t a, uint64_t b, uint64_t at) {
  if (a + b < a) omc_overflow(at);
  return a + b;
}
OMC_INLINE uint64_t omc_sub_u64(uint64_t a, uint64_t b, uint64_t at) {
  if (a < b) omc_overflow(at);
  return a - b;
}
OMC_INLINE uint64_t omc_mul_u64(uint64_t a, uint64_t b, uint64_t at) {
  if (a != 0 && a * b / a != b) omc_overflow(at);
  return a * b;
}
#endif
OMC_INLINE int64_t omc_div_s64(int64_t a, int64_t b, int checked, uint64_t at) {
  if (OMC_RARELY(b == 0)) omc_divide(at);
  if (b == -1) {
    if (OMC_RARELY(checked && a == INT64_MIN)) omc_overflow(at);
    return (int64_t)(0 - (uint64_t)a);
  }
  return a / b;
}
OMC_INLINE int64_t omc_mod_s64(int64_t a, int64_t b, uint64_t at) {
  if (OMC_RARELY(b == 0)) omc_divide(at);
  return b == -1 ? 0 : a % b;
}
OMC_INLINE uint64_t omc_div_u64(uint64_t a, uint64_t b, uint64_t at) {
  if (OMC_RARELY(b == 0)) omc_divide(at);
  return a / b;
}
OMC_INLINE uint64_t omc_mod_u64(uint64_t a, uint64_t b, uint64_t at) {
  if (OMC_RARELY(b == 0)) omc_divide(at);
  return a % b;
}
OMC_INLINE int64_t omc_pow(int64_t base, uint64_t exponent, uint32_t type, int checked, uint64_t at) {
  int32_t overflow = 0;
  int64_t r = om_pow_int(base, exponent, type, &overflow);
  if (OMC_RARELY(checked && overflow)) omc_overflow(at);
  return r;
}
OMC_INLINE int64_t omc_abs_s64(int64_t a, int checked, uint64_t at) {
  if (OMC_RARELY(checked && a == INT64_MIN)) omc_overflow(at);
  return a < 0 ? (int64_t)(0 - (uint64_t)a) : a;
}
OMC_INLINE uint64_t omc_shl(uint64_t a, uint64_t by, uint64_t bits) { return by >= bits ? 0 : a << by; }
OMC_INLINE int64_t omc_shr_s64(int64_t a, uint64_t by) { return by >= 64 ? (a < 0 ? -1 : 0) : a >> by; }
OMC_INLINE uint64_t omc_shr_u64(uint64_t a, uint64_t by) { return by >= 64 ? 0 : a >> by; }
OMC_INLINE int64_t omc_min_s64(int64_t a, int64_t b) { return b < a ? b : a; }
OMC_INLINE int64_t omc_max_s64(int64_t a, int64_t b) { return b > a ? b : a; }
OMC_INLINE uint64_t omc_min_u64(uint64_t a, uint64_t b) { return b < a ? b : a; }
OMC_INLINE uint64_t omc_max_u64(uint64_t a, uint64_t b) { return b > a ? b : a; }
OMC_INLINE int64_t omc_cast_s64(int64_t v, int64_t lo, int64_t hi, uint64_t at) {
  if (OMC_RARELY(v < lo || v > hi)) omc_bad_cast(at);
  return v;
}
OMC_INLINE uint64_t omc_cast_u64(uint64_t v, uint64_t hi, uint64_t at) {
  if (OMC_RARELY(v > hi)) omc_bad_cast(at);
  return v;
}

/* ---- floats ---- */
OMC_INLINE double omc_double(uint64_t bits) {
  double r;
  memcpy(&r, &bits, sizeof r);
  return r;
}
OMC_INLINE uint64_t omc_double_bits(double v) {
  uint64_t r;
  memcpy(&r, &v, sizeof r);
  return r;
}
OMC_INLINE float omc_float(uint32_t bits) {
  float r;
  memcpy(&r, &bits, sizeof r);
  return r;
}
OMC_INLINE uint32_t omc_float_bits(float v) {
  uint32_t r;
  memcpy(&r, &v, sizeof r);
  return r;
}
OMC_INLINE double omc_neg_f64(double v) { return omc_double(omc_double_bits(v) ^ UINT64_C(1) << 63); }
OMC_INLINE float omc_neg_f32(float v) { return omc_float(omc_float_bits(v) ^ UINT32_C(1) << 31); }
OMC_INLINE double omc_abs_f64(double v) { return omc_double(omc_double_bits(v) & ~(UINT64_C(1) << 63)); }
OMC_INLINE float omc_abs_f32(float v) { return omc_float(omc_float_bits(v) & ~(UINT32_C(1) << 31)); }
OMC_INLINE int64_t omc_f64_to_int(double v, int64_t lo, int64_t hi, uint32_t type, uint64_t at) {
  if (v > -9e18 && v < 9e18) {
    int64_t r = (int64_t)v;
    if (r >= lo && r <= hi) return r;
  }
  om_at(at);
  return om_f64_to_int(v, type);
}
#if defined(__TINYC__)
OMC_INLINE double omc_u64_to_f64(uint64_t v) {
  if (v >> 63) return (double)(int64_t)(v >> 1 | (v & 1)) * 2.0;
  return (double)(int64_t)v;
}
OMC_INLINE float omc_u64_to_f32(uint64_t v) {
  if (v >> 63) return (float)(int64_t)(v >> 1 | (v & 1)) * 2.0f;
  return (float)(int64_t)v;
}
#else
OMC_INLINE double omc_u64_to_f64(uint64_t v) { return (double)v; }
OMC_INLINE float omc_u64_to_f32(uint64_t v) { return (float)v; }
#endif

/* ---- wide integers ---- */
OMC_INLINE om_wide omc_wide_status(om_wide r, uint32_t status, int checked, uint64_t at) {
  if (OMC_RARELY(status & OM_WIDE_ZERO)) omc_divide(at);
  if (OMC_RARELY(status && checked)) omc_overflow(at);
  return r;
}
#define OMC_WIDE(name, function)                                                              \
  OMC_INLINE om_wide name(om_wide a, om_wide b, uint32_t type, int checked, uint64_t at) {    \
    om_wide r;                                                                                \
    uint32_t status = function(&r, &a, &b, type);                                             \
    return omc_wide_status(r, status, checked, at);                                           \
  }
OMC_WIDE(omc_wide_add, om_wide_add)
OMC_WIDE(omc_wide_sub, om_wide_sub)
OMC_WIDE(omc_wide_mul, om_wide_mul)
OMC_WIDE(omc_wide_div, om_wide_div)
OMC_WIDE(omc_wide_pow, om_wide_pow)
OMC_INLINE om_wide omc_wide_mod(om_wide a, om_wide b, uint32_t type, uint64_t at) {
  om_wide r;
  uint32_t status = om_wide_mod(&r, &a, &b, type);
  return omc_wide_status(r, status & OM_WIDE_ZERO, 0, at);
}
OMC_INLINE om_wide omc_wide_neg(om_wide a, uint32_t type, int checked, uint64_t at) {
  om_wide r;
  uint32_t status = om_wide_neg(&r, &a, type);
  return omc_wide_status(r, status, checked, at);
}
OMC_INLINE om_wide omc_wide_abs(om_wide a, uint32_t type, int checked, uint64_t at) {
  return (type & OM_SIGNED) && a.limb[3] >> 63 ? omc_wide_neg(a, type, checked, at) : a;
}
OMC_INLINE om_wide omc_wide_not(om_wide a, uint32_t type) {
  om_wide r;
  om_wide_not(&r, &a, type);
  return r;
}
OMC_INLINE om_wide omc_wide_and(om_wide a, om_wide b) {
  om_wide r;
  om_wide_and(&r, &a, &b);
  return r;
}
OMC_INLINE om_wide omc_wide_or(om_wide a, om_wide b) {
  om_wide r;
  om_wide_or(&r, &a, &b);
  return r;
}
OMC_INLINE om_wide omc_wide_xor(om_wide a, om_wide b) {
  om_wide r;
  om_wide_xor(&r, &a, &b);
  return r;
}
OMC_INLINE om_wide omc_wide_shl(om_wide a, uint64_t by, uint32_t type) {
  om_wide r;
  om_wide_shl(&r, &a, by, type);
  return r;
}
OMC_INLINE om_wide omc_wide_shr(om_wide a, uint64_t by, uint32_t type) {
  om_wide r;
  om_wide_shr(&r, &a, by, type);
  return r;
}
OMC_INLINE int32_t omc_wide_cmp(om_wide a, om_wide b, uint32_t type) { return om_wide_cmp(&a, &b, type); }
OMC_INLINE om_wide omc_wide_min(om_wide a, om_wide b, uint32_t type) { return om_wide_cmp(&b, &a, type) < 0 ? b : a; }
OMC_INLINE om_wide omc_wide_max(om_wide a, om_wide b, uint32_t type) { return om_wide_cmp(&b, &a, type) > 0 ? b : a; }
/* A shift amount or exponent: what is above 64 bits stays larger than every width and of the same parity. */
OMC_INLINE uint64_t omc_wide_amount(om_wide a) {
  return a.limb[1] | a.limb[2] | a.limb[3] ? a.limb[0] | UINT64_C(1) << 63 : a.limb[0];
}
OMC_INLINE om_wide omc_wide_convert(om_wide a, uint32_t from, uint32_t to, int checked, uint64_t at) {
  om_wide r;
  if (OMC_RARELY(om_wide_convert(&r, &a, from, to) && checked)) omc_bad_cast(at);
  return r;
}
OMC_INLINE om_wide omc_wide_from_s64(int64_t v) {
  om_wide r;
  om_wide_from_i64(&r, v);
  return r;
}
OMC_INLINE om_wide omc_wide_from_u64(uint64_t v) {
  om_wide r;
  om_wide_from_u64(&r, v);
  return r;
}
OMC_INLINE om_wide omc_wide_from_f64(double v, uint32_t type, uint64_t at) {
  om_wide r;
  if (OMC_RARELY(om_wide_from_f64(&r, v, type) != 0)) omc_bad_cast(at);
  return r;
}
OMC_INLINE double omc_wide_to_f64(om_wide a, uint32_t type) { return om_wide_to_f64(&a, type); }
OMC_INLINE om_wide omc_wide_load(const void *p, uint32_t type) {
  om_wide r;
  om_wide_load(&r, p, type);
  return r;
}
OMC_INLINE void omc_wide_store(void *p, om_wide v, uint32_t type) { om_wide_store(p, &v, type); }
OMC_INLINE void omc_put(void *place, const void *value, size_t size) { memcpy(place, value, size); }

/* ---- atomics ---- */
OMC_INLINE int32_t omc_threads(int64_t n) { return n > INT32_MAX ? INT32_MAX : (int32_t)n; }
/* kind: 0 add, 1 sub, 2 min, 3 max, 4 and, 5 or, 6 xor; `value` points to an om_wide; defined in main.c */
void omc_atomic(void *place, const om_wide *value, int kind, uint32_t type);
OMC_INLINE void omc_atomic_wide(void *place, om_wide value, int kind, uint32_t type) { omc_atomic(place, &value, kind, type); }
#if defined(__GNUC__) && !defined(__TINYC__)
#define OMC_ATOMIC(name, type)                                                                            \
  OMC_INLINE void name(void *place, type v, int kind) {                                                   \
    type OMC_ALIAS *p = (type OMC_ALIAS *)place;                                                          \
    type old, wanted;                                                                                     \
    switch (kind) {                                                                                       \
      case 0: __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); return;                                         \
      case 1: __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); return;                                         \
      case 4: __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST); return;                                         \
      case 5: __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST); return;                                          \
      case 6: __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST); return;                                         \
      default: break;                                                                                     \
    }                                                                                                     \
    old = __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                           \
    do {                                                                                                  \
      wanted = (kind == 2) == (v < old) ? v : old;                                                        \
    } while (!__atomic_compare_exchange_n(p, &old, wanted, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));       \
  }
OMC_ATOMIC(omc_atomic_u8, uint8_t)
OMC_ATOMIC(omc_atomic_s8, int8_t)
OMC_ATOMIC(omc_atomic_u16, uint16_t)
OMC_ATOMIC(omc_atomic_s16, int16_t)
OMC_ATOMIC(omc_atomic_u32, uint32_t)
OMC_ATOMIC(omc_atomic_s32, int32_t)
OMC_ATOMIC(omc_atomic_u64, uint64_t)
OMC_ATOMIC(omc_atomic_s64, int64_t)
#else
OMC_INLINE void omc_atomic_u64(void *place, uint64_t v, int kind) { omc_atomic_wide(place, omc_wide_from_u64(v), kind, 64u); }
OMC_INLINE void omc_atomic_s64(void *place, int64_t v, int kind) { omc_atomic_wide(place, omc_wide_from_s64(v), kind, 64u | OM_SIGNED); }
OMC_INLINE void omc_atomic_u32(void *place, uint32_t v, int kind) { omc_atomic_wide(place, omc_wide_from_u64(v), kind, 32u); }
OMC_INLINE void omc_atomic_s32(void *place, int32_t v, int kind) { omc_atomic_wide(place, omc_wide_from_s64(v), kind, 32u | OM_SIGNED); }
OMC_INLINE void omc_atomic_u16(void *place, uint16_t v, int kind) { omc_atomic_wide(place, omc_wide_from_u64(v), kind, 16u); }
OMC_INLINE void omc_atomic_s16(void *place, int16_t v, int kind) { omc_atomic_wide(place, omc_wide_from_s64(v), kind, 16u | OM_SIGNED); }
OMC_INLINE void omc_atomic_u8(void *place, uint8_t v, int kind) { omc_atomic_wide(place, omc_wide_from_u64(v), kind, 8u); }
OMC_INLINE void omc_atomic_s8(void *place, int8_t v, int kind) { omc_atomic_wide(place, omc_wide_from_s64(v), kind, 8u | OM_SIGNED); }
#endif

#endif
)c";

const std::string_view atomic_text = R"c(
static om_atomic32 omc_atomic_lock;

void omc_atomic(void *place, const om_wide *value, int kind, uint32_t type) {
  om_wide old_value, wanted;
  while (!om_cas32(&omc_atomic_lock, 0, 1)) { }
  om_wide_load(&old_value, place, type);
  wanted = old_value;
  switch (kind) {
    case 0: om_wide_add(&wanted, &old_value, value, type); break;
    case 1: om_wide_sub(&wanted, &old_value, value, type); break;
    case 2: if (om_wide_cmp(value, &old_value, type) < 0) wanted = *value; break;
    case 3: if (om_wide_cmp(value, &old_value, type) > 0) wanted = *value; break;
    case 4: om_wide_and(&wanted, &old_value, value); break;
    case 5: om_wide_or(&wanted, &old_value, value); break;
    default: om_wide_xor(&wanted, &old_value, value); break;
  }
  om_wide_store(place, &wanted, type);
  om_store32(&omc_atomic_lock, 0);
}
)c";

}  // namespace omega::codegen::c
