// SPDX-License-Identifier: Apache-2.0
// What single instructions of decoded code do, where it takes more than an expression. For execute.cpp, which inlines it.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>

#include "omega/interp/machine.h"

namespace omega::interp {

__extension__ using Int128 = __int128;

inline om_wide* wide_at(uint64_t* cell) { return reinterpret_cast<om_wide*>(cell); }
inline double as_double(uint64_t cell) { return std::bit_cast<double>(cell); }
inline float as_float(uint64_t cell) { return std::bit_cast<float>(static_cast<uint32_t>(cell)); }
inline uint64_t cell_of(double value) { return std::bit_cast<uint64_t>(value); }
inline uint64_t cell_of(float value) { return std::bit_cast<uint32_t>(value); }

inline Int128 full(uint64_t cell, uint32_t aux) { return aux_signed(aux) ? Int128{static_cast<int64_t>(cell)} : Int128{cell}; }

/// Cuts a result to its type; panics when that changes it and the operation is checked.
inline uint64_t fit(Int128 value, uint32_t aux) {
  const uint64_t cut = extend(static_cast<uint64_t>(value), aux);
  if (aux_checked(aux) && full(cut, aux) != value) {
    om_panic_overflow();
  }
  return cut;
}

inline uint64_t divide(uint64_t a, uint64_t b, uint32_t aux) {
  if (b == 0) {
    om_panic_divide();
  }
  return fit(full(a, aux) / full(b, aux), aux);
}

inline uint64_t remainder_of(uint64_t a, uint64_t b, uint32_t aux) {
  if (b == 0) {
    om_panic_divide();
  }
  return static_cast<uint64_t>(full(a, aux) % full(b, aux));
}

inline uint64_t power(uint64_t base, uint64_t exponent, uint32_t aux) {
  int32_t overflow = 0;
  const int64_t result = om_pow_int(static_cast<int64_t>(base), exponent, aux_runtime_type(aux), &overflow);
  if (overflow != 0 && aux_checked(aux)) {
    om_panic_overflow();
  }
  return extend(static_cast<uint64_t>(result), aux);
}

inline uint64_t shift_left(uint64_t a, uint64_t by, uint32_t aux) { return by >= aux_bits(aux) ? 0 : extend(a << by, aux); }

inline uint64_t shift_right(uint64_t a, uint64_t by, uint32_t aux) {
  if (by >= aux_bits(aux)) {
    return aux_signed(aux) && static_cast<int64_t>(a) < 0 ? ~uint64_t{0} : 0;
  }
  return aux_signed(aux) ? static_cast<uint64_t>(static_cast<int64_t>(a) >> by) : a >> by;
}

inline uint64_t cast_narrow(uint64_t a, bool from_signed, uint32_t aux) {
  const uint64_t cut = extend(a, aux);
  const bool same = cut == a && (from_signed == aux_signed(aux) || static_cast<int64_t>(a) >= 0);
  if (!same && aux_checked(aux)) {
    om_panic_cast();
  }
  return cut;
}

inline void check_wide(uint32_t status, uint32_t aux) {
  if ((status & OM_WIDE_ZERO) != 0) {
    om_panic_divide();
  }
  if (status != 0 && aux_checked(aux)) {
    om_panic_overflow();
  }
}

bool wide_is_negative(const om_wide* a, uint32_t aux) { return aux_signed(aux) && static_cast<int64_t>(a->limb[3]) < 0; }

inline void wide_abs(om_wide* r, const om_wide* a, uint32_t aux) {
  if (wide_is_negative(a, aux)) {
    check_wide(om_wide_neg(r, a, aux_runtime_type(aux)), aux);
  } else {
    *r = *a;
  }
}

/// A shift amount or exponent: what is above 64 bits stays larger than every width and of the same parity.
inline uint64_t cut_amount(const om_wide* a) { return (a->limb[1] | a->limb[2] | a->limb[3]) != 0 ? a->limb[0] | uint64_t{1} << 63 : a->limb[0]; }

inline uint64_t wide_to_int(const om_wide* a, uint32_t from, uint32_t aux) {
  if (from == ir::kNone) {
    return cut_amount(a);
  }
  const uint64_t cut = extend(a->limb[0], aux);
  const uint64_t fill = aux_signed(aux) && static_cast<int64_t>(cut) < 0 ? ~uint64_t{0} : 0;
  const bool same = cut == a->limb[0] && a->limb[1] == fill && a->limb[2] == fill && a->limb[3] == fill && (fill == 0 || aux_signed(from));
  if (!same && aux_checked(aux)) {
    om_panic_cast();
  }
  return cut;
}

inline void wide_to_wide(om_wide* r, const om_wide* a, uint32_t from, uint32_t aux) {
  if (om_wide_convert(r, a, aux_runtime_type(from), aux_runtime_type(aux)) != 0 && aux_checked(aux)) {
    om_panic_cast();
  }
}

inline void int_to_wide(om_wide* r, uint64_t a, bool from_signed, uint32_t aux) {
  om_wide widened;
  const uint64_t fill = from_signed && static_cast<int64_t>(a) < 0 ? ~uint64_t{0} : 0;
  widened = {{a, fill, fill, fill}};
  wide_to_wide(r, &widened, 256 | (from_signed ? 512u : 0u), aux);
}

inline void float_to_wide(om_wide* r, double value, uint32_t aux) {
  if (om_wide_from_f64(r, value, aux_runtime_type(aux)) != 0) {
    om_panic_cast();
  }
}

template <class T>
T load(uint64_t address) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof value);
  return value;
}

