// SPDX-License-Identifier: Apache-2.0
// The contract between compiled Omega programs and the runtime: object model, memory, loops, errors, output, arithmetic.
// The same C11 source serves native programs (freestanding), the interpreter (hosted) and the C target (shipped as text).
#ifndef OMEGA_RUNTIME_H
#define OMEGA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define OM_NORETURN [[noreturn]]
#else
#define OM_NORETURN _Noreturn
#endif

// ---------------------------------------------------------------------------------------------------------------------
// Calling: every function here follows the System V x86-64 C convention. References are 64-bit pointers; a null reference
// to an array, string or map means "empty" to every function that only reads it. Functions marked (fails) may end in a
// panic (below) and never return then. Unless said otherwise a function may be called from any Omega thread.
// ---------------------------------------------------------------------------------------------------------------------

// ---- object model ---------------------------------------------------------------------------------------------------

/// Array flags: the elements are (or contain) references, so the collector scans the data.
#define OM_ARRAY_REFS 1u
/// Array flags: emitted by the compiler in read-only data (string constants); never written.
#define OM_ARRAY_STATIC 2u
/// Array flags, strings only: in front of `data` stands, in an om_atomic_u64, how many of the `cap` bytes are some string's (om_string_concat).
#define OM_ARRAY_ROOM 4u

/// Header of every `T[]`, slice, `string` and `bytes`. A slice is a header of its own that points into another one's data.
/// Compiled code reads `data` at 0, `len` at 8 (elements), `cap` at 16. Strings are immutable UTF-8, `elem_size` 1.
typedef struct om_array {
  uint8_t *data;
  int64_t len;
  int64_t cap;
  uint32_t elem_size;
  uint32_t flags;
} om_array;

/// A wide integer in memory: four little-endian limbs, always extended (by sign or zero) to 256 bits.
typedef struct om_wide {
  uint64_t limb[4];
} om_wide;

/// Describes an integer type: `bits | OM_SIGNED`. `OM_INT(128, 1)` is int128.
#define OM_SIGNED 0x10000u
#define OM_INT(bits, is_signed) ((uint32_t)(bits) | ((is_signed) ? OM_SIGNED : 0u))

/// A hash map (`mapping`); opaque. Iterates in insertion order.
typedef struct om_map om_map;

// ---- program table --------------------------------------------------------------------------------------------------

/// A place in the source. `line` and `column` count from 1; `file` indexes `om_program.files`; line 0 means unknown.
typedef struct om_location {
  uint32_t line;
  uint16_t column;
  uint16_t file;
} om_location;

/// One function of the line table: its code begins at `code_lo + offset`, its rows at `om_program.rows + rows` and end where the next one's begin.
/// A row is a byte h, then the column in LEB128. h < OM_ROW_LONG: code begins h % OM_ROW_DISTANCES bytes behind the row before (the first: behind the
/// function's begin) and belongs to the line h / OM_ROW_DISTANCES behind the row before's (the first: behind 0), in the same file (the first: file 0).
/// Else, between h and the column, in LEB128: that distance; the step in lines as 2 step, or 2 (-1 - step) + 1 when it goes back; and, if h is
/// OM_ROW_LONG + 1, the file from here on. Code from there to the next row belongs to that place.
enum { OM_ROW_DISTANCES = 60, OM_ROW_STEPS = 4, OM_ROW_LONG = OM_ROW_DISTANCES * OM_ROW_STEPS };
typedef struct om_function_lines {
  uint32_t offset;
  uint32_t rows;
} om_function_lines;

/// What the runtime knows of the program. Native: the compiler patches `om_program_table` in the image (all addresses are
/// absolute). C target and interpreter: passed to `om_start`. Unknown fields are zero.
typedef struct om_program {
  uint64_t magic;                  ///< OM_PROGRAM_MAGIC
  int32_t (*main)(void);           ///< the program; its result is the exit code
  const uint8_t *code_lo;          ///< native machine code of the program: [code_lo, code_hi)
  const uint8_t *code_hi;
  void *globals_lo;                ///< global variables holding references: [globals_lo, globals_hi), scanned as words
  void *globals_hi;
  const om_function_lines *functions;  ///< line table, by rising offset, or null
  const uint8_t *rows;
  uint32_t function_count;
  uint32_t rows_size;
  const char *const *files;        ///< source file names, zero-terminated
  uint32_t file_count;
  int32_t threads;                 ///< threads for `@@` loops: 0 = one for each processor
  om_location (*locate)(void);     ///< where this thread is in the source, or null (interpreter)
  void (*call)(void *closure, void *result);  ///< calls a closure, or null: its first word is the code
  /// compares x and y (pointers to elements) by a closure, or null: `code(closure, x, y)`
  int32_t (*compare)(void *closure, const void *x, const void *y);
} om_program;

