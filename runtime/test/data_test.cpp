// SPDX-License-Identifier: Apache-2.0
// Arrays, strings, mappings, caches, random numbers.
#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "runtime/test/runtime_environment.h"

namespace {

om_array* numbers(const std::vector<int64_t>& v) {
  om_array* a = om_array_reserve(0, 8, 0);
  for (const int64_t x : v) {
    om_array_push(a, &x);
  }
  return a;
}
std::vector<int64_t> list(const om_array* a) {
  std::vector<int64_t> v(static_cast<size_t>(a->len));
  if (!v.empty()) {
    std::memcpy(v.data(), a->data, v.size() * 8);
  }
  return v;
}
std::vector<std::string> texts(const om_array* a) {
  std::vector<std::string> v;
  for (int64_t i = 0; i < a->len; ++i) {
    om_array* s;
    std::memcpy(&s, a->data + 8 * i, 8);
    v.push_back(text(s));
  }
  return v;
}
using Texts = std::vector<std::string>;
using Numbers = std::vector<int64_t>;

}  // namespace

TEST(Array, GrowsShrinksAndSlices) {
  om_array* a = numbers({1, 2, 3, 4, 5});
  om_array* view = om_array_slice(a, 1, 3, 8);
  EXPECT_EQ(list(view), (Numbers{2, 3}));
  const int64_t nine = 9;
  std::memcpy(view->data, &nine, 8);
  EXPECT_EQ(list(a), (Numbers{1, 9, 3, 4, 5}));
  om_array_push_u64(view, 7);  // moves away from its neighbour
  EXPECT_EQ(list(view), (Numbers{9, 3, 7}));
  EXPECT_EQ(list(a), (Numbers{1, 9, 3, 4, 5}));
  om_array_append(a, a);
  om_array_reverse(a);
  EXPECT_EQ(list(a), (Numbers{5, 4, 3, 9, 1, 5, 4, 3, 9, 1}));
  om_array_insert(a, 0, &nine);
  om_array_remove(a, 1);
  om_array_resize(a, 3);
  EXPECT_EQ(list(a), (Numbers{9, 4, 3}));
  om_array_resize(a, 5);
  EXPECT_EQ(list(a), (Numbers{9, 4, 3, 0, 0}));
  om_array_fill(a, &nine);
  EXPECT_EQ(list(a), (Numbers{9, 9, 9, 9, 9}));
  int64_t popped = 0;
  om_array_pop(a, &popped);
  EXPECT_EQ(popped, 9);
  EXPECT_EQ(om_array_find(a, &nine), 0);
  EXPECT_EQ(list(om_array_concat(a, numbers({1}), 8, 0)), (Numbers{9, 9, 9, 9, 1}));
  EXPECT_EQ(error_of([] { om_array_pop(om_array_new(0, 8, 0), nullptr); }), "pop from an empty array");
  EXPECT_EQ(error_of([a] { om_array_slice(a, 2, 9, 8); }), "slice 2..<9 is outside the length 4");
  EXPECT_EQ(error_of([] { om_array_new(-1, 8, 0); }), "negative length");
  EXPECT_EQ(om_caught_kind(), OM_PANIC_LENGTH);
}

TEST(Array, SharedMemoryIsFound) {
  om_array* a = numbers({1, 2, 3, 4});
  EXPECT_EQ(error_of([a] { om_check_disjoint(om_array_slice(a, 0, 2, 8), om_array_slice(a, 2, 4, 8)); }), "");
  EXPECT_NE(error_of([a] { om_check_disjoint(om_array_slice(a, 0, 3, 8), om_array_slice(a, 2, 4, 8)); }), "");
  om_array* rows = om_array_reserve(4, 8, OM_ARRAY_REFS);
  for (int i = 0; i < 50; ++i) {
    om_array_push_u64(rows, reinterpret_cast<uint64_t>(numbers({i, 2})));
  }
  EXPECT_EQ(error_of([rows] { om_check_rows_disjoint(rows); }), "");
  std::memcpy(rows->data + 8 * 33, rows->data + 8 * 7, 8);
  EXPECT_NE(error_of([rows] { om_check_rows_disjoint(rows); }), "");
}

TEST(Array, SortsStablyByEveryOrder) {
  std::mt19937_64 random(1);
  for (const size_t n : {0u, 1u, 2u, 15u, 16u, 17u, 100u, 1000u, 4097u}) {
    std::vector<int64_t> v(n);
    for (int64_t& x : v) {
      x = static_cast<int64_t>(random() % 200) - 100;
    }
    om_array* a = numbers(v);
    om_array_sort(a, OM_ORDER_I64);
    std::vector<int64_t> wanted = v;
    std::stable_sort(wanted.begin(), wanted.end());
    ASSERT_EQ(list(a), wanted);
    // by the last digit only: equal ones keep their order
    a = numbers(v);
    struct {
      uint8_t (*code)(void*, const void*, const void*);
    } by_digit = {[](void*, const void* x, const void* y) -> uint8_t {
      int64_t p, q;
      std::memcpy(&p, x, 8);
      std::memcpy(&q, y, 8);
      return p % 10 < q % 10;
    }};
    om_array_sort_by(a, &by_digit);
    wanted = v;
    std::stable_sort(wanted.begin(), wanted.end(), [](int64_t x, int64_t y) { return x % 10 < y % 10; });
    ASSERT_EQ(list(a), wanted);
  }
  om_array* words = om_string_words(om("pear apple fig"));
  om_array_sort(words, OM_ORDER_STRING);
  EXPECT_EQ(texts(words), (Texts{"apple", "fig", "pear"}));
}

