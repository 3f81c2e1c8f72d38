// SPDX-License-Identifier: Apache-2.0
// Symbolic values of one loop: integers as polynomials over invariants and loop variables, references as paths from where they come.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::opt {

using AtomId = uint32_t;
using PolyId = uint32_t;
using RefId = uint32_t;

/// What an unknown of a polynomial stands for.
enum class AtomKind : uint8_t {
  Iv,         ///< the variable of the loop under analysis
  Inner,      ///< the variable of a loop inside it
  Invariant,  ///< the same in every iteration
  Varying     ///< anything else
};

struct Atom {
  AtomKind kind;
  uint64_t key;  ///< what it is: unique within the kind
  PolyId lower;  ///< it is never below this; kNone: unknown
  PolyId upper;  ///< nor above this; kNone: unknown
};

/// coefficient * atoms[0] * … (sorted, `count` of them).
struct Term {
  static constexpr uint32_t kMaxAtoms = 4;
  int64_t coefficient;
  uint32_t count;
  AtomId atoms[kMaxAtoms];
};

/// A sum of terms sorted by their atoms, without zero coefficients. `valid` is false when it became too large to hold.
struct Poly {
  std::vector<Term> terms;
  bool valid = true;

  [[nodiscard]] bool is_zero() const { return valid && terms.empty(); }
};

/// What a reference refers to.
enum class RefKind : uint8_t {
  Opaque,  ///< not known
  Null,
  Fresh,      ///< an object made in this iteration (`deep`: holding nothing but such objects)
  Invariant,  ///< the same reference in every iteration: `data` is its key
  Row,        ///< element `data` (a PolyId) of `base`
  Field,      ///< the reference at byte `data` of `base`
  Part,       ///< a slice of `base`
  Below       ///< `base` or something that hangs on it: in summaries of functions only
};

struct Ref {
  RefKind kind;
  bool deep;
  RefId base;
  uint32_t data;
};

/// Interned atoms, polynomials and references; ids are equal when the values are.
class Symbols {
 public:
  static constexpr RefId kOpaque = 0, kNull = 1, kFresh = 2, kFreshShallow = 3;

  Symbols();

  AtomId atom(AtomKind kind, uint64_t key, PolyId lower = ir::kNone, PolyId upper = ir::kNone);
  [[nodiscard]] const Atom& atom(AtomId id) const { return atoms_[id]; }
  void set_bounds(AtomId id, PolyId lower, PolyId upper);

  PolyId constant(int64_t value);
  PolyId of_atom(AtomId atom);
  /// A polynomial that is one varying atom of that key.
  PolyId varying(uint64_t key, PolyId lower = ir::kNone, PolyId upper = ir::kNone) { return of_atom(atom(AtomKind::Varying, key, lower, upper)); }
  /// kNone when it cannot be held.
  PolyId intern(Poly poly);
  [[nodiscard]] const Poly& poly(PolyId id) const { return polys_[id]; }

  /// A number not given before, for keys of varying atoms.
  uint64_t fresh_number() { return numbers_++; }

  RefId ref(RefKind kind, RefId base, uint32_t data, bool deep = false);
  /// What is one or the other.
  [[nodiscard]] RefId either(RefId a, RefId b) const;
  [[nodiscard]] const Ref& ref(RefId id) const { return refs_[id]; }

  /// Every atom is an invariant.
  [[nodiscard]] bool is_invariant(PolyId id) const;
  /// The same object in every iteration.
  [[nodiscard]] bool is_invariant_ref(RefId id) const;
  /// The invariant at the root of rows and fields, or `id` itself.
  [[nodiscard]] RefId root(RefId id) const;
  /// The constant value when it is one.
  [[nodiscard]] bool constant_value(PolyId id, int64_t& value) const;

  /// The largest (smallest) value by the bounds of all atoms but those of kind Invariant; not valid when unknown.
  [[nodiscard]] Poly extreme(Poly poly, bool largest) const;
  /// Provably >= 0, from the invariants' lower bounds.
  [[nodiscard]] bool never_negative(const Poly& poly) const;

 private:
  uint64_t numbers_ = 0;
  std::vector<Atom> atoms_;
  std::vector<Poly> polys_;
  std::vector<Ref> refs_;
  std::unordered_map<uint64_t, std::vector<uint32_t>> atom_index_, poly_index_, ref_index_;
};

Poly add(const Poly& a, const Poly& b, int64_t factor_of_b = 1);
Poly multiply(const Poly& a, const Poly& b);
/// `poly` with `atom` replaced.
Poly substitute(const Poly& poly, AtomId atom, const Poly& by);
/// Splits poly = factor * atom + rest, where neither holds the atom; false when it is not linear in it.
bool split_linear(const Poly& poly, AtomId atom, Poly& factor, Poly& rest);
/// True when an atom of that kind occurs.
bool has_kind(const Symbols& symbols, const Poly& poly, AtomKind kind);
bool equal(const Poly& a, const Poly& b);

}  // namespace omega::opt
