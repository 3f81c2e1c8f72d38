// SPDX-License-Identifier: Apache-2.0
// Integers of up to 256 bits on machines that multiply 64 bits to 64. Source for division: D. E. Knuth, "The Art of Computer Programming", volume 2,
// section 4.3.1, algorithm D, on digits of 32 bits.
#include "runtime/chain/shared.h"

/// Cuts to the type's bits and extends; 1 when that changed the number.
static uint64_t fit(Word* to, uint32_t type) {
  const uint32_t bits = type & (kSignedType - 1);
  if (bits == 256) {
    return 0;
  }
  const uint32_t limb = bits / 64, bit = bits % 64, last = (bits - 1) / 64;
  uint64_t sign = 0, changed = 0;
  if ((type & kSignedType) != 0) {
    sign = 0 - (to->limb[last] >> ((bits - 1) % 64) & 1);
  }
  for (uint32_t i = limb; i < 4; ++i) {
    uint64_t fitting = sign;
    if (i == limb && bit != 0) {
      const uint64_t mask = ((uint64_t)1 << bit) - 1;
      fitting = (to->limb[i] & mask) | (sign & ~mask);
    }
    changed |= fitting ^ to->limb[i];
    to->limb[i] = fitting;
  }
  return changed != 0;
}

INLINE uint64_t add_carry(uint64_t a, uint64_t b, uint64_t* carry) {
  const uint64_t partial = a + b, sum = partial + *carry;
  *carry = (uint64_t)(partial < a) | (uint64_t)(sum < partial);
  return sum;
}

static void negate(Word* to, const Word* a) {
  uint64_t carry = 1;
  for (int i = 0; i < 4; ++i) {
    to->limb[i] = add_carry(~a->limb[i], 0, &carry);
  }
}

/// The number without its sign; 1 when it had one.
INLINE int magnitude(Word* to, const Word* a, uint32_t type) {
  const int is_below = (type & kSignedType) != 0 && is_negative(a);
  if (is_below) {
    negate(to, a);
  } else {
    *to = *a;
  }
  return is_below;
}

/// Both halves of a product.
INLINE uint64_t multiply_whole(uint64_t a, uint64_t b, uint64_t* high) {
  const uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
  const uint64_t low = a0 * b0, first = a1 * b0 + (low >> 32), second = a0 * b1 + (uint32_t)first;
  *high = a1 * b1 + (first >> 32) + (second >> 32);
  return second << 32 | (uint32_t)low;
}

/// The low `count` limbs of a product, 4 or 8; 1 when there are others.
INLINE uint64_t multiply_limbs(uint64_t* product, const Word* a, const Word* b, int count) {
  uint64_t is_more = 0;
  for (int i = 0; i < count; ++i) {
    product[i] = 0;
  }
  for (int i = 0; i < 4; ++i) {
    if (a->limb[i] == 0) {
      continue;
    }
    uint64_t carried = 0;
    for (int j = 0; j < 4; ++j) {
      if (i + j >= count) {
        is_more |= b->limb[j] != 0;
        continue;
      }
      if (b->limb[j] == 0 && carried == 0) {
        continue;
      }
      uint64_t high;
      const uint64_t low = multiply_whole(a->limb[i], b->limb[j], &high) + carried;
      // Machines without carries have them by branches for less.
      if (UNLIKELY(low < carried)) {
        ++high;
      }
      product[i + j] += low;
      if (UNLIKELY(product[i + j] < low)) {
        ++high;
      }
      carried = high;
    }
    if (i + 4 < count) {
      product[i + 4] = carried;
    } else {
      is_more |= carried != 0;
    }
  }
  return is_more;
}