TEST(String, PartsAndSearch) {
  EXPECT_EQ(texts(om_string_split(om("a,b,,c"), om(","))), (Texts{"a", "b", "", "c"}));
  EXPECT_EQ(texts(om_string_split(om(""), om(","))), (Texts{""}));
  EXPECT_EQ(texts(om_string_split(om("h\u00e9!"), om(""))), (Texts{"h", "\u00e9", "!"}));
  EXPECT_EQ(texts(om_string_words(om("  two\twords\n"))), (Texts{"two", "words"}));
  EXPECT_EQ(texts(om_string_lines(om("a\r\nb\n\nc"))), (Texts{"a", "b", "", "c"}));
  EXPECT_EQ(text(om_string_join(om_string_split(om("a,b,c"), om(",")), om("--"))), "a--b--c");
  EXPECT_EQ(text(om_string_trim(om(" \t x y \n"))), "x y");
  EXPECT_EQ(text(om_string_replace(om("aXbXX"), om("X"), om("yy"))), "ayybyyyy");
  EXPECT_EQ(text(om_string_repeat(om("ab"), 3)), "ababab");
  EXPECT_EQ(text(om_string_upper(om("a\u00e9z"))), "A\u00e9Z");
  EXPECT_EQ(text(om_string_reverse(om("a\u00e9z"))), "z\u00e9a");
  EXPECT_EQ(om_string_find(om("banana"), om("an"), 2), 3);
  EXPECT_EQ(om_string_find(om("banana"), om("x"), 0), -1);
  EXPECT_EQ(om_string_find(om("banana"), om(""), 6), 6);
  EXPECT_EQ(om_string_find(om("banana"), om(""), 7), -1);
  EXPECT_EQ(om_string_find(nullptr, om("a"), 0), -1);
  EXPECT_TRUE(om_string_starts_with(om("banana"), om("ban")) && om_string_ends_with(om("banana"), om("na")) && !om_string_starts_with(om("b"), om("ba")));
  EXPECT_EQ(om_string_compare(om("a"), om("ab")), -1);
  EXPECT_EQ(om_string_compare(om("b"), om("ab")), 1);
  EXPECT_EQ(om_string_compare(nullptr, om("")), 0);
  EXPECT_EQ(text(om_string_slice(om("banana"), 1, 3)), "an");
  EXPECT_NE(error_of([] { om_string_slice(om("x"), 0, 2); }), "");
  EXPECT_EQ(text(om_string_concat(nullptr, om("x"))), "x");
}

TEST(String, BuiltUpTextsShareTheirBytes) {
  const std::string start(300, 's');
  om_array* first = om_string_concat(om(start), om("x"));
  om_array* left = om_string_concat(first, om("left"));
  om_array* right = om_string_concat(first, om("right"));  // the room behind `first` is taken
  om_array* twice = om_string_concat(left, left);
  om_array* of_part = om_string_concat(om_string_slice(left, 1, 290), om("!"));
  om_array* of_view = om_string_concat(om_array_slice(left, 0, left->len, 1), om("?"));
  EXPECT_EQ(text(first), start + "x");
  EXPECT_EQ(text(left), start + "xleft");
  EXPECT_EQ(text(right), start + "xright");
  EXPECT_EQ(text(twice), start + "xleft" + start + "xleft");
  EXPECT_EQ(text(of_part), start.substr(1, 289) + "!");
  EXPECT_EQ(text(of_view), start + "xleft?");
  EXPECT_EQ(left->data, first->data);
  EXPECT_NE(right->data, first->data);
}

