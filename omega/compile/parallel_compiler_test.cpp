// SPDX-License-Identifier: Apache-2.0
// Jobs of a ParallelCompiler: what they make, how they are refused, stopped and told of.
#include "omega/compile/parallel_compiler.h"

#include <gtest/gtest.h>

#include "omega/base/check.h"
#include "omega/sys/memory_files.h"

namespace omega::compile {
namespace {

constexpr const char* kCounters =
    "import \"./base.sol\";\n"
    "contract Counter is Base { function add(uint256 k) external { n += k; emit Added(k); } }\n"
    "contract Twice is Base { function add() external { n += 2; } }\n";
constexpr const char* kBase = "abstract contract Base { uint256 public n; event Added(uint256 k); }\n";
/// `ripemd160` is what the EVM has and Move has not.
constexpr const char* kRipemd = "contract R { function f(bytes memory x) external pure returns (bytes20) { return ripemd160(x); } }\n";

const std::vector<std::string> kBoth = {"move", "evm"};

class ParallelCompilerTest : public testing::Test {
 protected:
  ParallelCompilerTest() {
    files.put("counters.sol", kCounters);
    files.put("base.sol", kBase);
    files.put("ripemd.sol", kRipemd);
    files.put("wrong.sol", "contract C { function f() public { x = 1; } }\n");
    files.put("interface.sol", "interface I {}\n");
  }

  CompilationResult compile(ParallelCompiler& compiler, const std::string& file, const std::vector<std::string>& targets) {
    auto job = compiler.create_compilation_job(file, targets);
    EXPECT_TRUE(job.has_value());
    auto result = compiler.compile_parallel(*job);
    EXPECT_TRUE(result.has_value());
    return std::move(*result);
  }

  static std::string all_files(const CompilationResult& result) {
    std::string text;
    for (const MadeTarget& target : result.targets) {
      for (const MadeContract& contract : target.contracts) {
        for (const ContractFile& file : contract.files) {
          text += target.target + "/" + file.name + ":" + file.text + "\n";
        }
      }
    }
    return text;
  }

  sys::MemoryFiles files;
};

TEST_F(ParallelCompilerTest, MakesEveryContractForEveryTarget) {
  ParallelCompiler compiler({}, files);
  const CompilationResult result = compile(compiler, "counters.sol", {"move", "evm", "move"});
  EXPECT_EQ(result.state, JobState::Done);
  ASSERT_EQ(result.targets.size(), 2u);
  EXPECT_EQ(result.targets[0].target, "move");
  EXPECT_EQ(result.targets[1].target, "evm");
  for (const MadeTarget& target : result.targets) {
    EXPECT_TRUE(target.is_whole);
    ASSERT_EQ(target.contracts.size(), 2u);
    EXPECT_EQ(target.contracts[0].files.back().name.substr(0, 7), "Counter");
    EXPECT_GT(target.contracts[0].code_bytes, 0u);
    EXPECT_GT(target.work_ns, 0);
  }
  EXPECT_GE(result.wall_ns, result.front_end_ns);
  const auto status = compiler.get_job_status(result.job_id);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->state, JobState::Done);
  ASSERT_EQ(status->targets.size(), 2u);
  EXPECT_EQ(status->targets[0].contracts, 2u);
  EXPECT_EQ(status->targets[0].made, 2u);
}

TEST_F(ParallelCompilerTest, FilesDependOnNeitherThreadsNorStrategy) {
  std::string first;
  for (const unsigned threads : {1u, 2u, 5u}) {
    for (const char* strategy : {"round_robin", "load_balancing", "priority"}) {
      for (const bool balanced : {true, false}) {
        ParallelCompiler compiler({.max_parallel_jobs = threads, .enable_load_balancing = balanced, .target_distribution_strategy = strategy}, files);
        const std::string made = all_files(compile(compiler, "counters.sol", kBoth));
        first = first.empty() ? made : first;
        EXPECT_EQ(made, first);
      }
    }
  }
  EXPECT_NE(first.find("evm/Twice.bin:"), std::string::npos);
}

TEST_F(ParallelCompilerTest, OneTargetsFailureLeavesTheOthersWhole) {
  ParallelCompiler compiler({}, files);
  CompilationResult result = compile(compiler, "ripemd.sol", kBoth);
  EXPECT_EQ(result.state, JobState::Failed);
  ASSERT_EQ(result.targets.size(), 2u);
  EXPECT_FALSE(result.targets[0].is_whole);
  EXPECT_TRUE(result.targets[0].contracts.empty());
  EXPECT_TRUE(result.targets[0].sink.has_errors());
  EXPECT_TRUE(result.targets[1].is_whole);
  EXPECT_EQ(result.targets[1].contracts.size(), 1u);
  EXPECT_TRUE(compiler.get_job_status(result.job_id)->targets[0].has_failed);
}

TEST_F(ParallelCompilerTest, MistakesOfTheProgramAreInTheResult) {
  ParallelCompiler compiler({}, files);
  CompilationResult wrong = compile(compiler, "wrong.sol", kBoth);
  EXPECT_EQ(wrong.state, JobState::Failed);
  EXPECT_TRUE(wrong.targets.empty());
  ASSERT_EQ(wrong.sink.diagnostics().size(), 1u);
  EXPECT_EQ(wrong.program->texts.locate(wrong.sink.diagnostics()[0].span.file, wrong.sink.diagnostics()[0].span.begin).column, 36u);
  CompilationResult none = compile(compiler, "interface.sol", kBoth);
  ASSERT_EQ(none.sink.diagnostics().size(), 1u);
  EXPECT_EQ(none.sink.diagnostics()[0].kind, diag::Kind::NoContract);
  auto missing = compiler.create_compilation_job("missing.sol", kBoth);
  EXPECT_FALSE(compiler.compile_parallel(*missing).has_value());
  EXPECT_EQ(compiler.get_job_status(missing->job_id)->state, JobState::Failed);
}

TEST_F(ParallelCompilerTest, JobsAreQueuedOnceAndToTheQueuesSize) {
  ParallelCompiler compiler({.job_queue_size = 2}, files);
  auto first = compiler.create_compilation_job("counters.sol", {"evm"});
  auto second = compiler.create_compilation_job("counters.sol", {"evm"});
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_NE(first->job_id, second->job_id);
  EXPECT_EQ(compiler.get_job_status(first->job_id)->state, JobState::Queued);
  EXPECT_EQ(compiler.create_compilation_job("counters.sol", {"evm"}).error().message, "the job queue is full");
  EXPECT_TRUE(compiler.compile_parallel(*first).has_value());
  EXPECT_FALSE(compiler.compile_parallel(*first).has_value());
  EXPECT_TRUE(compiler.create_compilation_job("counters.sol", {"evm"}).has_value());
  EXPECT_FALSE(compiler.get_job_status(99).has_value());
  EXPECT_FALSE(compiler.create_compilation_job("counters.sol", {"x86"}).has_value());
  ParallelCompiler unfair({.target_distribution_strategy = "fair"}, files);
  EXPECT_FALSE(unfair.create_compilation_job("counters.sol", {"evm"}).has_value());
}

TEST_F(ParallelCompilerTest, APassThatIsNotThereIsNamed) {
  ParallelCompiler compiler({}, files);
  auto job = compiler.create_compilation_job("counters.sol", {"evm"});
  job->disabled_passes = {"dead_code", "inlinig"};
  EXPECT_EQ(compiler.compile_parallel(*job).error().message, "disabled_passes: there is no pass `inlinig`; did you mean `inlining`?");
  job->disabled_passes = {"dead_code"};
  EXPECT_TRUE(compiler.compile_parallel(*job).has_value());
}

/// Files of which reading one fails a check.
class BrokenFiles final : public sys::FileSystem {
 public:
  explicit BrokenFiles(sys::MemoryFiles& files) : files_(files) {}

