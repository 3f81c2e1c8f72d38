// SPDX-License-Identifier: Apache-2.0
// The C of CosmWasm as one translation unit: what no contract needs vanishes. The parts of this folder stand in the order of their use, one block each.
#include "runtime/chain/cosmos/host.h"

#define CHAIN_GROWS_MEMORY
int chain_grow(uint64_t size);

#include "runtime/chain/arithmetic.c"
#include "runtime/chain/decode.c"
#include "runtime/chain/encode.c"
#include "runtime/chain/fail.c"
#include "runtime/chain/hash.c"
#include "runtime/chain/keccak256.c"
#include "runtime/chain/memory.c"
#include "runtime/chain/ripemd160.c"
#include "runtime/chain/sha256.c"
#include "runtime/chain/state.c"

#include "runtime/chain/cosmos/library_calls.c"

#include "runtime/chain/cosmos/memory.c"

#include "runtime/chain/cosmos/writer.c"

#include "runtime/chain/cosmos/address.c"

#include "runtime/chain/cosmos/reader.c"

#include "runtime/chain/cosmos/value.c"

#include "runtime/chain/cosmos/state.c"

#include "runtime/chain/cosmos/message.c"

#include "runtime/chain/cosmos/coins.c"

#include "runtime/chain/cosmos/answer.c"

#include "runtime/chain/cosmos/failure.c"

#include "runtime/chain/cosmos/entry.c"
