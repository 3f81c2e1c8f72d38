# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Configuration
# What a `ParallelProcessor` works with. Every key is checked when the configuration is made.

# %%
from omega.performance import ParallelConfig, ParallelProcessor

# Default configuration
processor = ParallelProcessor()

# Custom configuration
config = ParallelConfig(
    num_threads=4,  # Number of worker threads
    parallel_strategy="thread",  # Parallelization strategy
    enable_load_balancing=True,  # Enable load balancing
    load_balance_threshold=0.8,  # Load balance threshold
    verbose=False,  # Enable verbose logging
)
processor = ParallelProcessor(config)
print(processor)

# %% [markdown]
# ## What it says about itself

# %%
info = processor.get_parallel_info()
print(f"Threads: {info['num_threads']}")
print(f"Strategy: {info['parallel_strategy']}")
print(f"Load Balancing: {info['load_balancing']}")
print(f"OpenMP: {processor.is_openmp_available()}")

# %% [markdown]
# ## A value that cannot be

# %%
try:
    ParallelConfig(parallel_strategy="threads")
except ValueError as error:
    print(error)

# %% [markdown]
# ## Resources
# Threads and processes end with the `with` block.

# %%
with ParallelProcessor(config) as processor:
    print(processor.parallel_spike_processing([1, 2, 3], lambda batch: batch * 2))
print(processor)

# %% [markdown]
# ## One for the whole program

# %%
from omega.performance import enable_parallel_processing, get_global_processor, set_global_processor

enable_parallel_processing(num_threads=2)
print(get_global_processor().get_parallel_info()["num_threads"])
set_global_processor(ParallelProcessor(ParallelConfig(num_threads=3)))
print(get_global_processor().get_parallel_info()["num_threads"])

# %% [markdown]
# ## When threads are in each other's way, memory is short, or loads are uneven

# %%
# Reduce thread count if experiencing contention
config = ParallelConfig(num_threads=2)

# Enable memory monitoring and reduce per-worker memory
config = ParallelConfig(enable_memory_monitoring=True, max_memory_per_worker=256 * 1024 * 1024)  # 256MB

# Adjust load balance threshold: more aggressive rebalancing
config = ParallelConfig(enable_load_balancing=True, load_balance_threshold=0.6)
print(config.load_balance_threshold)
