// SPDX-License-Identifier: Apache-2.0
// Mathematical functions against long double references: within one unit in the last place.
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "runtime/test/runtime_environment.h"

namespace {

double ulps(double ours, long double wanted) {
  const auto rounded = static_cast<double>(wanted);
  if (std::isnan(rounded) || std::isinf(rounded) || std::isnan(ours) || std::isinf(ours)) {
    return (std::isnan(rounded) && std::isnan(ours)) || rounded == ours ? 0 : 1e9;
  }
  int exponent;
  std::frexp(rounded, &exponent);
  const long double unit = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs(static_cast<long double>(ours) - wanted) / unit);
}

using One = double (*)(double);
using OneLong = long double (*)(long double);

void check(const char* name, One ours, OneLong reference, double low, double high, int count = 30000) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(low, high);
  double worst = 0, at = 0;
  for (int i = 0; i < count; ++i) {
    const double x = uniform(random);
    const double e = ulps(ours(x), reference(static_cast<long double>(x)));
    if (e > worst) {
      worst = e;
      at = x;
    }
  }
  testing::Test::RecordProperty(name, std::to_string(worst));
  EXPECT_LT(worst, 1.0) << name << " at " << std::hexfloat << at;
}

}  // namespace

TEST(Math, WithinOneUnit) {
  check("exp", om_exp, std::exp, -745, 709);
  check("exp", om_exp, std::exp, -1, 1);
  check("exp2", om_exp2, std::exp2, -1074, 1023.9);
  check("expm1", om_expm1, std::expm1, -2, 2);
  check("expm1", om_expm1, std::expm1, -40, 700);
  check("log", om_log, std::log, 0, 3);
  check("log", om_log, std::log, 0, 1e300);
  check("log2", om_log2, std::log2, 0, 3);
  check("log2", om_log2, std::log2, 0, 1e300);
  check("log10", om_log10, std::log10, 0, 3);
  check("log10", om_log10, std::log10, 0, 1e300);
  check("log1p", om_log1p, std::log1p, -0.999, 3);
  check("log1p", om_log1p, std::log1p, 0, 1e18);
  check("sin", om_sin, std::sin, -10, 10);
  check("cos", om_cos, std::cos, -10, 10);
  check("tan", om_tan, std::tan, -10, 10);
  check("sin", om_sin, std::sin, -1e6, 1e6);
  check("cos", om_cos, std::cos, -1e6, 1e6);
  check("tan", om_tan, std::tan, -1e6, 1e6);
  check("sin", om_sin, std::sin, 0, 1e300);
  check("cos", om_cos, std::cos, 0, 1e18);
  check("tan", om_tan, std::tan, 0, 1e100);
  check("asin", om_asin, std::asin, -1, 1);
  check("acos", om_acos, std::acos, -1, 1);
  check("atan", om_atan, std::atan, -3, 3);
  check("atan", om_atan, std::atan, -1e6, 1e6);
  check("sinh", om_sinh, std::sinh, -3, 3);
  check("sinh", om_sinh, std::sinh, -710, 710);
  check("cosh", om_cosh, std::cosh, -3, 3);
  check("cosh", om_cosh, std::cosh, -710, 710);
  check("tanh", om_tanh, std::tanh, -3, 3);
  check("tanh", om_tanh, std::tanh, -30, 30);
  check("cbrt", om_cbrt, std::cbrt, -10, 10);
  check("cbrt", om_cbrt, std::cbrt, -1e300, 1e300);
  check("sqrt", om_sqrt, std::sqrt, 0, 1e300);
}

TEST(Math, TwoArguments) {
  std::mt19937_64 random(8);
  std::uniform_real_distribution<double> small(0, 10), wide(-300, 300), sign(-5, 5);
  for (int i = 0; i < 60000; ++i) {
    const double x = small(random), y = wide(random);
    ASSERT_LT(ulps(om_pow(x, y), std::pow(static_cast<long double>(x), static_cast<long double>(y))), 1.0) << x << " " << y;
    const double a = std::ldexp(sign(random), static_cast<int>(random() % 200) - 100), b = std::ldexp(sign(random), static_cast<int>(random() % 200) - 100);
    ASSERT_LT(ulps(om_atan2(a, b), std::atan2(static_cast<long double>(a), static_cast<long double>(b))), 1.0) << a << " " << b;
    ASSERT_LT(ulps(om_hypot(a, b), std::hypot(static_cast<long double>(a), static_cast<long double>(b))), 1.0) << a << " " << b;
    ASSERT_EQ(std::bit_cast<uint64_t>(om_fmod(a, b)), std::bit_cast<uint64_t>(std::fmod(a, b))) << a << " " << b;
  }
}

