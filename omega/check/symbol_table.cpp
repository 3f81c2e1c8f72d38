// SPDX-License-Identifier: Apache-2.0
// SymbolTable, and the table of what the language itself has.
#include <string>

#include "omega/check/builtins.h"
#include "omega/check/checker.h"
#include "omega/check/declarations.h"

namespace omega::check {

Symbol SymbolTable::find(NameId name) const {
  if (slots_.empty()) {
    return {};
  }
  const uint32_t mask = static_cast<uint32_t>(slots_.size()) - 1;
  for (uint32_t i = start(name);; i = (i + 1) & mask) {
    if (slots_[i].name == name) {
      return slots_[i].symbol;
    }
    if (!slots_[i].name.valid()) {
      return {};
    }
  }
}

Symbol& SymbolTable::insert(NameId name) {
  if ((size_t{count_} + 1) * 2 > slots_.size()) {
    grow(slots_.empty() ? 16 : static_cast<uint32_t>(slots_.size()) * 2);
  }
  const uint32_t mask = static_cast<uint32_t>(slots_.size()) - 1;
  for (uint32_t i = start(name);; i = (i + 1) & mask) {
    if (slots_[i].name == name) {
      return slots_[i].symbol;
    }
    if (!slots_[i].name.valid()) {
      slots_[i].name = name;
      ++count_;
      return slots_[i].symbol;
    }
  }
}

void SymbolTable::reserve(uint32_t count) {
  uint32_t capacity = 16;
  while (capacity < count * 2) {
    capacity *= 2;
  }
  if (capacity > slots_.size()) {
    grow(capacity);
  }
}

void SymbolTable::grow(uint32_t capacity) {
  PodVector<Slot> old = std::move(slots_);
  slots_ = PodVector<Slot>();
  slots_.resize(capacity, Slot{});
  shift_ = 32;
  for (uint32_t size = capacity / 8; size > 1; size /= 2) {
    --shift_;
  }
  count_ = 0;
  for (const Slot& slot : old) {
    if (slot.name.valid()) {
      insert(slot.name) = slot.symbol;
    }
  }
}

BuiltinNames::BuiltinNames(base::NameInterner& interner) {
  auto intern = [&](std::string_view text) { return interner.intern(text); };
  auto type = [&](std::string_view text, TypeId id) { symbols.insert(intern(text)) = {SymbolKind::ElementaryType, id}; };
  type("bool", kBoolType);
  type("string", kStringType);
  type("bytes", kBytesType);
  type("address", kAddressType);
  type("float32", kFloat32Type);
  type("float64", kFloat64Type);
  type("Random", kRandomType);
  type("byte", fixed_bytes_type(1));
  type("int", integer_type(256, true));
  type("uint", integer_type(256, false));
  for (uint32_t bits = 8; bits <= 256; bits += 8) {
    type("int" + std::to_string(bits), integer_type(bits, true));
    type("uint" + std::to_string(bits), integer_type(bits, false));
    type("bytes" + std::to_string(bits / 8), fixed_bytes_type(bits / 8));
  }
  auto table = [&](SymbolTable& to, SymbolKind kind, std::span<const BuiltinName> rows) {
    for (uint32_t i = 0; i < rows.size(); ++i) {
      to.insert(intern(rows[i].name)) = {kind, i};
    }
  };
  table(symbols, SymbolKind::Pattern, pattern_names());
  table(symbols, SymbolKind::BuiltinFunction, function_names());
  table(symbols, SymbolKind::BuiltinConstant, constant_names());
  table(methods, SymbolKind::BuiltinFunction, method_names());
  length = intern("length");
  ok = intern("ok");
  value = intern("value");
  error = intern("error");
  errors = intern("errors");
  result_type = intern("Result");
  main = intern("main");
  min = intern("min");
  max = intern("max");
  wrap = intern("wrap");
  unwrap = intern("unwrap");
  push = intern("push");
  append = intern("append");
}

}  // namespace omega::check
