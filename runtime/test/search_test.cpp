// SPDX-License-Identifier: Apache-2.0
// What is found in texts, against the C++ library; how long it takes where a plain search takes the product of the lengths.
#include <random>
#include <string_view>

#include "runtime/test/runtime_environment.h"
#include "test/growth/growth.h"

namespace {

int64_t expected(std::string_view string, std::string_view what, int64_t from) {
  const size_t at = string.find(what, static_cast<size_t>(from));
  return at == std::string_view::npos ? -1 : static_cast<int64_t>(at);
}

std::string random_text(std::mt19937& random, size_t size, char letters) {
  std::string all(size, 'a');
  for (char& c : all) {
    c = static_cast<char>('a' + random() % static_cast<unsigned>(letters));
  }
  return all;
}

/// `unit` over and over.
std::string repeated(const std::string& unit, size_t size) {
  std::string all;
  while (all.size() < size) {
    all += unit;
  }
  return all.substr(0, size);
}

void expect_all_found(const std::string& string, const std::string& what) {
  om_array* in = om(string);
  om_array* sought = om(what);
  for (int64_t from = 0; from >= 0 && from <= static_cast<int64_t>(string.size());) {
    const int64_t wanted = expected(string, what, from);
    ASSERT_EQ(om_string_find(in, sought, from), wanted) << string << " / " << what << " from " << from;
    from = wanted < 0 ? -1 : wanted + 1;
  }
}

}  // namespace

TEST(Search, EveryTextOfTwoLetters) {
  for (uint32_t length = 1; length <= 9; ++length) {
    for (uint32_t letters = 0; letters < 1u << length; ++letters) {
      std::string what;
      for (uint32_t i = 0; i < length; ++i) {
        what += (letters >> i & 1) != 0 ? 'b' : 'a';
      }
      // Whatever one letter changes, behind what uses the plain search's patience up.
      const std::string start = repeated(what.substr(0, length - 1) + 'c', 700);
      expect_all_found(start + what + what.substr(1) + what, what);
    }
  }
}

TEST(Search, RandomTexts) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    const char letters = static_cast<char>(1 + random() % 3);
    const std::string unit = random_text(random, 1 + random() % 40, letters);
    std::string string = repeated(unit, 1 + random() % 3000);
    for (uint32_t changes = random() % 6; changes > 0; --changes) {
      string[random() % string.size()] = 'c';
    }
    const size_t begin = random() % string.size();
    std::string what = string.substr(begin, 1 + random() % (string.size() - begin));
    if (random() % 3 == 0) {
      what[random() % what.size()] = 'b';
    }
    expect_all_found(string, what);
    ASSERT_FALSE(HasFatalFailure());
  }
}

TEST(Search, LinearWhateverTheBytes) {
  // Eight times the bytes; a product would take 64 times as long.
  omega::growth::expect_growth_below(24, 200'000, 1'600'000, [](int64_t size) {
    const auto half = static_cast<size_t>(size / 2);
    om_array* same = om(std::string(static_cast<size_t>(size), 'a'));
    om_array* end = om(std::string(half, 'a') + "b");
    om_array* begin = om("b" + std::string(half, 'a'));
    om_array* middle = om(std::string(half / 2, 'a') + "b" + std::string(half / 2, 'a'));
    om_array* nearly = om(repeated("ab", static_cast<size_t>(size)));
    om_array* odd = om(repeated("ab", half) + "bb");
    return omega::growth::seconds_of([&] {
      for (om_array* what : {end, begin, middle, odd}) {
        EXPECT_EQ(om_string_find(same, what, 0), -1);
        EXPECT_EQ(om_string_find(nearly, what, 0), -1);
        EXPECT_EQ(om_string_split(same, what)->len, 1);
        EXPECT_EQ(om_string_replace(same, what, begin)->len, size);
      }
    });
  });
}
