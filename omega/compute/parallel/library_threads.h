// SPDX-License-Identifier: Apache-2.0
// Threads that libraries make behind callbacks: OpenMP's and OpenBLAS's.
#pragma once

#include <string>
#include <vector>

namespace omega::compute {

/// Whether a library that implements OpenMP (GNU's, LLVM's or Intel's) is loaded or can be. Loads it to see. Any thread.
bool openmp_available();
/// Files of the loaded libraries that have threads of their own by OpenMP, or are OpenBLAS or MKL.
std::vector<std::string> threaded_libraries();

/// As long as one lives, parallel regions of OpenMP that the thread which made it enters, and loops of OpenBLAS and MKL in the whole process, have one thread.
/// The last one to end gives OpenBLAS and MKL back what they had. Must end on its thread.
class OneLibraryThread {
 public:
  OneLibraryThread();
  ~OneLibraryThread();
  OneLibraryThread(const OneLibraryThread&) = delete;
  OneLibraryThread& operator=(const OneLibraryThread&) = delete;

 private:
  std::vector<int> openmp_threads_;  ///< before, by library
};

}  // namespace omega::compute