TEST(String, BuildingUpCopiesInProportion) {
  om_array* all = om("");
  int copies = 0;
  for (int i = 0; i < 200'000; ++i) {
    om_array* longer = om_string_concat(all, om("x"));
    copies += all->len >= 512 && longer->data != all->data ? 1 : 0;
    all = longer;
  }
  EXPECT_EQ(text(all), std::string(200'000, 'x'));
  EXPECT_LT(copies, 20);
}

TEST(String, CodePointsAndBytes) {
  EXPECT_EQ(om_string_count(om("h\u00e9\u20ac\U0001f600")), 4);
  EXPECT_EQ(text(om_string_from_chars(om_string_chars(om("h\u00e9\u20ac\U0001f600")))), "h\u00e9\u20ac\U0001f600");
  EXPECT_EQ(text(om_string_from_bytes(om("a\xff\xc3"))), "a\uFFFD\uFFFD");
  EXPECT_EQ(text(om_string_from_bytes(om("\xed\xa0\x80"))), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(text(om_string_from_char(0x20ac)), "\u20ac");
  int64_t v = 0;
  EXPECT_EQ(om_parse_int(om(" -12 "), OM_INT(64, 1), &v), 0);
  EXPECT_EQ(v, -12);
  EXPECT_EQ(om_parse_int(om("256"), OM_INT(8, 0), &v), 2);
  EXPECT_EQ(om_parse_int(om("9223372036854775808"), OM_INT(64, 1), &v), 2);
  EXPECT_EQ(om_parse_int(om("-9223372036854775808"), OM_INT(64, 1), &v), 0);
  EXPECT_EQ(v, INT64_MIN);
  EXPECT_EQ(om_parse_int(om("1 2"), OM_INT(64, 1), &v), 1);
}

TEST(Map, BehavesAsAModel) {
  std::mt19937_64 random(3);
  om_map* m = om_map_new(OM_KEY_SCALAR, 8, 8, 0);
  std::map<int64_t, int64_t> model;
  for (int i = 0; i < 200000; ++i) {
    const auto key = static_cast<int64_t>(random() % 5000);
    const auto value = static_cast<int64_t>(random());
    if (random() % 3 == 0) {
      ASSERT_EQ(om_map_delete(m, &key), static_cast<int>(model.erase(key)));
    } else {
      om_map_set(m, &key, &value);
      model[key] = value;
    }
    ASSERT_EQ(om_map_length(m), static_cast<int64_t>(model.size()));
  }
  for (int64_t key = 0; key < 5000; ++key) {
    const void* found = om_map_find(m, &key);
    ASSERT_EQ(found != nullptr, model.count(key) == 1);
    if (found != nullptr) {
      int64_t value;
      std::memcpy(&value, found, 8);
      ASSERT_EQ(value, model[key]);
    }
  }
  om_map* copy = om_map_copy(m);
  EXPECT_EQ(list(om_map_keys(copy)), list(om_map_keys(m)));
  om_map_clear(m);
  EXPECT_EQ(om_map_length(m), 0);
  EXPECT_EQ(om_map_length(copy), static_cast<int64_t>(model.size()));
}

TEST(Map, KeepsInsertionOrder) {
  om_map* m = om_map_new(OM_KEY_STRING, 8, 8, 0);
  for (const char* word : {"one", "two", "three", "two", "four"}) {
    om_array* key = om(word);
    ++*static_cast<int64_t*>(om_map_slot(m, &key));
  }
  om_array* gone = om("one");
  EXPECT_EQ(om_map_delete(m, &gone), 1);
  om_map_slot(m, &gone);
  EXPECT_EQ(texts(om_map_keys(m)), (Texts{"two", "three", "four", "one"}));
  EXPECT_EQ(list(om_map_values(m)), (Numbers{2, 1, 1, 0}));
  om_map* floats = om_map_new(OM_KEY_F64, 8, 8, 0);
  const double plus = 0.0, minus = -0.0;
  om_map_slot(floats, &plus);
  EXPECT_NE(om_map_find(floats, &minus), nullptr);
  const int64_t absent = 4;
  EXPECT_EQ(*static_cast<const int64_t*>(om_map_get(nullptr, &absent, 8)), 0);
}

TEST(Cache, ForgetsByTimeAndCount) {
  om_cache* c = om_cache_new(OM_KEY_SCALAR, 8, 8, 0, 0, 2);
  int64_t value = 0;
  for (int64_t key = 1; key <= 3; ++key) {
    const int64_t square = key * key;
    om_cache_put(c, &key, &square);
  }
  const int64_t one = 1, three = 3;
  EXPECT_EQ(om_cache_get(c, &one, &value), 0);
  EXPECT_EQ(om_cache_get(c, &three, &value), 1);
  EXPECT_EQ(value, 9);
  om_cache* brief = om_cache_new(OM_KEY_SCALAR, 8, 8, 0, 20000000, 0);
  om_cache_put(brief, &one, &three);
  EXPECT_EQ(om_cache_get(brief, &one, &value), 1);
  om_sleep(25000000);
  EXPECT_EQ(om_cache_get(brief, &one, &value), 0);
}

TEST(Random, IsTheKnownSequence) {
  uint64_t state[4];
  om_random_seed(state, 42);
  // xoshiro256** with splitmix64(42)
  EXPECT_EQ(om_random_next(state), 1546998764402558742ull);
  for (int i = 0; i < 100000; ++i) {
    const double f = om_random_float(state);
    ASSERT_TRUE(f >= 0 && f < 1);
    const int64_t r = om_random_range(state, -3, 4);
    ASSERT_TRUE(r >= -3 && r < 4);
  }
  EXPECT_NE(error_of([&] { om_random_range(state, 1, 1); }), "");
}
