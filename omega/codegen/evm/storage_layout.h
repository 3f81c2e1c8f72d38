// SPDX-License-Identifier: Apache-2.0
// Where state lies in storage, by Solidity's rules. Source: "Layout of State Variables in Storage" of the Solidity documentation, 0.8.
#pragma once

#include <string>
#include <vector>

#include "omega/codegen/evm/word.h"
#include "omega/ir/contract.h"

namespace omega::codegen::evm {

/// A place in storage: byte 0 of a slot is its least significant.
struct StoragePlace {
  Word slot;
  uint32_t offset = 0;
  bool is_alone = true;  ///< nothing else lies in the slot: the bits around the value are zero
};

/// Sizes and places of a contract's data. Immutable once made; any thread.
class StorageLayout {
 public:
  explicit StorageLayout(const ir::Contract& contract);

  /// Bytes of a value inside a slot: 1 to 32; 32 for what takes whole slots.
  [[nodiscard]] uint32_t bytes(ir::DataTypeId type) const { return bytes_[type]; }
  /// Whole slots that data of this type take, at least 1.
  [[nodiscard]] const Word& slots(ir::DataTypeId type) const { return slots_[type]; }
  [[nodiscard]] const StoragePlace& variable(uint32_t number) const { return variables_[number]; }
  /// In transient storage, which is laid out by the same rules.
  [[nodiscard]] const StoragePlace& transient(uint32_t number) const { return transients_[number]; }
  /// The place of field k of a struct relative to its beginning.
  [[nodiscard]] const StoragePlace& field(ir::DataTypeId structure, uint32_t k) const { return fields_[contract_.types[structure].first_field + k]; }
  /// Elements of this type that share a slot in an array; 1 when they do not.
  [[nodiscard]] uint32_t per_slot(ir::DataTypeId element) const { return bytes_[element] <= 16 ? 32 / bytes_[element] : 1; }
  /// The layout as solc writes it (`storageLayout`). `source` is the file's name.
  [[nodiscard]] std::string json(const std::string& source) const;

 private:
  void measure(ir::DataTypeId type);
  Word place(const std::vector<ir::DataTypeId>& types, std::vector<StoragePlace>& places, size_t first) const;
  [[nodiscard]] std::string type_key(ir::DataTypeId type) const;
  [[nodiscard]] std::string label(ir::DataTypeId type) const;

  const ir::Contract& contract_;
  std::vector<uint32_t> bytes_;
  std::vector<Word> slots_;
  std::vector<bool> measured_;
  std::vector<StoragePlace> variables_;
  std::vector<StoragePlace> transients_;
  std::vector<StoragePlace> fields_;  ///< as Contract::fields
};

}  // namespace omega::codegen::evm
