// SPDX-License-Identifier: Apache-2.0
// What a contract compiled through LLVM (Solana, CosmWasm) and the C code linked to it have in common: the forms of values in memory, the tables that
// describe the contract, and the functions each side gives the other.
//
// Three parties meet here:
//   the module   LLVM text that omega/codegen/llvm writes from a contract's IR: its functions, and its tables as constants
//   shared code  runtime/chain/*.c: arithmetic, data, state of composite types; the same for every chain
//   the chain    runtime/chain/solana/, runtime/chain/cosmos/: entry, messages, leaves of the state, events
// The C code of one chain is one translation unit (all.c of the chain), so that all of it is inlined and nothing but entry points is left over.
//
// Nothing here allocates what must be freed: memory is handed out upwards and lives as long as the call. There is no writable global data (Solana has
// none): what lives beside the heap is in the Machine, which the chain puts where it likes.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A number of up to 256 bits, extended by its own sign, least significant limb first; or a reference, in limb[0], the others zero. Null: all zero.
typedef struct {
  uint64_t limb[4];
} Word;

/// bytes and string. A null pointer is empty.
typedef struct {
  uint64_t length;
  uint8_t data[];
} Bytes;

/// A dynamic array in memory: words, whatever it holds. A null pointer is empty. Fixed arrays and structs are words without a length in front.
typedef struct {
  uint64_t length;
  Word data[];
} Array;

/// A place in the state. What its words mean is the chain's; it is copied freely. The module hands out addresses of places, whose owner keeps them. In the
/// last word, which says nothing of where the place is, the chain may note what it has found out about it.
typedef struct {
  uint64_t word[5];
  uint64_t note;
} Place;

/// What functions of the contract and most of those here give back: kDone, or kFailed when the call is over: Machine::failure says why, and every caller
/// returns at once. As wide as a register, for a narrower one is cut out of it by each who looks.
typedef uint64_t Status;
enum { kDone = 0, kFailed = 1 };

// ---- the contract's tables, constants of the module; numbers and orders are those of ir::Contract (omega/ir/contract.h) ----

/// ir::DataKind, in its order.
enum Kind { kBool, kUnsigned, kSigned, kFixedBytes, kAddress, kEnum, kBytes, kString, kArray, kFixedArray, kMapping, kStruct };
enum { kNone = 0xffffffffu };

/// ir::DataType.
typedef struct {
  uint32_t kind;
  uint32_t bits;
  uint64_t length;
  uint32_t key;
  uint32_t element;
  uint32_t first_field;
  uint32_t field_count;
  uint64_t part_bytes;  ///< encoded: bytes of the heads of its parts, 32 of a value; stays at 2^40 above. 0 for mappings and recursive types
  uint64_t is_dynamic;  ///< encoded: behind the head, which is 32 bytes then; else the head is part_bytes
} DataType;

/// Text in chain_names.
typedef struct {
  uint32_t first;
  uint32_t length;
} Name;

/// ir::DataField. flags: kIndexed, kCalldata.
typedef struct {
  Name name;
  uint32_t type;
  uint32_t flags;
} Field;
enum { kIndexed = 1, kCalldata = 2 };

/// Fields [first, first + count) of chain_fields.
typedef struct {
  uint32_t first;
  uint32_t count;
} Fields;

/// A state variable, or, behind all of these (from number chain_variable_count on), an immutable.
typedef struct {
  Name name;
  uint32_t type;
} Variable;

/// ir::EntryKind, ir::Mutability, in their orders.
enum EntryKind { kFunctionEntry, kConstructorEntry, kReceiveEntry, kFallbackEntry };
enum Mutability { kPure, kView, kNonPayable, kPayable };

typedef struct {
  uint32_t kind;
  uint32_t mutability;
  Name name;
  Fields params;
  Fields results;
  uint32_t selector;       ///< Solidity's: first four bytes of the Keccak-256 of its signature, the first the most significant
  uint32_t reads_sender;   ///< 1 when it, or what it calls, reads msg.sender or tx.origin
  uint64_t discriminator;  ///< first eight bytes of the SHA-256 of "global:" and its name in the interface of the chain, the first the least significant
} Entry;

/// Of an event or an error. An event's topic and an error's selector as Solidity has them; the discriminator of "event:NAME".
typedef struct {
  Name name;
  Fields arguments;
  uint32_t selector;
  uint32_t is_anonymous;
  uint64_t discriminator;
  uint8_t topic[32];
} Message;