template <class T>
inline void store(uint64_t address, uint64_t value) {
  const T narrow = static_cast<T>(value);
  std::memcpy(reinterpret_cast<void*>(address), &narrow, sizeof narrow);
}

inline uint32_t storage_bytes(uint32_t aux) {
  const uint32_t bits = aux_bits(aux);
  return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : bits <= 128 ? 16 : 32;
}

inline uint64_t data_of(uint64_t array) { return reinterpret_cast<uint64_t>(reinterpret_cast<const om_array*>(array)->data); }

inline void check_index(uint64_t index, uint64_t array) {
  const int64_t length = array == 0 ? 0 : reinterpret_cast<const om_array*>(array)->len;
  if (index >= static_cast<uint64_t>(length)) {
    om_panic_index(static_cast<int64_t>(index), length);
  }
}

inline uint64_t* push_frame(Stack& stack, DecodedFunction& function, uint64_t* top) {
  uint64_t* frame = top + kFrameHeader;
  if (frame + function.frame_cells > stack.limit) {
    om_panic(OM_PANIC_STACK, nullptr);
  }
  std::memset(frame + function.slot_begin, 0, (function.slot_end - function.slot_begin) * sizeof(uint64_t));
  frame[-2] = reinterpret_cast<uint64_t>(&function);
  return frame;
}

inline uint64_t* copy_cells(uint64_t* to, const uint64_t* frame, const uint32_t* cells, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t* from = frame + (cells[i] & ~kWideCell);
    *to++ = *from;
    if ((cells[i] & kWideCell) != 0) {
      *to++ = from[1];
      *to++ = from[2];
      *to++ = from[3];
    }
  }
  return to;
}

inline void copy_results(uint64_t* caller, const uint32_t* to, const uint64_t* frame, const uint32_t* from, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    std::memcpy(caller + (to[i] & ~kWideCell), frame + (from[i] & ~kWideCell), (from[i] & kWideCell) != 0 ? 32 : 8);
  }
}

inline void make_closure(DecodedFunction& function, uint64_t* frame, const uint32_t* list, uint64_t* result) {
  uint64_t bytes = 8;
  for (uint32_t i = 1; i <= list[0]; ++i) {
    bytes += (list[i] & kWideCell) != 0 ? 32 : 8;
  }
  auto* block = static_cast<uint64_t*>(om_alloc(bytes, 0));
  block[0] = reinterpret_cast<uint64_t>(&function);
  copy_cells(block + 1, frame, list + 1, list[0]);
  *result = reinterpret_cast<uint64_t>(block);
}

inline void drop_unwound(Stack& stack, uintptr_t native_frame) {
  while (stack.depth > 0 && stack.activations[stack.depth - 1].native_frame <= native_frame) {
    const Stack::Activation& gone = stack.activations[--stack.depth];
    stack.top = gone.top;
    stack.frame = gone.frame;
    stack.ip = gone.ip;
  }
}

}  // namespace omega::interp
