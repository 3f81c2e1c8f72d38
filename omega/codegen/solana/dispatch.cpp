// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/solana/dispatch.h"

#include <algorithm>

namespace omega::codegen::solana {
namespace {

/// So many words stand in the frame of solana_run; functions that take and give more have them on the heap.
constexpr uint32_t kMostInFrame = 12;
constexpr uint32_t kWordBytes = 32;

std::string number(uint64_t value) { return std::to_string(value); }

class DispatchWriter {
 public:
  DispatchWriter(const ir::Contract& contract, const Interface& interface, const Layout& layout)
      : contract_(contract), interface_(interface), layout_(layout) {}

  std::string write() {
    tables();
    out_ +=
        "declare i32 @solana_begin_function()\n"
        "declare i32 @solana_begin_constructor()\n"
        "declare i32 @solana_unknown()\n"
        "declare i32 @solana_end_of_data()\n"
        "declare i32 @solana_take(ptr, i32)\n"
        "declare ptr @solana_words(i64)\n"
        "declare i64 @solana_size(ptr, i32)\n"
        "declare ptr @solana_put(ptr, ptr, i32)\n"
        "declare ptr @solana_buffer(i64)\n"
        "declare void @solana_give(ptr, i64)\n"
        "declare void @solana_log(ptr, i64)\n";
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

  void line(const std::string& text) { ((out_ += "  ") += text) += '\n'; }
  std::string fresh() { return "%v" + number(next_++); }
  void begin_block(const std::string& name) { (out_ += name) += ":\n"; }
  /// Goes on only when the call is done.
  void check(const std::string& call) {
    const std::string status = fresh(), is_done = fresh(), next = "b" + number(next_++);
    line(status + " = call i32 " + call);
    line(is_done + " = icmp eq i32 " + status + ", 0");
    line("br i1 " + is_done + ", label %" + next + ", label %fail");
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

  /// Values outside, from words: a buffer with room for a discriminator in front. Gives the buffer and how many bytes the values take.
  std::pair<std::string, std::string> put(ir::DataFields fields, const std::string& words) {
    std::string size = "0";
    for (uint32_t k = 0; k < fields.count; ++k) {
      const std::string one = fresh(), sum = fresh();
      line(one + " = call i64 @solana_size(ptr " + address(words, uint64_t{k} * kWordBytes) + ", i32 " + number(type_of(fields, k)) + ")");
      line(sum + " = add i64 " + size + ", " + one);
      size = sum;
    }
    const std::string buffer = fresh(), is_none = fresh(), next = "b" + number(next_++);
    line(buffer + " = call ptr @solana_buffer(i64 " + size + ")");
    line(is_none + " = icmp eq ptr " + buffer + ", null");
    line("br i1 " + is_none + ", label %fail, label %" + next);
    begin_block(next);
    std::string to = address(buffer, 8);
    for (uint32_t k = 0; k < fields.count; ++k) {
      const std::string behind = fresh();
      line(behind + " = call ptr @solana_put(ptr " + to + ", ptr " + address(words, uint64_t{k} * kWordBytes) + ", i32 " + number(type_of(fields, k)) + ")");
      to = behind;
    }
    return {buffer, size};
  }

  // ---- functions by their discriminators ----

  void run() {
    uint32_t words = 0;
    bool has_constructor = false;
    for (const ir::EntryPoint& entry : contract_.entries) {
      const uint32_t count = entry.params.count + entry.results.count;
      words = count <= kMostInFrame ? std::max(words, count) : words;
      has_constructor = has_constructor || entry.kind == ir::EntryKind::Constructor;
    }
    out_ += "define i32 @solana_run(i64 %discriminator) {\n";
    line("%frame = alloca [" + number(words) + " x [4 x i64]], align 8");
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
      entry(k);
    }
    if (!has_constructor) {
      begin_block("constructor");
      check("@solana_begin_constructor()");
      check("@solana_end_of_data()");
      line("ret i32 0");
    }
    begin_block("unknown");
    const std::string status = fresh();
    line(status + " = call i32 @solana_unknown()");
    line("ret i32 " + status);
    begin_block("fail");
    line("ret i32 1");
    out_ += "}\n";
  }

  void entry(uint32_t k) {
    const ir::EntryPoint& entry = contract_.entries[k];
    check(entry.kind == ir::EntryKind::Constructor ? "@solana_begin_constructor()" : "@solana_begin_function()");
    const uint32_t count = entry.params.count + entry.results.count;
    std::string arguments = "%frame";
    if (count > kMostInFrame) {
      arguments = fresh();
      const std::string is_none = fresh(), next = "b" + number(next_++);
      line(arguments + " = call ptr @solana_words(i64 " + number(count) + ")");
      line(is_none + " = icmp eq ptr " + arguments + ", null");
      line("br i1 " + is_none + ", label %fail, label %" + next);
      begin_block(next);
    }
    for (uint32_t i = 0; i < entry.params.count; ++i) {
      check("@solana_take(ptr " + address(arguments, uint64_t{i} * kWordBytes) + ", i32 " + number(type_of(entry.params, i)) + ")");
    }
    check("@solana_end_of_data()");
    const std::string results = address(arguments, uint64_t{entry.params.count} * kWordBytes);
    check("@chain_call(i32 " + number(k) + ", ptr " + arguments + ", ptr " + results + ")");
    if (entry.results.count > 0) {
      const auto [buffer, size] = put(entry.results, results);
      line("call void @solana_give(ptr " + buffer + ", i64 " + size + ")");
    }
    line("ret i32 0");
  }

  // ---- events ----

  void events() {
    out_ += "define i32 @solana_event(i32 %event, ptr %arguments) {\n";
    line("switch i32 %event, label %fail [");
    for (uint32_t k = 0; k < contract_.events.size(); ++k) {
      line("  i32 " + number(k) + ", label %event" + number(k));
    }
    line("]");
    for (uint32_t k = 0; k < contract_.events.size(); ++k) {
      begin_block("event" + number(k));
      const auto [buffer, size] = put(contract_.events[k].arguments, "%arguments");
      line("store i64 " + number(discriminator_number("event", interface_.events[k])) + ", ptr " + buffer + ", align 8");
      line("call void @solana_log(ptr " + buffer + ", i64 " + size + ")");
      line("ret i32 0");
    }
    begin_block("fail");
    line("ret i32 1");
    out_ += "}\n";
  }

  const ir::Contract& contract_;
  const Interface& interface_;
  const Layout& layout_;
  std::string out_;
  uint32_t next_ = 0;
};

}  // namespace

std::string dispatch_text(const ir::Contract& contract, const Interface& interface, const Layout& layout) {
  return DispatchWriter(contract, interface, layout).write();
}

}  // namespace omega::codegen::solana
