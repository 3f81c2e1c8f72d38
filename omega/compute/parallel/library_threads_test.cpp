// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/library_threads.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <thread>

namespace omega::compute {
namespace {

// First: others load the library too.
TEST(LibraryThreads, LibrariesThatAreLoadedLaterAreSeen) {
  {
    const OneLibraryThread before;
  }
  void* const gomp = ::dlopen("libgomp.so.1", RTLD_LAZY);
  ASSERT_NE(gomp, nullptr) << ::dlerror();
  const auto threads = reinterpret_cast<int (*)()>(::dlsym(gomp, "omp_get_max_threads"));
  const OneLibraryThread guard;
  EXPECT_EQ(threads(), 1);
}

TEST(LibraryThreads, OpenMpIsFoundWhereItsLibraryIs) {
  void* const gomp = ::dlopen("libgomp.so.1", RTLD_LAZY);
  ASSERT_NE(gomp, nullptr) << ::dlerror();
  EXPECT_TRUE(openmp_available());
}

TEST(LibraryThreads, OneThreadAsLongAsTheGuardLives) {
  void* const gomp = ::dlopen("libgomp.so.1", RTLD_LAZY);
  ASSERT_NE(gomp, nullptr) << ::dlerror();
  const auto threads = reinterpret_cast<int (*)()>(::dlsym(gomp, "omp_get_max_threads"));
  const auto set_threads = reinterpret_cast<void (*)(int)>(::dlsym(gomp, "omp_set_num_threads"));
  set_threads(3);
  {
    const OneLibraryThread outer;
    EXPECT_EQ(threads(), 1);
    {
      const OneLibraryThread inner;
      EXPECT_EQ(threads(), 1);
    }
    EXPECT_EQ(threads(), 1);
    int elsewhere = 0;
    std::thread([&] {
      set_threads(5);
      elsewhere = threads();
    }).join();
    EXPECT_EQ(elsewhere, 5);
  }
  EXPECT_EQ(threads(), 3);
}

}  // namespace
}  // namespace omega::compute
