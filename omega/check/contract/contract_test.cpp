// SPDX-License-Identifier: Apache-2.0
// Golden contracts of testdata/ (golden_testing.h): ok_*.sol gives IR that obeys the rules and is that of ok_*.ir, which is written anew with
// OMEGA_UPDATE_GOLDEN=1.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "omega/check/contract/contract_testing.h"
#include "omega/check/golden_testing.h"
#include "omega/ir/text.h"
#include "omega/ir/verify.h"

namespace omega::check {
namespace {

TEST(Contracts, WithoutMistakesGiveTheirIr) {
  const auto paths = golden::programs("ok_");
  ASSERT_FALSE(paths.empty());
  for (const golden::fs::path& path : paths) {
    SCOPED_TRACE(path.string());
    CheckedContracts program(golden::files_of(path));
    EXPECT_EQ(diag::render_terminal(program.sink, program.sources, {}), "");
    EXPECT_FALSE(program.modules.empty());
    std::string text;
    for (const std::shared_ptr<ir::Module>& module : program.modules) {
      EXPECT_EQ(ir::verify(*module), "");
      text += ir::print(*module, &program.names);
    }
    golden::fs::path expected = path;
    expected.replace_extension(".ir");
    if (std::getenv("OMEGA_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(expected, std::ios::binary) << text;
    }
    EXPECT_EQ(text, golden::read(expected));
  }
}

TEST(Contracts, MistakesAreReportedWhereTheyAre) { golden::expect_mistakes_where_they_are<CheckedContracts>(); }

TEST(Contracts, EveryMessageOfThisRoomHasAProgram) {
  static constexpr std::string_view codes[] = {
#define OMEGA_DIAG(name, code, severity, message, explanation) code,
#include "omega/diag/kinds_contract.def"
#undef OMEGA_DIAG
  };
  golden::expect_programs_for(codes);
}

}  // namespace
}  // namespace omega::check
