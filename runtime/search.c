// SPDX-License-Identifier: Apache-2.0
// Where bytes occur in others: a plain search while that goes well, then two-way matching (Crochemore and Perrin, 1991), so any input takes linear time.
#include "internal.h"

/// How many bytes agree before the first that differ, at most `size`.
static int64_t agreeing(const uint8_t *a, const uint8_t *b, int64_t size) {
  enum { STEP = 64 };
  int64_t n = 0;
  while (n < size && n < STEP && a[n] == b[n]) {
    n++;
  }
  if (n < STEP) {
    return n;
  }
  while (n + STEP <= size && memcmp(a + n, b + n, STEP) == 0) {
    n += STEP;
  }
  while (n < size && a[n] == b[n]) {
    n++;
  }
  return n;
}

/// Where the largest suffix begins, by the order of bytes or its opposite, and the suffix's period.
static int64_t largest_suffix(const uint8_t *what, int64_t size, int by_opposite, int64_t *period) {
  int64_t begin = 0, rival = 1, k = 0;
  *period = 1;
  while (rival + k < size) {
    uint8_t here = what[begin + k], there = what[rival + k];
    if (here == there) {
      k++;
      if (k == *period) {
        rival += k;
        k = 0;
      }
    } else if ((there < here) != by_opposite) {
      rival += k + 1;
      k = 0;
      *period = rival - begin;
    } else {
      begin = rival;
      rival = begin + 1;
      k = 0;
      *period = 1;
    }
  }
  return begin;
}

/// Compares what is right of a critical cut first, then what is left of it: a difference right of the cut allows a step up to itself, one left of it a step
/// of the period. Where the text repeats with the period, what such a step has already seen is not looked at again.
static int64_t find_two_way(const uint8_t *text, int64_t from, int64_t size, const uint8_t *what, int64_t length) {
  int64_t period, opposite_period;
  int64_t cut = largest_suffix(what, length, 0, &period), opposite = largest_suffix(what, length, 1, &opposite_period);
  if (opposite > cut) {
    cut = opposite;
    period = opposite_period;
  }
  int repeats = memcmp(what, what + period, (uint64_t)cut) == 0;
  if (!repeats) {
    period = (cut > length - cut ? cut : length - cut) + 1;
  }
  int64_t seen = 0;
  while (from <= size - length) {
    const uint8_t *at = text + from;
    int64_t right = seen > cut ? seen : cut;
    right += agreeing(what + right, at + right, length - right);
    if (right < length) {
      from += right - cut + 1;
      seen = 0;
      continue;
    }
    int64_t left = cut;
    while (left > seen && what[left - 1] == at[left - 1]) {
      left--;
    }
    if (left <= seen) {
      return from;
    }
    from += period;
    seen = repeats ? length - period : 0;
  }
  return -1;
}

int64_t om_find_bytes(const uint8_t *text, int64_t from, int64_t size, const uint8_t *what, int64_t length) {
  if (length == 0) {
    return from <= size ? from : -1;
  }
  if (length == 1) {
    const uint8_t *at = from < size ? memchr(text + from, what[0], (uint64_t)(size - from)) : NULL;
    return at == NULL ? -1 : at - text;
  }
  int64_t in_vain = 0, allowed = 256 - 2 * from;  // bytes compared that led to nothing; how many more than twice those passed may be
  while (from <= size - length) {
    const uint8_t *at = memchr(text + from, what[0], (uint64_t)(size - length - from + 1));
    if (at == NULL) {
      return -1;
    }
    int64_t equal = agreeing(at, what, length);
    if (equal == length) {
      return at - text;
    }
    from = at - text + 1;
    in_vain += equal;
    if (in_vain > 2 * from + allowed) {
      return find_two_way(text, from, size, what, length);
    }
  }
  return -1;
}
