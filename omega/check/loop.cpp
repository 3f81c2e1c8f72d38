// SPDX-License-Identifier: Apache-2.0
// Loops, and the records they leave for the passes that look at them.
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;
using ir::LoopKind;
using parse::AssignOp;
using parse::BinaryOp;
using parse::UnaryOp;

ir::LoopId Checker::open_loop(LoopKind kind, Label break_label, Label continue_label, uint32_t location) {
  FunctionContext& context = *contexts_[level_];
  const ir::LoopId parent = !loops_.empty() && loops_[loops_.size() - 1].level == level_ ? loops_[loops_.size() - 1].id : ir::kNone;
  const ir::LoopId id = builder_->add_loop({.kind = kind,
                                            .depth = context.loop_depth,
                                            .header = 0,
                                            .body = 0,
                                            .latch = continue_label.index,
                                            .exit = break_label.index,
                                            .iv = ir::kNone,
                                            .hi = ir::kNone,
                                            .step = 1,
                                            .threads = ir::kNone,
                                            .parent = parent,
                                            .location = location});
  context.loop_depth = static_cast<uint8_t>(context.loop_depth < 255 ? context.loop_depth + 1 : 255);
  loops_.push_back({break_label, continue_label, kind, id, 0, level_});
  return id;
}

void Checker::close_loop() {
  loops_.pop_back();
  FunctionContext& context = *contexts_[level_];
  context.loop_depth = static_cast<uint8_t>(loops_.empty() || loops_[loops_.size() - 1].level != level_ ? 0 : context.loop_depth - 1);
}

void Checker::loop_body(NodeId body) {
  const uint32_t mark = open_scope();
  statement(body);
  close_scope(mark);
}

CountedLoop Checker::begin_counted_loop(ValueId low, ValueId high, NodeId where, LoopKind kind, uint32_t iv) {
  CountedLoop loop;
  if (where != 0) {
    at(where);
  }
  loop.iv = iv == ir::kNone ? builder_->add_slot(ir::Type::S64) : iv;
  loop.hi = builder_->add_slot(ir::Type::S64);
  builder_->set(loop.iv, low);
  builder_->set(loop.hi, high);
  loop.header = builder_->new_label();
  loop.body = builder_->new_label();
  loop.latch = builder_->new_label();
  loop.exit = builder_->new_label();
  builder_->br(loop.header);
  builder_->start_block(loop.header);
  loop.id = open_loop(kind, loop.exit, loop.latch, builder_->location());
  const ValueId index = builder_->get(loop.iv);
  const ValueId limit = builder_->get(loop.hi);
  builder_->cond_br(builder_->compare(Op::Lt, index, limit), loop.body, loop.exit);
  builder_->start_block(loop.body);
  ir::Loop& record = builder_->loop(loop.id);
  record.header = loop.header.index;
  record.body = loop.body.index;
  record.iv = loop.iv;
  record.hi = loop.hi;
  return loop;
}

void Checker::end_counted_loop(const CountedLoop& loop) {
  if (builder_->is_open()) {
    builder_->br(loop.latch);
  }
  builder_->start_block(loop.latch);
  const ValueId one = builder_->const_int(ir::Type::S64, 1);
  builder_->set(loop.iv, builder_->binary(Op::Add, ir::Type::S64, builder_->get(loop.iv), one));
  builder_->br(loop.header);
  builder_->start_block(loop.exit);
  close_loop();
}

void Checker::while_loop(NodeId id) {
  const Node& n = node(id);
  const Label header = builder_->new_label();
  const Label body = builder_->new_label();
  const Label latch = builder_->new_label();
  const Label exit = builder_->new_label();
  builder_->br(header);
  builder_->start_block(header);
  const ir::LoopId loop = open_loop(LoopKind::While, exit, latch, tree_->tokens->offset(n.token));
  builder_->loop(loop).header = header.index;
  builder_->loop(loop).body = body.index;
  const bool endless = is_true(n.a);
  if (endless) {
    builder_->br(body);
  } else {
    condition(n.a, body, exit);
  }
  builder_->start_block(body);
  loop_body(n.b);
  if (builder_->is_open()) {
    builder_->br(latch);
  }
  builder_->start_block(latch);
  builder_->br(header);
  builder_->start_block(exit);
  if (endless && loops_[loops_.size() - 1].breaks == 0) {
    builder_->unreachable();
  }
  close_loop();
}

bool Checker::is_true(NodeId id) const {
  while (node(id).kind == NodeKind::Paren) {
    id = node(id).a;
  }
  return node(id).kind == NodeKind::BoolLiteral && node(id).a != 0;
}

