// SPDX-License-Identifier: Apache-2.0
// The life of a worker: find a job, run it, search, sleep.
#include "omega/task/scheduler.h"

#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "omega/base/check.h"
#include "omega/sys/environment.h"
#include "omega/sys/processors.h"
#include "omega/task/injector.h"
#include "omega/task/ticks.h"

namespace omega::task {
namespace {

/// Threads from outside that can be in a scheduler at the same time.
constexpr uint32_t outside_limit = 1000;

/// Every so many searches a worker looks at the queue before its own deque, so that outside work is not starved.
constexpr uint32_t queue_first_every = 64;

}  // namespace

struct Scheduler::State {
  State(Scheduler& s, const SchedulerOptions& o)
      : scheduler(s), options(o), own(o.threads - 1), limit(own + outside_limit), idle(limit), slots(new std::atomic<Worker*>[limit]()) {}

  Scheduler& scheduler;
  SchedulerOptions options;
  /// Slots [0, own) belong to the scheduler's threads, the others to threads from outside.
  uint32_t own;
  uint32_t limit;
  IdleSet<> idle;
  std::array<Injector<Job>, 3> queues;
  std::unique_ptr<std::atomic<Worker*>[]> slots;
  /// Slots at and above this number have never been used.
  alignas(64) std::atomic<uint32_t> used{0};
  std::atomic<bool> stopping{false};
  std::atomic<unsigned> started{0};
  /// Guards the making of slots and of threads.
  std::mutex making;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  const sys::Processors processors;

  Injector<Job>& queue(Priority priority) { return queues[static_cast<size_t>(priority)]; }

  /// `taken` by who makes it: from the moment that others see the slot they take what is free.
  Worker* make_slot(uint32_t index, bool taken) {
    workers.push_back(std::make_unique<Worker>(scheduler, idle, index));
    workers.back()->taken_.store(taken, std::memory_order_relaxed);
    slots[index].store(workers.back().get(), std::memory_order_release);
    used.store(index + 1, std::memory_order_release);
    return workers.back().get();
  }

  Job* steal(Worker& thief) noexcept {
    const uint32_t count = used.load(std::memory_order_acquire);
    bool lost_race = false;
    do {
      lost_race = false;
      // xorshift
      thief.random_ ^= thief.random_ << 13;
      thief.random_ ^= thief.random_ >> 7;
      thief.random_ ^= thief.random_ << 17;
      uint32_t at = static_cast<uint32_t>(thief.random_ >> 32) % count;
      for (uint32_t i = 0; i < count; ++i, at = at + 1 == count ? 0 : at + 1) {
        Worker& victim = *slots[at].load(std::memory_order_acquire);
        if (&victim != &thief && !victim.deque_.empty()) {
          if (Job* const job = victim.deque_.steal(lost_race)) {
            return job;
          }
        }
      }
    } while (lost_race);
    return nullptr;
  }

  Job* find(Worker& worker) noexcept {
    if (Job* const job = queue(Priority::high).take()) {
      return job;
    }
    if (++worker.searches_ % queue_first_every == 0) {
      if (Job* const job = queue(Priority::normal).take()) {
        return job;
      }
    }
    if (Job* const job = worker.deque_.pop()) {
      return job;
    }
    if (Job* const job = queue(Priority::normal).take()) {
      return job;
    }
    if (Job* const job = steal(worker)) {
      return job;
    }
    return queue(Priority::low).take();
  }

  /// Whether there is a job in any queue.
  bool any_work() const noexcept {
    for (const Injector<Job>& each : queues) {
      if (!each.empty()) {
        return true;
      }
    }
    const uint32_t count = used.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < count; ++i) {
      if (!slots[i].load(std::memory_order_acquire)->deque_.empty()) {
        return true;
      }
    }
    return false;
  }

  void wake_claimed(uint32_t slot) noexcept {
    Worker& worker = *slots[slot].load(std::memory_order_acquire);
    if (slot < own && !worker.taken_.load(std::memory_order_relaxed)) {
      start_thread(worker);
    } else {
      place_apart(worker);
      worker.parker_.unpark();
    }
  }