extern const DataType chain_types[];
extern const Field chain_fields[];
extern const Variable chain_variables[];
extern const Entry chain_entries[];
extern const Message chain_events[];
extern const Message chain_errors[];
extern const uint8_t chain_names[];
extern const uint32_t chain_variable_count, chain_immutable_count, chain_entry_count, chain_event_count, chain_error_count;

// ---- what the module gives ----

/// Runs entry number `entry`: takes its parameters from `arguments`, a word each, and leaves its results in `results`. Everything checked before: ranges,
/// enums, whether value may come with it.
Status chain_call(uint32_t entry, const Word* arguments, Word* results);

// ---- what the shared code gives (to the module and to chains) ----

/// Solidity's panic codes.
enum PanicCode {
  kPanicAssert = 0x01,
  kPanicOverflow = 0x11,
  kPanicDivision = 0x12,
  kPanicEnum = 0x21,
  kPanicPop = 0x31,
  kPanicIndex = 0x32,
  kPanicMemory = 0x41,
  kPanicNullCall = 0x51
};

/// What lives beside the heap, for the length of a call; zero at its beginning.
typedef struct {
  uint64_t heap_next;  ///< addresses [heap_next, heap_end) are free and zero; a multiple of 8
  uint64_t heap_end;
  const Bytes* failure;  ///< the revert's data as Solidity's ABI has it: selector and arguments; null: none
  Word* transients;      ///< null: none was used yet
  uint32_t chain_code;   ///< not 0: the chain ended the call (an account is missing…); its own number, and no revert of the contract
} Machine;

/// `size` zeroed bytes, aligned to 8; null when there are none left.
void* chain_allocate(uint64_t size);
/// The words of the contract's transient variables, of which it has `count`; null when there is no memory.
Word* chain_transients(uint64_t count);
/// A byte string with room for `length` bytes, zeroed; null when there is no memory (the caller panics with kPanicMemory).
Bytes* chain_new_bytes(uint64_t length);
/// An array of zero words, likewise.
Array* chain_new_array(uint64_t length);

/// These three record why the call fails, and give kFailed.
Status chain_panic(uint32_t code);
Status chain_revert(const Bytes* data);
Status chain_revert_error(uint32_t error, const Word* arguments);

/// A type of integers as arithmetic takes it: its bits, and this if it is signed.
enum { kSignedType = 1 << 16 };

// Arithmetic (arithmetic.c). Operands are values of `type`, results too: what does not fit is cut off, and 1 comes back, else 0. Divisors are not 0.
// `to` may be an operand. The functions that end in _64 are for types of up to 64 bits, extended to registers by their sign.
uint64_t chain_multiply(Word* to, const Word* a, const Word* b, uint32_t type);
uint64_t chain_multiply_64(uint64_t* to, uint64_t a, uint64_t b, uint32_t type);
uint64_t chain_divide(Word* to, const Word* a, const Word* b, uint32_t type);
uint64_t chain_modulo(Word* to, const Word* a, const Word* b, uint32_t type);
/// Signed.
int64_t chain_divide_64(int64_t a, int64_t b);
int64_t chain_modulo_64(int64_t a, int64_t b);
/// `exponent` is unsigned.
uint64_t chain_power(Word* to, const Word* base, const Word* exponent, uint32_t type);
/// By any amount; of 256 bits, which the caller cuts to its type.
void chain_shift_left(Word* to, const Word* a, uint64_t amount, uint32_t unused);
void chain_shift_right(Word* to, const Word* a, uint64_t amount, uint32_t keeps_sign);
/// (a + b) % modulus and (a * b) % modulus, exact in between. `modulus` is not 0.
void chain_add_modulo(Word* to, const Word* a, const Word* b, const Word* modulus);
void chain_multiply_modulo(Word* to, const Word* a, const Word* b, const Word* modulus);

