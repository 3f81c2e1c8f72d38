# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Uneven work
# Load is estimated from the size of the data and from how long such work took before; the heaviest goes first, and who is done takes from the others.

# %%
import numpy as np

from omega.performance import ParallelConfig, ParallelProcessor

random = np.random.default_rng(42)
batches = [random.normal(size=(size, size)) for size in (20, 160, 20, 20, 120, 20, 80, 20)]


def decompose(matrix):
    return np.linalg.svd(matrix, compute_uv=False)[0]


config = ParallelConfig(enable_load_balancing=True, load_balance_threshold=0.8)  # Rebalance if load > 80%
processor = ParallelProcessor(config)
results = processor.parallel_spike_processing(batches, decompose)
print([f"{result:.1f}" for result in results])

# %% [markdown]
# ## What was decided, and what is remembered

# %%
print(processor.explain())

# %%
for entry in processor.history:
    print(entry)

# %% [markdown]
# ## Memory
# A task that needs more than a worker may have is refused before it runs.

# %%
config = ParallelConfig(max_memory_per_worker=64 * 1024, enable_memory_monitoring=True)  # 64 KB per worker
limited = ParallelProcessor(config)
limited.parallel_spike_processing(batches[:1], decompose)
print(limited.get_parallel_info()["memory"]["peak_bytes_per_worker"][0] > 0)
try:
    limited.parallel_spike_processing(batches, decompose)
except MemoryError as error:
    print(error)