  /// Only for who has claimed the slot, which makes it one thread at a time for each slot.
  void start_thread(Worker& worker) noexcept {
    const std::lock_guard lock(making);
    worker.taken_.store(true, std::memory_order_relaxed);
    try {
      threads.emplace_back([this, &worker] { worker_main(worker); });
      started.fetch_add(1, std::memory_order_relaxed);
      worker.thread_ = threads.back().native_handle();
      place_apart(worker);
    } catch (const std::system_error&) {
      // The system gives no more threads: those there are, at least the waiting one, do the work. The slot stays out of the idle set.
      idle.forget_searcher();
    }
  }

  /// Whether the worker's thread begins on another processor than who wakes it: as many as the other processors can take.
  bool begins_apart(const Worker& worker) const noexcept {
    return options.affinity == Affinity::apart && worker.index_ < own && worker.index_ + 1 < processors.count();
  }

  /// Before the worker's thread, which sleeps or has just been made, is woken.
  void place_apart(const Worker& worker) const noexcept {
    if (begins_apart(worker)) {
      processors.keep_off_here(worker.thread_);
    }
  }

  /// The worker's thread, the calling one, is awake on the processor where it begins; from now on it goes where the system wants to have it. (A token
  /// left from a wait that ended otherwise may wake it before it is placed: then it stays off one processor until it sleeps again.)
  void began_apart(const Worker& worker) const noexcept {
    if (begins_apart(worker)) {
      processors.go_anywhere();
    }
  }

  auto looks_for_work() {
    return [this] { return any_work(); };
  }
  auto wakes() {
    return [this](uint32_t slot) { wake_claimed(slot); };
  }

  /// One worker's time without work: it searches first, then it may sleep.
  class Search {
   public:
    explicit Search(State& state, bool searching) : state_(state), searching_(searching) { begin(); }

    /// Whether to look once more before sleeping.
    bool look_on() noexcept {
      if (!searching_) {
        state_.idle.start_searching();
        searching_ = true;
        begin();
      }
      if (ticks() - since_ >= state_.options.search_us * ticks_per_us) {
        return false;
      }
      for (uint32_t i = 0; i < pauses_; ++i) {
        spin_pause();
      }
      pauses_ = pauses_ < 32 ? pauses_ * 2 : pauses_;
      return true;
    }

    void sleep(Worker& worker, int64_t deadline_ns) noexcept {
      searching_ = state_.idle.sleep(worker.index_, worker.parker_, deadline_ns, state_.looks_for_work(), state_.wakes());
      state_.began_apart(worker);
      begin();
    }

    /// Work was found, or there is nothing more to wait for.
    void end() noexcept {
      if (searching_) {
        searching_ = false;
        state_.idle.stop_searching(state_.looks_for_work(), state_.wakes());
      }
    }

   private:
    void begin() noexcept {
      since_ = ticks();
      pauses_ = 1;
    }

    State& state_;
    uint64_t since_ = 0;
    uint32_t pauses_ = 1;
    bool searching_;
  };

  void worker_main(Worker& worker) {
    worker_detail::current = &worker;
    enter_thread(worker);
    Search search(*this, true);
    while (true) {
      if (Job* const job = find(worker)) {
        search.end();
        job->run(*job, worker);
      } else if (stopping.load(std::memory_order_acquire)) {
        search.end();
        return;
      } else if (!search.look_on()) {
        search.sleep(worker, INT64_MAX);
      }
    }
  }

  void enter_thread(const Worker& worker) {
    if (begins_apart(worker)) {
      making.lock();  // held until this thread is placed
      making.unlock();
      began_apart(worker);
    }
    ::pthread_setname_np(::pthread_self(), options.name.substr(0, 15).c_str());
    if (options.affinity == Affinity::processor && !options.processors.empty()) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(options.processors[worker.index() % options.processors.size()], &set);
      // A processor that is gone or not ours: the thread runs where it may, as without affinity.
      ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
    }
  }
};