#define OM_PROGRAM_MAGIC 0x31304147454d4f00ull /* "\0OMEGA01" */

/// Native only: the table the compiler patches, in initialised data of the image.
extern om_program om_program_table;

/// C target and interpreter: sets up the runtime on this thread, runs `program->main`, tears down, returns the exit code
/// (the program's own, 1 after a panic, 3 when the world failed). Not needed by native programs (`_start` does it).
int om_start(int argc, char **argv, const om_program *program);

/// Hosted embedding (the interpreter): sets up the runtime on this thread without running anything. Once a process.
/// `stack_high` bounds the conservative scan of this thread's stack; null = ask the system.
void om_attach_main(int argc, char **argv, const om_program *program, void *stack_high);
/// Hosted embedding: flushes output, stops the pool, returns 0, or 3 when output could not be written.
int om_detach_main(void);
/// Hosted: makes the calling foreign thread an Omega thread (idempotent) / undoes it.
void om_attach_thread(void);
void om_detach_thread(void);

/// C target: where this thread is in the source; set before anything that may fail. `at` packs
/// `file << 48 | column << 32 | line`.
void om_at(uint64_t at);

// ---- memory ---------------------------------------------------------------------------------------------------------

/// Allocation flags: the block never holds references (the collector does not look inside).
#define OM_NO_REFS 1u

/// A zeroed block of `size` bytes, 16-byte aligned, reclaimed when no reference (also into its inside) is left in any
/// stack, register, global or reachable block. (fails: out of memory, exit code 3)
void *om_alloc(uint64_t size, uint32_t flags);
/// Reclaims now. Only for tests and programs that ask for it.
void om_collect(void);
/// Bytes of live and not yet reclaimed blocks; number of collections so far.
uint64_t om_heap_bytes(void);
uint64_t om_collections(void);
/// Hosted embedding: scan [lo, hi) as words at every collection; `om_roots_remove(lo)` ends it.
void om_roots_add(void *lo, void *hi);
void om_roots_remove(void *lo);
/// Hosted embedding: called at every collection (all Omega threads stopped: take no lock, allocate nothing) to report
/// further ranges by `scan(lo, hi)`.
void om_roots_visitor(void (*visit)(void (*scan)(const void *lo, const void *hi), void *context), void *context);

// ---- errors ---------------------------------------------------------------------------------------------------------

/// Kinds of panic. The first fifteen are the IR's PanicKind, number for number.
enum om_panic_kind {
  OM_PANIC_OVERFLOW = 0,
  OM_PANIC_DIVIDE,
  OM_PANIC_INDEX,
  OM_PANIC_CAST,
  OM_PANIC_ENUM,
  OM_PANIC_ASSERT,
  OM_PANIC_REQUIRE,
  OM_PANIC_REVERT,
  OM_PANIC_RESULT,         ///< value taken from an error result
  OM_PANIC_LENGTH,         ///< negative length
  OM_PANIC_NULL_CALL,      ///< unset function value called
  OM_PANIC_ALIASED,        ///< two arrays of a parallel loop are the same
  OM_PANIC_UNREACHABLE,
  OM_PANIC_POP_EMPTY,
  OM_PANIC_ARGUMENT,       ///< argument out of range
  OM_PANIC_SLICE = 32,     ///< slice bounds
  OM_PANIC_STACK,          ///< recursion too deep
  OM_PANIC_MEMORY,         ///< out of memory (exit code 3)
  OM_PANIC_TIMEOUT,        ///< internal: a deadline passed (never seen by `om_try`)
  OM_PANIC_EXIT            ///< internal: `om_exit` inside a parallel loop
};