void Checker::do_while_loop(NodeId id) {
  const Node& n = node(id);
  const Label header = builder_->new_label();
  const Label latch = builder_->new_label();
  const Label exit = builder_->new_label();
  builder_->br(header);
  builder_->start_block(header);
  const ir::LoopId loop = open_loop(LoopKind::While, exit, latch, tree_->tokens->offset(n.token));
  builder_->loop(loop).header = header.index;
  builder_->loop(loop).body = header.index;
  loop_body(n.b);
  if (builder_->is_open()) {
    builder_->br(latch);
  }
  builder_->start_block(latch);
  condition(n.a, header, exit);
  builder_->start_block(exit);
  if (is_true(n.a) && loops_[loops_.size() - 1].breaks == 0) {
    builder_->unreachable();
  }
  close_loop();
}

void Checker::for_loop(NodeId id) {
  const Node& n = node(id);
  const uint32_t mark = open_scope();
  const NodeId initial = tree_->rec(n.a, 0);
  const NodeId test = tree_->rec(n.a, 1);
  const NodeId step = tree_->rec(n.a, 2);
  if (initial != 0) {
    statement(initial);
  }
  CountedFor counted;
  if (initial != 0 && locals_.size() == mark + 1 && find_counted(id, mark, counted)) {
    counted_for(id, counted);
    close_scope(mark);
    return;
  }
  at(id);
  const Label header = builder_->new_label();
  const Label body = builder_->new_label();
  const Label latch = builder_->new_label();
  const Label exit = builder_->new_label();
  builder_->br(header);
  builder_->start_block(header);
  const ir::LoopId loop = open_loop(LoopKind::While, exit, latch, tree_->tokens->offset(n.token));
  builder_->loop(loop).header = header.index;
  builder_->loop(loop).body = body.index;
  const bool endless = test == 0 || is_true(test);
  if (endless) {
    builder_->br(body);
  } else {
    condition(test, body, exit);
  }
  builder_->start_block(body);
  loop_body(n.b);
  if (builder_->is_open()) {
    builder_->br(latch);
  }
  builder_->start_block(latch);
  if (step != 0) {
    expression_statement(node(step).kind == NodeKind::ExprStmt ? node(step).a : step);
  }
  builder_->br(header);
  builder_->start_block(exit);
  if (endless && loops_[loops_.size() - 1].breaks == 0) {
    builder_->unreachable();
  }
  close_loop();
  close_scope(mark);
}

bool Checker::find_counted(NodeId id, uint32_t variable_index, CountedFor& out) {
  const Node& n = node(id);
  const NodeId test = tree_->rec(n.a, 1);
  NodeId step = tree_->rec(n.a, 2);
  if (test == 0 || step == 0) {
    return false;
  }
  const Local& entry = locals_[variable_index];
  const Node& t = node(test);
  auto is_variable = [&](NodeId name) { return node(name).kind == NodeKind::Name && tree_->name(node(name)) == entry.name; };
  if (!is_integer_type(entry.type) || t.kind != NodeKind::Binary || !is_variable(t.a)) {
    return false;
  }
  out.inclusive = t.flags == static_cast<uint8_t>(BinaryOp::Le);
  if (!out.inclusive && t.flags != static_cast<uint8_t>(BinaryOp::Lt)) {
    return false;
  }
  // `i <= n` counts to n + 1, which must exist; narrower variables can reach their type's end in earnest.
  if (out.inclusive && (unchecked_ || types_[entry.type].bits < 64)) {
    return false;
  }
  if (node(step).kind == NodeKind::ExprStmt) {
    step = node(step).a;
  }
  const Node& s = node(step);
  const bool increments = (s.kind == NodeKind::Postfix || s.kind == NodeKind::Unary) && s.flags == static_cast<uint8_t>(UnaryOp::Increment) && is_variable(s.a);
  const bool adds = s.kind == NodeKind::Assign && s.flags == static_cast<uint8_t>(AssignOp::Add) && is_variable(s.a) &&
                    node(s.b).kind == NodeKind::IntLiteral && (node(s.b).flags & 1) != 0 && node(s.b).b == 0 && node(s.b).a > 0 && node(s.b).a < 100;
  out.variable = variable_index;
  out.bound = t.b;
  out.step = increments ? 1 : adds ? node(s.b).a : 0;
  return out.step != 0 && (out.step == 1 || !unchecked_);
}

bool Checker::Invariant::add(uint32_t local, uint32_t writes_now) {
  for (uint32_t i = 0; i < count; ++i) {
    if (locals[i] == local) {
      return true;
    }
  }
  if (count == 4) {
    return false;
  }
  locals[count] = local;
  writes[count++] = writes_now;
  return true;
}

