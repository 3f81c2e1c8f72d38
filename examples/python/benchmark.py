# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # How much faster
# The same work in a loop over NumPy's functions and in parallel, warmed up, medians.

# %%
from omega.performance import ParallelProcessor
from omega.spiking import trace_plot

processor = ParallelProcessor()

# Run performance benchmark
results = processor.benchmark_parallel_performance(test_sizes=[100, 500], num_iterations=3)

# Analyze results
for size, metrics in results["spike_processing"].items():
    speedup = metrics["speedup"]
    print(f"Size {size}: {speedup:.2f}x speedup")

# %% [markdown]
# ## Speed-up by size
# In doublings: 0 is as fast as the loop over NumPy's functions, 1 twice as fast, 2 four times.

# %%
import numpy as np

sizes = [50, 100, 200, 400, 800]
results = processor.benchmark_parallel_performance(test_sizes=sizes, num_iterations=3)
kinds = ["spike_processing", "reservoir_computation", "multi_modal_reasoning"]
curves = np.log2([[results[kind][size]["speedup"] for kind in kinds] for size in sizes])
for kind in kinds:
    print(f"{kind}: {len(results[kind])} sizes")
trace_plot(curves, x=sizes, x_label="neurons", labels=kinds, title="doublings of NumPy's speed")