/// Panics: ends the innermost `om_try`, or the iteration of the parallel loop, or the program with
/// `error: TEXT` / ` --> FILE:LINE:COLUMN` on standard error and exit code 1. The place is that of the call in the program.
/// `text` is added to the kind's own words (or null): `REQUIRE`, `REVERT` and `RESULT` show it alone.
OM_NORETURN void om_panic(int32_t kind, const om_array *text);
/// The commonest ones with little code at the call.
OM_NORETURN void om_panic_overflow(void);
OM_NORETURN void om_panic_divide(void);
OM_NORETURN void om_panic_index(int64_t index, int64_t length);
OM_NORETURN void om_panic_cast(void);
/// With the bounds asked for.
OM_NORETURN void om_panic_slice(int64_t from, int64_t to, int64_t length);
/// Panics (aliased) when the elements of both overlap / when two rows of an array of arrays do.
void om_check_disjoint(const om_array *a, const om_array *b);
void om_check_rows_disjoint(const om_array *rows);

/// Whether memory that iterations of a loop touch is apart (1) or may be the same (0). A path leads from `a` and `b` to places: bit 0:
/// the places are the elements of arrays, else objects; then up to three steps of 20 bits from bit 4 on: 0xfffff every element (of an array of
/// references), else 1 + the offset of a field that holds a reference. Modes: 0: places of `a` behind different first elements do not
/// overlap; 1: those of `a` and `b` behind different first elements do not; 2: no place of `a` overlaps one of `b`; 3 (without steps):
/// the same, or both begin at the same place. Null leads nowhere. Takes n log n for n places.
int32_t om_places_apart(const void *a, uint64_t path_a, const void *b, uint64_t path_b, uint32_t mode);
/// The reference in an array's element (null outside) / in an object's field (null for null).
void *om_place_row(const om_array *rows, int64_t index);
void *om_place_field(const void *object, uint32_t offset);

/// Ends the program with `code` after writing out what was printed. Inside a parallel loop it acts like a panic of that
/// iteration: lower iterations still complete.
OM_NORETURN void om_exit(int32_t code);

/// Closures handed to the runtime: a block whose first word is the code, called as `code(closure, result)`; the code writes its
/// result (if any) to `result`. Where `om_program.call` is set (interpreter) that is called instead.
///
/// Runs `closure` and returns null, or, when it panicked, the error's text as a string.
om_array *om_try(void *closure, void *result);
/// Kind (enum om_panic_kind) of the error the last `om_try` of this thread returned.
int32_t om_caught_kind(void);

// ---- parallel loops -------------------------------------------------------------------------------------------------

/// Loop flags: a plain loop found to be parallel: stays on the calling thread unless more threads pay. With a reduction an
/// iteration that panics is not raised: `acc_out` stays as it was, and the program runs the loop again in order to fail as it should.
#define OM_LOOP_AUTO 1u
/// Loop flags: the body certainly prints nothing (also in what it calls). Without it output is kept in the order of the
/// iterations; with it the loop needs less bookkeeping.
#define OM_LOOP_QUIET 2u
/// Loop flags: wake all threads at once without measuring (iterations may block, as tasks do).
#define OM_LOOP_EAGER 4u

/// A parallel loop over [lo, hi). The range is cut into cells that depend on `hi - lo` alone. Without reduction
/// (`acc_size` 0) the body may get several neighbouring cells as one range; with reduction it gets each cell alone with
/// an `acc` holding a copy of `acc_init`; cells are folded with `combine(total, cell)` in index order into the first cell's, and
/// the total at last with `combine(acc_out, total)` onto what the caller put into `acc_out`. So results are the same bits at
/// every thread count. An empty range folds nothing.
typedef struct om_par_desc {
  int64_t lo;
  int64_t hi;
  /// Runs iterations lo..hi-1 in order. Before an iteration that may panic it must store its index to `*at`
  /// (loops that cannot panic need not).
  void (*body)(int64_t lo, int64_t hi, void *env, void *acc, int64_t *at);
  void *env;
  void (*combine)(void *acc, const void *part);  ///< null when acc_size is 0
  const void *acc_init;                          ///< acc_size bytes
  void *acc_out;                                 ///< acc_size bytes
  uint32_t acc_size;
  int32_t threads;                               ///< 0 = one for each processor; N = exactly N, also above the processors
  int32_t cost;                                  ///< estimated nanoseconds of one iteration; 0 = unknown
  uint32_t flags;                                ///< OM_LOOP_*
} om_par_desc;