bool Checker::reads_only_locals(NodeId id, Invariant& out, uint32_t depth) {
  const Node& n = node(id);
  if (depth > 8) {
    return false;
  }
  switch (n.kind) {
    case NodeKind::Paren: return reads_only_locals(n.a, out, depth + 1);
    case NodeKind::IntLiteral: return true;
    case NodeKind::Binary:
      return n.flags != static_cast<uint8_t>(BinaryOp::And) && n.flags != static_cast<uint8_t>(BinaryOp::Or) && reads_only_locals(n.a, out, depth + 1) &&
             reads_only_locals(n.b, out, depth + 1);
    case NodeKind::Name: {
      const Symbol symbol = lookup(tree_->name(n));
      if (symbol.kind == SymbolKind::Constant) {
        return true;
      }
      return symbol.kind == SymbolKind::Local && out.add(symbol.index, locals_[symbol.index].writes);
    }
    case NodeKind::Member: {
      if (NameId{n.b} != decls_.builtins.length || node(n.a).kind != NodeKind::Name) {
        return false;
      }
      const Symbol symbol = lookup(tree_->name(node(n.a)));
      if (symbol.kind != SymbolKind::Local) {
        return false;
      }
      const TypeKind kind = types_[locals_[symbol.index].type].kind;
      out.has_length = out.has_length || kind == TypeKind::Array || kind == TypeKind::Bytes;
      return (kind == TypeKind::Array || kind == TypeKind::Bytes || kind == TypeKind::FixedArray || kind == TypeKind::String) &&
             out.add(symbol.index, locals_[symbol.index].writes);
    }
    default: return false;
  }
}

bool Checker::may_change_lengths(uint32_t first_inst) const {
  for (uint32_t i = first_inst; i < builder_->inst_count(); ++i) {
    const ir::Inst& inst = builder_->inst(i);
    if (inst.op == Op::Call || inst.op == Op::CallClosure) {
      return true;
    }
    if (inst.op == Op::CallRuntime) {
      const ir::RuntimeFunction& f = ir::runtime_function(static_cast<ir::RuntimeFunctionId>(inst.a));
      const bool prints = inst.a <= static_cast<uint32_t>(ir::RuntimeFunctionId::Exit);
      if (f.has_effect('W') || (f.has_effect('I') && !prints)) {
        return true;
      }
    }
  }
  return false;
}

