// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/dispatch.h"

#include <algorithm>

#include "omega/codegen/solana/state_use.h"

namespace omega::codegen::solana {
namespace {

/// So many words stand in the frame of an entry; those that take and give more have them on the heap.
constexpr uint32_t kMostInFrame = 12;
constexpr uint32_t kWordBytes = 32;
constexpr uint32_t kDiscriminatorBytes = 8;
constexpr const char* kBuffer = "%buffer";

std::string number(uint64_t value) { return std::to_string(value); }

class DispatchWriter {
 public:
  DispatchWriter(const ir::Module& module, const Interface& interface, const Layout& layout)
      : contract_(*module.contract), interface_(interface), layout_(layout), state_use_(module) {}

  std::string write() {
    tables();
    out_ +=
        "declare i64 @solana_end_function()\n"
        "declare i64 @solana_begin_constructor()\n"
        "declare i64 @solana_unknown()\n"
        "declare i64 @solana_end_of_data()\n"
        "declare i64 @solana_bad_data()\n"
        "declare void @solana_begin_data(ptr)\n"
        "declare i64 @solana_leaf_size(i32)\n"
        "declare i64 @solana_read(ptr, ptr, i32)\n"
        "declare i64 @solana_take(ptr, i32)\n"
        "declare ptr @solana_words(i64)\n"
        "declare i64 @solana_size(ptr, i32)\n"
        "declare ptr @solana_put(ptr, ptr, i32)\n"
        "declare ptr @solana_buffer(i64)\n"
        "declare void @solana_give(ptr, i64)\n"
        "declare void @solana_log(ptr, i64)\n"
        "declare i64 @llvm.bswap.i64(i64)\n"
        "declare i32 @llvm.bswap.i32(i32)\n"
        "!2 = !{}\n";
    run();
    events();
    return std::move(out_);
  }

 private:
  // ---- tables ----

  template <class T>
  void table(std::string_view name, std::string_view element, const std::vector<T>& values) {
    ((out_ += '@') += name) += " = constant [" + number(values.size()) + " x " + std::string(element) + "] [";
    for (size_t k = 0; k < values.size(); ++k) {
      out_ += (k == 0 ? "" : ", ") + std::string(element) + " " + number(values[k]);
    }
    out_ += "], align 8\n";
  }
  void tables() {
    table("solana_type_sizes", "i32", layout_.sizes);
    table("solana_chunk_shifts", "i8", layout_.chunk_shifts);
    table("solana_field_offsets", "i32", layout_.field_offsets);
    table("solana_variable_offsets", "i32", layout_.variable_offsets);
    out_ += "@solana_state_size = constant i32 " + number(layout_.state_size) + ", align 8\n";
    out_ += "@solana_state_discriminator = constant i64 " + number(discriminator_number("account", "State")) + ", align 8\n";
    out_ += "@solana_entry_discriminator = constant i64 " + number(discriminator_number("account", "Entry")) + ", align 8\n";
  }

  // ---- instructions ----

  template <class... Parts>
  void line(const Parts&... parts) {
    out_ += "  ";
    (out_.append(parts), ...);
    out_ += '\n';
  }
  std::string fresh() { return "%v" + number(next_++); }
  void begin_block(const std::string& name) { (out_ += name) += ":\n"; }
  /// Goes on only when the call is done.
  void check(const std::string& call) {
    const std::string status = fresh(), is_done = fresh(), next = "b" + number(next_++);
    line(status + " = call i64 " + call);
    line(is_done + " = icmp eq i64 " + status + ", 0");
    line("br i1 " + is_done + ", label %" + next + ", label %fail, !prof !0");
    begin_block(next);
  }
  std::string address(const std::string& base, uint64_t bytes) {
    if (bytes == 0) {
      return base;
    }
    const std::string made = fresh();
    line(made + " = getelementptr i8, ptr " + base + ", i64 " + number(bytes));
    return made;
  }
  uint32_t type_of(ir::DataFields fields, uint32_t k) const { return contract_.fields[fields.first + k].type; }

