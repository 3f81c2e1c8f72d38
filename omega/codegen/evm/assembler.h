// SPDX-License-Identifier: Apache-2.0
// Assembler: operations, constants and labels to bytes, with the shortest pushes of jump destinations.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/codegen/evm/code.h"

namespace omega::codegen::evm {

using LabelId = uint32_t;

/// Where a value that is known only when the contract is made stands in the code: the 32 bytes of a PUSH32.
struct ImmutablePlace {
  uint32_t immutable;
  uint32_t offset;
};

/// Code as bytes.
struct Assembled {
  std::string bytes;
  std::vector<ImmutablePlace> immutables;
  /// For each operation in order: its place in the source, as an index into Program::locations. Of the code only, not of data behind it.
  base::PodVector<uint32_t> locations;
};

/// What an assembler needs to know of code that is put behind its own.
struct Appendix {
  std::string_view runtime;  ///< of init code: the code that stays
};

/// Takes a stream of operations, mends it a little where neighbours allow (peephole.cpp), and gives bytes. Not thread-safe.
class Assembler {
 public:
  explicit Assembler(const Program& program) : program_(program) {}

  LabelId new_label() {
    targets_.push_back(kNone);
    return static_cast<LabelId>(targets_.size() - 1);
  }
  /// A JUMPDEST here.
  void place(LabelId label);
  /// `label` means what `other` means; `label` is placed nowhere.
  void alias(LabelId label, LabelId other) { targets_[label] = other; }
  void op(Op op) { op_byte(static_cast<uint8_t>(op)); }
  void dup(uint32_t depth) { op_byte(static_cast<uint8_t>(0x80 + depth)); }       ///< depth 0: DUP1
  void swap(uint32_t depth) { op_byte(static_cast<uint8_t>(0x90 + depth - 1)); }  ///< depth 1: SWAP1
  /// In the form that costs least for some hundreds of runs.
  void push(const Word& word);
  void push_label(LabelId label) { add({Kind::PushLabel, 0, label, location_}); }
  void push_immutable(uint32_t number) { add({Kind::PushImmutable, 0, number, location_}); }
  /// RuntimeOffset, RuntimeSize, ProgramSize or DataOffset.
  void push_place(Op what, uint32_t number) { add({Kind::PushPlace, static_cast<uint8_t>(static_cast<uint32_t>(what) & 0xff), number, location_}); }
  void set_location(uint32_t location) { location_ = location; }

  /// The stream so far; items from `mark` on are forgotten by rewind(mark).
  [[nodiscard]] size_t mark() const { return items_.size(); }
  void rewind(size_t mark) {
    items_.resize(mark);
    barrier_ = mark;
  }
  /// Nothing before this point is mended any more.
  void barrier() { barrier_ = items_.size(); }

  /// Makes the bytes. Parts that are equal and end the way of execution are kept once.
  Assembled finish(const Appendix& appendix);

  /// The operations as text, one a line; for tests.
  [[nodiscard]] std::string listing() const;

 private:
  enum class Kind : uint8_t { Op, Push, PushLabel, Label, PushImmutable, PushPlace };
  struct Item {
    Kind kind;
    uint8_t op;      ///< byte of Op; low byte of the pseudo-operation of PushPlace
    uint32_t value;  ///< Push: index into words_; labels; numbers
    uint32_t location;
  };

  void op_byte(uint8_t byte);
  void add(const Item& item) { items_.push_back(item); }
  bool mend(uint8_t byte);
  void push_plain(const Word& word);
  [[nodiscard]] LabelId resolve(LabelId label) const;
  void merge_equal_tails();
  [[nodiscard]] uint32_t place_bytes(const Item& item) const;
  [[nodiscard]] uint32_t size_of(const Item& item) const;
  void find_offsets(const Appendix& appendix);
  [[nodiscard]] Word place_value(const Item& item) const;

  const Program& program_;
  std::vector<Item> items_;
  std::vector<Word> words_;
  std::vector<LabelId> targets_;   ///< kNone, or the label it stands for
  std::vector<uint32_t> offsets_;  ///< of labels
  std::vector<uint32_t> data_at_;  ///< of the pieces of data
  uint32_t code_size_ = 0, runtime_at_ = 0, runtime_size_ = 0, program_size_ = 0;
  uint32_t place_bytes_ = 3;  ///< bytes of a pushed place
  std::vector<uint8_t> label_bytes_;
  size_t barrier_ = 0;
  uint32_t location_ = 0;
};

}  // namespace omega::codegen::evm
