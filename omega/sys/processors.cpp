// SPDX-License-Identifier: Apache-2.0
#include "omega/sys/processors.h"

namespace omega::sys {

Processors::Processors() {
  CPU_ZERO(&all_);
  // Fails on machines with more processors than the set has bits.
  if (::sched_getaffinity(0, sizeof all_, &all_) == 0) {
    count_ = static_cast<unsigned>(CPU_COUNT(&all_));
  }
}

std::vector<unsigned> Processors::numbers() const {
  std::vector<unsigned> numbers;
  for (unsigned i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &all_)) {
      numbers.push_back(i);
    }
  }
  return numbers;
}

int Processors::keep_off_here(pthread_t thread) const {
  const int here = ::sched_getcpu();
  if (count_ < 2 || here < 0 || !CPU_ISSET(here, &all_)) {
    return -1;
  }
  cpu_set_t others = all_;
  CPU_CLR(here, &others);
  return ::pthread_setaffinity_np(thread, sizeof others, &others) == 0 ? here : -1;
}

void Processors::go_anywhere() const {
  if (count_ > 1) {
    (void)::pthread_setaffinity_np(::pthread_self(), sizeof all_, &all_);
  }
}

}  // namespace omega::sys