  sys::Result<std::string> read_file(const std::string& path, uint64_t largest, const sys::RunTasks& run) override {
    OMEGA_CHECK(path != "base.sol", "on purpose");
    return files_.read_file(path, largest, run);
  }
  sys::Result<void> write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, sys::FileMode mode) override {
    return files_.write_pieces(path, pieces, mode);
  }
  sys::Result<void> make_folders(const std::string& path) override { return files_.make_folders(path); }
  sys::Result<void> remove_file(const std::string& path) override { return files_.remove_file(path); }
  sys::FileType type_of(const std::string& path) override { return files_.type_of(path); }
  sys::Result<std::vector<std::string>> list_folder(const std::string& path) override { return files_.list_folder(path); }

 private:
  sys::MemoryFiles& files_;
};

TEST_F(ParallelCompilerTest, AFailedCheckThatIsThrownEndsTheJobAlone) {
  struct Failed {};
  BrokenFiles broken(files);
  ParallelCompiler compiler({.job_queue_size = 1}, broken);
  auto job = compiler.create_compilation_job("counters.sol", {"evm"});
  const base::CheckHandler before = base::set_check_handler([](const base::CheckFailure&) { throw Failed(); });
  EXPECT_THROW((void)compiler.compile_parallel(*job), Failed);
  base::set_check_handler(before);
  EXPECT_EQ(compiler.get_job_status(job->job_id)->state, JobState::Failed);
  EXPECT_EQ(compiler.get_performance_metrics().jobs_queued, 0u);
  EXPECT_EQ(compile(compiler, "ripemd.sol", {"evm"}).state, JobState::Done);
}

TEST_F(ParallelCompilerTest, ACancelledJobMakesNothing) {
  ParallelCompiler compiler({}, files);
  auto job = compiler.create_compilation_job("counters.sol", kBoth);
  EXPECT_TRUE(compiler.cancel_job(job->job_id));
  const auto result = compiler.compile_parallel(*job);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->state, JobState::Cancelled);
  EXPECT_TRUE(result->targets.empty());
  EXPECT_FALSE(compiler.cancel_job(job->job_id));
  EXPECT_FALSE(compiler.cancel_job(99));
}

TEST_F(ParallelCompilerTest, MetricsAreSumsOverJobs) {
  ParallelCompiler compiler({.max_parallel_jobs = 2}, files);
  EXPECT_EQ(compiler.get_performance_metrics().speed_up(), 1);
  compile(compiler, "counters.sol", kBoth);
  compile(compiler, "wrong.sol", kBoth);
  const PerformanceMetrics metrics = compiler.get_performance_metrics();
  EXPECT_EQ(metrics.jobs_done, 1u);
  EXPECT_EQ(metrics.jobs_failed, 1u);
  EXPECT_EQ(metrics.jobs_queued, 0u);
  EXPECT_EQ(metrics.lines, 4u + 2u + 2u);
  EXPECT_EQ(metrics.threads, 2u);
  EXPECT_GT(metrics.compilation_speed(), 0);
  EXPECT_GT(metrics.one_by_one_ns, 0);
}

}  // namespace
}  // namespace omega::compile