/// Runs the loop; returns when every iteration has ended (the barrier). When iterations panic, the one with the lowest
/// index is raised on the caller, with everything below it done. Loops nest. (fails)
void om_par_for(const om_par_desc *loop);
/// Processors this process may use, at least 1.
int32_t om_processor_count(void);
/// Threads an `@@` loop uses now.
int32_t om_thread_count(void);
/// Overrides it (0 = one for each processor).
void om_set_thread_count(int32_t threads);
/// 0 on the thread that entered the outermost loop, 1.. on pool threads: for programs that ask.
int32_t om_thread_index(void);

// ---- tasks, timeouts, retries, caches -----------------------------------------------------------------------------

/// Runs `closures` (an array of closures) concurrently, at most `max_concurrent` at a time (0 = all, up to 64). Closure i gets
/// `results + i * result_size`. With `errors` (an array of as many string references) a failed task's text goes there and the
/// count of failed tasks is returned; with null the failed task of the lowest index is raised. Returns -1 when `timeout_ns`
/// (0 = none) passed first. Output appears in the order of the tasks. (fails)
int64_t om_tasks_run(const om_array *closures, void *results, int64_t result_size, om_array *errors, int64_t timeout_ns,
                     int64_t max_concurrent);

/// 1 while forking tasks from here still gives idle threads work: the nesting of parallel loops and tasks around is small.
int32_t om_fork_pays(void);

/// Runs `closure` with a deadline; returns 1 when it ended in time, 0 when it was stopped. Native programs are interrupted
/// wherever they are; on the C target and in the interpreter the program must call `om_poll` in loops. (fails: the closure's panics)
int32_t om_timeout(int64_t nanoseconds, void *closure, void *result);
/// Nonzero while some thread has a deadline that passed. Hosted programs test it in loops and then call `om_poll`.
extern volatile int32_t om_interrupted;
/// Leaves the innermost `om_timeout` whose deadline has passed, else returns.
void om_poll(void);

/// Back-offs of `retry`.
enum om_backoff { OM_BACKOFF_NONE, OM_BACKOFF_CONSTANT, OM_BACKOFF_LINEAR, OM_BACKOFF_EXPONENTIAL };

/// Runs `closure` up to `attempts` times until it does not panic; sleeps `delay_ns` (times n, times 2^n; at most
/// `max_delay_ns` unless 0) between. Returns null, or the last error's text.
om_array *om_retry(void *closure, void *result, int64_t attempts, int32_t backoff, int64_t delay_ns, int64_t max_delay_ns);

/// Sleeps; negative = not at all.
void om_sleep(int64_t nanoseconds);
/// Nanoseconds of the monotonic clock; of the wall clock since 1970.
int64_t om_clock(void);
int64_t om_wall_clock(void);

/// A table that any number of threads may use, from keys to values, for `cache` and `.memo`. `ttl_ns` 0 = entries stay.
/// `max_entries` 0 = no limit (else the oldest goes).
typedef struct om_cache om_cache;
om_cache *om_cache_new(uint32_t key_kind, uint32_t key_size, uint32_t value_size, uint32_t value_refs, int64_t ttl_ns,
                       int64_t max_entries);
/// The table of the place in the program that `place` names (made at the first call), without limit of entries.
om_cache *om_cache_at(uint64_t place, uint32_t key_kind, uint32_t key_size, uint32_t value_size, uint32_t value_refs, int64_t ttl_ns);
/// Copies the value to `*value` and returns 1, or returns 0.
int32_t om_cache_get(om_cache *cache, const void *key, void *value);
/// Sets it (the first of two racing ones stays).
void om_cache_put(om_cache *cache, const void *key, const void *value);

// ---- output ---------------------------------------------------------------------------------------------------------
// A printf is a sequence of pieces. Pieces go to standard output (buffered; written at newlines when it is a terminal, else when full
// and at exit), or into the string under construction. A line of one iteration is never mixed with another's.

