// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/element_program.h"

#include <emmintrin.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>

#include "omega/graph/exec/element_compiler.h"
#include "omega/graph/exec/element_kernels.h"

namespace omega::graph {
namespace {

constexpr size_t kBlockBytes = kBlockElements * 8;
/// Results of at least so many bytes go past the caches [bytes].
constexpr size_t kStreamed = size_t{4} << 20;
/// Blocks in a piece of a parallel loop: large beside what handing one out costs.
constexpr size_t kPieceBlocks = 128;

[[noreturn]] void bad_program(std::string_view part) { throw std::invalid_argument("an element program has the wrong part `" + std::string(part) + "`"); }

std::string_view next_part(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

uint16_t read_operand(std::string_view word, size_t steps, std::string_view part) {
  uint16_t number = 0;
  const bool is_step = word.starts_with('s');
  if (word.size() < 2 || (!is_step && word.front() != 'i')) {
    bad_program(part);
  }
  const auto [at, error] = std::from_chars(word.data() + 1, word.data() + word.size(), number);
  if (error != std::errc() || at != word.data() + word.size() || number >= ElementProgram::kStep || (is_step && number >= steps)) {
    bad_program(part);
  }
  return is_step ? static_cast<uint16_t>(number | ElementProgram::kStep) : number;
}

/// Fetches the blocks that are needed next: the processor can wait for few lines at once, so they must come while steps compute. The first vector function
/// does it on its way; where there is none, a share before each step.
class Lookahead {
 public:
  explicit Lookahead(const std::vector<ElementProgram::Step>& steps) : steps_(std::max<size_t>(steps.size(), 1)) {
    const auto is_function = [](const ElementProgram::Step& step) { return is_vector_function(step.op); };
    const auto first = std::ranges::find_if(steps, is_function);
    has_function_ = first != steps.end();
    function_ = static_cast<size_t>(first - steps.begin());
  }

  void begin() {
    blocks_.clear();
    data_.clear();
    block_ = line_ = lines_ = 0;
  }
  void add(const std::byte* data, size_t bytes) {
    if (has_function_) {
      data_.push_back(data);
      return;
    }
    blocks_.push_back({data, bytes / 64});
    lines_ += bytes / 64;
  }
  /// What step `step` fetches on its way.
  [[nodiscard]] NextBlocks of_step(size_t step) const { return step == function_ ? NextBlocks{data_.data(), data_.size()} : NextBlocks{}; }
  /// The share of one step.
  void fetch() {
    for (size_t left = (lines_ + steps_ - 1) / steps_; left > 0 && block_ < blocks_.size(); --left) {
      __builtin_prefetch(blocks_[block_].data + line_ * 64, 0, 3);
      if (++line_ == blocks_[block_].lines) {
        line_ = 0;
        ++block_;
      }
    }
  }

 private:
  struct Block {
    const std::byte* data;
    size_t lines;
  };
  size_t steps_;
  size_t function_ = 0;  ///< the first vector function's step
  bool has_function_ = false;
  std::vector<const std::byte*> data_;  ///< of blocks that it fetches
  std::vector<Block> blocks_;
  size_t block_ = 0;
  size_t line_ = 0;
  size_t lines_ = 0;
};

/// 64-byte aligned blocks of the thread, kept between calls.
class Scratch {
 public:
  std::byte* blocks(size_t count) {
    if (buffer_.size() < count * kBlockBytes) {
      buffer_ = Buffer(count * kBlockBytes);
    }
    return buffer_.data();
  }

 private:
  Buffer buffer_;
};

thread_local Scratch scratch;

/// One run of a program: types, shapes and where each step's block lies, settled before the loop.
class ProgramRun {
 public:
  ProgramRun(const ElementProgram& program, Call& call) : program_(program), call_(call) {
    settle_shape();
    settle_types();
    settle_blocks();
  }

  void run() {
    make_outputs();
    code_ = find_code();
    by_lines_ = code_ == nullptr && runs_by_lines();
    const size_t blocks = (count_ + kBlockElements - 1) / kBlockElements;
    call_.parallel_for(blocks, kPieceBlocks, [&](size_t begin, size_t end) { run_blocks(begin, end); });
    if (divided_by_zero_.load(std::memory_order_relaxed)) {
      throw std::domain_error("an integer is divided by zero");
    }
    for (size_t i = 0; i < program_.yields.size(); ++i) {
      finish_output(i, blocks);
    }
  }

 private:
  static constexpr size_t kNoInput = SIZE_MAX;

  struct Target {
    DType dtype;
    std::byte* data;                 ///< of all elements
    std::unique_ptr<Array> array;    ///< that holds them; null: the input that is overwritten does
    std::unique_ptr<Array> partial;  ///< folds of blocks
    bool is_streamed;
  };

  void settle_shape() {
    for (size_t i = 0; i < call_.input_count(); ++i) {
      const Value& input = call_.input(i);
      if (input.is_array()) {
        const Array& array = input.as_array();
        if (like_ != nullptr && !std::ranges::equal(like_->shape(), array.shape())) {
          throw std::invalid_argument("element-wise work on " + call_.input(like_index_).describe() + " and " + input.describe());
        }
        like_ = &array;
        like_index_ = i;
      } else if (!input.is_scalar()) {
        throw std::invalid_argument("element-wise work on " + input.describe());
      }
    }
    count_ = like_ == nullptr ? 1 : like_->count();
  }

  [[nodiscard]] DType dtype_of(uint16_t operand) const {
    return operand >= ElementProgram::kStep ? step_types_[operand - ElementProgram::kStep] : call_.input(operand).dtype();
  }

  void settle_types() {
    const auto check = [&](uint16_t operand) {
      if (operand < ElementProgram::kStep && operand >= call_.input_count()) {
        throw std::invalid_argument("an element program names input " + std::to_string(operand) + " of " + std::to_string(call_.input_count()));
      }
    };
    for (const ElementProgram::Step& step : program_.steps) {
      const ElementOpInfo& info = element_op_info(step.op);
      DType types[3] = {};
      for (size_t k = 0; k < info.inputs; ++k) {
        check(step.operands[k]);
        types[k] = dtype_of(step.operands[k]);
      }
      const auto result = element_result(step.op, {types, info.inputs});
      if (!result) {
        std::string message = "`" + std::string(info.name) + "` does not take";
        for (size_t k = 0; k < info.inputs; ++k) {
          message += (k == 0 ? " " : ", ") + std::string(name_of(types[k]));
        }
        throw std::invalid_argument(message);
      }
      step_types_.push_back(*result);
      operand_types_.push_back(types[step.op == ElementOp::select ? 1 : 0]);
    }
    for (const ElementProgram::Yield& yield : program_.yields) {
      check(yield.operand);
      if (yield.fold && dtype_of(yield.operand) == DType::boolean) {
        throw std::invalid_argument("`" + std::string(name_of(*yield.fold)) + "` folds numbers, not boolean");
      }
    }
  }

  /// Gives each step a block, reusing those whose value is not needed any more.
  void settle_blocks() {
    std::vector<size_t> last_use(program_.steps.size(), 0);
    const auto use = [&](uint16_t operand, size_t at) {
      if (operand >= ElementProgram::kStep) {
        last_use[operand - ElementProgram::kStep] = at;
      }
    };
    for (size_t s = 0; s < program_.steps.size(); ++s) {
      for (size_t k = 0; k < element_op_info(program_.steps[s].op).inputs; ++k) {
        use(program_.steps[s].operands[k], s);
      }
    }
    for (const ElementProgram::Yield& yield : program_.yields) {
      use(yield.operand, program_.steps.size());
    }
    std::vector<uint32_t> free;
    for (size_t s = 0; s < program_.steps.size(); ++s) {
      // A step's own operands are free only after it: kernels may not write what they read.
      if (free.empty()) {
        free.push_back(block_count_++);
      }
      step_blocks_.push_back(free.back());
      free.pop_back();
      for (size_t k = 0; k < element_op_info(program_.steps[s].op).inputs; ++k) {
        const uint16_t operand = program_.steps[s].operands[k];
        const bool seen = k > 0 && std::find(program_.steps[s].operands, program_.steps[s].operands + k, operand) != program_.steps[s].operands + k;
        if (operand >= ElementProgram::kStep && !seen && last_use[operand - ElementProgram::kStep] == s) {
          free.push_back(step_blocks_[operand - ElementProgram::kStep]);
        }
      }
      if (last_use[s] <= s && last_use[s] != program_.steps.size()) {
        free.push_back(step_blocks_[s]);
      }
    }
  }

  void make_outputs() {
    const size_t blocks = (count_ + kBlockElements - 1) / kBlockElements;
    const size_t overwritten = overwritten_input();
    for (const ElementProgram::Yield& yield : program_.yields) {
      Target target{dtype_of(yield.operand), nullptr, nullptr, nullptr, false};
      if (overwritten != kNoInput && overwritten_by_ == SIZE_MAX && !yield.fold && target.dtype == call_.input(overwritten).dtype()) {
        overwritten_by_ = targets_.size();
        overwritten_ = overwritten;
        target.data = call_.input(overwritten_).as_array().data();
        target.is_streamed = call_.input(overwritten_).as_array().byte_size() >= kStreamed;
      } else if (yield.fold) {
        const int64_t shape[] = {static_cast<int64_t>(blocks)};
        target.partial = std::make_unique<Array>(target.dtype, shape);
      } else if (like_ != nullptr) {
        target.array = std::make_unique<Array>(target.dtype, like_->shape());
        target.is_streamed = target.array->byte_size() >= kStreamed;
      } else {
        const int64_t one[] = {1};
        target.array = std::make_unique<Array>(target.dtype, one);
      }
      if (target.array != nullptr) {
        target.data = target.array->data();
      }
      targets_.push_back(std::move(target));
    }
  }

  /// The input that the operation may overwrite, where nobody else holds it. Each line is read before it is written; an output that is an
  /// input as it came would be written after that, so there must be none.
  [[nodiscard]] size_t overwritten_input() const {
    const AttributeValue* value = call_.attribute(kInPlace);
    const auto* number = value == nullptr ? nullptr : std::get_if<int64_t>(value);
    if (number == nullptr || *number < 0 || static_cast<size_t>(*number) >= call_.input_count() || !call_.input(static_cast<size_t>(*number)).is_own_array()) {
      return kNoInput;
    }
    if (std::ranges::any_of(program_.yields, [](const ElementProgram::Yield& yield) { return yield.operand < ElementProgram::kStep; })) {
      return kNoInput;
    }
    return static_cast<size_t>(*number);
  }

  /// Machine code of the steps, where what they work on is of one floating type.
  [[nodiscard]] const ElementCode* find_code() const {
    const DType type = targets_.empty() ? DType::any : targets_[0].dtype;
    const auto is_other = [&](DType other) { return other != type; };
    if ((type != DType::float64 && type != DType::float32) || program_.steps.empty() || call_.input_count() > 64 || like_ == nullptr ||
        std::ranges::any_of(step_types_, [&](DType step) { return is_other(step) && step != DType::boolean; }) ||
        std::ranges::any_of(targets_, is_other, &Target::dtype)) {
      return nullptr;
    }
    uint64_t scalars = 0;
    for (size_t i = 0; i < call_.input_count(); ++i) {
      if (call_.input(i).dtype() != type) {
        return nullptr;
      }
      scalars |= uint64_t{call_.input(i).is_scalar()} << i;
    }
    return element_code(program_, type, scalars, count_);
  }

  /// The blocks [begin, end) by machine code: those that are whole at once where nothing is folded, else one by one; what is behind them in copies, since the
  /// code works on whole vectors.
  void run_code(size_t begin, size_t end) {
    const size_t inputs = call_.input_count();
    const size_t yields = targets_.size();
    const size_t size = element_size(targets_[0].dtype);
    const size_t whole = std::max(begin, std::min(end, count_ / kBlockElements));
    const bool folds = std::ranges::any_of(program_.yields, [](const ElementProgram::Yield& yield) { return yield.fold.has_value(); });
    std::byte* const memory = scratch.blocks(inputs + yields);
    const std::byte* from[64];
    std::vector<std::byte*> to(yields);
    const auto take_inputs = [&](size_t first) {
      for (size_t i = 0; i < inputs; ++i) {
        const Value& input = call_.input(i);
        from[i] = input.is_scalar() ? static_cast<const std::byte*>(input.scalar_bytes()) : input.as_array().data() + first * size;
      }
    };
    for (size_t block = begin; block < whole; block += folds ? 1 : whole - begin) {
      const size_t first = block * kBlockElements;
      take_inputs(first);
      for (size_t y = 0; y < yields; ++y) {
        to[y] = targets_[y].partial != nullptr ? memory + (inputs + y) * kBlockBytes : targets_[y].data + first * size;
      }
      code_->run(from, to.data(), (folds ? 1 : whole - begin) * kBlockElements * size, !folds && targets_[0].is_streamed);
      for (size_t y = 0; y < yields; ++y) {
        if (targets_[y].partial != nullptr) {
          write(y, block, first, kBlockElements, to[y]);
        }
      }
    }
    if (whole < end) {
      const size_t first = whole * kBlockElements;
      const size_t count = count_ - first;
      take_inputs(first);
      for (size_t i = 0; i < inputs; ++i) {
        if (!call_.input(i).is_scalar()) {
          from[i] = array_block(call_.input(i).as_array(), first, count, memory + i * kBlockBytes);
        }
      }
      for (size_t y = 0; y < yields; ++y) {
        to[y] = memory + (inputs + y) * kBlockBytes;
      }
      code_->run(from, to.data(), (count * size + 63) / 64 * 64, false);
      for (size_t y = 0; y < yields; ++y) {
        write(y, whole, first, count, to[y]);
      }
    }
  }

  /// Whether memory is what the program waits for: then it runs line by line, so that computing hides behind that.
  [[nodiscard]] bool runs_by_lines() const {
    constexpr size_t kMostSteps = 64;  // their values stay in the first cache
    const DType type = targets_.empty() ? DType::any : targets_[0].dtype;
    if ((type != DType::float64 && type != DType::float32) || program_.steps.size() > kMostSteps) {
      return false;
    }
    for (size_t i = 0; i < call_.input_count(); ++i) {
      if (call_.input(i).dtype() != type) {
        return false;
      }
    }
    return std::ranges::all_of(targets_, [&](const Target& target) { return target.is_streamed && target.dtype == type; }) &&
           std::ranges::all_of(program_.steps, [](const ElementProgram::Step& step) { return has_lines(step.op); });
  }

  /// Whole lines of the blocks [begin, end), which are full ones.
  void run_lines(size_t begin, size_t end) {
    const DType type = targets_[0].dtype;
    const size_t size = element_size(type);
    const size_t first = begin * kBlockElements * size;
    const size_t inputs = call_.input_count();
    std::byte* const memory = scratch.blocks((inputs + program_.steps.size()) * kLineBytes / kBlockBytes + 1);
    std::vector<LineSource> sources(inputs);
    for (size_t i = 0; i < inputs; ++i) {
      if (call_.input(i).is_array()) {
        sources[i] = {call_.input(i).as_array().data() + first, ~size_t{0}};
      } else {
        std::byte* const own = memory + i * kLineBytes;
        for (size_t at = 0; at < kLineBytes; at += size) {
          std::memcpy(own + at, call_.input(i).scalar_bytes(), size);
        }
        sources[i] = {own, 0};
      }
    }
    const auto source_of = [&](uint16_t operand) {
      return operand >= ElementProgram::kStep ? LineSource{memory + (inputs + operand - ElementProgram::kStep) * kLineBytes, 0} : sources[operand];
    };
    std::vector<LineStep> steps;
    for (const ElementProgram::Step& step : program_.steps) {
      const uint16_t second = step.operands[element_op_info(step.op).inputs - 1];
      steps.push_back({step.op, {source_of(step.operands[0]), source_of(second)}, memory + (inputs + steps.size()) * kLineBytes});
    }
    std::vector<LineOutput> outputs;
    outputs.reserve(targets_.size());
    for (size_t y = 0; y < targets_.size(); ++y) {
      outputs.push_back({source_of(program_.yields[y].operand), targets_[y].data + first});
    }
    kernels_.run_lines({type, steps.data(), steps.size(), outputs.data(), outputs.size()}, (end - begin) * kBlockElements * size);
  }

  void run_blocks(size_t begin, size_t end) {
    if (code_ != nullptr) {
      run_code(begin, end);
      _mm_sfence();
      return;
    }
    if (by_lines_) {
      const size_t whole = std::min(end, count_ / kBlockElements);
      if (begin < whole) {
        run_lines(begin, whole);
      }
      begin = std::max(begin, whole);
    }
    if (begin < end) {
      run_steps_by_blocks(begin, end);
    }
    _mm_sfence();
  }

  void run_steps_by_blocks(size_t begin, size_t end) {
    const size_t inputs = call_.input_count();
    std::byte* const memory = scratch.blocks(block_count_ + inputs);
    // Scalars fill a block once; so do short last blocks of arrays, which kernels would read past.
    std::vector<const std::byte*> input_blocks(inputs);
    for (size_t i = 0; i < inputs; ++i) {
      std::byte* own = memory + (block_count_ + i) * kBlockBytes;
      if (call_.input(i).is_scalar()) {
        const size_t size = element_size(call_.input(i).dtype());
        for (size_t k = 0; k < kBlockElements; ++k) {
          std::memcpy(own + k * size, call_.input(i).scalar_bytes(), size);
        }
        input_blocks[i] = own;
      }
    }
    Lookahead ahead(program_.steps);
    for (size_t block = begin; block < end; ++block) {
      const size_t first = block * kBlockElements;
      const size_t count = std::min(kBlockElements, count_ - first);
      ahead.begin();
      for (size_t i = 0; i < inputs; ++i) {
        if (!call_.input(i).is_scalar()) {
          const Array& array = call_.input(i).as_array();
          input_blocks[i] = array_block(array, first, count, memory + (block_count_ + i) * kBlockBytes);
          if (first + 2 * kBlockElements <= count_) {
            ahead.add(input_blocks[i] + kBlockElements * element_size(array.dtype()), kBlockElements * element_size(array.dtype()));
          }
        }
      }
      run_steps(memory, input_blocks, count, ahead);
      for (size_t y = 0; y < targets_.size(); ++y) {
        write(y, block, first, count, operand_block(program_.yields[y].operand, memory, input_blocks));
      }
    }
  }

  static const std::byte* array_block(const Array& array, size_t first, size_t count, std::byte* own) {
    const size_t size = element_size(array.dtype());
    const std::byte* data = array.data() + first * size;
    if (count < kBlockElements) {
      std::memcpy(own, data, count * size);
      std::memset(own + count * size, 0, (kBlockElements - count) * size);
      return own;
    }
    return data;
  }

  [[nodiscard]] const std::byte* operand_block(uint16_t operand, const std::byte* memory, const std::vector<const std::byte*>& inputs) const {
    return operand >= ElementProgram::kStep ? memory + step_blocks_[operand - ElementProgram::kStep] * kBlockBytes : inputs[operand];
  }

  void run_steps(std::byte* memory, const std::vector<const std::byte*>& inputs, size_t count, Lookahead& ahead) {
    if (program_.steps.empty()) {
      ahead.fetch();
    }
    for (size_t s = 0; s < program_.steps.size(); ++s) {
      ahead.fetch();
      const ElementProgram::Step& step = program_.steps[s];
      const std::byte* operands[3] = {};
      for (size_t k = 0; k < element_op_info(step.op).inputs; ++k) {
        operands[k] = operand_block(step.operands[k], memory, inputs);
      }
      if (!kernels_.apply(step.op, operand_types_[s], operands[0], operands[1], operands[2], memory + step_blocks_[s] * kBlockBytes, count, ahead.of_step(s))) {
        divided_by_zero_.store(true, std::memory_order_relaxed);
      }
    }
  }

  void write(size_t y, size_t block, size_t first, size_t count, const std::byte* from) {
    Target& target = targets_[y];
    const size_t size = element_size(target.dtype);
    if (target.partial != nullptr) {
      kernels_.fold(*program_.yields[y].fold, target.dtype, from, target.partial->data() + block * size, count);
    } else if (target.is_streamed && count == kBlockElements) {
      kernels_.stream(target.data + first * size, from, count * size);
    } else {
      std::memcpy(target.data + first * size, from, count * size);
    }
  }

  void finish_output(size_t y, size_t blocks) {
    Target& target = targets_[y];
    if (y == overwritten_by_) {
      call_.hand_on(overwritten_, y);
      return;
    }
    if (target.array != nullptr && like_ != nullptr) {
      call_.set(y, Value(std::move(target.array)));
      return;
    }
    Constant scalar{target.dtype, {}, std::string(element_size(target.dtype), '\0')};
    if (target.partial == nullptr) {
      std::memcpy(scalar.bytes.data(), target.array->data(), scalar.bytes.size());
    } else if (blocks == 0 && program_.yields[y].fold >= ReduceOp::lowest) {
      throw std::domain_error("`" + std::string(name_of(*program_.yields[y].fold)) + "` of an empty array");
    } else {
      kernels_.fold(*program_.yields[y].fold, target.dtype, target.partial->data(), scalar.bytes.data(), blocks);
    }
    call_.set(y, Value::of(scalar));
  }

  const ElementProgram& program_;
  Call& call_;
  const ElementKernels& kernels_ = element_kernels();
  const Array* like_ = nullptr;
  size_t like_index_ = 0;
  size_t count_ = 1;
  std::vector<DType> step_types_;
  std::vector<DType> operand_types_;
  std::vector<uint32_t> step_blocks_;
  uint32_t block_count_ = 0;
  std::vector<Target> targets_;
  size_t overwritten_ = kNoInput;
  size_t overwritten_by_ = SIZE_MAX;  ///< the output that is written over it
  const ElementCode* code_ = nullptr;
  bool by_lines_ = false;
  std::atomic<bool> divided_by_zero_{false};
};

}  // namespace

ElementProgram parse_element_program(std::string_view text) {
  ElementProgram program;
  while (!text.empty()) {
    const std::string_view part = next_part(text, ';');
    std::string_view words = part;
    const std::string_view name = next_part(words, ' ');
    if (name == "yield") {
      std::string_view word = next_part(words, ' ');
      const auto fold = reduce_op_named(word);
      if (fold) {
        word = next_part(words, ' ');
      }
      program.yields.push_back({read_operand(word, program.steps.size(), part), fold});
    } else {
      const auto op = element_op_named(name);
      if (!op || program.steps.size() >= ElementProgram::kStep) {
        bad_program(part);
      }
      ElementProgram::Step step{*op, {}};
      for (size_t k = 0; k < element_op_info(*op).inputs; ++k) {
        step.operands[k] = read_operand(next_part(words, ' '), program.steps.size(), part);
      }
      program.steps.push_back(step);
    }
    if (!words.empty()) {
      bad_program(part);
    }
  }
  return program;
}

ElementProgram single_step(ElementOp op) { return {{{op, {0, 1, 2}}}, {{ElementProgram::kStep, std::nullopt}}}; }
ElementProgram single_fold(ReduceOp op) { return {{}, {{0, op}}}; }

void run_element_program(const ElementProgram& program, Call& call) {
  if (program.yields.size() != call.output_count()) {
    throw std::invalid_argument("an element program yields " + std::to_string(program.yields.size()) + " values for " + std::to_string(call.output_count()) +
                                " outputs");
  }
  ProgramRun(program, call).run();
}

}  // namespace omega::graph
