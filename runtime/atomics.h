// SPDX-License-Identifier: Apache-2.0
// Atomic operations and small compiler differences: GCC and clang builtins, inline assembly for tcc.
#ifndef OMEGA_RUNTIME_ATOMICS_H
#define OMEGA_RUNTIME_ATOMICS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__TINYC__)
#define OM_LIKELY(x) (x)
#define OM_UNLIKELY(x) (x)
#define OM_NOINLINE
#define OM_COLD
#define OM_UNUSED
#define OM_NO_SANITIZE
#define OM_INLINE static inline
#else
#define OM_LIKELY(x) __builtin_expect(!!(x), 1)
#define OM_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define OM_NOINLINE __attribute__((noinline))
#define OM_COLD __attribute__((cold, noinline))
#define OM_UNUSED __attribute__((unused))
#define OM_NO_SANITIZE __attribute__((no_sanitize("address", "thread", "undefined"), noinline))
#define OM_INLINE static inline __attribute__((unused))
#endif

// Large arrays go behind everything else, so that what a short program touches lies on few pages.
#if defined(OMEGA_FREESTANDING)
#define OM_LARGE __attribute__((section(".bss.large")))
#else
#define OM_LARGE
#endif

// Stress builds (runtime/test): any atomic operation may let other threads go first, and collections come at any allocation of a run.
#if defined(OM_STRESS)
void om_stress_point(void);
int om_stress_collects(void);
#else
#define om_stress_point() ((void)0)
#define om_stress_collects() 0
#endif

typedef volatile int32_t om_atomic32;
typedef volatile int64_t om_atomic64;
typedef volatile uint64_t om_atomic_u64;