OUTLINE uint64_t chain_multiply(Word* to, const Word* a, const Word* b, uint32_t type) {
  Word x, y, product = {{0, 0, 0, 0}};
  const int is_below = magnitude(&x, a, type) != magnitude(&y, b, type);
  uint64_t is_lost = 0;
  if (fits_64(&x) && fits_64(&y)) {
    product.limb[0] = multiply_whole(x.limb[0], y.limb[0], &product.limb[1]);
  } else {
    is_lost = multiply_limbs(product.limb, &x, &y, 4);
  }
  if ((type & kSignedType) != 0) {
    if (is_below) {
      negate(&product, &product);
    }
    is_lost |= !is_zero(&product) && is_negative(&product) != is_below;
  }
  is_lost |= fit(&product, type);
  *to = product;
  return is_lost;
}

uint64_t chain_multiply_64(uint64_t* to, uint64_t a, uint64_t b, uint32_t type) {
  const uint32_t bits = type & (kSignedType - 1), is_signed = (type & kSignedType) != 0;
  const uint64_t sign_a = is_signed ? 0 - (a >> 63) : 0, sign_b = is_signed ? 0 - (b >> 63) : 0;
  uint64_t high;
  const uint64_t low = multiply_whole((a ^ sign_a) - sign_a, (b ^ sign_b) - sign_b, &high);
  const uint64_t sign = sign_a ^ sign_b, result = (low ^ sign) - sign;
  const uint64_t cut = bits == 64 ? result : is_signed ? (uint64_t)((int64_t)(result << (64 - bits)) >> (64 - bits)) : result & (((uint64_t)1 << bits) - 1);
  *to = cut;
  return high != 0 || cut != result || (is_signed && result != 0 && 0 - (result >> 63) != sign);
}

/// Divides limbs, in place, by a digit; gives what is left.
static uint64_t divide_short(uint64_t* limbs, uint64_t count, uint64_t digit) {
  uint64_t rest = 0;
  for (uint64_t i = count; i-- > 0;) {
    const uint64_t high = rest << 32 | limbs[i] >> 32, quotient = high / digit;
    const uint64_t low = (high - quotient * digit) << 32 | (uint32_t)limbs[i], more = low / digit;
    rest = low - more * digit;
    limbs[i] = quotient << 32 | more;
  }
  return rest;
}

/// u[0..m] -= q * v[0..m-1], where q may be one too much; gives the right q.
static uint64_t subtract_multiple(uint32_t* u, const uint32_t* v, uint64_t m, uint64_t q) {
  uint64_t carry = 0;  // with what is borrowed
  for (uint64_t i = 0; i < m; ++i) {
    carry += q * v[i];
    const uint64_t digit = u[i];
    u[i] = (uint32_t)(digit - carry);
    carry = (carry - digit + 0xffffffff) >> 32;
  }
  const uint64_t top = u[m];
  u[m] = (uint32_t)(top - carry);
  if (carry <= top) {
    return q;
  }
  carry = 0;
  for (uint64_t i = 0; i < m; ++i) {
    carry += (uint64_t)u[i] + v[i];
    u[i] = (uint32_t)carry;
    carry >>= 32;
  }
  u[m] += (uint32_t)carry;
  return q - 1;
}

/// Digits of 32 bits up to the highest that is not 0.
static uint64_t digit_count(const uint64_t* limbs, uint64_t count) {
  while (count > 0 && limbs[count - 1] == 0) {
    --count;
  }
  return count == 0 ? 0 : 2 * count - (limbs[count - 1] >> 32 == 0);
}

/// Of a digit that is not 0.
static uint64_t leading_zeros(uint64_t digit) {
  uint64_t count = 0;
  for (uint64_t step = 16; step != 0; step /= 2) {
    if (digit >> (32 - step) == 0) {
      count += step;
      digit <<= step;
    }
  }
  return count;
}

/// The limbs of a number of `count` digits, moved up, as digits; gives what goes beyond them.
INLINE uint64_t move_up(uint32_t* to, const uint64_t* limbs, uint64_t count, uint64_t shift) {
  uint64_t above = 0;
  for (uint64_t i = 0; 2 * i < count; ++i) {
    const uint64_t moved = limbs[i] << shift | above;
    to[2 * i] = (uint32_t)moved;
    to[2 * i + 1] = (uint32_t)(moved >> 32);
    above = shift == 0 ? 0 : limbs[i] >> (64 - shift);
  }
  return above;
}

