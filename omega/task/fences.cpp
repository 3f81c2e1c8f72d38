// SPDX-License-Identifier: Apache-2.0
// The heavy fence by membarrier(2), private expedited: the kernel interrupts the processors that run threads of this process.
#include "omega/task/fences.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mutex>

#include "omega/base/check.h"

namespace omega::task {
namespace fence_detail {

constinit std::atomic<bool> asymmetric{false};

void heavy_fence_slow() noexcept {
  OMEGA_CHECK(::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0, "membarrier fails after it was registered");
}

}  // namespace fence_detail

void prepare_fences() noexcept {
  static std::once_flag once;
  std::call_once(once, [] {
    if (::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0) {
      fence_detail::asymmetric.store(true, std::memory_order_seq_cst);
    }
  });
}

}  // namespace omega::task