#if defined(__TINYC__)
// x86-64 only. Plain loads and stores of aligned words are acquire and release there; tcc does not reorder volatile accesses.
OM_INLINE int32_t om_load32(const om_atomic32 *p) { return *p; }
OM_INLINE void om_store32(om_atomic32 *p, int32_t v) { *p = v; }
OM_INLINE int64_t om_load64(const om_atomic64 *p) { return *p; }
OM_INLINE void om_store64(om_atomic64 *p, int64_t v) { *p = v; }
OM_INLINE uint64_t om_load_u64(const om_atomic_u64 *p) { return *p; }
OM_INLINE void om_store_u64(om_atomic_u64 *p, uint64_t v) { *p = v; }
OM_INLINE int32_t om_add32(om_atomic32 *p, int32_t v) {
  __asm__ __volatile__("lock; xaddl %0,%1" : "+r"(v), "+m"(*p) : : "memory");
  return v;
}
OM_INLINE int64_t om_add64(om_atomic64 *p, int64_t v) {
  __asm__ __volatile__("lock; xaddq %0,%1" : "+r"(v), "+m"(*p) : : "memory");
  return v;
}
OM_INLINE int32_t om_swap32(om_atomic32 *p, int32_t v) {
  __asm__ __volatile__("xchgl %0,%1" : "+r"(v), "+m"(*p) : : "memory");
  return v;
}
OM_INLINE int om_cas32(om_atomic32 *p, int32_t expected, int32_t desired) {
  int32_t old = expected;
  __asm__ __volatile__("lock; cmpxchgl %2,%1" : "+a"(old), "+m"(*p) : "r"(desired) : "memory");
  return old == expected;
}
OM_INLINE int om_cas_u64(om_atomic_u64 *p, uint64_t *expected, uint64_t desired) {
  uint64_t old = *expected, before = *expected;
  __asm__ __volatile__("lock; cmpxchgq %2,%1" : "+a"(old), "+m"(*p) : "r"(desired) : "memory");
  *expected = old;
  return old == before;
}
OM_INLINE void om_fence(void) { __asm__ __volatile__("mfence" : : : "memory"); }
OM_INLINE void om_compiler_fence(void) { __asm__ __volatile__("" : : : "memory"); }
#else
OM_INLINE int32_t om_load32(const om_atomic32 *p) {
  om_stress_point();
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
OM_INLINE void om_store32(om_atomic32 *p, int32_t v) {
  om_stress_point();
  __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
OM_INLINE int64_t om_load64(const om_atomic64 *p) {
  om_stress_point();
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
OM_INLINE void om_store64(om_atomic64 *p, int64_t v) {
  om_stress_point();
  __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
OM_INLINE uint64_t om_load_u64(const om_atomic_u64 *p) {
  om_stress_point();
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
OM_INLINE void om_store_u64(om_atomic_u64 *p, uint64_t v) {
  om_stress_point();
  __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
OM_INLINE int32_t om_add32(om_atomic32 *p, int32_t v) {
  om_stress_point();
  return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);
}
OM_INLINE int64_t om_add64(om_atomic64 *p, int64_t v) {
  om_stress_point();
  return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);
}
OM_INLINE int32_t om_swap32(om_atomic32 *p, int32_t v) {
  om_stress_point();
  return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);
}
OM_INLINE int om_cas32(om_atomic32 *p, int32_t expected, int32_t desired) {
  om_stress_point();
  return __atomic_compare_exchange_n(p, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
}
OM_INLINE int om_cas_u64(om_atomic_u64 *p, uint64_t *expected, uint64_t desired) {
  om_stress_point();
  return __atomic_compare_exchange_n(p, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
}
OM_INLINE void om_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
OM_INLINE void om_compiler_fence(void) { __asm__ __volatile__("" : : : "memory"); }
#endif

#if defined(__x86_64__)
OM_INLINE void om_pause(void) { __asm__ __volatile__("rep; nop" : : : "memory"); }
#else
OM_INLINE void om_pause(void) { om_compiler_fence(); }
#endif

/// 64 x 64 -> 128 bits: the low half; the high half to `*high`.
OM_INLINE uint64_t om_mul_wide(uint64_t a, uint64_t b, uint64_t *high) {
#if defined(__SIZEOF_INT128__)
  unsigned __int128 p = (unsigned __int128)a * b;
  *high = (uint64_t)(p >> 64);
  return (uint64_t)p;
#else
  uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
  uint64_t ll = al * bl, lh = al * bh, hl = ah * bl, hh = ah * bh;
  uint64_t mid = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;
  *high = hh + (lh >> 32) + (hl >> 32) + (mid >> 32);
  return (mid << 32) | (uint32_t)ll;
#endif
}

/// Zero bits above the highest one / below the lowest one; `v` is not 0.
OM_INLINE int om_clz64(uint64_t v) {
#if defined(__TINYC__)
  int n = 0;
  if (!(v >> 32)) { n += 32; v <<= 32; }
  if (!(v >> 48)) { n += 16; v <<= 16; }
  if (!(v >> 56)) { n += 8; v <<= 8; }
  if (!(v >> 60)) { n += 4; v <<= 4; }
  if (!(v >> 62)) { n += 2; v <<= 2; }
  return n + !(v >> 63);
#else
  return __builtin_clzll(v);
#endif
}
OM_INLINE int om_ctz64(uint64_t v) {
#if defined(__TINYC__)
  return 63 - om_clz64(v & (0 - v));
#else
  return __builtin_ctzll(v);
#endif
}
OM_INLINE int om_popcount64(uint64_t v) {
  v = v - ((v >> 1) & 0x5555555555555555ull);
  v = (v & 0x3333333333333333ull) + ((v >> 2) & 0x3333333333333333ull);
  v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0full;
  return (int)((v * 0x0101010101010101ull) >> 56);
}

OM_INLINE uint64_t om_f64_bits(double v) {
  union { double d; uint64_t u; } x;
  x.d = v;
  return x.u;
}
OM_INLINE double om_bits_f64(uint64_t v) {
  union { double d; uint64_t u; } x;
  x.u = v;
  return x.d;
}
OM_INLINE uint32_t om_f32_bits(float v) {
  union { float d; uint32_t u; } x;
  x.d = v;
  return x.u;
}

#endif
