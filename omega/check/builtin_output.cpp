// SPDX-License-Identifier: Apache-2.0
// printf, print, println, format, eprintf, and the text of values. All arguments are evaluated before anything is printed.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using ir::Type;

FormatClass format_class(Checker& checker, TypeId type) {
  switch (checker.info(type).kind) {
    case TypeKind::Integer: return FormatClass::Integer;
    case TypeKind::Bool: return FormatClass::Bool;
    case TypeKind::Float: return FormatClass::Float;
    case TypeKind::String: return FormatClass::String;
    case TypeKind::Bytes:
    case TypeKind::FixedBytes: return FormatClass::Bytes;
    case TypeKind::Enum: return FormatClass::Enum;
    default: return FormatClass::Other;
  }
}

bool is_printable(Checker& checker, TypeId type) {
  switch (checker.info(type).kind) {
    case TypeKind::None:
    case TypeKind::Error:
    case TypeKind::Void:
    case TypeKind::Number:
    case TypeKind::Range:
    case TypeKind::Random: return false;
    default: return true;
  }
}

/// Writes the type's signature; structs that hold themselves refer back to where their text begins.
class Describer {
 public:
  explicit Describer(Checker& checker) : checker_(checker) {}

  std::string take(TypeId type) {
    describe(type);
    return std::move(text_);
  }

 private:
  struct Open {
    TypeId type;
    size_t at;
  };

  void describe(TypeId type) {
    type = underlying_type(checker_, type);
    const TypeInfo& info = checker_.info(type);
    switch (info.kind) {
      case TypeKind::Bool: text_ += 'b'; return;
      case TypeKind::Integer: text_ += (info.is_signed ? 'i' : 'u') + std::to_string(info.bits); return;
      case TypeKind::Float: text_ += type == kFloat32Type ? "f4" : "f8"; return;
      case TypeKind::String: text_ += 's'; return;
      case TypeKind::Bytes: text_ += 'x'; return;
      case TypeKind::FixedBytes: text_ += 'y' + std::to_string(info.bits / 8); return;
      case TypeKind::Address: text_ += "y20"; return;
      case TypeKind::Function: text_ += 'z'; return;
      case TypeKind::Array: text_ += '['; return describe(info.element);
      case TypeKind::FixedArray:
        text_ += '#' + std::to_string(info.length) + ',' + std::to_string(checker_.info(info.element).size) + ';';
        return describe(info.element);
      case TypeKind::Mapping:
        text_ += 'm';
        describe(info.key);
        text_ += '=';
        return describe(info.element);
      case TypeKind::Result: text_ += 'r' + std::to_string(kResultValue) + ';'; return describe(info.element);
      case TypeKind::Tuple: return tuple(type, info);
      case TypeKind::Struct: return structure(type, info);
      case TypeKind::Enum: return enumeration(info);
      default: text_ += 'n'; return;
    }
  }

  void tuple(TypeId type, const TypeInfo& info) {
    text_ += '(';
    for (uint32_t i = 0; i < info.part_count; ++i) {
      text_ += (i == 0 ? "" : " ") + std::to_string(checker_.tuple_offset(type, i)) + ':';
      describe(info.parts[i]);
    }
    text_ += ')';
  }

  void structure(TypeId type, const TypeInfo& info) {
    for (const Open& open : open_) {
      if (open.type == type) {
        text_ += '@' + std::to_string(open.at) + ';';
        return;
      }
    }
    open_.push_back({type, text_.size()});
    const Declarations& declarations = checker_.declarations();
    text_ += '{';
    text_ += info.name;
    for (const Field& field : declarations.fields_of(declarations.structs[info.declaration])) {
      text_ += ' ' + std::to_string(field.offset) + ':';
      text_ += declarations.text(field.name);
      text_ += '=';
      describe(field.type);
    }
    text_ += '}';
    open_.pop_back();
  }