TEST(Math, RoundingIsExact) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 40000; ++i) {
    const double x = i % 2 ? std::bit_cast<double>(random()) : static_cast<double>(static_cast<int64_t>(random() % 4001) - 2000) / 4;
    if (std::isnan(x)) {
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(om_floor(x)), std::bit_cast<uint64_t>(std::floor(x))) << x;
    ASSERT_EQ(std::bit_cast<uint64_t>(om_ceil(x)), std::bit_cast<uint64_t>(std::ceil(x))) << x;
    ASSERT_EQ(std::bit_cast<uint64_t>(om_trunc(x)), std::bit_cast<uint64_t>(std::trunc(x))) << x;
    ASSERT_EQ(std::bit_cast<uint64_t>(om_round(x)), std::bit_cast<uint64_t>(std::round(x))) << x;
    if (x >= 0) {
      ASSERT_EQ(om_sqrt(x), std::sqrt(x));
    }
    const double y = std::bit_cast<double>(random());
    if (!std::isnan(y)) {
      ASSERT_EQ(std::isnan(om_fmod(x, y)), std::isnan(std::fmod(x, y)));
      if (!std::isnan(std::fmod(x, y))) {
        ASSERT_EQ(std::bit_cast<uint64_t>(om_fmod(x, y)), std::bit_cast<uint64_t>(std::fmod(x, y))) << x << " " << y;
      }
    }
  }
}

TEST(Math, SpecialValuesAsTheCLibrary) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const double values[] = {0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, inf, -inf, nan, 1e308, -1e308, 5e-324, -5e-324, 1e-310, 1e-20, 710.0, -750.0, 1e17, 2.5, -2.5};
  const auto same = [](double a, double b) { return (std::isnan(a) && std::isnan(b)) || (std::isfinite(b) && b != 0 ? ulps(a, static_cast<long double>(b)) <= 1 : std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b)); };
  const std::pair<One, One> ones[] = {{om_exp, std::exp}, {om_exp2, std::exp2}, {om_expm1, std::expm1}, {om_log, std::log}, {om_log2, std::log2}, {om_log10, std::log10},
                                      {om_log1p, std::log1p}, {om_sin, std::sin}, {om_cos, std::cos}, {om_tan, std::tan}, {om_asin, std::asin}, {om_acos, std::acos},
                                      {om_atan, std::atan}, {om_sinh, std::sinh}, {om_cosh, std::cosh}, {om_tanh, std::tanh}, {om_cbrt, std::cbrt}, {om_sqrt, std::sqrt}};
  int which = 0;
  for (const auto& [ours, theirs] : ones) {
    for (const double x : values) {
      EXPECT_TRUE(same(ours(x), theirs(x))) << which << " at " << x << ": " << ours(x) << " wanted " << theirs(x);
    }
    ++which;
  }
  for (const double x : values) {
    for (const double y : values) {
      EXPECT_TRUE(same(om_pow(x, y), std::pow(x, y))) << x << " ^ " << y << ": " << om_pow(x, y);
      EXPECT_TRUE(same(om_atan2(x, y), std::atan2(x, y))) << x << ", " << y << ": " << om_atan2(x, y);
      EXPECT_TRUE(same(om_hypot(x, y), std::hypot(x, y))) << x << ", " << y;
      EXPECT_TRUE(same(om_fmod(x, y), std::fmod(x, y))) << x << ", " << y;
    }
  }
  for (int i = -1074; i < 1024; ++i) {
    ASSERT_EQ(om_log2(std::ldexp(1.0, i)), i);
    ASSERT_EQ(om_pow(2, i), std::ldexp(1.0, i));
    ASSERT_EQ(om_exp2(i), std::ldexp(1.0, i));
  }
  for (int i = 0; i < 23; ++i) {
    ASSERT_EQ(om_log10(std::pow(10.0, i)), i);
    ASSERT_EQ(om_pow(10, i), std::pow(10.0, i));
  }
}