Scheduler::Scheduler(const SchedulerOptions& options) {
  prepare_fences();
  SchedulerOptions chosen = options;
  if (chosen.threads == 0) {
    chosen.threads = sys::cpu_count();
  }
  OMEGA_CHECK(chosen.threads <= max_threads, "a scheduler has at most 32,768 threads");
  if (chosen.affinity == Affinity::processor && chosen.processors.empty()) {
    chosen.processors = sys::Processors().numbers();
    if (chosen.processors.size() > 1) {
      chosen.processors.erase(chosen.processors.begin());
    }
  }
  state_ = std::make_unique<State>(*this, chosen);
  for (uint32_t i = 0; i < state_->own; ++i) {
    state_->make_slot(i, false);
  }
  for (uint32_t i = state_->own; i > 0; --i) {
    state_->idle.enter_busy(i - 1);
  }
}

Scheduler::~Scheduler() {
  State& state = *state_;
  OMEGA_CHECK(!state.any_work(), "a scheduler ends while work is in it");
  state.stopping.store(true, std::memory_order_seq_cst);
  for (uint32_t i = 0; i < state.own; ++i) {
    state.workers[i]->parker_.unpark();
  }
  for (std::thread& thread : state.threads) {
    thread.join();
  }
}

Scheduler& Scheduler::global() {
  static Scheduler* const scheduler = new Scheduler(0);
  return *scheduler;
}

Scheduler& Scheduler::current() {
  Worker* const worker = current_worker();
  return worker != nullptr ? worker->scheduler() : global();
}

unsigned Scheduler::threads() const noexcept { return state_->own + 1; }

uint32_t Scheduler::slot_limit() const noexcept { return state_->limit; }

unsigned Scheduler::started_threads() const noexcept { return state_->started.load(std::memory_order_relaxed); }

bool Scheduler::someone_sleeps() const noexcept { return state_->idle.someone_sleeps(); }

bool Scheduler::someone_searches() const noexcept { return state_->idle.someone_searches(); }

void Scheduler::post(Job& job, Priority priority) noexcept {
  state_->queue(priority).push(&job);
  state_->idle.published(state_->wakes());
}

void Scheduler::wake(unsigned count) noexcept {
  while (count-- > 0) {
    const uint32_t claimed = state_->idle.claim(true);
    if (claimed == IdleSet<>::none) {
      return;
    }
    state_->wake_claimed(claimed);
  }
}

Worker* Scheduler::attach() {
  State& state = *state_;
  const uint32_t used = state.used.load(std::memory_order_acquire);
  for (uint32_t i = state.own; i < used; ++i) {
    Worker& worker = *state.slots[i].load(std::memory_order_acquire);
    if (!worker.taken_.load(std::memory_order_relaxed) && !worker.taken_.exchange(true, std::memory_order_acquire)) {
      return &worker;
    }
  }
  const std::lock_guard lock(state.making);
  const uint32_t index = state.used.load(std::memory_order_relaxed);
  if (index == state.limit) {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again), "too many threads in one scheduler");
  }
  return state.make_slot(index, true);
}

void Scheduler::detach(Worker& worker) noexcept { worker.taken_.store(false, std::memory_order_release); }

Attachment::Attachment(Scheduler& scheduler) : outer_(worker_detail::current), worker_(outer_), own_(false) {
  if (outer_ == nullptr || &outer_->scheduler() != &scheduler) {
    worker_ = scheduler.attach();
    own_ = true;
    worker_detail::current = worker_;
  }
}

Attachment::~Attachment() {
  if (own_) {
    worker_detail::current = outer_;
    worker_->scheduler().detach(*worker_);
  }
}

bool Worker::wait_until(Latch& latch, int64_t deadline_ns) noexcept {
  Scheduler::State& state = *scheduler_.state_;
  Scheduler::State::Search search(state, false);
  bool done = latch.done();
  while (!done) {
    if (Job* const job = state.find(*this)) {
      search.end();
      job->run(*job, *this);
    } else if (!search.look_on() && latch.announce(index_)) {
      search.sleep(*this, deadline_ns);
      latch.retract();
    }
    done = latch.done();
    if (!done && deadline_ns != INT64_MAX && SystemPlatform::now_ns() >= deadline_ns) {
      break;
    }
  }
  search.end();
  return done;
}

void Worker::wake_one() noexcept { scheduler_.state_->idle.claim_and_wake(scheduler_.state_->wakes()); }

void Worker::wake_slot(uint32_t slot) noexcept { scheduler_.state_->slots[slot].load(std::memory_order_acquire)->parker_.unpark(); }

}  // namespace omega::task