void Checker::counted_for(NodeId id, const CountedFor& counted) {
  const Node& n = node(id);
  const uint32_t variable_slot = locals_[counted.variable].storage;
  const TypeId type = locals_[counted.variable].type;
  Invariant invariant;
  bool is_invariant = reads_only_locals(counted.bound, invariant, 0);
  // The bound, before the loop.
  const NodeId test = tree_->rec(n.a, 1);
  Value bound = expression(counted.bound, type);
  TypeId common = kErrorType;
  if (!bound.is_error()) {
    if (!bound.is_value()) {
      bound = to_runtime(bound, counted.bound);
    }
    common = bound.is_error() ? kErrorType : common_type(Value::of(type, 0), bound);
    if (common == kNoType) {
      report(Kind::OperatorTypes, test, {counted.inclusive ? "<=" : "<", value_text(Value::of(type, 0)), value_text(bound)})
          .with_help(node(counted.bound).kind == NodeKind::Member && bound.type == kInt64Type && is_integer_type(type)
                         ? "lengths are `int64`: declare `int64 " + name_text(locals_[counted.variable].name) + "`"
                         : help_for_operands(BinaryOp::Lt, Value::of(type, 0), bound));
      common = kErrorType;
    }
  }
  const TypeId hi_type = common == kErrorType ? type : common;
  const ir::Type hi_ir = types_.ir(hi_type);
  const bool exclusive_hi = !counted.inclusive || hi_type == type;
  auto bound_value = [&](Value value) {
    Value converted = convert(value, hi_type, counted.bound);
    if (converted.is_error()) {
      return poison(hi_type);
    }
    if (!counted.inclusive || !exclusive_hi) {
      return materialize(converted);
    }
    if (converted.is_constant() && converted.form == ConstantForm::Integer && converted.bits < INT64_MAX) {
      ++converted.bits;
      return materialize(converted);
    }
    at(test);
    const ValueId last = materialize(converted);
    return builder_->binary(Op::Add, hi_ir, last, builder_->const_int(hi_ir, 1), ir::kChecked);
  };
  // A plain local is its own bound; anything else gets a slot.
  uint32_t hi = ir::kNone;
  bool is_own_slot = false;
  if (node(counted.bound).kind == NodeKind::Name && !counted.inclusive && hi_type == type && bound.kind == ValueKind::Runtime) {
    const uint32_t innermost = innermost_[tree_->name(node(counted.bound)).index];
    if (innermost != 0 && locals_[innermost - 1].kind == Local::Kind::Slot && locals_[innermost - 1].level == level_ && locals_[innermost - 1].type == type) {
      hi = locals_[innermost - 1].storage;
      is_own_slot = true;
    }
  }
  if (hi == ir::kNone) {
    hi = builder_->add_slot(hi_ir);
    const ValueId value = common == kErrorType ? poison(hi_type) : bound_value(bound);
    builder_->set(hi, value);
  }
  const Label header = builder_->new_label();
  const Label body = builder_->new_label();
  const Label latch = builder_->new_label();
  const Label exit = builder_->new_label();
  at(id);
  builder_->br(header);
  builder_->start_block(header);
  const ir::LoopId loop = open_loop(LoopKind::While, exit, latch, tree_->tokens->offset(n.token));
  at(test);
  ValueId current = builder_->get(variable_slot);
  if (hi_type != type) {
    current = builder_->cast(hi_ir, current);
  }
  const ValueId limit = builder_->get(hi);
  builder_->cond_br(builder_->compare(exclusive_hi ? Op::Lt : Op::Le, current, limit), body, exit);
  builder_->start_block(body);
  const uint32_t first_inst = builder_->inst_count();
  const uint32_t writes_before = locals_[counted.variable].writes;
  loop_body(n.b);
  if (builder_->is_open()) {
    builder_->br(latch);
  }
  builder_->start_block(latch);
  const bool variable_kept = locals_[counted.variable].writes == writes_before;
  for (uint32_t i = 0; i < invariant.count; ++i) {
    is_invariant = is_invariant && invariant.locals[i] != counted.variable && locals_[invariant.locals[i]].writes == invariant.writes[i];
  }
  is_invariant = is_invariant && !(invariant.has_length && may_change_lengths(first_inst));
  at(tree_->rec(n.a, 2));
  const bool cannot_overflow = variable_kept && counted.step == 1 && hi_type == type && (is_invariant || is_own_slot);
  const ir::Type ir_type = types_.ir(type);
  const ValueId step = builder_->const_int(ir_type, counted.step);
  builder_->set(variable_slot, builder_->binary(Op::Add, ir_type, builder_->get(variable_slot), step, cannot_overflow ? 0 : checked_flag()));
  ++locals_[counted.variable].writes;
  if (!is_invariant && !is_own_slot && common != kErrorType) {
    const Value again = expression(counted.bound, type);
    builder_->set(hi, again.is_error() ? poison(hi_type) : bound_value(again));
  }
  builder_->br(header);
  builder_->start_block(exit);
  ir::Loop& record = builder_->loop(loop);
  record.header = header.index;
  record.body = body.index;
  if (variable_kept && is_invariant && hi_type == type) {
    record.kind = LoopKind::Sequential;
    record.iv = variable_slot;
    record.hi = hi;
    record.step = counted.step;
  }
  close_loop();
}

