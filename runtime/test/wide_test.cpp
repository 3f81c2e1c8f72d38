// SPDX-License-Identifier: Apache-2.0
// Wide integers against __int128 and against schoolbook arithmetic on bits.
#include <random>
#include <vector>

#include "runtime/test/runtime_environment.h"

namespace {

__extension__ using i128 = __int128;
__extension__ using u128 = unsigned __int128;

om_wide from(u128 v, bool negative) {
  const uint64_t fill = negative ? ~uint64_t{0} : 0;
  return {{static_cast<uint64_t>(v), static_cast<uint64_t>(v >> 64), fill, fill}};
}
om_wide from_signed(i128 v) { return from(static_cast<u128>(v), v < 0); }
u128 low(const om_wide& w) { return static_cast<u128>(w.limb[1]) << 64 | w.limb[0]; }

i128 random_128(std::mt19937_64& random) {
  u128 v = static_cast<u128>(random()) << 64 | random();
  v >>= random() % 128;
  return random() % 2 ? static_cast<i128>(v) : -static_cast<i128>(v);
}

std::string decimal(const om_wide& w, uint32_t type) {
  return printed([&] { om_out_wide(&w, type); });
}
om_wide parse(const std::string& s, uint32_t type) {
  om_wide w;
  EXPECT_EQ(om_wide_parse(&w, om(s), type), 0u) << s;
  return w;
}

constexpr uint32_t kI128 = OM_INT(128, 1), kU128 = OM_INT(128, 0), kI256 = OM_INT(256, 1), kU256 = OM_INT(256, 0);

}  // namespace

TEST(Wide, SignedOf128Bits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 60000; ++i) {
    const i128 a = random_128(random), b = random_128(random);
    const om_wide x = from_signed(a), y = from_signed(b);
    om_wide r;
    i128 wanted;
    bool over = __builtin_add_overflow(a, b, &wanted);
    ASSERT_EQ(om_wide_add(&r, &x, &y, kI128), over ? 1u : 0u);
    ASSERT_TRUE(low(r) == static_cast<u128>(wanted) && r.limb[3] == (wanted < 0 ? ~uint64_t{0} : 0));
    over = __builtin_sub_overflow(a, b, &wanted);
    ASSERT_EQ(om_wide_sub(&r, &x, &y, kI128), over ? 1u : 0u);
    ASSERT_TRUE(low(r) == static_cast<u128>(wanted));
    over = __builtin_mul_overflow(a, b, &wanted);
    ASSERT_EQ(om_wide_mul(&r, &x, &y, kI128), over ? 1u : 0u);
    ASSERT_TRUE(low(r) == static_cast<u128>(wanted));
    ASSERT_EQ(om_wide_cmp(&x, &y, kI128), a < b ? -1 : a > b ? 1 : 0);
    if (b != 0 && !(b == -1 && static_cast<u128>(a) == static_cast<u128>(1) << 127)) {
      ASSERT_EQ(om_wide_div(&r, &x, &y, kI128), 0u);
      ASSERT_TRUE(low(r) == static_cast<u128>(a / b));
      ASSERT_EQ(om_wide_mod(&r, &x, &y, kI128), 0u);
      ASSERT_TRUE(low(r) == static_cast<u128>(a % b));
    }
    const unsigned by = random() % 140;
    om_wide_shr(&r, &x, by, kI128);
    ASSERT_TRUE(low(r) == static_cast<u128>(by >= 128 ? (a < 0 ? -1 : 0) : a >> by));
    om_wide_shl(&r, &x, by, kI128);
    ASSERT_TRUE(low(r) == (by >= 128 ? 0 : static_cast<u128>(a) << by));
  }
}

TEST(Wide, UnsignedOf128Bits) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 40000; ++i) {
    const u128 a = static_cast<u128>(random_128(random)), b = static_cast<u128>(random_128(random));
    const om_wide x = from(a, false), y = from(b, false);
    om_wide r;
    u128 wanted;
    bool over = __builtin_add_overflow(a, b, &wanted);
    ASSERT_EQ(om_wide_add(&r, &x, &y, kU128), over ? 1u : 0u);
    ASSERT_TRUE(low(r) == wanted && r.limb[2] == 0);
    over = __builtin_sub_overflow(a, b, &wanted);
    ASSERT_EQ(om_wide_sub(&r, &x, &y, kU128), over ? 1u : 0u);
    ASSERT_TRUE(low(r) == wanted && r.limb[2] == 0 && r.limb[3] == 0);
    over = __builtin_mul_overflow(a, b, &wanted);
    ASSERT_EQ(om_wide_mul(&r, &x, &y, kU128), over ? 1u : 0u);
    ASSERT_TRUE(low(r) == wanted);
    if (b != 0) {
      om_wide_div(&r, &x, &y, kU128);
      ASSERT_TRUE(low(r) == a / b);
      om_wide_mod(&r, &x, &y, kU128);
      ASSERT_TRUE(low(r) == a % b);
    }
  }
}

