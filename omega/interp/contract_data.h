// SPDX-License-Identifier: Apache-2.0
// Data of contracts as the outside sees it: the contract ABI's encodings, to and from the memory of a call.
// Source: Solidity documentation, "Contract ABI Specification".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/interp/contract_memory.h"
#include "omega/ir/contract.h"

namespace omega::interp {

/// How the types of one contract are laid out in encoded data. Immutable, so any thread may read it.
class DataLayout {
 public:
  explicit DataLayout(const ir::Contract& contract);

  const ir::Contract& contract() const { return contract_; }
  const ir::DataType& type(ir::DataTypeId id) const { return contract_.types[id]; }
  /// Not of the same size for every value; encoded behind the head, which holds an offset.
  bool is_dynamic(ir::DataTypeId id) const { return parts_[id].is_dynamic; }
  /// Bytes in the head, a multiple of 32; stays at 2^40 above.
  uint64_t head_bytes(ir::DataTypeId id) const { return is_dynamic(id) ? 32 : parts_[id].parts; }
  /// Bytes of the heads of a struct's or fixed array's parts, wherever they stand.
  uint64_t parts_bytes(ir::DataTypeId id) const { return parts_[id].parts; }
  uint64_t head_bytes(std::span<const ir::DataTypeId> types) const;
  /// The types of a list of fields.
  std::vector<ir::DataTypeId> types_of(ir::DataFields fields) const;

 private:
  struct Part {
    uint64_t parts = 32;
    bool is_dynamic = false;
    bool is_known = false;
  };
  void lay_out(ir::DataTypeId id);

  const ir::Contract& contract_;
  std::vector<ir::DataTypeFacts> facts_;
  std::vector<Part> parts_;
};

/// Encodes and decodes values of a contract's types, which lie in `memory`. Recurses as deep as types nest.
class DataCodec {
 public:
  DataCodec(const DataLayout& layout, ContractMemory& memory, ContractBudget& budget) : layout_(layout), memory_(memory), budget_(budget) {}

  /// abi.encode: the values as a tuple.
  std::string encode(std::span<const ir::DataTypeId> types, std::span<const Word> values);
  /// abi.encodePacked.
  std::string encode_packed(std::span<const ir::DataTypeId> types, std::span<const Word> values);
  /// The topic of an indexed argument: the value, or the hash of what is referred to.
  Word topic(ir::DataTypeId type, const Word& value);
  /// The values of a tuple. Throws ContractRevert without data when the bytes are no such tuple; bytes behind it do not matter.
  std::vector<Word> decode(std::string_view bytes, std::span<const ir::DataTypeId> types);
  /// The same for the parameters of an entry.
  std::vector<Word> decode(std::string_view bytes, ir::DataFields parameters);

 private:
  void put(uint64_t at, const Word& value) { write_word(out_.data() + at, value); }
  void append(const Word& value) { grow(32), put(out_.size() - 32, value); }
  void append_bytes(std::string_view bytes, bool padded);
  void grow(uint64_t count);
  /// Writes the head of a value at `at` and, when it is dynamic, the rest to the end; offsets count from `base`.
  void encode_one(ir::DataTypeId id, const Word& value, uint64_t at, uint64_t base);
  void encode_tail(ir::DataTypeId id, const Word& value);
  void encode_parts(ir::DataTypeId id, const Word& value, uint64_t at, uint64_t base);
  void append_in_place(ir::DataTypeId id, const Word& value, bool is_whole);
  void append_packed(ir::DataTypeId id, const Word& value);

  void demand(bool condition) const {
    if (!condition) {
      throw ContractRevert{};
    }
  }
  Word read(uint64_t at) const { return word_from_bytes(in_.substr(at, 32)); }
  uint64_t read_length(uint64_t at, uint64_t unit) const;
  Word decode_one(ir::DataTypeId id, uint64_t at, uint64_t base);
  Word decode_tail(ir::DataTypeId id, uint64_t at);
  Word decode_parts(ir::DataTypeId id, uint64_t at, uint64_t base);
  Word decode_value(const ir::DataType& type, uint64_t at) const;

  const DataLayout& layout_;
  ContractMemory& memory_;
  ContractBudget& budget_;
  std::string out_;
  std::string_view in_;
  bool is_calldata_ = false;  ///< what is decoded is declared so
};

/// A value of a kind up to Enum as a word of encoded data: `bytes N` stand at its beginning.
Word encoded_word(const ir::DataType& type, const Word& value);

/// Revert data of Panic(uint256).
std::string panic_data(uint64_t code);

}  // namespace omega::interp