  void enumeration(const TypeInfo& info) {
    const Declarations& declarations = checker_.declarations();
    text_ += "e{";
    text_ += info.name;
    for (const NameId member : declarations.members_of(declarations.enums[info.declaration])) {
      text_ += ' ';
      text_ += declarations.text(member);
    }
    text_ += '}';
  }

  Checker& checker_;
  std::string text_;
  std::vector<Open> open_;
};

ValueId spec_constant(Checker& checker, const FormatPiece& piece) { return checker.builder().const_int(Type::U64, static_cast<int64_t>(piece.spec())); }

void emit_text(Checker& checker, std::string_view text) {
  if (!text.empty()) {
    runtime_call(checker, RuntimeFunctionId::OutStr, {checker.builder().const_string(text)});
  }
}

void emit_integer(Checker& checker, TypeId type, ValueId id, const FormatPiece* piece) {
  ir::FunctionBuilder& builder = checker.builder();
  const Type own = checker.types().ir(type);
  if (ir::is_wide(own)) {
    // The runtime takes whole limbs; narrower wide integers take less room as elements.
    const TypeId full_type = integer_type(256, ir::is_signed(own));
    const Type full = checker.types().ir(full_type);
    const ValueId place = checker.spill(own == full ? id : builder.cast(full, id), full_type);
    const ValueId descriptor = const_u32(checker, integer_descriptor(checker, full_type));
    if (piece != nullptr) {
      runtime_call(checker, RuntimeFunctionId::OutSpecWide, {spec_constant(checker, *piece), place, descriptor});
    } else {
      runtime_call(checker, RuntimeFunctionId::OutWide, {place, descriptor});
    }
    return;
  }
  const bool is_signed = ir::is_signed(own);
  const Type full = is_signed ? Type::S64 : Type::U64;
  const ValueId value = own == full ? id : builder.cast(full, id);
  if (piece != nullptr) {
    runtime_call(checker, is_signed ? RuntimeFunctionId::OutSpecI64 : RuntimeFunctionId::OutSpecU64, {spec_constant(checker, *piece), value});
  } else {
    runtime_call(checker, is_signed ? RuntimeFunctionId::OutI64 : RuntimeFunctionId::OutU64, {value});
  }
}

void emit_described(Checker& checker, TypeId type, ValueId id, const FormatPiece* piece) {
  const ValueId place = checker.spill(id, type);
  if (piece != nullptr) {
    runtime_call(checker, RuntimeFunctionId::TextBegin, {});
  }
  runtime_call(checker, RuntimeFunctionId::OutDescribed, {checker.builder().const_string(describe_type(checker, type)), place});
  if (piece != nullptr) {
    FormatPiece as_text = *piece;
    as_text.conversion = 's';
    const ValueId text = runtime_call(checker, RuntimeFunctionId::TextEnd, {});
    runtime_call(checker, RuntimeFunctionId::OutSpecStr, {spec_constant(checker, as_text), text});
  }
}

void emit_float(Checker& checker, TypeId type, ValueId id, const FormatPiece* piece) {
  const bool is_narrow = type == kFloat32Type;
  if (piece != nullptr) {
    runtime_call(checker, is_narrow ? RuntimeFunctionId::OutSpecF32 : RuntimeFunctionId::OutSpecF64, {spec_constant(checker, *piece), id});
  } else {
    runtime_call(checker, is_narrow ? RuntimeFunctionId::OutF32 : RuntimeFunctionId::OutF64, {id});
  }
}

/// The arguments behind the format, or all of them, evaluated in order. False after a report.
bool evaluate_all(Checker& checker, std::span<const NodeId> nodes, std::vector<Value>& out) {
  bool fine = true;
  for (const NodeId node : nodes) {
    Value value = checker.runtime_expression(node);
    if (!value.is_error() && !is_printable(checker, value.type)) {
      checker.report(diag::Kind::BuiltinCannotPrint, node, {checker.type_text(value.type)});
      value = Value::error();
    }
    fine = fine && !value.is_error();
    out.push_back(value);
  }
  return fine;
}