/// A conversion: `conv | flags << 8 | (width + 1) << 16 | (precision + 1) << 40`; width or precision field 0 = none.
#define OM_SPEC(conv, flags, width_plus_1, precision_plus_1) \
  ((uint64_t)(unsigned char)(conv) | (uint64_t)(flags) << 8 | (uint64_t)(width_plus_1) << 16 | (uint64_t)(precision_plus_1) << 40)
#define OM_FLAG_LEFT 1u   /* - */
#define OM_FLAG_PLUS 2u   /* + */
#define OM_FLAG_SPACE 4u  /* blank */
#define OM_FLAG_ALT 8u    /* # */
#define OM_FLAG_ZERO 16u  /* 0 */

/// As `%v`: integers in decimal, bool `true`/`false`, strings as they are, floats as the shortest decimal that reads back as the
/// same number: plain when 1e-4 <= |x| < 1e21 (`3`, `1.5`, `0.0001`), else `1e+21`, `1e-05`; `inf`, `-inf`, `nan`.
void om_out_str(const om_array *text);
void om_out_bytes(const void *data, int64_t size);
void om_out_i64(int64_t value);
void om_out_u64(uint64_t value);
void om_out_wide(const om_wide *value, uint32_t type);
void om_out_f64(double value);
void om_out_f32(float value);
void om_out_bool(int32_t value);
/// One code point as UTF-8.
void om_out_char(int32_t code_point);

/// With a conversion: d i u x X o b c s v q for integers (x of a negative number prints `-ff`), f F e E g G v for floats (rounded
/// exactly), s v q x for strings (q: quoted), t v for bool. The compiler rejects other pairs.
void om_out_spec_i64(uint64_t spec, int64_t value);
void om_out_spec_u64(uint64_t spec, uint64_t value);
void om_out_spec_wide(uint64_t spec, const om_wide *value, uint32_t type);
void om_out_spec_f64(uint64_t spec, double value);
void om_out_spec_f32(uint64_t spec, float value);
void om_out_spec_str(uint64_t spec, const om_array *text);
void om_out_spec_bool(uint64_t spec, int32_t value);

/// From here to the matching end the thread's output pieces build a string. Nests.
void om_text_begin(void);
om_array *om_text_end(void);

/// Writes out what is buffered (outside parallel loops). At exit it happens by itself.
void om_flush(void);
/// A line to standard error (after flushing standard output).
void om_err_str(const om_array *text);

/// As `%v` for any value: `[1, 2, 3]`, `(1, true)`, `Point{x: 1, y: 2}`, `Red`, `{k: v}`; strings inside quoted. `value` points to
/// where the value (or its reference) is stored. The type is written as text, as compiled programs carry it:
///   b bool; i8 .. i256, u8 .. u256; f4, f8 floats; y1 .. y32 bytes1 .. bytes32; s string; x bytes; z function; n nothing
///   [T dynamic array; #COUNT,SIZE;T reference to COUNT inline elements of SIZE bytes; mK=V mapping
///   (OFFSET:T OFFSET:T) tuple; {NAME OFFSET:FIELD=T OFFSET:FIELD=T} struct; e{NAME MEMBER MEMBER} enum of one byte
///   rOFFSET;T Result with its value at OFFSET; @N; the type whose text begins at byte N (structs that hold themselves)
/// Nesting deeper than 64 prints `...`.
void om_out_described(const om_array *signature, const void *value);
// ---- integers -------------------------------------------------------------------------------------------------------

/// Results of the wide operations; 0 = fine. On overflow the result is what fits (two's complement).
#define OM_WIDE_OVERFLOW 1u
#define OM_WIDE_ZERO 2u /* division by zero; result 0 */

