// SPDX-License-Identifier: Apache-2.0
#include "python/native/things.h"

#include <algorithm>

namespace omega::python {
namespace {

size_t hash_of(const void* thing) { return (reinterpret_cast<uintptr_t>(thing) >> 4) * 0x9E3779B97F4A7C15ULL >> 20; }

}  // namespace

void Things::grow() {
  table_.assign(std::max<size_t>(32, table_.size() * 2), 0);
  for (uint32_t i = 0; i < things_.size(); ++i) {
    size_t at = hash_of(things_[i]) & (table_.size() - 1);
    while (table_[at] != 0) {
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = i + 1;
  }
}

bool Things::add(const void* thing) {
  if (has(thing)) {
    return false;
  }
  things_.push_back(thing);
  mask_ |= uint64_t{1} << (hash_of(thing) & 63);
  if (things_.size() * 2 > table_.size()) {
    if (things_.size() > 8) {
      grow();
    }
  } else {
    size_t at = hash_of(thing) & (table_.size() - 1);
    while (table_[at] != 0) {
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = static_cast<uint32_t>(things_.size());
  }
  return true;
}

void Things::add_all(const Things& others) {
  for (const void* each : others) {
    add(each);
  }
}

bool Things::has(const void* thing) const {
  if ((mask_ >> (hash_of(thing) & 63) & 1) == 0) {
    return false;
  }
  if (table_.empty()) {
    return std::ranges::find(things_, thing) != things_.end();
  }
  for (size_t at = hash_of(thing) & (table_.size() - 1); table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    if (things_[table_[at] - 1] == thing) {
      return true;
    }
  }
  return false;
}

bool Things::meets(const Things& others) const {
  if ((mask_ & others.mask_) == 0) {
    return false;
  }
  const bool is_smaller = things_.size() < others.things_.size();
  const Things& larger = is_smaller ? others : *this;
  return std::ranges::any_of(is_smaller ? things_ : others.things_, [&](const void* each) { return larger.has(each); });
}

bool Things::has_all(const Things& others) const {
  return (others.mask_ & ~mask_) == 0 && std::ranges::all_of(others.things_, [&](const void* each) { return has(each); });
}

}  // namespace omega::python
