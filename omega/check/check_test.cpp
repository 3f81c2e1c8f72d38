// SPDX-License-Identifier: Apache-2.0
// Golden programs of testdata/ (golden_testing.h): those without mistakes give IR that obeys the rules.
#include <gtest/gtest.h>

#include "omega/check/check_testing.h"
#include "omega/check/golden_testing.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::check {
namespace {

TEST(Golden, ProgramsWithoutMistakesCheckAndVerify) {
  const auto paths = golden::programs("ok_");
  ASSERT_FALSE(paths.empty());
  for (const golden::fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    CheckedProgram program(golden::files_of(path));
    EXPECT_EQ(diag::render_terminal(program.sink, program.sources, {}), "");
    EXPECT_EQ(ir::verify(program.module), "");
  }
}

TEST(Golden, MistakesAreReportedWhereTheyAre) { golden::expect_mistakes_where_they_are<CheckedProgram>(); }

TEST(Golden, EveryMessageOfThisRoomHasAProgram) {
  static constexpr std::string_view codes[] = {
#define OMEGA_DIAG(name, code, severity, message, explanation) code,
#include "omega/diag/kinds_check.def"
#undef OMEGA_DIAG
  };
  golden::expect_programs_for(codes);
}

TEST(Golden, TheSameProgramGivesTheSameIr) {
  for (const golden::fs::path& path : golden::programs("ok_")) {
    CheckedProgram first(golden::files_of(path));
    CheckedProgram second(golden::files_of(path));
    EXPECT_EQ(ir::print(first.module), ir::print(second.module)) << path;
  }
}

}  // namespace
}  // namespace omega::check
