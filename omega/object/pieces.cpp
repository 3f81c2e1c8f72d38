// SPDX-License-Identifier: Apache-2.0
#include "omega/object/pieces.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace omega::object {
namespace {

constexpr size_t padding_size = 4096;
constexpr std::array<uint8_t, padding_size> zeros{};
constexpr std::array<uint8_t, padding_size> nops = [] {
  std::array<uint8_t, padding_size> bytes{};
  bytes.fill(Pieces::nop);
  return bytes;
}();

}  // namespace

void Pieces::add(Bytes bytes) {
  if (!bytes.empty()) {
    pieces_.push_back(bytes);
    size_ += bytes.size();
  }
}

void Pieces::add(base::PodVector<uint8_t>&& bytes) {
  if (!bytes.empty()) {
    add(Bytes{bytes.data(), bytes.size()});
    owned_.push_back(std::move(bytes));
  }
}

void Pieces::add(Pieces&& other) {
  pieces_.insert(pieces_.end(), other.pieces_.begin(), other.pieces_.end());
  owned_.insert(owned_.end(), std::make_move_iterator(other.owned_.begin()), std::make_move_iterator(other.owned_.end()));
  size_ += other.size_;
  other = Pieces();
}

void Pieces::pad(size_t count, uint8_t fill) {
  OMEGA_DCHECK(fill == 0 || fill == nop, "no such padding");
  for (const std::array<uint8_t, padding_size>& bytes = fill == 0 ? zeros : nops; count != 0;) {
    const size_t part = std::min(count, padding_size);
    add(Bytes{bytes.data(), part});
    count -= part;
  }
}

base::PodVector<uint8_t> Pieces::joined() const {
  base::PodVector<uint8_t> all;
  all.reserve(size_);
  for (const Bytes piece : pieces_) {
    all.append(piece.data(), piece.size());
  }
  return all;
}

}  // namespace omega::object
