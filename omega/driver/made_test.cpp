// SPDX-License-Identifier: Apache-2.0
// What a build tells of itself.
#include "omega/driver/made.h"

#include <gtest/gtest.h>

#include "omega/driver/progress.h"

namespace omega::driver {
namespace {

BuildSummary three() {
  return {{{"evm", {{"out/evm/Counter.bin", 5, 246}, {"out/evm/Twice.bin", 5, 31200}}, false, 1'200'000},
           {"move", {{"out/move/Counter.mv", 2, 3100}, {"out/move/Twice.mv", 2, 3200}}, false, 2'000'000},
           {"native", {}, true, 0}},
          19,
          4'000'000,
          6'000'000};
}

TEST(Made, OneTargetIsALineForEachArtifact) {
  BuildSummary one = three();
  one.targets.resize(1);
  EXPECT_EQ(summary_text(one, 0, false),
            "out/evm/Counter.bin and 4 more: 246 bytes from 19 lines in 4.0 ms\nout/evm/Twice.bin and 4 more: 31.2 KB from 19 lines in 4.0 ms\n");
  one.lines = 2000;
  one.targets[0].made.resize(1);
  EXPECT_EQ(summary_text(one, 0, false), "out/evm/Counter.bin and 4 more: 246 bytes from 2000 lines in 4.0 ms (500 k lines/s)\n");
}

TEST(Made, SeveralTargetsAreATable) {
  EXPECT_EQ(summary_text(three(), 0, false),
            "target  artifact             size        time\n"
            "evm     out/evm/Counter.bin  246 bytes   1.2 ms\n"
            "        out/evm/Twice.bin    31.2 KB\n"
            "move    out/move/Counter.mv  3100 bytes  2.0 ms\n"
            "        out/move/Twice.mv    3200 bytes\n"
            "native  failed\n"
            "2 of 3 targets from 19 lines in 4.0 ms; one after another 6.0 ms: speed-up 1.50\n");
}

TEST(Made, ANarrowTerminalShowsTheEndsOfNames) {
  const std::string text = summary_text(three(), 40, false);
  EXPECT_NE(text.find("evm     …Counter.bin  246 bytes   1.2 ms"), std::string::npos) << text;
  EXPECT_EQ(summary_text(three(), 200, false), summary_text(three(), 0, false));
}

TEST(Made, ColoursWhatFailed) {
  const std::string text = summary_text(three(), 0, true);
  EXPECT_NE(text.find("\033[1;31mnative  failed\033[0m\n"), std::string::npos) << text;
  EXPECT_EQ(summary_text(three(), 0, false).find('\033'), std::string::npos);
}

TEST(Made, JsonIsAnObjectALine) {
  BuildSummary all = three();
  all.targets.erase(all.targets.begin() + 1);
  all.targets[0].made.resize(1);
  EXPECT_EQ(
      summary_json(all),
      "{\"target\":\"evm\",\"artifact\":\"out/evm/Counter.bin\",\"files\":5,\"bytes\":246,\"lines\":19,\"milliseconds\":4.000,\"target_milliseconds\":1.200}\n"
      "{\"targets\":2,\"failed\":[\"native\"],\"milliseconds\":4.000,\"one_after_another_milliseconds\":6.000}\n");
  all.targets.resize(1);
  EXPECT_EQ(summary_json(all).find("\"targets\""), std::string::npos);
}

TEST(Progress, HasALineForEachTargetOfSeveral) {
  compile::JobStatus job{1,
                         compile::JobState::Running,
                         {{"evm", 3, 3, false, 1'000'000'000}, {"solana", 3, 1, false, 2'300'000'000}, {"move", 3, 0, false, 0}, {"cosmos", 3, 2, true, 1}}};
  EXPECT_EQ(progress_text("contracts", 2.5, job, 0),
            "contracts 2.5 s\n"
            "  evm     done  1.0 s\n"
            "  solana  1 of 3  2.3 s\n"
            "  move    waits\n"
            "  cosmos  failed\n");
  EXPECT_EQ(progress_text("contracts", 2.5, job, 12), "contracts 2\n  evm     d\n  solana  1\n  move    w\n  cosmos  f\n");
  job.targets.resize(1);
  EXPECT_EQ(progress_text("contracts", 2.5, job, 0), "contracts 2.5 s\n");
  EXPECT_EQ(progress_text(nullptr, 0.5, std::nullopt, 0), "start 0.5 s\n");
}

}  // namespace
}  // namespace omega::driver
