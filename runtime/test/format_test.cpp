// SPDX-License-Identifier: Apache-2.0
// Numbers as text and back, against the C and C++ libraries.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <random>

#include "runtime/test/runtime_environment.h"

namespace {

double any_double(std::mt19937_64& random, int i) {
  switch (i % 4) {
    case 0: return std::bit_cast<double>(random());
    case 1: return static_cast<double>(static_cast<int64_t>(random() >> (random() % 64))) / 1000.0;
    case 2: return static_cast<double>(static_cast<int64_t>(random() % 600001) - 1000000) / 64.0;
    default: return std::ldexp(1.0, static_cast<int>(random() % 2098) - 1074);
  }
}

std::string digits_and_exponent(std::string_view scientific) {
  std::string digits;
  const size_t e = scientific.find('e');
  for (const char c : scientific.substr(0, e)) {
    if (c >= '0' && c <= '9') {
      digits += c;
    }
  }
  return digits + std::string(scientific.substr(e));
}

std::string c_format(const char* format, double value) {
  char buffer[2048];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

}  // namespace

TEST(Format, ShortestDoublesReadBackAndAreAsShortAsToChars) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 60000; ++i) {
    const double value = any_double(random, i);
    if (!std::isfinite(value) || value == 0) {
      continue;
    }
    const std::string ours = printed([&] { om_out_f64(value); });
    double back = 0;
    ASSERT_EQ(om_parse_f64(om(ours), &back), 0) << ours;
    ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(value)) << ours;
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    double parsed = 0;
    char other[64];
    std::from_chars(ours.data(), ours.data() + ours.size(), parsed);
    const auto other_end = std::to_chars(other, other + sizeof other, parsed, std::chars_format::scientific).ptr;
    ASSERT_EQ(digits_and_exponent({buffer, end}), digits_and_exponent({other, other_end}));
    std::string bare;
    for (const char c : ours.substr(0, ours.find('e'))) {
      if (c >= '0' && c <= '9' && !(bare.empty() && c == '0')) {
        bare += c;
      }
    }
    while (bare.size() > 1 && bare.back() == '0') {
      bare.pop_back();
    }
    const std::string theirs = digits_and_exponent({buffer, end});
    ASSERT_EQ(bare, theirs.substr(0, theirs.find('e'))) << ours;
  }
}

TEST(Format, ShortestFloatsReadBack) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 60000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (!std::isfinite(value) || value == 0) {
      continue;
    }
    const std::string ours = printed([&] { om_out_f32(value); });
    float back = 0;
    ASSERT_EQ(om_parse_f32(om(ours), &back), 0);
    ASSERT_EQ(std::bit_cast<uint32_t>(back), std::bit_cast<uint32_t>(value)) << ours;
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    const size_t digits = static_cast<size_t>(std::string_view(buffer, static_cast<size_t>(end - buffer)).find('e')) - (value < 0 ? 1u : 0u);
    ASSERT_LE(digits, 11u);
  }
}

