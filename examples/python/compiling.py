# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # The compiler
# Programs in Omega run in processes of their own; contracts in Solidity become files for four chains.

# %%
import omega

program = """
let count = 0
@@ n in 2..<10000 {                // all cores
    let prime = true
    for (int64 d = 2; d * d <= n; d += 1) { if (n % d == 0) { prime = false } }
    if prime { count += 1 }
}
printf("%d primes\\n", count)
"""
print(omega.run(program).stdout, end="")

# %% [markdown]
# ## What became of the loops

# %%
compiled = omega.compile(program, explain=True, name="primes")
for loop in compiled.explanation:
    print(loop["loop"]["line"], loop["outcome"])
compiled

# %% [markdown]
# ## A race is an error that says where, and what would help

# %%
try:
    omega.compile("let last = 0\n@@ i in 0..<1000 {\n    last = i\n}\n", name="race")
except omega.CompileError as error:
    print(error)
    print(error.code, error.line, error.column)

# %% [markdown]
# ## A contract for several chains, job by job

# %%
import pathlib
import tempfile

source = """// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;
contract Counter {
    uint256 public count;
    function increment() external { count += 1; }
}
"""
compiler = omega.ParallelCompiler(target_distribution_strategy="load_balancing")
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "counter.sol"
    path.write_text(source)
    job = compiler.create_compilation_job(path, ["evm", "move"])
    result = compiler.compile_parallel(job).raise_for_errors()
for target, files in result.files.items():
    print(target, ", ".join(files))
print(compiler.get_job_status(job.job_id).state, compiler.get_performance_metrics().jobs_done)