TEST(Wide, DivisionOf256BitsTurnsBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 60000; ++i) {
    om_wide a, b, q, r, back;
    // Half of them of extreme digits, which lead division into its rare corrections.
    const auto limb_of = [&random, i] {
      static const uint64_t extreme[] = {0, 1, ~uint64_t{0}, uint64_t{1} << 63, 0xffffffff00000000u, 0xffffffffu, 0x8000000000000001u, 0x7fffffff80000000u};
      return i % 2 ? random() : extreme[random() % 8];
    };
    for (uint64_t& limb : a.limb) {
      limb = limb_of();
    }
    for (uint64_t& limb : b.limb) {
      limb = limb_of();
    }
    om_wide_shr(&a, &a, random() % 250, kU256);
    om_wide_shr(&b, &b, random() % 250, kU256);
    if ((b.limb[0] | b.limb[1] | b.limb[2] | b.limb[3]) == 0) {
      continue;
    }
    ASSERT_EQ(om_wide_div(&q, &a, &b, kU256), 0u);
    ASSERT_EQ(om_wide_mod(&r, &a, &b, kU256), 0u);
    ASSERT_EQ(om_wide_cmp(&r, &b, kU256), -1);
    ASSERT_EQ(om_wide_mul(&back, &q, &b, kU256), 0u);
    ASSERT_EQ(om_wide_add(&back, &back, &r, kU256), 0u);
    ASSERT_EQ(om_wide_cmp(&back, &a, kU256), 0);
    const std::string s = decimal(a, kU256);
    const om_wide parsed = parse(s, kU256);
    ASSERT_EQ(om_wide_cmp(&parsed, &a, kU256), 0) << s;
    // mulmod against the remainder of parts
    om_wide m, one;
    om_wide_from_u64(&one, 1);
    ASSERT_EQ(om_wide_mulmod(&m, &a, &one, &b), 0u);
    ASSERT_EQ(om_wide_cmp(&m, &r, kU256), 0);
  }
}

TEST(Wide, Edges) {
  const std::string max_u = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
  const std::string min_i = "-57896044618658097711785492504343953926634992332820282019728792003956564819968";
  om_wide r, one, minus;
  om_wide_from_u64(&one, 1);
  om_wide_from_i64(&minus, -1);
  const om_wide top = parse(max_u, kU256), bottom = parse(min_i, kI256);
  EXPECT_EQ(decimal(top, kU256), max_u);
  EXPECT_EQ(decimal(bottom, kI256), min_i);
  EXPECT_EQ(om_wide_add(&r, &top, &one, kU256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_sub(&r, &bottom, &one, kI256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_div(&r, &bottom, &minus, kI256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_neg(&r, &bottom, kI256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_mul(&r, &bottom, &minus, kI256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_mul(&r, &bottom, &one, kI256), 0u);
  EXPECT_EQ(om_wide_parse(&r, om(max_u + "0"), kU256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_parse(&r, om("-1"), kU256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_parse(&r, om("0xfF"), kU256), 0u);
  EXPECT_EQ(r.limb[0], 255u);
  EXPECT_EQ(om_wide_parse(&r, om("12a"), kU256), 4u);
  om_wide zero;
  om_wide_from_u64(&zero, 0);
  EXPECT_EQ(om_wide_div(&r, &one, &zero, kU256), OM_WIDE_ZERO);
  om_wide ten, e;
  om_wide_from_u64(&ten, 10);
  om_wide_from_u64(&e, 77);
  EXPECT_EQ(om_wide_pow(&r, &ten, &e, kU256), 0u);
  EXPECT_EQ(decimal(r, kU256), "1" + std::string(77, '0'));
  om_wide_from_u64(&e, 78);
  EXPECT_EQ(om_wide_pow(&r, &ten, &e, kU256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_convert(&r, &minus, kI256, kU256), OM_WIDE_OVERFLOW);
  EXPECT_EQ(om_wide_convert(&r, &top, kU256, OM_INT(8, 0)), OM_WIDE_OVERFLOW);
  EXPECT_EQ(r.limb[0], 255u);
  EXPECT_EQ(om_wide_to_f64(&top, kU256), 0x1p256);
  EXPECT_EQ(om_wide_from_f64(&r, -0x1p255, kI256), 0u);
  EXPECT_EQ(om_wide_cmp(&r, &bottom, kI256), 0);
  EXPECT_EQ(om_wide_from_f64(&r, 0x1p255, kI256), OM_WIDE_OVERFLOW);
}

TEST(Wide, NarrowPowersAndConversions) {
  EXPECT_EQ(om_pow_checked(-2, 63, OM_INT(64, 1)), INT64_MIN);
  EXPECT_EQ(error_of([] { om_pow_checked(2, 63, OM_INT(64, 1)); }), "arithmetic overflow");
  EXPECT_EQ(om_pow_checked(0, 0, OM_INT(64, 0)), 1);
  EXPECT_EQ(om_f64_to_int(-1.9, OM_INT(64, 1)), -1);
  EXPECT_NE(error_of([] { om_f64_to_int(256, OM_INT(8, 0)); }), "");
  EXPECT_NE(error_of([] { om_f64_to_int(__builtin_nan(""), OM_INT(8, 0)); }), "");
  std::mt19937_64 random(9);
  for (int i = 0; i < 50000; ++i) {
    const auto v = static_cast<int64_t>(random() >> (random() % 64));
    om_wide w;
    om_wide_from_i64(&w, v);
    ASSERT_EQ(om_wide_to_f64(&w, OM_INT(64, 1)), static_cast<double>(v));
  }
}