TEST(Format, WhereTheExponentFormBegins) {
  const std::pair<double, const char*> cases[] = {
      {3, "3"}, {1.5, "1.5"}, {0.0001, "0.0001"}, {0.00001, "1e-05"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"}, {1.25e22, "1.25e+22"},
      {-0.0, "-0"}, {0.0, "0"}, {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"}, {0.1, "0.1"}, {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"}, {123456789012345680000.0, "123456789012345680000"}, {2.2250738585072014e-308, "2.2250738585072014e-308"}};
  for (const auto& [value, wanted] : cases) {
    EXPECT_EQ(printed([&] { om_out_f64(value); }), wanted);
  }
  EXPECT_EQ(printed([&] { om_out_f32(0.1f); }), "0.1");
  EXPECT_EQ(printed([&] { om_out_f32(16777216.0f); }), "16777216");
}

TEST(Format, FloatConversionsAsTheCLibrary) {
  std::mt19937_64 random(3);
  const char conversions[] = {'f', 'e', 'g', 'E', 'G'};
  for (int i = 0; i < 60000; ++i) {
    const double value = any_double(random, i);
    if (std::isnan(value)) {
      continue;
    }
    const char conv = conversions[random() % 5];
    const unsigned flags = random() % 32;
    const int width = random() % 3 == 0 ? static_cast<int>(random() % 30) : -1;
    const int precision = random() % 4 == 0 ? -1 : static_cast<int>(random() % 25);
    std::string format = "%";
    format += flags & OM_FLAG_LEFT ? "-" : "";
    format += flags & OM_FLAG_PLUS ? "+" : "";
    format += flags & OM_FLAG_SPACE ? " " : "";
    format += flags & OM_FLAG_ALT ? "#" : "";
    format += flags & OM_FLAG_ZERO ? "0" : "";
    format += width >= 0 ? std::to_string(width) : "";
    format += precision >= 0 ? "." + std::to_string(precision) : "";
    format += conv;
    const uint64_t spec = OM_SPEC(conv, flags, width + 1, precision + 1);
    ASSERT_EQ(printed([&] { om_out_spec_f64(spec, value); }), c_format(format.c_str(), value)) << format;
  }
}

TEST(Format, IntegerConversionsAsTheCLibrary) {
  std::mt19937_64 random(4);
  const char conversions[] = {'d', 'u', 'x', 'X', 'o'};
  for (int i = 0; i < 60000; ++i) {
    const uint64_t value = random() >> (random() % 64);
    const char conv = conversions[random() % 5];
    const unsigned flags = random() % 32;
    const int width = random() % 2 == 0 ? static_cast<int>(random() % 30) : -1;
    const int precision = random() % 3 != 0 ? -1 : static_cast<int>(random() % 25);
    std::string format = "%";
    format += flags & OM_FLAG_LEFT ? "-" : "";
    format += flags & OM_FLAG_PLUS && conv == 'd' ? "+" : "";
    format += flags & OM_FLAG_SPACE && conv == 'd' ? " " : "";
    format += flags & OM_FLAG_ZERO ? "0" : "";
    format += width >= 0 ? std::to_string(width) : "";
    format += precision >= 0 ? "." + std::to_string(precision) : "";
    format += conv == 'd' ? "ld" : conv == 'u' ? "lu" : conv == 'x' ? "lx" : conv == 'X' ? "lX" : "lo";
    const unsigned used = conv == 'd' ? flags & ~OM_FLAG_ALT : flags & (OM_FLAG_LEFT | OM_FLAG_ZERO);
    char buffer[256];
    std::snprintf(buffer, sizeof buffer, format.c_str(), value);
    const uint64_t spec = OM_SPEC(conv, used, width + 1, precision + 1);
    ASSERT_EQ(printed([&] { conv == 'd' ? om_out_spec_i64(spec, static_cast<int64_t>(value)) : om_out_spec_u64(spec, value); }), buffer) << format;
  }
  EXPECT_EQ(printed([] { om_out_spec_i64(OM_SPEC('x', OM_FLAG_ALT, 0, 0), -255); }), "-0xff");
  EXPECT_EQ(printed([] { om_out_spec_u64(OM_SPEC('b', OM_FLAG_ALT, 0, 0), 5); }), "0b101");
  EXPECT_EQ(printed([] { om_out_spec_i64(OM_SPEC('c', 0, 0, 0), 0x20ac); }), "\u20ac");
}

TEST(Format, Strings) {
  EXPECT_EQ(printed([] { om_out_spec_str(OM_SPEC('s', 0, 9, 0), om("abc")); }), "     abc");
  EXPECT_EQ(printed([] { om_out_spec_str(OM_SPEC('s', OM_FLAG_LEFT, 6, 3), om("abc")); }), "ab   ");
  EXPECT_EQ(printed([] { om_out_spec_str(OM_SPEC('s', 0, 5, 0), om("\u00e9\u00e9")); }), "  \u00e9\u00e9");
  EXPECT_EQ(printed([] { om_out_spec_str(OM_SPEC('q', 0, 0, 0), om(std::string_view("a\"\\\n\0", 5))); }), "\"a\\\"\\\\\\n\\0\"");
  EXPECT_EQ(printed([] { om_out_spec_bool(OM_SPEC('v', 0, 7, 0), 1); }), "  true");
}

TEST(Format, ReadingRoundsLikeTheCLibrary) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 40000; ++i) {
    std::string number;
    const int digits = static_cast<int>(random() % 25) + 1;
    for (int d = 0; d < digits; ++d) {
      number += static_cast<char>('0' + random() % 10);
    }
    number.insert(random() % (number.size() + 1), ".");
    number += "e" + std::to_string(static_cast<int>(random() % 660) - 340);
    double ours = 0;
    const double theirs = std::strtod(number.c_str(), nullptr);
    const int status = om_parse_f64(om(number), &ours);
    ASSERT_EQ(std::bit_cast<uint64_t>(ours), std::bit_cast<uint64_t>(theirs)) << number;
    ASSERT_EQ(status, std::isinf(theirs) ? 2 : 0);
    float f = 0;
    om_parse_f32(om(number), &f);
    ASSERT_EQ(std::bit_cast<uint32_t>(f), std::bit_cast<uint32_t>(std::strtof(number.c_str(), nullptr))) << number;
  }
  double value = 0;
  for (const char* bad : {"", ".", "e5", "1e", "1x", "--1", "0x10", "1.2.3"}) {
    EXPECT_EQ(om_parse_f64(om(bad), &value), 1) << bad;
  }
  // Halfway between two doubles, and a hair above, with many digits.
  EXPECT_EQ(om_parse_f64(om("9007199254740993"), &value), 0);
  EXPECT_EQ(value, 9007199254740992.0);
  EXPECT_EQ(om_parse_f64(om("9007199254740993." + std::string(900, '0') + "1"), &value), 0);
  EXPECT_EQ(value, 9007199254740994.0);
}
