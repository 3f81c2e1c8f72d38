// SPDX-License-Identifier: Apache-2.0
#include "python/native/placed_operations.h"

#include <algorithm>
#include <memory>

#include "python/native/operation.h"

namespace omega::python {
namespace {

bool is_found_by_things(const Operation* operation) {
  constexpr size_t kMostThings = 64;  // noting more costs more than looking
  const Reach* const reach = operation->reach.get();
  return reach != nullptr && !reach->sees_all && !reach->changes_all && reach->awaited.empty() && reach->seen.size() <= kMostThings;
}

void insert_in_order(std::vector<Operation*>& operations, Operation* operation) {
  const auto behind = std::ranges::upper_bound(operations, operation->index, {}, &Operation::index);
  operations.insert(behind, operation);
}

void drop_ended_of(std::vector<Operation*>& operations) {
  std::erase_if(operations, [](const Operation* each) { return each->is_over(); });
}

}  // namespace

const Reach& reach_now(Operation* operation) {
  if (operation->reach == nullptr) {
    operation->reach = std::make_unique<Reach>(reach_of(operation));
    operation->reach->is_first = false;
  } else if (std::ranges::any_of(operation->reach->awaited, [](const Operation* each) { return each->has_given(); })) {
    Reach now = reach_of(operation);
    now.seen.add_all(operation->reach->seen);
    now.sees_all |= operation->reach->sees_all;
    now.is_first = false;
    *operation->reach = std::move(now);
  }
  return *operation->reach;
}

void PlacedOperations::add(Operation* operation, size_t unfinished) {
  constexpr size_t kMany = 64;
  const size_t count = one_by_one_.size() + found_by_things_.size();
  if (count >= kMany && count > 2 * unfinished) {
    drop_ended();
  }
  one_by_one_.push_back(operation);
}

void PlacedOperations::clear() {
  one_by_one_.clear();
  found_by_things_.clear();
  users_.clear();
}

void PlacedOperations::drop_ended() {
  drop_ended_of(one_by_one_);
  drop_ended_of(found_by_things_);
  users_.clear();
  for (Operation* each : found_by_things_) {
    insert(each);
  }
}

void PlacedOperations::insert(Operation* operation) {
  for (const void* each : operation->reach->changed) {
    insert_in_order(users_[each].changing, operation);
  }
  for (const void* each : operation->reach->seen) {
    insert_in_order(users_[each].seeing, operation);
  }
}

/// Notes the things of those of which they are known. `changes`: also of those that were taken to change nothing whatever they see.
void PlacedOperations::index(bool changes) {
  drop_ended_of(one_by_one_);
  const auto notes = [&](Operation* each) {
    if (changes || each->reach != nullptr) {
      reach_now(each);
    }
    if (!is_found_by_things(each)) {
      return false;
    }
    insert(each);
    found_by_things_.push_back(each);
    return true;
  };
  std::erase_if(one_by_one_, notes);
}

PlacedOperations::Candidates::Candidates(PlacedOperations& placed, const Reach& reach) {
  const bool changes = reach.changes();
  placed.index(changes);
  add(placed.one_by_one_);
  if (reach.sees_all) {
    add(placed.found_by_things_);
    return;
  }
  for (const void* each : changes ? reach.changed : Things()) {
    if (const auto found = placed.users_.find(each); found != placed.users_.end()) {
      add(found->second.seeing);
    }
  }
  for (const void* each : reach.seen) {
    if (const auto found = placed.users_.find(each); found != placed.users_.end()) {
      add(found->second.changing);
    }
  }
  std::make_heap(rests_.begin(), rests_.end());
}

uint32_t PlacedOperations::Candidates::Rest::newest() const { return (*operations)[count - 1]->index; }

void PlacedOperations::Candidates::add(const std::vector<Operation*>& operations) {
  if (!operations.empty()) {
    rests_.push_back({&operations, operations.size()});
  }
}

Operation* PlacedOperations::Candidates::next() {
  while (!rests_.empty()) {
    std::pop_heap(rests_.begin(), rests_.end());
    Rest& rest = rests_.back();
    Operation* const operation = (*rest.operations)[rest.count - 1];
    if (--rest.count == 0) {
      rests_.pop_back();
    } else {
      std::push_heap(rests_.begin(), rests_.end());
    }
    if (operation != last_ && !operation->is_over()) {
      last_ = operation;
      return operation;
    }
  }
  return nullptr;
}

}  // namespace omega::python