/// Load from / store to memory as elements and fields have it: 16 bytes up to 128 bits, 32 above; 1, 2, 4, 8 below.
void om_wide_load(om_wide *r, const void *p, uint32_t type);
void om_wide_store(void *p, const om_wide *a, uint32_t type);
/// From 64-bit values; to them (low 64 bits).
void om_wide_from_i64(om_wide *r, int64_t v);
void om_wide_from_u64(om_wide *r, uint64_t v);
/// Truncating or checked conversion to `type`: returns OM_WIDE_OVERFLOW when the value (of type `from`) does not fit.
uint32_t om_wide_convert(om_wide *r, const om_wide *a, uint32_t from, uint32_t to);
uint32_t om_wide_add(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type);
uint32_t om_wide_sub(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type);
uint32_t om_wide_mul(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type);
/// Truncating division as in C and Solidity. `r` may be any of the operands.
uint32_t om_wide_div(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type);
uint32_t om_wide_mod(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type);
uint32_t om_wide_pow(om_wide *r, const om_wide *a, const om_wide *b, uint32_t type);
uint32_t om_wide_neg(om_wide *r, const om_wide *a, uint32_t type);
void om_wide_and(om_wide *r, const om_wide *a, const om_wide *b);
void om_wide_or(om_wide *r, const om_wide *a, const om_wide *b);
void om_wide_xor(om_wide *r, const om_wide *a, const om_wide *b);
void om_wide_not(om_wide *r, const om_wide *a, uint32_t type);
/// Shifts by any amount: bits shifted out are lost (no overflow); right shift of a signed type keeps the sign.
void om_wide_shl(om_wide *r, const om_wide *a, uint64_t by, uint32_t type);
void om_wide_shr(om_wide *r, const om_wide *a, uint64_t by, uint32_t type);
/// -1, 0, 1.
int32_t om_wide_cmp(const om_wide *a, const om_wide *b, uint32_t type);
/// (a + b) % m and (a * b) % m without overflow of the intermediate, as Solidity's addmod and mulmod.
uint32_t om_wide_addmod(om_wide *r, const om_wide *a, const om_wide *b, const om_wide *m);
uint32_t om_wide_mulmod(om_wide *r, const om_wide *a, const om_wide *b, const om_wide *m);
double om_wide_to_f64(const om_wide *a, uint32_t type);
/// Truncates; overflow when it does not fit (or is nan).
uint32_t om_wide_from_f64(om_wide *r, double v, uint32_t type);
/// Decimal, or hexadecimal after 0x, with optional sign. 0 fine, else OM_WIDE_OVERFLOW or 4 (no number).
uint32_t om_wide_parse(om_wide *r, const om_array *text, uint32_t type);

/// Checked power of 64-bit (and narrower: `type`) integers: the low 64 bits; `*overflow` is set to 1 or left.
int64_t om_pow_int(int64_t base, uint64_t exponent, uint32_t type, int32_t *overflow);
/// The same, panicking on overflow. (fails)
int64_t om_pow_checked(int64_t base, uint64_t exponent, uint32_t type);
/// Truncating conversion; panics (cast) when it does not fit or is nan. (fails)
int64_t om_f64_to_int(double value, uint32_t type);

// ---- arrays ---------------------------------------------------------------------------------------------------------

/// A zeroed array of `len` elements. (fails: negative length, memory)
om_array *om_array_new(int64_t len, uint32_t elem_size, uint32_t flags);
/// An empty one with room for `cap` elements.
om_array *om_array_reserve(int64_t cap, uint32_t elem_size, uint32_t flags);
/// A header over the elements from..to-1 of the same data. (fails: slice)
om_array *om_array_slice(const om_array *a, int64_t from, int64_t to, uint32_t elem_size);
/// Appends one element (`elem_size` bytes at `elem`) in place. `a` must not be null. A slice that would grow over its
/// neighbour moves to data of its own. (fails)
void om_array_push(om_array *a, const void *elem);
/// Appends 8 bytes / 1 byte given in a register: the same for the commonest sizes.
void om_array_push_u64(om_array *a, uint64_t elem);
void om_array_push_u8(om_array *a, uint32_t elem);
/// Removes the last element and copies it to `*out` (null = drop). (fails: empty)
void om_array_pop(om_array *a, void *out);
/// Appends all elements of `b` (which may be `a`).
void om_array_append(om_array *a, const om_array *b);
/// A fresh array with the elements of both / of one (elements copied shallowly).
om_array *om_array_concat(const om_array *a, const om_array *b, uint32_t elem_size, uint32_t flags);
om_array *om_array_copy(const om_array *a, uint32_t elem_size, uint32_t flags);
/// The elements of all arrays in `parts` (an array of arrays nobody else has), in order: a fresh array, or the only part itself.
om_array *om_array_join(const om_array *parts, uint32_t elem_size, uint32_t flags);
/// Sets every element / makes it `len` long (zeroed or cut).
void om_array_fill(om_array *a, const void *elem);
void om_array_resize(om_array *a, int64_t len);
void om_array_reverse(om_array *a);
/// Inserts before `index` / removes the element at it. (fails: index)
void om_array_insert(om_array *a, int64_t index, const void *elem);
void om_array_remove(om_array *a, int64_t index);
/// Bytewise equality of the elements (scalars only).
int32_t om_array_equal(const om_array *a, const om_array *b);
/// Index of the first bytewise equal element, or -1.
int64_t om_array_find(const om_array *a, const void *elem);

