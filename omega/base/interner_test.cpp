// SPDX-License-Identifier: Apache-2.0
// Tests of the interner, alone and from several threads.
#include "omega/base/interner.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace omega::base {
namespace {

TEST(NameInterner, FixedNamesHaveTheirIndices) {
  constexpr std::array<std::string_view, 3> fixed = {"let", "mut", ""};
  NameInterner names(fixed);
  EXPECT_EQ(names.intern("mut").index, 1u);
  EXPECT_EQ(names.intern("").index, 2u);
  EXPECT_EQ(names.intern("x").index, 3u);
  EXPECT_EQ(names.size(), 4u);
  EXPECT_EQ(names.find("y"), NameId::none);
  EXPECT_EQ(names.find("x"), NameId{3});
}

TEST(NameInterner, ManyNamesKeepTheirIdsAndTexts) {
  NameInterner names;
  std::vector<NameId> ids;
  std::vector<const char*> addresses;
  for (int i = 0; i < 50000; ++i) {
    ids.push_back(names.intern("name_" + std::to_string(i * 7919)));
    addresses.push_back(names.text(ids.back()).data());
  }
  for (int i = 0; i < 50000; ++i) {
    const std::string text = "name_" + std::to_string(i * 7919);
    EXPECT_EQ(names.intern(text), ids[i]);
    EXPECT_EQ(names.text(ids[i]), text);
    EXPECT_EQ(names.text(ids[i]).data(), addresses[i]);
  }
  EXPECT_EQ(names.size(), 50000u);
}

TEST(NameInterner, ExpectedNamesChangeNoIds) {
  for (const size_t expected : {0u, 1u, 5000u, 100000u}) {
    NameInterner names;
    for (uint32_t i = 0; i < 20000; ++i) {
      if (i == 100 || i == 10000) {
        names.expect(expected);
      }
      EXPECT_EQ(names.intern("n" + std::to_string(i)).index, i);
    }
    for (uint32_t i = 0; i < 20000; ++i) {
      EXPECT_EQ(names.find("n" + std::to_string(i)).index, i);
    }
  }
}

TEST(NameInterner, PaddedAndPlainAgreeAtEveryLength) {
  NameInterner names;
  for (size_t size = 0; size < 40; ++size) {
    std::string text = std::string(size, 'a') + std::string(16, 'z');
    const NameId id = names.intern(std::string_view(text).substr(0, size));
    EXPECT_EQ(id.index, size);
    EXPECT_EQ(names.intern_padded(text.data(), size), id);
    EXPECT_EQ(names.find(std::string_view(text).substr(0, size)), id);
  }
  // Bytes of zero are bytes like others.
  EXPECT_NE(names.intern(std::string_view("a\0", 2)), names.intern("a"));
}

TEST(NameInterner, ThreadsAgree) {
  constexpr int thread_count = 4;
  constexpr int name_count = 20000;
  NameInterner names;
  std::array<std::vector<NameId>, thread_count> found;
  std::vector<std::thread> threads;
  for (int t = 0; t < thread_count; ++t) {
    threads.emplace_back([&, t] {
      found[t].resize(name_count);
      for (int k = 0; k < name_count; ++k) {
        const int i = t % 2 == 0 ? k : name_count - 1 - k;
        found[t][i] = names.intern("v" + std::to_string(i));
        EXPECT_EQ(names.text(found[t][i]), "v" + std::to_string(i));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (int t = 1; t < thread_count; ++t) {
    EXPECT_EQ(found[t], found[0]);
  }
  EXPECT_EQ(names.size(), static_cast<uint32_t>(name_count));
}

}  // namespace
}  // namespace omega::base