// Data as Solidity's ABI has it (encode.c, decode.c). Null: no memory.
/// Encodes `count` values of these types, behind the bytes of `prefix`, which may be null.
Bytes* chain_encode(uint32_t count, const uint32_t* types, const Word* values, const Bytes* prefix);
/// The same for the types of fields; a selector of four bytes in front when `has_selector`.
Bytes* chain_encode_fields(Fields fields, const Word* values, uint32_t selector, uint32_t has_selector);
/// abi.encodeWithSelector: the first value is the selector.
Bytes* chain_encode_with_selector(uint32_t count, const uint32_t* types, const Word* values);
/// abi.encodePacked.
Bytes* chain_encode_packed(uint32_t count, const uint32_t* types, const Word* values);
/// The topic of an indexed argument of an event: the value, or the Keccak-256 of what is referred to. kFailed: no memory.
Status chain_topic(uint8_t to[32], const Word* value, uint32_t type);
/// Decodes what chain_encode wrote; bad data reverts without data, a length that no memory has room for panics.
Status chain_decode(const Bytes* data, uint64_t from, uint32_t count, const uint32_t* types, Word* values);
/// The same for the parameters of an entry: lengths in those that are calldata revert too.
Status chain_decode_fields(const Bytes* data, uint64_t from, Fields fields, Word* values);
/// Whether a value of a kind up to kEnum is one that its type has: in range, a member.
int chain_in_range(const Word* value, uint32_t type);
/// bytes.concat: references to Bytes, one behind the other.
Bytes* chain_concat(uint32_t count, const Word* parts);
/// Bytes [from, to); reverts without data when they are not in order and inside.
Status chain_slice(Bytes** result, const Bytes* bytes, const Word* from, const Word* to);
void chain_hash_keccak256(Word* to, const Bytes* bytes);
void chain_hash_sha256(Word* to, const Bytes* bytes);
void chain_hash_ripemd160(Word* to, const Bytes* bytes);

// Data of any type between the state and memory (state.c). What is referred to is copied, whole.
Status chain_load(Word* to, const Place* place, uint32_t type);
Status chain_store(const Place* place, const Word* value, uint32_t type);
/// `delete`: mappings inside keep their entries.
Status chain_clear(const Place* place, uint32_t type);
Status chain_copy(const Place* to, const Place* from, uint32_t type);
/// Of arrays, bytes and strings: what is cut off becomes zero.
Status chain_resize(const Place* place, const Word* length, uint32_t type);

// ---- what each chain gives ----

/// Where this call's Machine lies. Never null.
Machine* chain_machine(void);

// Places. Variables, fields and elements of a struct, a fixed array or what the index was checked for: there is no failure in naming a place.
void chain_place_variable(Place* to, uint32_t variable);
/// `key`: for bytes and strings a reference to Bytes in limb[0] (it may be null).
void chain_place_entry(Place* to, const Place* mapping, const Word* key, uint32_t mapping_type);
/// Of a fixed or dynamic array, or byte `index` of bytes and strings.
void chain_place_element(Place* to, const Place* array, uint64_t index, uint32_t array_type);
void chain_place_field(Place* to, const Place* structure, uint32_t field, uint32_t struct_type);

// Leaves of the state: values of kinds up to kEnum, bytes and strings as a whole, lengths of dynamic arrays, bytes and strings. All are zero until set.
Status chain_get(Word* to, const Place* place, uint32_t type);
Status chain_set(const Place* place, const Word* value, uint32_t type);
/// The same, to become part of the calling function, on chains where that pays.
void chain_place_entry_inlined(Place* to, const Place* mapping, const Word* key, uint32_t mapping_type);
Status chain_get_inlined(Word* to, const Place* place, uint32_t type);
Status chain_set_inlined(const Place* place, const Word* value, uint32_t type);
Status chain_get_bytes(Bytes** to, const Place* place);
Status chain_set_bytes(const Place* place, const Bytes* value);
Status chain_get_length(uint64_t* to, const Place* place, uint32_t type);
/// The shared code has cleared what is cut off of an array; of bytes and strings what is cut off becomes zero, what is added is zero.
Status chain_set_length(const Place* place, uint64_t length, uint32_t type);

/// `field`: ir::MessageField, one of those the chain's target says it has. References come back in limb[0].
Status chain_message(uint32_t field, Word* to);
/// Event number `event`, a word for each argument.
Status chain_event(uint32_t event, const Word* arguments);
/// The balance of an account, where the target says there is such a thing.
Status chain_balance(Word* to, const Word* address);
/// Sends value to an account, whose code does not run, where the target says that it can. `results`: 1 when it went well and 0 when the contract has less, a
/// reference to what came back, which is nothing.
Status chain_send(Word results[2], const Word* address, const Word* value);

// Hashes: a chain without one of its own includes keccak256.c, sha256.c, ripemd160.c.
void chain_keccak256(uint8_t to[32], const uint8_t* bytes, uint64_t length);
void chain_sha256(uint8_t to[32], const uint8_t* bytes, uint64_t length);
void chain_ripemd160(uint8_t to[20], const uint8_t* bytes, uint64_t length);
/// The address that signed, or 0.
void chain_recover(Word* to, const Word* hash, const Word* v, const Word* r, const Word* s);
