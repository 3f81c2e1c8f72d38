// SPDX-License-Identifier: Apache-2.0
// What a build made, and how it is told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omega::driver {

/// One artifact.
struct Made {
  std::string artifact;  ///< the file to begin with
  size_t files = 1;
  size_t bytes = 0;  ///< of all files; of a contract, of the code that runs
};

/// What a build made for one target.
struct MadeForTarget {
  std::string target;
  std::vector<Made> made;  ///< in the order of the program; none where the target failed
  bool has_failed = false;
  int64_t nanoseconds = 0;  ///< its own time, of a chain target that of processors: without the front end, which all share
};

struct BuildSummary {
  std::vector<MadeForTarget> targets;
  size_t lines = 0;           ///< of source
  int64_t nanoseconds = 0;    ///< of the whole build
  int64_t one_by_one_ns = 0;  ///< the front end and each target's own time, one after another; 0 where that is not known
};

/// "246 bytes", "31.2 KB", "4.0 MB".
std::string size_text(size_t bytes);

/// For people: a line for each artifact of one target, a table for several. `width`: columns of the terminal, 0 where there is none; what is wider loses the
/// beginning of its artifacts' names.
std::string summary_text(const BuildSummary& summary, unsigned width, bool color);

/// A JSON object a line: one for each artifact, and one for the whole where there are several targets or one failed.
std::string summary_json(const BuildSummary& summary);

}  // namespace omega::driver
