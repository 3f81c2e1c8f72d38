// SPDX-License-Identifier: Apache-2.0
// Diagnostics: what Omega has to say about a user's program, as data; the sink that collects them.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/base/span.h"

namespace omega::diag {

using base::FileId;
using base::LineColumn;
using base::Span;

/// Every message there is, by name; kinds_<phase>.def say the rest.
enum class Kind : uint16_t {
#define OMEGA_DIAG(name, code, severity, message, explanation) name,
#include "omega/diag/kinds_all.def"
#undef OMEGA_DIAG
};

enum class Severity : uint8_t { error, warning, note };

/// What is known about a kind.
struct KindInfo {
  Kind kind;
  /// The enumerator's name.
  const char* name;
  /// The stable code: "E0201".
  const char* code;
  Severity severity;
  /// The message with {0}, {1}, ... for arguments.
  const char* message;
  /// For `omega explain`.
  const char* explanation;
};

/// The facts of one kind.
const KindInfo& info(Kind kind);

/// All kinds, in the order of the enum.
std::span<const KindInfo> all_kinds();

/// The kind with this code ("E0201", any case), or null.
const KindInfo* find_code(std::string_view code);

/// "error", "warning" or "note".
std::string_view severity_name(Severity severity);

/// More about a diagnostic: a text and, where it has one, its place.
struct Note {
  std::string text;
  Span span;
};

/// One thing to say to the user.
struct Diagnostic {
  Kind kind{};
  Span span;
  std::vector<std::string> args;
  std::vector<Note> notes;
  /// What would help; empty for none. Shown as "help: ...".
  std::string help;

  Diagnostic& note(Span where, std::string text) {
    notes.push_back({std::move(text), where});
    return *this;
  }
  /// A note without a place.
  Diagnostic& note(std::string text) { return note(Span{}, std::move(text)); }
  Diagnostic& with_help(std::string text) {
    help = std::move(text);
    return *this;
  }

  [[nodiscard]] Severity severity() const { return info(kind).severity; }
  /// The message with its arguments put in.
  [[nodiscard]] std::string message() const;
};

/// Collects diagnostics. Not thread-safe: one per task, merged afterwards. What diagnostics() gives depends only on what was
/// reported in all merged sinks together, not on the order: the first max_shown errors and the first max_shown others by
/// file, offset and code, each distinct one once.
class Sink {
 public:
  /// How many errors are kept; the same number of warnings and notes.
  static constexpr size_t max_shown = 100;

  /// Adds a diagnostic. The reference holds until the next call on this sink.
  Diagnostic& report(Kind kind, Span span, std::initializer_list<std::string> args = {});

  /// Takes over everything `other` holds.
  void merge(Sink&& other);

  /// Errors reported, those not kept included; duplicates count.
  [[nodiscard]] size_t error_count() const { return errors_.reported; }
  /// What a reader counts: the errors that diagnostics() gives; where there are more than are kept, all reported. Call after diagnostics().
  [[nodiscard]] size_t shown_error_count() const { return errors_.dropped ? errors_.reported : errors_.kept.size(); }
  /// Warnings and notes reported.
  [[nodiscard]] size_t warning_count() const { return others_.reported; }
  [[nodiscard]] bool has_errors() const { return errors_.reported != 0; }
  [[nodiscard]] bool empty() const { return errors_.reported == 0 && others_.reported == 0; }

  /// What is kept, sorted by file, offset, code; errors and others together. Holds until the next call that changes the sink.
  const std::vector<Diagnostic>& diagnostics();

  /// True when more errors were reported than are kept: say "too many errors" after the last. Call after diagnostics().
  [[nodiscard]] bool too_many_errors() const { return errors_.dropped; }

  /// Forgets the errors that are kept and that `unwanted` holds for, such as those that only follow from others.
  void forget_errors(const std::function<bool(const Diagnostic&)>& unwanted);

  /// Forgets everything.
  void clear() { *this = Sink(); }

 private:
  struct Part {
    std::vector<Diagnostic> kept;
    size_t reported = 0;
    bool dropped = false;

    void compact();
  };

  Part errors_;
  Part others_;
  std::vector<Diagnostic> sorted_;
};

}  // namespace omega::diag
