// SPDX-License-Identifier: Apache-2.0
// Runs the runtime's tests on the hosted runtime.
#include "runtime/test/runtime_environment.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  om_attach_main(argc, argv, nullptr, nullptr);
  const int result = RUN_ALL_TESTS();
  const int ended = om_detach_main();
  return result != 0 ? result : ended;
}
