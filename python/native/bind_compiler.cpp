// SPDX-License-Identifier: Apache-2.0
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "omega/base/check.h"
#include "omega/codegen/cosmos/emit_cosmos.h"
#include "omega/compile/optimize.h"
#include "omega/compile/parallel_compiler.h"
#include "python/native/bind.h"
#include "python/native/interrupts.h"
#include "python/native/program_compiler.h"

namespace omega::python {
namespace py = pybind11;

namespace {

/// Python raises the subclass of OSError that suits the number; what has none is a mistake in how the compiler is used.
[[noreturn]] void raise(const base::Error& error) {
  if (error.errno_value == 0) {
    throw py::value_error(base::describe(error));
  }
  errno = error.errno_value;
  if (error.path.empty()) {
    PyErr_SetFromErrno(PyExc_OSError);
  } else {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, error.path.c_str());
  }
  throw py::error_already_set();
}

template <class T>
T&& value_or_raise(base::Result<T>&& result) {
  if (!result) {
    raise(result.error());
  }
  return std::move(result).value();
}

py::dict as_dict(const CompiledProgram& program) {
  py::dict targets;
  for (const TargetFiles& target : program.targets) {
    py::dict files;
    for (const compile::ContractFile& file : target.files) {
      files[py::str(file.name)] = py::bytes(file.text);
    }
    py::dict entry;
    entry["is_whole"] = target.is_whole;
    entry["code_bytes"] = target.code_bytes;
    entry["files"] = files;
    targets[py::str(target.target)] = entry;
  }
  py::dict all;
  all["reports"] = program.reports.json;
  all["text"] = program.reports.text;
  all["errors"] = program.reports.errors;
  all["explanation"] = program.explanation;
  all["targets"] = targets;
  return all;
}

py::dict compile_for_machines(const ProgramOptions& options, base::Result<CompiledProgram> (*compile)(const ProgramOptions&)) {
  std::optional<base::Result<CompiledProgram>> made;
  {
    const py::gil_scoped_release unlocked;
    made.emplace(compile(options));
  }
  return as_dict(value_or_raise(std::move(*made)));
}

void bind_program(py::module_& module) {
  py::class_<ProgramOptions>(module, "ProgramOptions", "What a program is compiled for, and how.")
      .def(py::init<>())
      .def_readwrite("path", &ProgramOptions::path)
      .def_readwrite("text", &ProgramOptions::text)
      .def_readwrite("name", &ProgramOptions::name)
      .def_readwrite("targets", &ProgramOptions::targets)
      .def_readwrite("disabled_passes", &ProgramOptions::disabled_passes)
      .def_readwrite("threads", &ProgramOptions::threads)
      .def_readwrite("release", &ProgramOptions::release)
      .def_readwrite("explain", &ProgramOptions::explain)
      .def_readwrite("auto_parallel", &ProgramOptions::auto_parallel);
  module.def(
      "compile_program", [](const ProgramOptions& options) { return compile_for_machines(options, compile_program); }, py::arg("options"),
      "Compiles for native and C; a dict of reports, explanation and targets. Raises OSError where the file cannot be read.");
  module.def(
      "check_source", [](const ProgramOptions& options) { return compile_for_machines(options, check_source); }, py::arg("options"),
      "Checks a program or contracts and makes nothing.");
  module.def(
      "write_files",
      [](const std::string& folder, const std::string& target, const std::vector<std::pair<std::string, py::bytes>>& files) {
        TargetFiles all{target, {}, true, 0};
        for (const auto& [name, contents] : files) {
          all.files.push_back({name, contents});
        }
        base::Result<void> written;
        {
          const py::gil_scoped_release unlocked;
          written = write_files(folder, all);
        }
        if (!written) {
          raise(written.error());
        }
      },
      py::arg("folder"), py::arg("target"), py::arg("files"), "Puts a target's files into a folder, as `omega build` does.");
}

const char* name_of(compile::JobState state) {
  switch (state) {
    case compile::JobState::Queued: return "queued";
    case compile::JobState::Running: return "running";
    case compile::JobState::Done: return "done";
    case compile::JobState::Failed: return "failed";
    case compile::JobState::Cancelled: return "cancelled";
    case compile::JobState::TimedOut: return "timed_out";
  }
  return "";
}

/// compile::ParallelCompiler whose jobs may have their text in memory.
class Compiler {
 public:
  Compiler(unsigned max_parallel_jobs, size_t job_queue_size, unsigned compilation_timeout, bool enable_load_balancing, std::string strategy,
           std::optional<std::pair<std::string, std::string>> text)
      : text_(text ? std::make_unique<FilesWithText>(std::move(text->first), std::move(text->second)) : nullptr),
        compiler_({max_parallel_jobs, job_queue_size, compilation_timeout, enable_load_balancing, std::move(strategy)}, text_ ? *text_ : sys::real_files()) {}