/// Divides `count` limbs, at most 8, in place by a number other than 0; what is left to *rest, which may be null. Numbers are as wide as registers, for
/// cutting them to 32 bits takes instructions.
OUTLINE static void divide_limbs(uint64_t* limbs, uint64_t count, const Word* divisor, Word* rest) {
  uint32_t u[17], v[8];
  const uint64_t m = digit_count(divisor->limb, 4), n = digit_count(limbs, count);
  if (rest != NULL) {
    *rest = word_of(0);
  }
  if (n < m) {
    // The divisor has no more than four limbs.
    for (uint64_t i = 0; 2 * i < n; ++i) {
      if (rest != NULL) {
        rest->limb[i] = limbs[i];
      }
      limbs[i] = 0;
    }
    return;
  }
  if (m == 1) {
    const uint64_t left = divide_short(limbs, (n + 1) / 2, divisor->limb[0]);
    if (rest != NULL) {
      rest->limb[0] = left;
    }
    return;
  }
  // So that the divisor's highest bit is set.
  const uint64_t shift = leading_zeros(divisor->limb[(m - 1) / 2] >> ((m - 1) % 2 * 32) & 0xffffffff);
  move_up(v, divisor->limb, m, shift);
  const uint64_t above = move_up(u, limbs, n, shift);
  if (n % 2 == 0) {
    u[n] = (uint32_t)above;
  }
  for (uint64_t i = 0; 2 * i < n; ++i) {
    limbs[i] = 0;
  }
  const uint64_t first = v[m - 1], second = v[m - 2];
  for (uint64_t j = n - m + 1; j-- > 0;) {
    const uint64_t top = (uint64_t)u[j + m] << 32 | u[j + m - 1];
    uint64_t q = top / first, r = top - q * first;
    while (q >> 32 != 0 || q * second > (r << 32 | u[j + m - 2])) {
      --q;
      r += first;
      if (r >> 32 != 0) {
        break;
      }
    }
    if (q != 0) {
      q = subtract_multiple(u + j, v, m, q);
      limbs[j / 2] |= q << (j % 2 * 32);
    }
  }
  if (rest == NULL) {
    return;
  }
  for (uint64_t i = 0; 2 * i < m; ++i) {
    const uint64_t low = (uint64_t)u[2 * i + 1] << 32 | u[2 * i], high = 2 * i + 2 <= m ? u[2 * i + 2] : 0;
    rest->limb[i] = shift == 0 ? low : low >> shift | high << (64 - shift);
  }
}

/// Divides; the quotient to *a, what is left to *rest, which may be null.
INLINE void divide_words(Word* a, const Word* b, Word* rest) {
  if (fits_64(a) && fits_64(b)) {
    const uint64_t quotient = a->limb[0] / checked_divisor(b->limb[0]);
    if (rest != NULL) {
      *rest = word_of(a->limb[0] - quotient * b->limb[0]);
    }
    a->limb[0] = quotient;
  } else {
    divide_limbs(a->limb, 4, b, rest);
  }
}

OUTLINE uint64_t chain_divide(Word* to, const Word* a, const Word* b, uint32_t type) {
  Word x, y;
  const int is_below = magnitude(&x, a, type) != magnitude(&y, b, type);
  divide_words(&x, &y, NULL);
  if (is_below) {
    negate(&x, &x);
  }
  uint64_t is_lost = (type & kSignedType) != 0 && !is_below && is_negative(&x);
  is_lost |= fit(&x, type);
  *to = x;
  return is_lost;
}

