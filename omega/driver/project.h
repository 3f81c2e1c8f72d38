// SPDX-License-Identifier: Apache-2.0
// Projects: a folder with an omega.toml that says what to build.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "omega/base/result.h"
#include "omega/diag/diagnostic.h"
#include "omega/source/source_set.h"
#include "omega/sys/files.h"

namespace omega::driver {

/// What a command works on.
struct Project {
  std::string name;                  ///< of what is made
  std::string main;                  ///< path of the program's first file
  std::vector<std::string> targets;  ///< empty: native
  std::string folder;                ///< where omega.toml lies, where out/ goes; empty for a single file
};

/// Finds the project that `path` names: a source file is its own project, a folder or an omega.toml is read. An empty path means the
/// omega.toml of this folder or the nearest one above. Nothing when mistakes in omega.toml were reported.
base::Result<std::optional<Project>> find_project(const std::string& path, sys::FileSystem& files, source::SourceSet& texts, diag::Sink& sink);

}  // namespace omega::driver
