// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_recover.h"

#include "omega/base/keccak.h"

namespace omega::interp {

namespace {

constexpr Word kFieldPrime = {{0xffff'fffe'ffff'fc2f, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}};
constexpr Word kGroupOrder = {{0xbfd2'5e8c'd036'4141, 0xbaae'dce6'af48'a03b, 0xffff'ffff'ffff'fffe, ~uint64_t{0}}};
constexpr uint64_t kCurveConstant = 7;  // y^2 = x^3 + 7

/// Arithmetic modulo a prime; operands are below it.
class Modular {
 public:
  explicit Modular(const Word& prime) : prime_(prime) {}

  Word add(const Word& a, const Word& b) const {
    Word r;
    om_wide_addmod(&r, &a, &b, &prime_);
    return r;
  }
  Word negative(const Word& a) const {
    Word r = a;
    if (!is_zero(a)) {
      om_wide_sub(&r, &prime_, &a, kUnsignedWord);
    }
    return r;
  }
  Word subtract(const Word& a, const Word& b) const { return add(a, negative(b)); }
  Word multiply(const Word& a, const Word& b) const {
    Word r;
    om_wide_mulmod(&r, &a, &b, &prime_);
    return r;
  }
  Word power(Word base, const Word& exponent) const {
    Word result = word_of(1);
    for (uint32_t bit = 0; bit < 256; ++bit) {
      if ((exponent.limb[bit / 64] >> (bit % 64) & 1) != 0) {
        result = multiply(result, base);
      }
      base = multiply(base, base);
    }
    return result;
  }
  /// Of what is not 0.
  Word inverse(const Word& a) const {
    const Word two = word_of(2);
    Word exponent;
    om_wide_sub(&exponent, &prime_, &two, kUnsignedWord);
    return power(a, exponent);
  }
  Word reduced(const Word& a) const { return add(a, word_of(0)); }

 private:
  Word prime_;
};

/// A point in Jacobian coordinates: (x / z^2, y / z^3), the neutral one has z = 0.
struct Point {
  Word x, y, z;
};

constexpr Point kGenerator = {{{0x59f2'815b'16f8'1798, 0x029b'fcdb'2dce'28d9, 0x55a0'6295'ce87'0b07, 0x79be'667e'f9dc'bbac}},
                              {{0x9c47'd08f'fb10'd4b8, 0xfd17'b448'a685'5419, 0x5da4'fbfc'0e11'08a8, 0x483a'da77'26a3'c465}},
                              {{1, 0, 0, 0}}};

class Curve {
 public:
  Point doubled(const Point& a) const {
    if (is_zero(a.z) || is_zero(a.y)) {
      return {word_of(1), word_of(1), word_of(0)};
    }
    const Word yy = f_.multiply(a.y, a.y);
    const Word s = times(f_.multiply(a.x, yy), 4);
    const Word m = times(f_.multiply(a.x, a.x), 3);
    const Word x = f_.subtract(f_.multiply(m, m), times(s, 2));
    const Word y = f_.subtract(f_.multiply(m, f_.subtract(s, x)), times(f_.multiply(yy, yy), 8));
    return {x, y, times(f_.multiply(a.y, a.z), 2)};
  }

  Point sum(const Point& a, const Point& b) const {
    if (is_zero(a.z) || is_zero(b.z)) {
      return is_zero(a.z) ? b : a;
    }
    const Word aa = f_.multiply(a.z, a.z), bb = f_.multiply(b.z, b.z);
    const Word u = f_.multiply(a.x, bb), v = f_.multiply(b.x, aa);
    const Word s = f_.multiply(a.y, f_.multiply(b.z, bb)), t = f_.multiply(b.y, f_.multiply(a.z, aa));
    const Word h = f_.subtract(v, u), r = f_.subtract(t, s);
    if (is_zero(h)) {
      return is_zero(r) ? doubled(a) : Point{word_of(1), word_of(1), word_of(0)};
    }
    const Word hh = f_.multiply(h, h), hhh = f_.multiply(h, hh), uhh = f_.multiply(u, hh);
    const Word x = f_.subtract(f_.subtract(f_.multiply(r, r), hhh), times(uhh, 2));
    const Word y = f_.subtract(f_.multiply(r, f_.subtract(uhh, x)), f_.multiply(s, hhh));
    return {x, y, f_.multiply(h, f_.multiply(a.z, b.z))};
  }

  Point product(const Word& scalar, const Point& point) const {
    Point result = {word_of(1), word_of(1), word_of(0)};
    for (uint32_t bit = 256; bit-- > 0;) {
      result = doubled(result);
      if ((scalar.limb[bit / 64] >> (bit % 64) & 1) != 0) {
        result = sum(result, point);
      }
    }
    return result;
  }

  /// The point of this x whose y is odd or not; false when there is none.
  bool point_at(const Word& x, bool is_odd, Point& point) const {
    const Word square = f_.add(f_.multiply(x, f_.multiply(x, x)), word_of(kCurveConstant));
    // The prime is 3 modulo 4, so this power is a root if there is one; (p + 1) / 4 is p / 4 + 1.
    const Word quarter = shifted_right(kFieldPrime, 2), one = word_of(1);
    Word exponent;
    om_wide_add(&exponent, &quarter, &one, kUnsignedWord);
    const Word y = f_.power(square, exponent);
    point = {x, (y.limb[0] & 1) == (is_odd ? 1 : 0) ? y : f_.negative(y), one};
    return same_word(f_.multiply(y, y), square);
  }

  /// Both coordinates, 32 bytes each, of a point that is not neutral.
  std::string bytes(const Point& a) const {
    const Word inverse = f_.inverse(a.z), square = f_.multiply(inverse, inverse);
    return word_bytes(f_.multiply(a.x, square)) + word_bytes(f_.multiply(a.y, f_.multiply(square, inverse)));
  }

 private:
  Word times(const Word& a, uint64_t factor) const { return f_.multiply(a, word_of(factor)); }

  Modular f_{kFieldPrime};
};

}  // namespace

Address recover_signer(const Word& hash, const Word& v, const Word& r, const Word& s) {
  const Curve curve;
  const Modular scalars(kGroupOrder);
  const bool is_signature =
      fits_64(v) && (v.limb[0] == 27 || v.limb[0] == 28) && !is_zero(r) && less_word(r, kGroupOrder) && !is_zero(s) && less_word(s, kGroupOrder);
  Point point{};
  if (!is_signature || !curve.point_at(r, v.limb[0] == 28, point)) {
    return word_of(0);
  }
  const Word inverse = scalars.inverse(r);
  const Point key = curve.sum(curve.product(scalars.multiply(s, inverse), point),
                              curve.product(scalars.negative(scalars.multiply(scalars.reduced(hash), inverse)), kGenerator));
  if (is_zero(key.z)) {
    return word_of(0);
  }
  const base::Keccak256Digest digest = base::keccak256(curve.bytes(key));
  return word_from_bytes({reinterpret_cast<const char*>(digest.data()) + 12, 20});
}

}  // namespace omega::interp