  bool are_leaves(ir::DataFields fields) const {
    bool all = true;
    for (uint32_t k = 0; k < fields.count; ++k) {
      all = all && ir::is_value_kind(contract_.types[type_of(fields, k)].kind);
    }
    return all;
  }
  /// Whether the buffer for these values is in the frame of the function: `kBuffer`, which make_buffer has put there.
  bool is_in_frame(ir::DataFields fields) const { return fields.count <= kMostInFrame && are_leaves(fields); }
  void make_buffer(ir::DataFields fields) {
    if (is_in_frame(fields)) {
      line(std::string(kBuffer) + " = alloca [" + number(kDiscriminatorBytes + fields.count * uint64_t{kWordBytes}) + " x i8], align 8");
    }
  }

  /// Values outside, from words: a buffer with room for a discriminator in front. Gives the buffer and how many bytes the values take.
  std::pair<std::string, std::string> put(ir::DataFields fields, const std::string& words) {
    std::string size = "0";
    for (uint32_t k = 0; k < fields.count; ++k) {
      const std::string one = fresh(), sum = fresh();
      line(one + " = call i64 @solana_size(ptr " + address(words, uint64_t{k} * kWordBytes) + ", i32 " + number(type_of(fields, k)) + ")");
      line(sum, " = add i64 ", size, ", ", one);
      size = sum;
    }
    const std::string buffer = is_in_frame(fields) ? kBuffer : fresh();
    if (buffer != kBuffer) {
      const std::string is_none = fresh(), next = "b" + number(next_++);
      line(buffer + " = call ptr @solana_buffer(i64 " + size + ")");
      line(is_none + " = icmp eq ptr " + buffer + ", null");
      line("br i1 " + is_none + ", label %fail, label %" + next);
      begin_block(next);
    }
    std::string to = address(buffer, kDiscriminatorBytes);
    for (uint32_t k = 0; k < fields.count; ++k) {
      const std::string behind = fresh();
      line(behind, " = call ptr @solana_put(ptr ", to, ", ptr ", address(words, uint64_t{k} * kWordBytes), ", i32 ", number(type_of(fields, k)), ")");
      to = behind;
    }
    return {buffer, size};
  }

  // ---- functions by their discriminators ----

  void run() {
    for (uint32_t k = 0; k < contract_.entries.size(); ++k) {
      entry(k);
    }
    const bool has_constructor = std::ranges::any_of(contract_.entries, [](const ir::EntryPoint& entry) { return entry.kind == ir::EntryKind::Constructor; });
    out_ += "define i64 @solana_run(i64 %discriminator, ptr %data, i64 %size) #0 {\n";
    line("switch i64 %discriminator, label %unknown [");
    for (uint32_t k = 0; k < contract_.entries.size(); ++k) {
      line("  i64 " + number(discriminator_number("global", interface_.entries[k])) + ", label %entry" + number(k));
    }
    if (!has_constructor) {
      line("  i64 " + number(discriminator_number("global", kConstructor)) + ", label %constructor");
    }
    line("]");
    for (uint32_t k = 0; k < contract_.entries.size(); ++k) {
      begin_block("entry" + number(k));
      const std::string status = fresh();
      line(status + " = call i64 @solana_entry" + number(k) + "(ptr %data, i64 %size)");
      line("ret i64 " + status);
    }
    if (!has_constructor) {
      begin_block("constructor");
      check("@solana_begin_constructor()");
      take("%data", {});
      line("ret i64 0");
    }
    begin_block("unknown");
    const std::string status = fresh();
    line(status + " = call i64 @solana_unknown()");
    line("ret i64 " + status);
    begin_entry_failures();
    out_ += "}\n";
  }