/// Orders for sorting, by element.
enum om_order { OM_ORDER_I64 = 1, OM_ORDER_U64, OM_ORDER_F64, OM_ORDER_STRING, OM_ORDER_I32, OM_ORDER_U32, OM_ORDER_F32, OM_ORDER_I16,
                OM_ORDER_U16, OM_ORDER_I8, OM_ORDER_U8, OM_ORDER_WIDE_SIGNED, OM_ORDER_WIDE_UNSIGNED };
/// Sorts stably in place (nan last); wide orders take 16- or 32-byte elements by elem_size.
void om_array_sort(om_array *a, uint32_t order);
/// With a comparison: `code(closure, x, y)` gets pointers to two elements and gives nonzero when x goes before y. Stable. (fails:
/// what it raises)
void om_array_sort_by(om_array *a, void *closure);

// ---- strings --------------------------------------------------------------------------------------------------------

om_array *om_string_new(const void *data, int64_t size);
om_array *om_string_from_c(const char *text);
/// A long `a` leaves room behind the result, which the next concatenation to it takes without a copy: n of them take time in proportion to
/// their bytes.
om_array *om_string_concat(const om_array *a, const om_array *b);
int32_t om_string_equal(const om_array *a, const om_array *b);
/// -1, 0, 1 by bytes (= by code points).
int32_t om_string_compare(const om_array *a, const om_array *b);
uint64_t om_string_hash(const om_array *a);
/// Bytes from..to-1 of the text. (fails: slice)
om_array *om_string_slice(const om_array *a, int64_t from, int64_t to);
/// Byte offset of the first occurrence at or after `from`, or -1; in time linear in both lengths.
int64_t om_string_find(const om_array *a, const om_array *what, int64_t from);
int32_t om_string_starts_with(const om_array *a, const om_array *what);
int32_t om_string_ends_with(const om_array *a, const om_array *what);
/// Array of strings; an empty separator splits into characters.
om_array *om_string_split(const om_array *a, const om_array *separator);
/// Split at runs of blanks, tabs and newlines, without empty parts; split at newlines (\r\n too).
om_array *om_string_words(const om_array *a);
om_array *om_string_lines(const om_array *a);
om_array *om_string_join(const om_array *parts, const om_array *separator);
om_array *om_string_trim(const om_array *a);
om_array *om_string_replace(const om_array *a, const om_array *what, const om_array *by);
om_array *om_string_repeat(const om_array *a, int64_t times);
/// ASCII letters only.
om_array *om_string_upper(const om_array *a);
om_array *om_string_lower(const om_array *a);
om_array *om_string_reverse(const om_array *a);
/// Number of code points; the code point at byte `offset` (its width to *width; invalid bytes are U+FFFD of width 1).
int64_t om_string_count(const om_array *a);
int32_t om_string_decode(const om_array *a, int64_t offset, int32_t *width);
om_array *om_string_from_char(int32_t code_point);
/// int32[] of code points and back.
om_array *om_string_chars(const om_array *a);
om_array *om_string_from_chars(const om_array *chars);
/// A fresh `bytes` with the text's bytes / a string of them (invalid UTF-8 becomes U+FFFD).
om_array *om_bytes_from_string(const om_array *a);
om_array *om_string_from_bytes(const om_array *a);
/// Values as text (as `%v`).
om_array *om_string_from_i64(int64_t v);
om_array *om_string_from_u64(uint64_t v);
om_array *om_string_from_f64(double v);
om_array *om_string_from_f32(float v);
om_array *om_string_from_bool(int32_t v);
om_array *om_string_from_wide(const om_wide *v, uint32_t type);
/// Text as values: 0 and `*out`, or 1 = no number, 2 = out of range. Surrounding blanks are allowed. Floats are rounded correctly.
int32_t om_parse_int(const om_array *a, uint32_t type, int64_t *out);
int32_t om_parse_f64(const om_array *a, double *out);
int32_t om_parse_f32(const om_array *a, float *out);

