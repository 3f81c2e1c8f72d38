// SPDX-License-Identifier: Apache-2.0
// The memory of one call of a contract: objects of bytes or words, which live until the call ends.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/check.h"
#include "omega/interp/contract_word.h"

namespace omega::interp {

/// Thrown: the call ends and what it wrote is undone. `data` is what the caller gets.
struct ContractRevert {
  std::string data;
};

/// What a run may use, shared by all calls under way in it. Going over throws a revert without data, as running out of gas is one.
struct ContractBudget {
  uint64_t steps = 0;   ///< instructions, and 32 bytes moved
  uint64_t memory = 0;  ///< bytes

  void take_steps(uint64_t count) {
    if (count > steps) {
      steps = 0;
      throw ContractRevert{};
    }
    steps -= count;
  }
};

/// References are numbers of objects; 0 is null, which is an empty object.
class ContractMemory {
 public:
  explicit ContractMemory(ContractBudget& budget) : budget_(budget) { objects_.push_back({0, 0}); }
  ContractMemory(const ContractMemory&) = delete;
  ContractMemory& operator=(const ContractMemory&) = delete;
  ~ContractMemory() { budget_.memory += taken_; }

  /// Zeroed.
  Word new_bytes(uint64_t count) {
    take(count);
    objects_.push_back({bytes_.size(), count});
    bytes_.resize(bytes_.size() + count);
    return word_of(objects_.size() - 1);
  }
  Word new_bytes(std::string_view text) {
    const Word ref = new_bytes(text.size());
    text.copy(bytes_.data() + objects_.back().first, text.size());
    return ref;
  }
  /// Zeroed.
  Word new_words(uint64_t count) {
    if (count > budget_.memory / 32) {
      throw ContractRevert{};
    }
    take(count * 32);
    objects_.push_back({words_.size(), count});
    words_.resize(words_.size() + count);
    return word_of(objects_.size() - 1);
  }

  uint64_t length(const Word& ref) const { return object(ref).count; }
  /// Holds until the next object is made.
  std::span<char> bytes(const Word& ref) {
    const Object& o = object(ref);
    OMEGA_CHECK(o.count <= bytes_.size() - o.first, "an object of bytes");
    return {bytes_.data() + o.first, o.count};
  }
  std::string_view text(const Word& ref) {
    const std::span<char> all = bytes(ref);
    return {all.data(), all.size()};
  }
  /// Holds until the next object is made.
  std::span<Word> words(const Word& ref) {
    const Object& o = object(ref);
    OMEGA_CHECK(o.first <= words_.size() && o.count <= words_.size() - o.first, "an object of words");
    return {words_.data() + o.first, o.count};
  }

 private:
  struct Object {
    uint64_t first;
    uint64_t count;
  };
  const Object& object(const Word& ref) const {
    OMEGA_CHECK(fits_64(ref) && ref.limb[0] < objects_.size(), "a reference to memory");
    return objects_[ref.limb[0]];
  }
  void take(uint64_t count) {
    constexpr uint64_t kObjectBytes = 32;  // so that many small ones count too
    if (count > budget_.memory || budget_.memory - count < kObjectBytes) {
      throw ContractRevert{};
    }
    budget_.take_steps(count / 32);
    budget_.memory -= count + kObjectBytes;
    taken_ += count + kObjectBytes;
  }

  ContractBudget& budget_;
  uint64_t taken_ = 0;
  std::vector<Object> objects_;
  std::vector<char> bytes_;
  std::vector<Word> words_;
};

}  // namespace omega::interp