  /// Fills the words with the arguments, which must be all of the data.
  void take(const std::string& words, ir::DataFields params) {
    const auto word = [&](uint32_t i) { return "ptr " + address(words, uint64_t{i} * kWordBytes); };
    if (!are_leaves(params)) {
      line("call void @solana_begin_data(ptr %data)");
      for (uint32_t i = 0; i < params.count; ++i) {
        check("@solana_take(" + word(i) + ", i32 " + number(type_of(params, i)) + ")");
      }
      check("@solana_end_of_data()");
      return;
    }
    std::vector<std::string> offsets = {"0"};
    for (uint32_t i = 0; i < params.count; ++i) {
      const std::string one = fresh(), sum = fresh();
      line(one + " = call i64 @solana_leaf_size(i32 " + number(type_of(params, i)) + ")");
      line(sum, " = add i64 ", offsets.back(), ", ", one);
      offsets.push_back(sum);
    }
    const std::string is_all = fresh(), next = "b" + number(next_++);
    line(is_all + " = icmp eq i64 %size, " + offsets.back());
    line("br i1 " + is_all + ", label %" + next + ", label %bad_data, !prof !0");
    begin_block(next);
    for (uint32_t i = 0; i < params.count; ++i) {
      const std::string from = fresh();
      line(from + " = getelementptr i8, ptr %data, i64 " + offsets[i]);
      if (!read(address(words, uint64_t{i} * kWordBytes), from, contract_.types[type_of(params, i)])) {
        check("@solana_read(" + word(i) + ", ptr " + from + ", i32 " + number(type_of(params, i)) + ")");
      }
    }
  }

  /// `bytes` of the instruction's data as 64 bits, to be had from there whenever they are wanted, for nobody writes them.
  std::string datum(const std::string& from, uint32_t offset, uint32_t bytes, bool is_reversed, bool is_signed) {
    const std::string at = address(from, offset), type = "i" + number(uint64_t{bytes} * 8);
    std::string value = fresh();
    line(value + " = load " + type + ", ptr " + at + ", align " + number(bytes) + ", !invariant.load !2");
    if (is_reversed) {
      const std::string reversed = fresh();
      line(reversed + " = call " + type + " @llvm.bswap." + type + "(" + type + " " + value + ")");
      value = reversed;
    }
    if (bytes == 8) {
      return value;
    }
    const std::string wide = fresh();
    line(wide + (is_signed ? " = sext " : " = zext ") + type + " " + value + " to i64");
    return wide;
  }

  /// Reads a value that may be any of so many bytes into a word, as solana_read does. False for types some of whose bytes are no values.
  bool read(const std::string& word, const std::string& from, const ir::DataType& type) {
    const bool is_number = type.kind == ir::DataKind::Unsigned || type.kind == ir::DataKind::Signed;
    const bool is_signed = type.kind == ir::DataKind::Signed;
    const bool is_bytes = type.kind == ir::DataKind::FixedBytes && type.bits == 256;
    std::vector<std::string> limbs;
    if (type.kind == ir::DataKind::Address) {
      limbs = {datum(from, 24, 8, true, false), datum(from, 16, 8, true, false), datum(from, 12, 4, true, false), "0"};
    } else if (is_bytes || (is_number && (type.bits == 128 || type.bits == 256))) {
      for (uint32_t k = 0; k < type.bits / 64; ++k) {
        limbs.push_back(datum(from, is_bytes ? 24 - 8 * k : 8 * k, 8, is_bytes, false));
      }
    } else if (is_number && (type.bits == 8 || type.bits == 16 || type.bits == 32 || type.bits == 64)) {
      limbs.push_back(datum(from, 0, type.bits / 8, false, is_signed));
    } else {
      return false;
    }
    std::string above = "0";
    if (is_signed && limbs.size() < 4) {
      above = fresh();
      line(above + " = ashr i64 " + limbs.back() + ", 63");
    }
    limbs.resize(4, above);
    for (uint32_t k = 0; k < 4; ++k) {
      line("store i64 ", limbs[k], ", ptr ", address(word, uint64_t{k} * 8), ", align 8");
    }
    return true;
  }

