// SPDX-License-Identifier: Apache-2.0
// Who signed a hash, over the curve secp256k1.
#pragma once

#include "omega/interp/contract_word.h"

namespace omega::interp {

/// The address of the key that signed `hash` with (`v`, `r`, `s`), `v` being 27 or 28; 0 when there is none. Source: the yellow paper, appendix F, and
/// SEC 1: Elliptic Curve Cryptography, version 2.0, section 4.1.6; the curve's parameters from SEC 2, section 2.4.1. Slow and not constant in time: all
/// that it sees is public.
Address recover_signer(const Word& hash, const Word& v, const Word& r, const Word& s);

}  // namespace omega::interp
