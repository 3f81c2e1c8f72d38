// SPDX-License-Identifier: Apache-2.0
// How calls fail. Where there is no memory left for the data of a failure there is none.
#include "runtime/chain/shared.h"

COLD Status chain_revert(const Bytes* data) {
  chain_machine()->failure = data;
  return kFailed;
}

COLD Status chain_panic(uint32_t code) {
  Bytes* data = chain_new_bytes(36);
  if (data != NULL) {
    const Word word = word_of(code);
    data->data[0] = 0x4e, data->data[1] = 0x48, data->data[2] = 0x7b, data->data[3] = 0x71;  // Panic(uint256)
    write_word(data->data + 4, &word);
  }
  return chain_revert(data);
}

COLD Status chain_revert_error(uint32_t error, const Word* arguments) {
  const Message* message = &chain_errors[error];
  return chain_revert(chain_encode_fields(message->arguments, arguments, message->selector, 1));
}
