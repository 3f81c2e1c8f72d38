// SPDX-License-Identifier: Apache-2.0
// Arithmetic on polynomials with overflow treated as "unknown", and interning.
#include "omega/opt/symbols.h"

#include <algorithm>

#include "omega/base/hash.h"

namespace omega::opt {

namespace {

constexpr size_t kMaxTerms = 24;

/// So many values of a kind are searched one by one; only the others are hashed.
constexpr size_t kFew = 24;

int compare_atoms(const Term& a, const Term& b) {
  if (a.count != b.count) {
    return a.count < b.count ? -1 : 1;
  }
  for (uint32_t i = 0; i < a.count; ++i) {
    if (a.atoms[i] != b.atoms[i]) {
      return a.atoms[i] < b.atoms[i] ? -1 : 1;
    }
  }
  return 0;
}

Poly invalid() {
  Poly p;
  p.valid = false;
  return p;
}

uint64_t hash_of(const Poly& p) {
  uint64_t h = p.terms.size();
  for (const Term& t : p.terms) {
    h = base::hash_combine(h, static_cast<uint64_t>(t.coefficient));
    for (uint32_t i = 0; i < t.count; ++i) {
      h = base::hash_combine(h, t.atoms[i]);
    }
  }
  return h;
}

}  // namespace

bool equal(const Poly& a, const Poly& b) {
  if (!a.valid || !b.valid || a.terms.size() != b.terms.size()) {
    return false;
  }
  for (size_t i = 0; i < a.terms.size(); ++i) {
    if (a.terms[i].coefficient != b.terms[i].coefficient || compare_atoms(a.terms[i], b.terms[i]) != 0) {
      return false;
    }
  }
  return true;
}

Poly add(const Poly& a, const Poly& b, int64_t factor_of_b) {
  if (!a.valid || !b.valid) {
    return invalid();
  }
  Poly sum;
  size_t i = 0, j = 0;
  while (i < a.terms.size() || j < b.terms.size()) {
    const int order = i == a.terms.size() ? 1 : j == b.terms.size() ? -1 : compare_atoms(a.terms[i], b.terms[j]);
    Term term = order <= 0 ? a.terms[i] : b.terms[j];
    if (order >= 0) {
      int64_t scaled;
      if (__builtin_mul_overflow(b.terms[j].coefficient, factor_of_b, &scaled)) {
        return invalid();
      }
      if (order > 0) {
        term.coefficient = scaled;
      } else if (__builtin_add_overflow(term.coefficient, scaled, &term.coefficient)) {
        return invalid();
      }
    }
    i += order <= 0;
    j += order >= 0;
    if (term.coefficient != 0) {
      sum.terms.push_back(term);
    }
  }
  return sum.terms.size() > kMaxTerms ? invalid() : sum;
}

Poly multiply(const Poly& a, const Poly& b) {
  if (!a.valid || !b.valid || a.terms.size() * b.terms.size() > kMaxTerms * 4) {
    return invalid();
  }
  Poly product;
  for (const Term& s : a.terms) {
    for (const Term& t : b.terms) {
      if (s.count + t.count > Term::kMaxAtoms) {
        return invalid();
      }
      Term term{};
      if (__builtin_mul_overflow(s.coefficient, t.coefficient, &term.coefficient)) {
        return invalid();
      }
      term.count = s.count + t.count;
      std::merge(s.atoms, s.atoms + s.count, t.atoms, t.atoms + t.count, term.atoms);
      Poly one;
      one.terms.push_back(term);
      product = add(product, one);
      if (!product.valid) {
        return product;
      }
    }
  }
  return product;
}

Poly substitute(const Poly& poly, AtomId atom, const Poly& by) {
  if (!poly.valid || !by.valid) {
    return invalid();
  }
  Poly result;
  for (const Term& t : poly.terms) {
    Poly factor;
    Term rest{t.coefficient, 0, {}};
    uint32_t power = 0;
    for (uint32_t i = 0; i < t.count; ++i) {
      if (t.atoms[i] == atom) {
        ++power;
      } else {
        rest.atoms[rest.count++] = t.atoms[i];
      }
    }
    factor.terms.push_back(rest);
    for (uint32_t i = 0; i < power; ++i) {
      factor = multiply(factor, by);
    }
    result = add(result, factor);
    if (!result.valid) {
      break;
    }
  }
  return result;
}

bool split_linear(const Poly& poly, AtomId atom, Poly& factor, Poly& rest) {
  factor = Poly{};
  rest = Poly{};
  if (!poly.valid) {
    return false;
  }
  for (const Term& t : poly.terms) {
    const auto power = std::count(t.atoms, t.atoms + t.count, atom);
    if (power > 1) {
      return false;
    }
    Poly one;
    if (power == 0) {
      one.terms.push_back(t);
      rest = add(rest, one);
      continue;
    }
    Term left{t.coefficient, 0, {}};
    for (uint32_t i = 0; i < t.count; ++i) {
      if (t.atoms[i] != atom) {
        left.atoms[left.count++] = t.atoms[i];
      }
    }
    one.terms.push_back(left);
    factor = add(factor, one);
  }
  return true;
}

bool has_kind(const Symbols& symbols, const Poly& poly, AtomKind kind) {
  for (const Term& t : poly.terms) {
    for (uint32_t i = 0; i < t.count; ++i) {
      if (symbols.atom(t.atoms[i]).kind == kind) {
        return true;
      }
    }
  }
  return false;
}

Symbols::Symbols() {
  refs_.push_back({RefKind::Opaque, false, ir::kNone, 0});
  refs_.push_back({RefKind::Null, false, ir::kNone, 0});
  refs_.push_back({RefKind::Fresh, true, ir::kNone, 0});
  refs_.push_back({RefKind::Fresh, false, ir::kNone, 0});
}

AtomId Symbols::atom(AtomKind kind, uint64_t key, PolyId lower, PolyId upper) {
  for (AtomId id = 0; id < std::min(atoms_.size(), kFew); ++id) {
    if (atoms_[id].kind == kind && atoms_[id].key == key) {
      return id;
    }
  }
  const auto made = static_cast<AtomId>(atoms_.size());
  if (atoms_.size() >= kFew) {
    auto& bucket = atom_index_[base::hash_combine(static_cast<uint64_t>(kind), key)];
    for (const AtomId id : bucket) {
      if (atoms_[id].kind == kind && atoms_[id].key == key) {
        return id;
      }
    }
    bucket.push_back(made);
  }
  atoms_.push_back({kind, key, lower, upper});
  return made;
}

void Symbols::set_bounds(AtomId id, PolyId lower, PolyId upper) {
  atoms_[id].lower = lower;
  atoms_[id].upper = upper;
}

PolyId Symbols::constant(int64_t value) {
  Poly p;
  if (value != 0) {
    p.terms.push_back({value, 0, {}});
  }
  return intern(std::move(p));
}

PolyId Symbols::of_atom(AtomId atom) {
  Poly p;
  p.terms.push_back({1, 1, {atom}});
  return intern(std::move(p));
}

PolyId Symbols::intern(Poly poly) {
  if (!poly.valid) {
    return ir::kNone;
  }
  for (PolyId id = 0; id < std::min(polys_.size(), kFew); ++id) {
    if (equal(polys_[id], poly)) {
      return id;
    }
  }
  const auto made = static_cast<PolyId>(polys_.size());
  if (polys_.size() >= kFew) {
    auto& bucket = poly_index_[hash_of(poly)];
    for (const PolyId id : bucket) {
      if (equal(polys_[id], poly)) {
        return id;
      }
    }
    bucket.push_back(made);
  }
  polys_.push_back(std::move(poly));
  return made;
}

RefId Symbols::either(RefId a, RefId b) const {
  const Ref &x = refs_[a], &y = refs_[b];
  if (a == b || y.kind == RefKind::Null) {
    return a;
  }
  if (x.kind == RefKind::Null) {
    return b;
  }
  return x.kind != RefKind::Fresh || y.kind != RefKind::Fresh ? kOpaque : x.deep && y.deep ? kFresh : kFreshShallow;
}

RefId Symbols::ref(RefKind kind, RefId base, uint32_t data, bool deep) {
  auto is_it = [&](const Ref& r) { return r.kind == kind && r.base == base && r.data == data && r.deep == deep; };
  for (RefId id = 0; id < std::min(refs_.size(), kFew); ++id) {
    if (is_it(refs_[id])) {
      return id;
    }
  }
  const auto made = static_cast<RefId>(refs_.size());
  if (refs_.size() >= kFew) {
    auto& bucket = ref_index_[base::hash_combine(static_cast<uint64_t>(kind) << 1 | (deep ? 1 : 0), static_cast<uint64_t>(base) << 32 | data)];
    for (const RefId id : bucket) {
      if (is_it(refs_[id])) {
        return id;
      }
    }
    bucket.push_back(made);
  }
  refs_.push_back({kind, deep, base, data});
  return made;
}

bool Symbols::is_invariant(PolyId id) const {
  if (id == ir::kNone) {
    return false;
  }
  for (const Term& t : polys_[id].terms) {
    for (uint32_t i = 0; i < t.count; ++i) {
      if (atoms_[t.atoms[i]].kind != AtomKind::Invariant) {
        return false;
      }
    }
  }
  return true;
}

bool Symbols::is_invariant_ref(RefId id) const {
  for (;;) {
    const Ref& r = refs_[id];
    if (r.kind == RefKind::Invariant) {
      return true;
    }
    if (r.kind != RefKind::Field && !(r.kind == RefKind::Row && is_invariant(r.data))) {
      return false;
    }
    id = r.base;
  }
}

RefId Symbols::root(RefId id) const {
  while (refs_[id].kind == RefKind::Row || refs_[id].kind == RefKind::Field) {
    id = refs_[id].base;
  }
  return id;
}

bool Symbols::constant_value(PolyId id, int64_t& value) const {
  if (id == ir::kNone) {
    return false;
  }
  const Poly& p = polys_[id];
  if (p.terms.size() > 1 || (p.terms.size() == 1 && p.terms[0].count != 0)) {
    return false;
  }
  value = p.terms.empty() ? 0 : p.terms[0].coefficient;
  return true;
}

Poly Symbols::extreme(Poly poly, bool largest) const {
  // Bounds of an inner variable may hold outer ones, so replace until only invariants are left.
  for (uint32_t round = 0; round < 32 && poly.valid; ++round) {
    AtomId found = ir::kNone;
    for (const Term& t : poly.terms) {
      for (uint32_t i = 0; i < t.count; ++i) {
        // Atoms made last are innermost.
        if (atoms_[t.atoms[i]].kind != AtomKind::Invariant && (found == ir::kNone || t.atoms[i] > found)) {
          found = t.atoms[i];
        }
      }
    }
    if (found == ir::kNone) {
      return poly;
    }
    Poly factor, rest;
    if (!split_linear(poly, found, factor, rest)) {
      return invalid();
    }
    bool up;
    if (never_negative(factor)) {
      up = largest;
    } else if (never_negative(add(Poly{}, factor, -1))) {
      up = !largest;
    } else {
      return invalid();
    }
    const PolyId bound = up ? atoms_[found].upper : atoms_[found].lower;
    if (bound == ir::kNone) {
      return invalid();
    }
    poly = substitute(poly, found, polys_[bound]);
  }
  return invalid();
}

bool Symbols::never_negative(const Poly& poly) const {
  if (!poly.valid) {
    return false;
  }
  Poly shifted = poly;
  // With atom = lower + something >= 0 put in, non-negative coefficients suffice.
  for (const Term& t : poly.terms) {
    for (uint32_t i = 0; i < t.count; ++i) {
      const Atom& atom = atoms_[t.atoms[i]];
      int64_t lower;
      if (!constant_value(atom.lower, lower)) {
        return false;
      }
      if (lower != 0 && std::find(t.atoms, t.atoms + i, t.atoms[i]) == t.atoms + i) {
        Poly by;
        by.terms.push_back({lower, 0, {}});
        by.terms.push_back({1, 1, {t.atoms[i]}});
        bool seen = false;
        for (const Term& before : poly.terms) {
          if (&before == &t) {
            break;
          }
          seen = seen || std::find(before.atoms, before.atoms + before.count, t.atoms[i]) != before.atoms + before.count;
        }
        if (!seen) {
          shifted = substitute(shifted, t.atoms[i], by);
        }
      }
    }
  }
  return shifted.valid && std::all_of(shifted.terms.begin(), shifted.terms.end(), [](const Term& t) { return t.coefficient >= 0; });
}

}  // namespace omega::opt
