// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/evm/assembler.h"

#include <algorithm>
#include <unordered_map>

#include "omega/base/check.h"
#include "omega/base/hash.h"

namespace omega::codegen::evm {

namespace {

constexpr uint8_t kPop = 0x50, kNot = 0x19, kShl = 0x1b, kShr = 0x1c, kPush0 = 0x5f, kJumpdest = 0x5b;

bool is_dup(uint8_t byte) { return byte >= 0x80 && byte < 0x90; }
bool is_swap(uint8_t byte) { return byte >= 0x90 && byte < 0xa0; }

/// Control does not come out behind it.
bool is_end(uint8_t byte) { return byte == 0x00 || byte == 0x56 || byte == 0xf3 || byte == 0xfd || byte == 0xfe; }

}  // namespace

void Assembler::place(LabelId label) {
  add({Kind::Label, 0, label, location_});
  barrier();
}

void Assembler::push_plain(const Word& word) {
  words_.push_back(word);
  add({Kind::Push, 0, static_cast<uint32_t>(words_.size() - 1), location_});
}

/// A byte of code costs 200 gas when the contract is made; an operation of 3 gas in 200 runs the same as three bytes.
void Assembler::push(const Word& word) {
  const uint32_t bytes = word.byte_length();
  const uint32_t zeros = word.trailing_zeros() / 8 * 8;
  const Word inverse = ~word;
  const uint32_t ones = word.bit_length();
  // Each alternative: bytes and operations beyond a plain push.
  const uint32_t plain = bytes;
  const uint32_t by_not = inverse.byte_length() + 1 + 3;
  const uint32_t by_shift = bytes < 3 ? 99 : bytes - zeros / 8 + 3 + 6;
  const uint32_t by_mask = ones != 0 && word == Word::ones(ones) ? 4 + 8 : 99;
  const uint32_t best = std::min({plain, by_not, by_shift, by_mask});
  if (best == plain) {
    push_plain(word);
  } else if (best == by_mask) {
    push_plain(0);
    add({Kind::Op, kNot, 0, location_});
    push_plain(256 - ones);
    add({Kind::Op, kShr, 0, location_});
  } else if (best == by_not) {
    push_plain(inverse);
    add({Kind::Op, kNot, 0, location_});
  } else {
    push_plain(shift_right(word, zeros));
    push_plain(zeros);
    add({Kind::Op, kShl, 0, location_});
  }
}

/// True when the operation and what stands before it are done.
bool Assembler::mend(uint8_t byte) {
  if (items_.size() <= barrier_) {
    return false;
  }
  const Item last = items_.back();
  const bool pushes = last.kind == Kind::Push || last.kind == Kind::PushLabel || (last.kind == Kind::Op && is_dup(last.op));
  if (byte == kPop && pushes) {
    items_.pop_back();
    return true;
  }
  if (last.kind != Kind::Op) {
    return false;
  }
  if (is_swap(byte) && last.op == byte) {
    items_.pop_back();
    return true;
  }
  if (byte == 0x90 && last.op == 0x80) {
    return true;  // both are the same
  }
  if (last.op == 0x90) {
    const Op other = exchanged(static_cast<Op>(byte));
    if (other != Op::Stop) {
      items_.pop_back();
      op_byte(static_cast<uint8_t>(other));
      return true;
    }
  }
  return false;
}

void Assembler::op_byte(uint8_t byte) {
  if (!mend(byte)) {
    add({Kind::Op, byte, 0, location_});
  }
}

LabelId Assembler::resolve(LabelId label) const {
  while (targets_[label] != kNone) {
    label = targets_[label];
  }
  return label;
}

/// Pieces between a label and an end that hold the same are kept once; a second round finds those that differed in such labels. What was written at several
/// places has no place in the source any more.
void Assembler::merge_equal_tails() {
  // A label belongs to what it leads to.
  for (size_t i = items_.size(); i-- > 1;) {
    if (items_[i - 1].kind == Kind::Label) {
      items_[i - 1].location = items_[i].location;
    }
  }
  for (uint32_t round = 0; round < 2; ++round) {
    struct Piece {
      size_t first, end;
    };
    std::unordered_map<uint64_t, Piece> pieces;
    std::vector<bool> gone(items_.size(), false);
    const auto same = [&](const Item& x, const Item& y) {
      if (x.kind != y.kind || x.op != y.op) {
        return false;
      }
      return x.kind == Kind::Push ? words_[x.value] == words_[y.value] : x.kind == Kind::PushLabel ? resolve(x.value) == resolve(y.value) : x.value == y.value;
    };
    bool any = false;
    // Falling into a label from before is a way that a removed piece would break.
    bool falls = false;
    for (size_t i = 0; i < items_.size();) {
      if (items_[i].kind != Kind::Label) {
        falls = !(items_[i].kind == Kind::Op && is_end(items_[i].op));
        ++i;
        continue;
      }
      size_t end = i + 1;
      uint64_t hash = 0;
      bool ends = false;
      while (end < items_.size() && items_[end].kind != Kind::Label && !ends) {
        const Item& item = items_[end++];
        const uint64_t value = item.kind == Kind::Push ? WordHash()(words_[item.value]) : item.kind == Kind::PushLabel ? resolve(item.value) : item.value;
        hash = base::hash_combine(hash, base::hash_combine(value, static_cast<uint64_t>(item.kind) << 8 | item.op));
        ends = item.kind == Kind::Op && is_end(item.op);
      }
      if (ends && !falls) {
        const auto [at, is_new] = pieces.try_emplace(hash, Piece{i, end});
        const Piece& other = at->second;
        if (!is_new && other.end - other.first == end - i &&
            std::equal(items_.begin() + static_cast<ptrdiff_t>(i) + 1, items_.begin() + static_cast<ptrdiff_t>(end),
                       items_.begin() + static_cast<ptrdiff_t>(other.first) + 1, same)) {
          targets_[resolve(items_[i].value)] = resolve(items_[other.first].value);
          for (size_t k = 0; k < end - i; ++k) {
            Item& kept = items_[other.first + k];
            const uint32_t other_location = items_[i + k].location;
            if (kept.location != other_location && program_.locations[kept.location] != program_.locations[other_location]) {
              kept.location = 0;
            }
          }
          std::fill(gone.begin() + static_cast<ptrdiff_t>(i), gone.begin() + static_cast<ptrdiff_t>(end), true);
          any = true;
        }
      }
      falls = !ends;
      i = end;
    }
    if (!any) {
      return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < items_.size(); ++i) {
      if (!gone[i]) {
        items_[kept++] = items_[i];
      }
    }
    items_.resize(kept);
  }
}

uint32_t Assembler::place_bytes(const Item& item) const {
  return static_cast<Op>(0x100 + item.op) == Op::HeapStart ? Word(program_.heap_start).byte_length() : place_bytes_;
}

uint32_t Assembler::size_of(const Item& item) const {
  switch (item.kind) {
    case Kind::Op:
    case Kind::Label: return 1;
    case Kind::Push: return 1 + words_[item.value].byte_length();
    case Kind::PushLabel: return 1 + label_bytes_[resolve(item.value)];
    case Kind::PushImmutable: return 33;
    case Kind::PushPlace: return 1 + place_bytes(item);
  }
  return 0;
}

/// Begins with pushes that are long enough for any code and shortens them while that helps: what is shorter brings nothing farther away, so
/// every state on the way is right.
void Assembler::find_offsets(const Appendix& appendix) {
  label_bytes_.assign(targets_.size(), 3);
  offsets_.assign(targets_.size(), kNone);
  data_at_.assign(program_.data.size(), 0);
  for (uint32_t round = 0; round < 5; ++round) {
    uint32_t at = 0;
    for (const Item& item : items_) {
      if (item.kind == Kind::Label) {
        offsets_[item.value] = at;
      }
      at += size_of(item);
    }
    code_size_ = at;
    for (uint32_t i = 0; i < program_.data.size(); ++i) {
      data_at_[i] = at;
      at += static_cast<uint32_t>(program_.data[i].size());
    }
    runtime_at_ = at;
    runtime_size_ = static_cast<uint32_t>(appendix.runtime.size());
    program_size_ = at + runtime_size_;
    bool shorter = false;
    for (LabelId label = 0; label < targets_.size(); ++label) {
      if (offsets_[label] == kNone) {
        continue;
      }
      const uint8_t bytes = offsets_[label] < 0x100 ? 1 : offsets_[label] < 0x10000 ? 2 : 3;
      shorter = shorter || bytes < label_bytes_[label];
      label_bytes_[label] = std::min(label_bytes_[label], bytes);
    }
    if (program_size_ < 0x10000 && place_bytes_ == 3) {
      place_bytes_ = 2;
      shorter = true;
    }
    if (!shorter) {
      return;
    }
  }
  // The last round may have shortened pushes: offsets once more.
  uint32_t at = 0;
  for (const Item& item : items_) {
    if (item.kind == Kind::Label) {
      offsets_[item.value] = at;
    }
    at += size_of(item);
  }
  const uint32_t moved = code_size_ - at;
  code_size_ = at;
  for (uint32_t& place : data_at_) {
    place -= moved;
  }
  runtime_at_ -= moved;
  program_size_ -= moved;
}

Word Assembler::place_value(const Item& item) const {
  switch (static_cast<Op>(0x100 + item.op)) {
    case Op::RuntimeOffset: return runtime_at_;
    case Op::RuntimeSize: return runtime_size_;
    case Op::HeapStart: return program_.heap_start;
    case Op::ProgramSize: return program_size_;
    default: return data_at_[item.value];
  }
}

Assembled Assembler::finish(const Appendix& appendix) {
  merge_equal_tails();
  find_offsets(appendix);
  Assembled result;
  result.bytes.reserve(program_size_);
  const auto put = [&](const Word& word, uint32_t bytes) {
    result.bytes.push_back(static_cast<char>(kPush0 + bytes));
    for (uint32_t i = bytes; i-- > 0;) {
      result.bytes.push_back(static_cast<char>(word.byte(i)));
    }
  };
  for (const Item& item : items_) {
    result.locations.push_back(item.location);
    switch (item.kind) {
      case Kind::Op: result.bytes.push_back(static_cast<char>(item.op)); break;
      case Kind::Label: result.bytes.push_back(static_cast<char>(kJumpdest)); break;
      case Kind::Push: put(words_[item.value], words_[item.value].byte_length()); break;
      case Kind::PushLabel: {
        const LabelId label = resolve(item.value);
        OMEGA_CHECK(offsets_[label] != kNone, "a label that is jumped to is placed");
        put(offsets_[label], label_bytes_[label]);
        break;
      }
      case Kind::PushImmutable:
        result.immutables.push_back({item.value, static_cast<uint32_t>(result.bytes.size() + 1)});
        put(0, 32);
        break;
      case Kind::PushPlace: put(place_value(item), place_bytes(item)); break;
    }
  }
  OMEGA_CHECK(result.bytes.size() == code_size_, "code is as long as its offsets say");
  for (const std::string& piece : program_.data) {
    result.bytes += piece;
  }
  result.bytes += appendix.runtime;
  return result;
}

std::string Assembler::listing() const {
  std::string text;
  for (const Item& item : items_) {
    switch (item.kind) {
      case Kind::Op:
        if (is_dup(item.op)) {
          text += "DUP" + std::to_string(item.op - 0x7f);
        } else if (is_swap(item.op)) {
          text += "SWAP" + std::to_string(item.op - 0x8f);
        } else {
          text += op_info(static_cast<Op>(item.op)).name;
        }
        break;
      case Kind::Push: text += "PUSH " + words_[item.value].decimal(); break;
      case Kind::PushLabel: text += "PUSH L" + std::to_string(resolve(item.value)); break;
      case Kind::Label: text += "L" + std::to_string(item.value) + ":"; break;
      case Kind::PushImmutable: text += "PUSH immutable " + std::to_string(item.value); break;
      case Kind::PushPlace: text += "PUSH place"; break;
    }
    text += "\n";
  }
  return text;
}

}  // namespace omega::codegen::evm
