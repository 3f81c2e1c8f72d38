// SPDX-License-Identifier: Apache-2.0
#include "omega/driver/help_text.h"

#include <gtest/gtest.h>

namespace omega::driver {
namespace {

TEST(HelpText, FitsTheTerminal) {
  const std::string text =
      "Options:\n"
      "  -q,--quiet     Print errors only\n"
      "  --names A,B,C  First words, then some more of them, so that they do not fit\n"
      "\n"
      "  omega build --target native,c --release -o dist hello.omega\n";
  EXPECT_EQ(wrapped(text, 0), text);
  EXPECT_EQ(wrapped(text, 120), text);
  EXPECT_EQ(wrapped(text, 40),
            "Options:\n"
            "  -q,--quiet     Print errors only\n"
            "  --names A,B,C  First words, then some\n"
            "                 more of them, so that\n"
            "                 they do not fit\n"
            "\n"
            "  omega build --target native,c --release -o dist hello.omega\n");
  EXPECT_EQ(wrapped(text, 24),
            "Options:\n"
            "  -q,--quiet\n"
            "      Print errors only\n"
            "  --names A,B,C\n"
            "      First words, then\n"
            "      some more of them,\n"
            "      so that they do\n"
            "      not fit\n"
            "\n"
            "  omega build --target native,c --release -o dist hello.omega\n");
  EXPECT_EQ(wrapped("                    far to the right", 24), "      far to the right");
  EXPECT_EQ(wrapped("          right of it", 4), "      right\n      of\n      it");
  EXPECT_EQ(wrapped("a word_that_is_wider_than_all b", 10), "a\nword_that_is_wider_than_all\nb");
}

}  // namespace
}  // namespace omega::driver
