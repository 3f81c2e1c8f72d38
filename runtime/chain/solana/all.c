// SPDX-License-Identifier: Apache-2.0
// Everything that a contract on Solana links, in one unit.
#include "runtime/chain/solana/solana.h"

// clang-format off
#include "runtime/chain/memory.c"
#include "runtime/chain/fail.c"
#include "runtime/chain/arithmetic.c"
#include "runtime/chain/encode.c"
#include "runtime/chain/decode.c"
#include "runtime/chain/state.c"
#include "runtime/chain/hash.c"
#include "runtime/chain/ripemd160.c"

#include "runtime/chain/solana/accounts.c"
#include "runtime/chain/solana/state.c"
#include "runtime/chain/solana/borsh.c"
#include "runtime/chain/solana/entry.c"
#include "runtime/chain/solana/message.c"
// clang-format on