// ---- mappings -------------------------------------------------------------------------------------------------------

/// Key kinds: bytes compared as they are (bool, integers, enums, wide); strings and `bytes` by content; floats (0.0 equals -0.0).
enum om_key_kind { OM_KEY_SCALAR = 1, OM_KEY_STRING, OM_KEY_F64, OM_KEY_F32 };

/// `key` and `value` below point to key_size / value_size bytes. Maps are not for unsynchronised use by several threads
/// when one of them writes.
om_map *om_map_new(uint32_t key_kind, uint32_t key_size, uint32_t value_size, uint32_t value_refs);
/// The value's place for reading; a place holding zeros when the key is absent. Valid until the next change.
const void *om_map_get(const om_map *m, const void *key, uint32_t value_size);
/// The value's place or null.
void *om_map_find(const om_map *m, const void *key);
/// The value's place for writing, inserted with zeros when absent. (fails)
void *om_map_slot(om_map *m, const void *key);
void om_map_set(om_map *m, const void *key, const void *value);
/// 1 when the key was there.
int32_t om_map_delete(om_map *m, const void *key);
int64_t om_map_length(const om_map *m);
void om_map_clear(om_map *m);
om_map *om_map_copy(const om_map *m);
/// Iteration in insertion order: the first position at or after `position` (start with 0) that holds an entry, or -1; key and
/// value there; go on with position + 1. Inserting while iterating is allowed: later entries are seen.
int64_t om_map_next(const om_map *m, int64_t position);
const void *om_map_key_at(const om_map *m, int64_t position);
void *om_map_value_at(const om_map *m, int64_t position);
/// Fresh arrays of the keys / values in that order.
om_array *om_map_keys(const om_map *m);
om_array *om_map_values(const om_map *m);

// ---- input, files, environment --------------------------------------------------------------------------------------

/// Program arguments without the program's name: string[].
om_array *om_args(void);
/// One line of standard input without its newline: 1 and `*out`, 0 at the end; all the rest.
int32_t om_read_line(om_array **out);
om_array *om_read_all(void);
/// 0 and the contents in `*out`; else the errno and `*out` is a text that names path and reason.
int32_t om_read_file(const om_array *path, om_array **out);
/// Replaces / appends. 0; else the errno and the text.
int32_t om_write_file(const om_array *path, const om_array *data, om_array **error);
int32_t om_append_file(const om_array *path, const om_array *data, om_array **error);
/// 1 and the value, or 0.
int32_t om_environment(const om_array *name, om_array **out);

// ---- mathematics ----------------------------------------------------------------------------------------------------
// The same bits everywhere: own code, no fused multiply-add. Error below 1 ulp; sqrt, fmod, floor .. trunc exact.

double om_sqrt(double x), om_cbrt(double x), om_hypot(double x, double y);
double om_sin(double x), om_cos(double x), om_tan(double x);
double om_asin(double x), om_acos(double x), om_atan(double x), om_atan2(double y, double x);
double om_sinh(double x), om_cosh(double x), om_tanh(double x);
double om_exp(double x), om_exp2(double x), om_expm1(double x), om_log(double x), om_log2(double x), om_log10(double x), om_log1p(double x);
double om_pow(double x, double y), om_fmod(double x, double y);
double om_floor(double x), om_ceil(double x), om_round(double x), om_trunc(double x);
/// round: halves away from zero. fabs, copysign, min, max (nan loses) are inline code.
double om_fmin(double x, double y), om_fmax(double x, double y);

/// xoshiro256**, seeded through splitmix64: `state` is four words. float: [0, 1); range: [lo, hi). (fails: empty range)
void om_random_seed(uint64_t *state, uint64_t seed);
uint64_t om_random_next(uint64_t *state);
double om_random_float(uint64_t *state);
int64_t om_random_range(uint64_t *state, int64_t lo, int64_t hi);

#ifdef __cplusplus
}
#endif
#endif
