// SPDX-License-Identifier: Apache-2.0
#include "python/native/worth.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "omega/sys/environment.h"
#include "python/native/operation.h"
#include "python/native/order.h"
#include "python/native/traced_run.h"

namespace omega::python {
namespace {

/// The part of their time that calls may spend on being traced for nothing; and that a call has to gain for it to count.
constexpr double kShare = 1.0 / 8;
/// The least of it, where trials were for nothing.
constexpr double kLeastPart = 1.0 / 64;
/// What was gained is remembered up to so much [ns].
constexpr double kMostSaved = 1e9;

/// What a call that is traced costs at least, as a run of its own and as part of another's [ns].
constexpr double kLeastOfCall = 5e4;
constexpr double kLeastOfBody = 1e3;
/// What it takes to hand an operation to a thread, and to get its result, at most [ns].
constexpr double kMostOfHandingOver = 5e4;

/// Whether the process computed most of the time since operations ran beside: much of what they took may have been waiting for the GIL then. `share`: how much
/// of a processor this thread got when it wanted one.
bool keeps_processor_busy(const Spent& spent, double share) {
  constexpr double kLeastShare = 0.25;
  const double computed = process_computing_ns() - spent.computed_before;
  return computed > 0.5 * std::clamp(share, kLeastShare, 1.0) * (now_ns() - spent.begun_beside);
}

/// What a call takes also where it waits for nobody [ns].
double surely_took(const Callee* callee) { return callee == nullptr ? 0 : 2 * std::max(0.0, callee->least_ns); }

/// The processor time of this thread [ns]. Asking the system for it takes as long as tracing some operations.
double computing_ns() { return static_cast<double>(sys::thread_clock().now_ns()); }
/// How old the answer may be where less is needed [ns].
constexpr double kLately = 1e5;
/// The processor time of this thread as it was now, or not much more than `kLately` before.
double computing_lately_ns() {
  thread_local double asked = -HUGE_VAL;
  thread_local double computing = 0;
  if (const double now = now_ns(); now - asked > kLately) {
    asked = now;
    computing = computing_ns();
  }
  return computing;
}
/// The part of a time that this thread computed, which began when it had computed `before`: where it stood still, others had the processor or the GIL.
double computed_of(double ns, double before) { return ns < kLately ? std::max(0.0, ns) : std::clamp(computing_ns() - before, 0.0, ns); }

thread_local double reading_ns = 0;
thread_local unsigned readers = 0;

}  // namespace

Worth& Worth::of(PyObject* code) {
  static auto& known = *new std::unordered_map<PyObject*, Worth>;
  const auto [found, is_new] = known.try_emplace(code);
  if (is_new) {
    Py_INCREF(code);
  }
  return found->second;
}

Worth::Worth() : share_(kShare) {}

void Worth::earn(double took) { balance_ = std::max(balance_, std::min(balance_ + share_ * took, kToFindOut)); }

double Worth::begin(double least) {
  const double expected = std::max(least, usual_cost_);
  balance_ -= expected;
  return expected;
}

void Worth::end(double expected, double cost, double took) {
  balance_ += expected;
  charge(cost);
  usual_cost_ = 0.75 * usual_cost_ + 0.25 * cost;
  earn(took);
}

void Worth::charge(double cost) {
  balance_ -= cost;
  spent_ += cost;
  if (balance_ < 0) {
    share_ = std::max(share_ / 2, kLeastPart);
  }
}

void Worth::gain(double ns) {
  balance_ = std::max(balance_, std::min(balance_ + ns, kMostSaved));
  gained_ += ns;
  share_ = kShare;
}

TracedBody::TracedBody(Run* run, Worth& worth)
    : run_(run),
      worth_(worth),
      expected_(worth.begin(kLeastOfBody)),
      begun_(own_time_ns()),
      computed_(computing_lately_ns()),
      spent_(run->spent.calls + run->spent.bodies),
      called_(run->spent.calls),
      credited_(run->spent.credited),
      begun_later_(run->begun_later) {}

TracedBody::~TracedBody() {
  Spent& spent = run_->spent;
  const double cost = computed_of(own_time_ns() - begun_ - (spent.calls + spent.bodies - spent_), computed_);
  spent.bodies += cost;
  const bool is_open = run_->begun_later != begun_later_;
  if (is_open) {
    run_->open_bodies.push_back({&worth_, cost});
  }
  const double took = spent.calls - called_ - (spent.credited - credited_);
  spent.credited += took;
  worth_.end(expected_, is_open ? 0 : cost, took);
}

TracedCall::TracedCall(Worth& worth, size_t elements)
    : worth_(worth), elements_(elements), expected_(worth.begin(kLeastOfCall)), begun_(own_time_ns()), computed_(computing_lately_ns()) {}

void TracedCall::judge(const Run& run) {
  if (worth_.computes_arrays(elements_) && run.log.empty()) {  // always traced, and nobody else is to be told: a call may take less than asking for times
    worth_.end(expected_, 0, 0);
    return;
  }
  const double wall = own_time_ns() - begun_;
  const double own_computing = run.begun_later == 0 ? computed_of(wall, computed_) : std::max(0.0, computing_ns() - computed_);
  const Spent& spent = run.spent;
  const bool is_busy = run.begun_later > 0 && keeps_processor_busy(spent, own_computing / std::max(1.0, wall - spent.waiting));
  double later = 0;
  double tracing = 0;
  double useful = 0;
  double handing_over = 0;
  for (const Operation* operation : run.log) {
    if (!operation->is_inline) {
      const double took = operation->nanoseconds - operation->tracing_ns;
      handing_over += kMostOfHandingOver;
      later += operation->nanoseconds;
      tracing += operation->tracing_ns;
      useful += is_busy ? std::min(took, surely_took(operation->callee)) : took;
    }
  }
  tracing_ns() += std::max(0.0, wall - spent.useful - (later - tracing));
  const double gained = spent.gained + std::max(0.0, useful - spent.waiting);
  if (gained >= kShare * wall) {
    worth_.end(expected_, 0, spent.calls - spent.credited);
    worth_.gain(gained);
    for (const OpenBody& each : run.open_bodies) {
      each.worth->gain(gained);
    }
    return;
  }
  const double own = std::min(wall - spent.calls - spent.bodies, own_computing);
  handing_over = std::min(handing_over, std::max(0.0, spent.waiting - later));
  worth_.end(expected_, std::max(0.0, own) + handing_over, spent.calls - spent.credited);
  for (const OpenBody& each : run.open_bodies) {
    each.worth->charge(each.cost);
  }
}

bool runs_as_written(Run& run, bool pays, const Callee* callee) {
  const size_t body = run.bodies_met++;
  if (body < run.bodies_known) {
    return std::ranges::binary_search(run.bodies_as_written, body);
  }
  run.bodies_known = body + 1;
  const bool waits = callee != nullptr && callee->effect == Callee::Effect::shared && !is_settled(&run);
  const bool as_written = run.settings.adaptive && !run.is_abstract && !pays && !waits;
  if (as_written) {
    run.bodies_as_written.push_back(body);
  }
  return as_written;
}

double process_computing_ns() { return static_cast<double>(sys::process_clock().now_ns()); }

double& tracing_ns() {
  thread_local double ns = 0;
  return ns;
}

double own_time_ns() { return now_ns() - reading_ns; }

ReadingCode::ReadingCode() : begun_(readers++ == 0 ? now_ns() : 0), traced_(std::exchange(current_run(), nullptr)) {}

ReadingCode::~ReadingCode() {
  current_run() = traced_;
  if (--readers == 0) {
    reading_ns += now_ns() - begun_;
  }
}

}  // namespace omega::python
