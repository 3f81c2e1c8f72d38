// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/evm/word.h"

#include <algorithm>
#include <bit>

#include "omega/base/hash.h"

namespace omega::codegen::evm {

__extension__ using Wide = unsigned __int128;

Word Word::from_bytes(const uint8_t* bytes, size_t count) {
  Word word;
  for (size_t i = 0; i < count; ++i) {
    const size_t place = count - 1 - i;
    word.limbs[place / 8] |= static_cast<uint64_t>(bytes[i]) << (place % 8 * 8);
  }
  return word;
}

Word Word::ones(uint32_t bits) {
  Word word;
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t here = bits > i * 64 ? std::min(bits - i * 64, 64u) : 0;
    word.limbs[i] = here == 64 ? ~uint64_t{0} : (uint64_t{1} << here) - 1;
  }
  return word;
}

uint32_t Word::bit_length() const {
  for (uint32_t i = 4; i-- > 0;) {
    if (limbs[i] != 0) {
      return i * 64 + 64 - static_cast<uint32_t>(std::countl_zero(limbs[i]));
    }
  }
  return 0;
}

uint32_t Word::trailing_zeros() const {
  for (uint32_t i = 0; i < 4; ++i) {
    if (limbs[i] != 0) {
      return i * 64 + static_cast<uint32_t>(std::countr_zero(limbs[i]));
    }
  }
  return 256;
}

std::string Word::decimal() const {
  std::string digits;
  Word rest = *this;
  do {
    const Division d = divide(rest, 10);
    digits.push_back(static_cast<char>('0' + d.remainder.limbs[0]));
    rest = d.quotient;
  } while (!rest.is_zero());
  std::reverse(digits.begin(), digits.end());
  return digits;
}

Word operator+(const Word& a, const Word& b) {
  Word r;
  Wide carry = 0;
  for (uint32_t i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(a.limbs[i]) + b.limbs[i];
    r.limbs[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  return r;
}

Word operator-(const Word& a, const Word& b) { return a + ~b + Word(1); }

Word operator*(const Word& a, const Word& b) {
  Word r;
  for (uint32_t i = 0; i < 4; ++i) {
    uint64_t carry = 0;
    for (uint32_t j = 0; i + j < 4; ++j) {
      const Wide sum = static_cast<Wide>(a.limbs[i]) * b.limbs[j] + r.limbs[i + j] + carry;
      r.limbs[i + j] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
  }
  return r;
}

namespace {
template <class F>
Word each_limb(const Word& a, const Word& b, F f) {
  Word r;
  for (uint32_t i = 0; i < 4; ++i) {
    r.limbs[i] = f(a.limbs[i], b.limbs[i]);
  }
  return r;
}
}  // namespace

Word operator&(const Word& a, const Word& b) {
  return each_limb(a, b, [](uint64_t x, uint64_t y) { return x & y; });
}
Word operator|(const Word& a, const Word& b) {
  return each_limb(a, b, [](uint64_t x, uint64_t y) { return x | y; });
}
Word operator^(const Word& a, const Word& b) {
  return each_limb(a, b, [](uint64_t x, uint64_t y) { return x ^ y; });
}
Word operator~(const Word& a) {
  return each_limb(a, a, [](uint64_t x, uint64_t) { return ~x; });
}

bool operator<(const Word& a, const Word& b) {
  for (uint32_t i = 4; i-- > 0;) {
    if (a.limbs[i] != b.limbs[i]) {
      return a.limbs[i] < b.limbs[i];
    }
  }
  return false;
}

bool less_signed(const Word& a, const Word& b) { return a.is_negative() != b.is_negative() ? a.is_negative() : a < b; }

Word shift_left(const Word& a, const Word& amount) {
  Word r;
  if (!amount.fits_u64() || amount.limbs[0] > 255) {
    return r;
  }
  const auto limbs = static_cast<uint32_t>(amount.limbs[0] / 64), bits = static_cast<uint32_t>(amount.limbs[0] % 64);
  for (uint32_t i = limbs; i < 4; ++i) {
    r.limbs[i] = a.limbs[i - limbs] << bits;
    if (bits != 0 && i > limbs) {
      r.limbs[i] |= a.limbs[i - limbs - 1] >> (64 - bits);
    }
  }
  return r;
}

Word shift_right(const Word& a, const Word& amount) {
  Word r;
  if (!amount.fits_u64() || amount.limbs[0] > 255) {
    return r;
  }
  const auto limbs = static_cast<uint32_t>(amount.limbs[0] / 64), bits = static_cast<uint32_t>(amount.limbs[0] % 64);
  for (uint32_t i = 0; i + limbs < 4; ++i) {
    r.limbs[i] = a.limbs[i + limbs] >> bits;
    if (bits != 0 && i + limbs + 1 < 4) {
      r.limbs[i] |= a.limbs[i + limbs + 1] << (64 - bits);
    }
  }
  return r;
}

Word shift_right_signed(const Word& a, const Word& amount) { return a.is_negative() ? ~shift_right(~a, amount) : shift_right(a, amount); }

Division divide(const Word& a, const Word& b) {
  Division d;
  if (b.is_zero()) {
    return d;
  }
  for (uint32_t i = a.bit_length(); i-- > 0;) {
    const bool carried = d.remainder.is_negative();
    d.remainder = d.remainder + d.remainder + Word(a.limbs[i / 64] >> (i % 64) & 1);
    if (carried || !(d.remainder < b)) {
      d.remainder = d.remainder - b;
      d.quotient.limbs[i / 64] |= uint64_t{1} << (i % 64);
    }
  }
  return d;
}

Word power(Word a, Word b) {
  Word r(1);
  for (; !b.is_zero(); b = shift_right(b, 1)) {
    if ((b.limbs[0] & 1) != 0) {
      r = r * a;
    }
    a = a * a;
  }
  return r;
}

Word sign_extend(const Word& k, const Word& value) {
  if (!k.fits_u64() || k.limbs[0] >= 31) {
    return value;
  }
  const Word amount(248 - 8 * k.limbs[0]);
  return shift_right_signed(shift_left(value, amount), amount);
}

size_t WordHash::operator()(const Word& word) const { return base::hash_bytes(reinterpret_cast<const char*>(word.limbs.data()), sizeof word.limbs); }

}  // namespace omega::codegen::evm
