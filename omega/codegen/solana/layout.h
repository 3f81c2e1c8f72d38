// SPDX-License-Identifier: Apache-2.0
// Where values of the state stand in Solana's accounts: the tables that runtime/chain/solana reads, computed from a contract's types.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "omega/ir/contract.h"

namespace omega::codegen::solana {

/// As kInPlace of runtime/chain/solana/solana.h.
inline constexpr uint8_t kInPlace = 0xff;
/// What one account holds behind its header, at most: a call can make an account of 10 KiB (MAX_PERMITTED_DATA_INCREASE of Agave).
inline constexpr uint64_t kMostBytes = 10240 - 48;

struct Layout {
  std::vector<uint32_t> sizes;             ///< of each type, where it stands
  std::vector<uint8_t> chunk_shifts;       ///< of each type: of arrays, how many elements an account holds, as a power of two; or kInPlace
  std::vector<uint32_t> field_offsets;     ///< of each field of the contract's: in its struct
  std::vector<uint32_t> variable_offsets;  ///< of the variables and behind them the immutables
  uint32_t state_size = 0;
  std::string too_large;  ///< what no account can hold; empty: everything fits
};

/// The layout of a contract that verify() accepts. Pure.
Layout layout_of(const ir::Contract& contract);

}  // namespace omega::codegen::solana