void Checker::range_loop(NodeId id) {
  const Node& n = node(id);
  static constexpr LoopKind kinds[] = {LoopKind::Sequential, LoopKind::Parallel, LoopKind::ParallelThreads};
  const LoopKind kind = kinds[n.flags];
  const NameId name{tree_->rec(n.a, 0)};
  const uint32_t name_token = tree_->rec(n.a, 1);
  NodeId range = tree_->rec(n.a, 2);
  const NodeId threads_node = tree_->rec(n.a, 3);
  uint32_t threads = ir::kNone;
  if (threads_node != 0) {
    const ValueId count = index_value(threads_node);
    at(threads_node);
    const ValueId enough = builder_->compare(Op::Ge, count, builder_->const_int(ir::Type::S64, 1));
    builder_->emit(Op::CheckThat, ir::Type::Void, enough, builder_->const_string("a parallel loop needs at least one thread"),
                   static_cast<uint32_t>(ir::PanicKind::BadArgument));
    threads = builder_->add_slot(ir::Type::S64);
    builder_->set(threads, count);
  }
  while (node(range).kind == NodeKind::Paren) {
    range = node(range).a;
  }
  const uint32_t mark = open_scope();
  TypeId type = kInt64Type;
  Value over;
  ValueId low = 0;
  ValueId high = 0;
  TypeInfo const* info = nullptr;
  if (node(range).kind == NodeKind::Range) {
    const Node& r = node(range);
    Value first = expression(r.a);
    Value last = expression(r.b);
    first = first.is_value() || first.is_error() ? first : to_runtime(first, r.a);
    last = last.is_value() || last.is_error() ? last : to_runtime(last, r.b);
    if (first.is_error() || last.is_error()) {
      type = kErrorType;
    } else {
      type = common_type(first, last);
      const bool is_fraction = (first.is_constant() && default_type(first) == kFloat64Type) || (last.is_constant() && default_type(last) == kFloat64Type);
      type = type == kNumberType ? kInt64Type : type;
      if (!is_integer_type(type) || is_fraction) {
        diag::Diagnostic& diagnostic = report(Kind::RangeTypes, range, {value_text(first), value_text(last)});
        if (is_fraction || type == kFloat64Type || type == kFloat32Type) {
          diagnostic.with_help("count in whole numbers and calculate: `@ i in 0..<10 { let x = float64(i) * 0.1 }`");
        }
        type = kErrorType;
      }
    }
    auto as_s64 = [&](Value value, NodeId where) {
      const Value converted = type == kErrorType ? Value::error() : convert(value, type, where);
      if (converted.is_error()) {
        return poison(kInt64Type);
      }
      if (converted.is_constant() && converted.form == ConstantForm::Integer) {
        return builder_->const_int(ir::Type::S64, converted.bits);
      }
      at(where);
      return type == kInt64Type ? materialize(converted) : builder_->cast(ir::Type::S64, materialize(converted), ir::kChecked);
    };
    low = as_s64(first, r.a);
    high = as_s64(last, r.b);
    if ((r.flags & 1) != 0) {
      at(range);
      const ir::Inst& last_value = builder_->inst(high);
      if (last_value.op == Op::Const && ir::const_value(last_value) < INT64_MAX) {
        high = builder_->const_int(ir::Type::S64, ir::const_value(last_value) + 1);
      } else {
        high = builder_->binary(Op::Add, ir::Type::S64, high, builder_->const_int(ir::Type::S64, 1), ir::kChecked);
      }
    }
  } else {
    over = expression(range);
    if (over.kind == ValueKind::Range) {
      low = over.range_low();
      high = over.range_high();
    } else {
      over = to_runtime(over, range);
      type = kErrorType;
      low = builder_->const_int(ir::Type::S64, 0);
      high = low;
      if (!over.is_error()) {
        info = &types_[over.type];
        if (info->kind == TypeKind::Array || info->kind == TypeKind::Bytes || info->kind == TypeKind::String) {
          type = info->kind == TypeKind::String ? kUint8Type : info->element;
          high = array_length(over.id);
        } else if (info->kind == TypeKind::FixedArray) {
          type = info->element;
          high = builder_->const_int(ir::Type::S64, static_cast<int64_t>(info->length));
        } else {
          diag::Diagnostic& diagnostic = report(Kind::NotIterable, range, {value_text(over)});
          if (info->kind == TypeKind::Mapping) {
            diagnostic.with_help("loop over `.keys()` or `.values()`");
          } else if (info->kind == TypeKind::Integer) {
            diagnostic.with_help("write a range: `0..<n`");
          }
          info = nullptr;
        }
      }
    }
  }
  at(id);
  if (type == kInt64Type && info == nullptr) {
    const uint32_t variable_index = declare_slot(name, type, name_token);
    locals_[variable_index].loop_variable = true;
    finish_range_loop(id, begin_counted_loop(low, high, id, kind, locals_[variable_index].storage), threads);
  } else {
    const CountedLoop loop = begin_counted_loop(low, high, id, kind);
    const ValueId position = builder_->get(loop.iv);
    ValueId value = 0;
    if (info == nullptr) {
      value = type == kErrorType ? poison(type) : builder_->cast(types_.ir(type), position);
    } else if (info->kind == TypeKind::FixedArray) {
      value = builder_->emit(Op::FixedGet, types_.ir(type), over.id, position);
    } else {
      builder_->emit(Op::CheckIndex, ir::Type::Void, position, over.id);
      value = element_get(over.id, position, type);
    }
    const uint32_t variable_index = declare_slot(name, type, name_token);
    locals_[variable_index].loop_variable = true;
    builder_->set(locals_[variable_index].storage, value);
    finish_range_loop(id, loop, threads);
  }
  close_scope(mark);
}

void Checker::finish_range_loop(NodeId id, const CountedLoop& loop, uint32_t threads) {
  const Node& n = node(id);
  builder_->loop(loop.id).threads = threads;
  builder_->loop(loop.id).location = tree_->tokens->offset(n.token);
  loop_body(n.b);
  at(id);
  end_counted_loop(loop);
}

}  // namespace omega::check
