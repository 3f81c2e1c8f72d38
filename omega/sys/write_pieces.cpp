// SPDX-License-Identifier: Apache-2.0
// As few system calls as the limits on their size allow.
#include "omega/sys/write_pieces.h"

#include <limits.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace omega::sys {

int write_pieces(int descriptor, std::span<const std::span<const uint8_t>> pieces) {
  std::array<iovec, IOV_MAX> vectors;
  size_t done = 0;  // bytes of the first piece that are written
  while (!pieces.empty()) {
    const size_t count = std::min(pieces.size(), vectors.size());
    for (size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<uint8_t*>(pieces[i].data()), pieces[i].size()};
    }
    vectors[0].iov_base = const_cast<uint8_t*>(pieces[0].data() + done);
    vectors[0].iov_len -= done;
    const ssize_t got = ::writev(descriptor, vectors.data(), static_cast<int>(count));
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    done += static_cast<size_t>(got);
    while (!pieces.empty() && done >= pieces[0].size()) {
      done -= pieces[0].size();
      pieces = pieces.subspan(1);
    }
  }
  return 0;
}

}  // namespace omega::sys