  void begin_entry_failures() {
    begin_block("bad_data");
    const std::string status = fresh();
    line(status + " = call i64 @solana_bad_data()");
    line("ret i64 " + status);
    begin_block("fail");
    line("ret i64 1");
  }

  /// A function of its own for each entry, which the machine's registers and frame are for alone.
  void entry(uint32_t k) {
    const ir::EntryPoint& entry = contract_.entries[k];
    out_ += "define internal i64 @solana_entry" + number(k) + "(ptr %data, i64 %size) noinline #0 {\n";
    const uint32_t count = entry.params.count + entry.results.count;
    const std::string arguments = fresh();
    const bool is_constructor = entry.kind == ir::EntryKind::Constructor;
    make_buffer(entry.results);
    if (count <= kMostInFrame) {
      line(arguments + " = alloca [" + number(count) + " x [4 x i64]], align 8");
    } else {
      const std::string is_none = fresh(), next = "b" + number(next_++);
      line(arguments + " = call ptr @solana_words(i64 " + number(count) + ")");
      line(is_none + " = icmp eq ptr " + arguments + ", null");
      line("br i1 " + is_none + ", label %fail, label %" + next);
      begin_block(next);
    }
    if (is_constructor) {
      check("@solana_begin_constructor()");
    }
    take(arguments, entry.params);
    const std::string results = address(arguments, uint64_t{entry.params.count} * kWordBytes);
    check("@call_entry" + number(k) + "(ptr " + arguments + ", ptr " + results + ")");
    if (!is_constructor && !state_use_.always(entry.function)) {
      check("@solana_end_function()");
    }
    if (entry.results.count > 0) {
      const auto [buffer, size] = put(entry.results, results);
      line("call void @solana_give(ptr " + buffer + ", i64 " + size + ")");
    }
    line("ret i64 0");
    begin_entry_failures();
    out_ += "}\n";
  }

  // ---- events ----

  void event(uint32_t k) {
    const ir::DataFields fields = contract_.events[k].arguments;
    out_ += "define internal i64 @solana_event" + number(k) + "(ptr %arguments) #0 {\n";
    make_buffer(fields);
    const auto [buffer, size] = put(fields, "%arguments");
    line("store i64 " + number(discriminator_number("event", interface_.events[k])) + ", ptr " + buffer + ", align 8");
    line("call void @solana_log(ptr " + buffer + ", i64 " + size + ")");
    line("ret i64 0");
    begin_block("fail");
    line("ret i64 1");
    out_ += "}\n";
  }

  void events() {
    for (uint32_t k = 0; k < contract_.events.size(); ++k) {
      event(k);
    }
    out_ += "define i64 @solana_event(i32 %event, ptr %arguments) #0 {\n";
    line("switch i32 %event, label %fail [");
    for (uint32_t k = 0; k < contract_.events.size(); ++k) {
      line("  i32 " + number(k) + ", label %event" + number(k));
    }
    line("]");
    for (uint32_t k = 0; k < contract_.events.size(); ++k) {
      begin_block("event" + number(k));
      const std::string status = fresh();
      line(status + " = call i64 @solana_event" + number(k) + "(ptr %arguments)");
      line("ret i64 " + status);
    }
    begin_block("fail");
    line("ret i64 1");
    out_ += "}\n";
  }

  const ir::Contract& contract_;
  const Interface& interface_;
  const Layout& layout_;
  StateUse state_use_;
  std::string out_;
  uint32_t next_ = 0;
};

}  // namespace

std::string dispatch_text(const ir::Module& module, const Interface& interface, const Layout& layout) {
  return DispatchWriter(module, interface, layout).write();
}

}  // namespace omega::codegen::solana