/// The format of printf and its kin, taken apart and checked against the arguments behind it.
class FormatCall {
 public:
  FormatCall(Checker& checker, const CallSite& site, std::string_view name) : checker_(checker), site_(site), name_(name) {}

  bool check() {
    if (!check_argument_count(checker_, site_, name_, 1, UINT32_MAX) || !read_format()) {
      return false;
    }
    const std::span<const NodeId> nodes = site_.arguments.subspan(1);
    const bool values_fine = evaluate_all(checker_, nodes, values_);
    const uint32_t wanted = format_.conversions();
    if (nodes.size() != wanted) {
      const uint32_t given = static_cast<uint32_t>(nodes.size());
      checker_.report(diag::Kind::FormatArgumentCount, site_.node,
                      {count_text(wanted), (given == 0 ? "none" : std::to_string(given)) + (given == 1 ? " is" : " are")});
      return false;
    }
    return values_fine && check_types(nodes);
  }

  void emit() {
    checker_.at(site_.node);
    size_t next = 0;
    for (const FormatPiece& piece : format_.pieces) {
      if (piece.conversion == 0) {
        emit_text(checker_, piece.text);
        continue;
      }
      const NodeId where = site_.arguments[next + 1];
      const Value& value = values_[next++];
      const bool as_it_is = piece.is_plain() && (piece.conversion == 'v' || piece.conversion == 'd' || piece.conversion == 's' || piece.conversion == 't');
      emit_output(checker_, value, as_it_is && !is_number_of_enum(value, piece) ? nullptr : &piece, where);
    }
  }

 private:
  bool is_number_of_enum(Value value, const FormatPiece& piece) { return piece.conversion == 'd' && checker_.info(value.type).kind == TypeKind::Enum; }

  bool read_format() {
    std::string_view text;
    const Value value = checker_.expression(site_.arguments[0], kStringType);
    if (value.is_error()) {
      return false;
    }
    if (!value.is_constant() || value.form != ConstantForm::Text) {
      checker_.report(diag::Kind::FormatNotLiteral, site_.arguments[0], {std::string(name_)}).with_help("write `" + std::string(name_) + "(\"%v\", ...)`");
      return false;
    }
    text = checker_.constant_text(value);
    format_ = parse_format(text);
    if (!format_.error.empty()) {
      diag::Diagnostic& diagnostic = checker_.report(diag::Kind::FormatBadConversion, site_.arguments[0], {format_.wrong, format_.error});
      if (!format_.help.empty()) {
        diagnostic.with_help(format_.help);
      }
      return false;
    }
    return true;
  }

  bool check_types(std::span<const NodeId> nodes) {
    bool fine = true;
    size_t next = 0;
    for (const FormatPiece& piece : format_.pieces) {
      if (piece.conversion == 0) {
        continue;
      }
      const TypeId type = underlying_type(checker_, values_[next].type);
      const FormatClass group = format_class(checker_, type);
      if (!suits(piece.conversion, group)) {
        checker_.report(diag::Kind::FormatArgumentType, nodes[next], {piece.text, checker_.type_text(values_[next].type)})
            .with_help("use " + std::string(conversions_for(group)));
        fine = false;
      }
      ++next;
    }
    return fine;
  }

  Checker& checker_;
  const CallSite& site_;
  std::string_view name_;
  Format format_;
  std::vector<Value> values_;
};

Value check_print(Checker& checker, const CallSite& site, std::string_view name, bool with_newline) {
  std::vector<Value> values;
  if (!check_argument_count(checker, site, name, 0, UINT32_MAX) || !evaluate_all(checker, site.arguments, values)) {
    return Value::error();
  }
  checker.at(site.node);
  for (size_t i = 0; i < values.size(); ++i) {
    if (i != 0) {
      emit_text(checker, " ");
    }
    emit_output(checker, values[i], nullptr, site.arguments[i]);
  }
  if (with_newline) {
    emit_text(checker, "\n");
  }
  return Value::none();
}

}  // namespace

std::string describe_type(Checker& checker, TypeId type) { return Describer(checker).take(type); }