OUTLINE uint64_t chain_modulo(Word* to, const Word* a, const Word* b, uint32_t type) {
  Word x, y, rest;
  const int is_below = magnitude(&x, a, type);
  magnitude(&y, b, type);
  divide_words(&x, &y, &rest);
  if (is_below) {
    negate(&rest, &rest);
  }
  *to = rest;
  return 0;
}

int64_t chain_divide_64(int64_t a, int64_t b) {
  const uint64_t sign_a = 0 - ((uint64_t)a >> 63), sign_b = 0 - ((uint64_t)b >> 63), sign = sign_a ^ sign_b;
  const uint64_t quotient = (((uint64_t)a ^ sign_a) - sign_a) / checked_divisor(((uint64_t)b ^ sign_b) - sign_b);
  return (int64_t)((quotient ^ sign) - sign);
}

int64_t chain_modulo_64(int64_t a, int64_t b) {
  const uint64_t sign_a = 0 - ((uint64_t)a >> 63), sign_b = 0 - ((uint64_t)b >> 63);
  const uint64_t rest = (((uint64_t)a ^ sign_a) - sign_a) % checked_divisor(((uint64_t)b ^ sign_b) - sign_b);
  return (int64_t)((rest ^ sign_a) - sign_a);
}

OUTLINE uint64_t chain_power(Word* to, const Word* base, const Word* exponent, uint32_t type) {
  Word square = *base, left = *exponent, result = word_of(1);
  uint64_t is_lost = 0, is_square_lost = 0;
  while (!is_zero(&left)) {
    if ((left.limb[0] & 1) != 0) {
      is_lost |= is_square_lost | chain_multiply(&result, &result, &square, type);
    }
    chain_shift_right(&left, &left, 1, 0);
    if (!is_zero(&left)) {
      is_square_lost |= chain_multiply(&square, &square, &square, type);
    }
  }
  is_lost |= fit(&result, type);
  *to = result;
  return is_lost;
}

OUTLINE void chain_shift_left(Word* to, const Word* a, uint64_t amount, uint32_t unused) {
  (void)unused;
  Word result = word_of(0);
  if (amount < 256) {
    const uint32_t limbs = (uint32_t)amount / 64, bits = (uint32_t)amount % 64;
    for (uint32_t i = 0; i + limbs < 4; ++i) {
      result.limb[i + limbs] |= a->limb[i] << bits;
      if (bits != 0 && i + limbs < 3) {
        result.limb[i + limbs + 1] = a->limb[i] >> (64 - bits);
      }
    }
  }
  *to = result;
}

OUTLINE void chain_shift_right(Word* to, const Word* a, uint64_t amount, uint32_t keeps_sign) {
  const uint64_t fill = keeps_sign && is_negative(a) ? ~(uint64_t)0 : 0;
  Word result = {{fill, fill, fill, fill}};
  if (amount < 256) {
    const uint32_t limbs = (uint32_t)amount / 64, bits = (uint32_t)amount % 64;
    for (uint32_t i = 0; i + limbs < 4; ++i) {
      const uint64_t above = i + limbs < 3 ? a->limb[i + limbs + 1] : fill;
      result.limb[i] = bits == 0 ? a->limb[i + limbs] : a->limb[i + limbs] >> bits | above << (64 - bits);
    }
  }
  *to = result;
}

OUTLINE void chain_add_modulo(Word* to, const Word* a, const Word* b, const Word* modulus) {
  uint64_t sum[5], carry = 0;
  Word rest;
  for (int i = 0; i < 4; ++i) {
    sum[i] = add_carry(a->limb[i], b->limb[i], &carry);
  }
  sum[4] = carry;
  divide_limbs(sum, 5, modulus, &rest);
  *to = rest;
}

OUTLINE void chain_multiply_modulo(Word* to, const Word* a, const Word* b, const Word* modulus) {
  uint64_t product[8];
  Word rest;
  multiply_limbs(product, a, b, 8);
  divide_limbs(product, 8, modulus, &rest);
  *to = rest;
}