  uint64_t create_job(const std::string& input_file, const std::vector<std::string>& targets, const std::string& move_address, const std::string& denomination,
                      const std::vector<std::string>& disabled_passes) {
    OMEGA_CHECK(move_address.size() == compile::ChainOptions().move_address.size(), "an address has 32 bytes");
    if (const auto known = compile::check_pass_names(disabled_passes); !known) {
      raise(known.error());
    }
    if (!codegen::cosmos::is_denomination(denomination)) {
      throw py::value_error(
          "cosmos_denomination: a coin's name begins with a letter and has 3 to 128 letters, digits, '/', ':', '.', '_' or '-'; this has not: '" +
          denomination + "'");
    }
    compile::CompilationJob job = value_or_raise(compiler_.create_compilation_job(input_file, targets));
    std::ranges::copy(move_address, job.chains.move_address.begin());
    job.chains.cosmos_denomination = denomination;
    job.disabled_passes = disabled_passes;
    const uint64_t id = job.job_id;
    jobs_[id] = std::move(job);
    return id;
  }

  py::dict compile(uint64_t id) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) {
      throw py::value_error("job: " + std::to_string(id) + " does not wait to be compiled");
    }
    const compile::CompilationJob job = std::move(found->second);
    jobs_.erase(found);
    std::optional<base::Result<compile::CompilationResult>> made;
    CompiledProgram taken;
    {
      const py::gil_scoped_release unlocked;
      made.emplace(compiler_.compile_parallel(job));
      if (*made) {
        taken = take_contracts(made->value());
      }
    }
    const compile::CompilationResult result = value_or_raise(std::move(*made));
    py::dict all = as_dict(taken);
    all["state"] = name_of(result.state);
    all["front_end_seconds"] = static_cast<double>(result.front_end_ns) / 1e9;
    all["wall_seconds"] = static_cast<double>(result.wall_ns) / 1e9;
    all["one_by_one_seconds"] = static_cast<double>(result.one_by_one_ns) / 1e9;
    return all;
  }

  py::object status(uint64_t id) const {
    const auto status = compiler_.get_job_status(id);
    if (!status) {
      return py::none();
    }
    py::list targets;
    for (const compile::TargetStatus& target : status->targets) {
      targets.append(py::make_tuple(target.target, target.contracts, target.made, target.has_failed, static_cast<double>(target.elapsed_ns) / 1e9));
    }
    return py::make_tuple(name_of(status->state), targets);
  }

  bool cancel(uint64_t id) { return compiler_.cancel_job(id); }

  py::dict metrics() const {
    const compile::PerformanceMetrics metrics = compiler_.get_performance_metrics();
    using namespace py::literals;
    return py::dict("jobs_done"_a = metrics.jobs_done, "jobs_failed"_a = metrics.jobs_failed, "jobs_queued"_a = metrics.jobs_queued, "lines"_a = metrics.lines,
                    "wall_seconds"_a = static_cast<double>(metrics.wall_ns) / 1e9, "one_by_one_seconds"_a = static_cast<double>(metrics.one_by_one_ns) / 1e9,
                    "threads"_a = metrics.threads, "compilation_speed"_a = metrics.compilation_speed(), "speed_up"_a = metrics.speed_up(),
                    "parallel_efficiency"_a = metrics.parallel_efficiency());
  }

 private:
  std::unique_ptr<FilesWithText> text_;
  compile::ParallelCompiler compiler_;
  std::map<uint64_t, compile::CompilationJob> jobs_;  ///< that wait; GIL
};

}  // namespace

void bind_compiler(py::module_& module) {
  bind_program(module);
  py::class_<Compiler>(module, "ParallelCompiler", "Jobs of contracts for several chains.")
      .def(py::init<unsigned, size_t, unsigned, bool, std::string, std::optional<std::pair<std::string, std::string>>>(), py::arg("max_parallel_jobs"),
           py::arg("job_queue_size"), py::arg("compilation_timeout"), py::arg("enable_load_balancing"), py::arg("target_distribution_strategy"),
           py::arg("text"))
      .def("create_job", &Compiler::create_job, py::arg("input_file"), py::arg("targets"), py::arg("move_address"), py::arg("cosmos_denomination"),
           py::arg("disabled_passes"), "The number of a job that waits.")
      .def("compile", &Compiler::compile, py::arg("job_id"), "Compiles a job that waits.")
      .def("status", &Compiler::status, py::arg("job_id"), "State and targets; None for an unknown job.")
      .def("cancel", &Compiler::cancel, py::arg("job_id"), "False when there is no such job.")
      .def("metrics", &Compiler::metrics, "Sums over all jobs that ended.");
}

}  // namespace omega::python