void emit_output(Checker& checker, Value value, const FormatPiece* piece, NodeId where) {
  (void)where;
  const TypeId type = underlying_type(checker, value.type);
  const ValueId id = checker.materialize(value);
  switch (checker.info(type).kind) {
    case TypeKind::Integer: return emit_integer(checker, type, id, piece);
    case TypeKind::Float: return emit_float(checker, type, id, piece);
    case TypeKind::Bool:
      if (piece != nullptr) {
        runtime_call(checker, RuntimeFunctionId::OutSpecBool, {spec_constant(checker, *piece), id});
      } else {
        runtime_call(checker, RuntimeFunctionId::OutBool, {id});
      }
      return;
    case TypeKind::String:
      if (piece != nullptr) {
        runtime_call(checker, RuntimeFunctionId::OutSpecStr, {spec_constant(checker, *piece), id});
      } else {
        runtime_call(checker, RuntimeFunctionId::OutStr, {id});
      }
      return;
    case TypeKind::Bytes:
      if (piece != nullptr && piece->conversion == 'x') {
        runtime_call(checker, RuntimeFunctionId::OutSpecStr, {spec_constant(checker, *piece), id});
        return;
      }
      return emit_described(checker, type, id, piece);
    case TypeKind::FixedBytes:
      if (piece != nullptr && piece->conversion == 'x') {
        FormatPiece digits = *piece;
        digits.flags |= 16;
        digits.width = digits.width < 0 ? checker.info(type).bits / 4 : digits.width;
        return emit_integer(checker, type, id, &digits);
      }
      return emit_described(checker, type, id, piece);
    case TypeKind::Enum:
      if (piece != nullptr && piece->conversion == 'd') {
        return emit_integer(checker, type, id, piece);
      }
      return emit_described(checker, type, id, piece);
    default: return emit_described(checker, type, id, piece);
  }
}

Value text_of(Checker& checker, Value value, NodeId where) {
  const TypeId type = underlying_type(checker, value.type);
  if (type == kStringType) {
    return value;
  }
  if (!is_printable(checker, type)) {
    if (!value.is_error()) {
      checker.report(diag::Kind::BuiltinCannotPrint, where, {checker.type_text(value.type)});
    }
    return Value::error();
  }
  checker.at(where);
  const ValueId id = checker.materialize(value);
  ir::FunctionBuilder& builder = checker.builder();
  const TypeInfo& info = checker.info(type);
  if (info.kind == TypeKind::Integer && info.bits <= 64) {
    const Type full = info.is_signed ? Type::S64 : Type::U64;
    const ValueId widened = info.ir == full ? id : builder.cast(full, id);
    return Value::of(kStringType, runtime_call(checker, info.is_signed ? RuntimeFunctionId::StringFromI64 : RuntimeFunctionId::StringFromU64, {widened}));
  }
  runtime_call(checker, RuntimeFunctionId::TextBegin, {});
  emit_output(checker, Value::of(type, id), nullptr, where);
  return Value::of(kStringType, runtime_call(checker, RuntimeFunctionId::TextEnd, {}));
}

Value check_output_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  switch (kind) {
    case FunctionKind::Print: return check_print(checker, site, "print", false);
    case FunctionKind::Println: return check_print(checker, site, "println", true);
    default: break;
  }
  const bool builds_text = kind != FunctionKind::Printf;
  FormatCall call(checker, site, kind == FunctionKind::Printf ? "printf" : kind == FunctionKind::Format ? "format" : "eprintf");
  if (!call.check()) {
    return Value::error();
  }
  if (builds_text) {
    runtime_call(checker, RuntimeFunctionId::TextBegin, {});
  }
  call.emit();
  if (!builds_text) {
    return Value::none();
  }
  const ValueId text = runtime_call(checker, RuntimeFunctionId::TextEnd, {});
  if (kind == FunctionKind::Format) {
    return Value::of(kStringType, text);
  }
  runtime_call(checker, RuntimeFunctionId::ErrStr, {text});
  return Value::none();
}

}  // namespace omega::check
