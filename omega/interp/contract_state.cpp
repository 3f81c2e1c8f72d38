// SPDX-License-Identifier: Apache-2.0
#include "omega/interp/contract_state.h"

namespace omega::interp {

using ir::DataKind;
using ir::DataType;
using ir::DataTypeId;

namespace {

/// Data of recursive types may be as deep as somebody made them; deeper than this is as running out of gas.
constexpr uint32_t kDeepestData = 512;

bool is_bytes(const DataType& type) { return type.kind == DataKind::Bytes || type.kind == DataKind::String; }

}  // namespace

PlaceId ContractState::place(PlaceId parent, Step step, std::string_view key) {
  std::string name = word_bytes(word_of(parent), sizeof parent);
  name += static_cast<char>(step);
  name += key;
  const auto [it, is_new] = places_.try_emplace(std::move(name), cells_.size());
  if (is_new) {
    cells_.emplace_back();
  }
  return it->second;
}

void ContractState::set(PlaceId place, StateCell cell, ContractJournal& journal) {
  journal.push_back({this, place, std::move(cells_[place])});
  cells_[place] = std::move(cell);
}

void ContractState::take_back(ContractJournal& journal) {
  cells_[journal.back().place] = std::move(journal.back().before);
  journal.pop_back();
}

void StateAccess::enter(uint32_t depth) {
  if (depth > kDeepestData) {
    throw ContractRevert{};
  }
  budget_.take_steps(1);
}

PlaceId StateAccess::part(const DataType& type, PlaceId place, uint64_t k) {
  return state_.place(place, type.kind == DataKind::Struct ? ContractState::Step::Field : ContractState::Step::Element, word_bytes(word_of(k)));
}

DataTypeId StateAccess::part_type(const DataType& type, uint64_t k) const {
  return type.kind == DataKind::Struct ? layout_.contract().fields[type.first_field + k].type : type.element;
}

uint64_t StateAccess::part_count(const DataType& type, PlaceId place) const {
  if (type.kind != DataKind::Array) {
    return type.kind == DataKind::Struct ? type.field_count : type.length;
  }
  const Word& length = state_.at(place).word;
  return fits_64(length) ? length.limb[0] : ~uint64_t{0};
}

Word StateAccess::get(DataTypeId id, PlaceId place, uint32_t depth) {
  enter(depth);
  const DataType& type = layout_.type(id);
  if (ir::is_value_kind(type.kind)) {
    return state_.at(place).word;
  }
  if (is_bytes(type)) {
    return memory_.new_bytes(std::string_view(state_.at(place).bytes));
  }
  const Word object = memory_.new_words(part_count(type, place));
  for (uint64_t k = 0; k < memory_.length(object); ++k) {
    const Word value = get(part_type(type, k), part(type, place, k), depth + 1);
    memory_.words(object)[k] = value;
  }
  return object;
}

void StateAccess::set(DataTypeId id, PlaceId place, const Word& value, uint32_t depth) {
  enter(depth);
  const DataType& type = layout_.type(id);
  if (ir::is_value_kind(type.kind)) {
    return state_.set(place, {value, {}}, journal_);
  }
  if (is_bytes(type)) {
    const std::string_view text = memory_.text(value);
    budget_.take_steps(text.size() / 32);
    return state_.set(place, {{}, std::string(text)}, journal_);
  }
  const uint64_t count = memory_.length(value);
  if (type.kind == DataKind::Array) {
    resize(id, place, word_of(count), depth);
  }
  OMEGA_CHECK(count == part_count(type, place), "an object has the words of its type");
  for (uint64_t k = 0; k < count; ++k) {
    const Word element = memory_.words(value)[k];
    set(part_type(type, k), part(type, place, k), element, depth + 1);
  }
}

void StateAccess::clear(DataTypeId id, PlaceId place, uint32_t depth) {
  enter(depth);
  const DataType& type = layout_.type(id);
  if (type.kind == DataKind::Array) {
    return resize(id, place, word_of(0), depth);
  }
  if (ir::is_value_kind(type.kind) || is_bytes(type)) {
    return state_.set(place, {}, journal_);
  }
  if (type.kind == DataKind::Mapping) {
    return;
  }
  for (uint64_t k = 0; k < part_count(type, place); ++k) {
    clear(part_type(type, k), part(type, place, k), depth + 1);
  }
}

Word StateAccess::length(DataTypeId id, PlaceId place) const {
  return is_bytes(layout_.type(id)) ? word_of(state_.at(place).bytes.size()) : state_.at(place).word;
}

void StateAccess::resize(DataTypeId id, PlaceId place, const Word& length, uint32_t depth) {
  enter(depth);
  const DataType& type = layout_.type(id);
  if (is_bytes(type)) {
    std::string bytes = state_.at(place).bytes;
    if (!fits_64(length) || length.limb[0] > budget_.memory) {
      throw ContractRevert{};
    }
    budget_.take_steps(length.limb[0] / 32);
    bytes.resize(length.limb[0]);
    return state_.set(place, {{}, std::move(bytes)}, journal_);
  }
  const uint64_t before = part_count(type, place);
  for (uint64_t k = fits_64(length) ? length.limb[0] : before; k < before; ++k) {
    clear(type.element, part(type, place, k), depth + 1);
  }
  state_.set(place, {length, {}}, journal_);
}

}  // namespace omega::interp
