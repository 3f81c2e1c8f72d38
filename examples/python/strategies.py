# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Strategies
# Threads of the engine, processes that share the arrays, OpenCL devices, or whichever is expected to be fastest.

# %%
import numpy as np

from omega.performance import ParallelConfig, ParallelProcessor

random = np.random.default_rng(42)
spike_batches = [random.random((10, 100, 50)) < 0.1 for _ in range(8)]


def sum_spikes(batch):
    return np.sum(batch, axis=1)


expected = [sum_spikes(batch) for batch in spike_batches]


def shows_how(config):
    with ParallelProcessor(config) as processor:
        results = processor.parallel_spike_processing(spike_batches, sum_spikes)
        print(all(np.array_equal(a, b) for a, b in zip(results, expected)), "-", processor.explain())


# %% [markdown]
# ## Threads
# Little overhead, one memory; NumPy's functions run without the interpreter's lock.

# %%
config = ParallelConfig(parallel_strategy="thread", num_threads=4)
shows_how(config)

# %% [markdown]
# ## Processes
# For functions that keep the interpreter busy. Large arrays are shared, not copied.

# %%
config = ParallelConfig(parallel_strategy="process", num_threads=4)
shows_how(config)

# %% [markdown]
# ## Devices
# OpenCL devices, several side by side; `jax_pmap` is another name of the strategy. Without a device it says so.

# %%
config = ParallelConfig(parallel_strategy="jax_pmap", num_threads=2)  # Number of devices
try:
    shows_how(config)
except (RuntimeError, ValueError) as error:
    print(error)

# %% [markdown]
# ## Hybrid

# %%
# Combine different parallelization strategies
config = ParallelConfig(parallel_strategy="hybrid")
shows_how(config)
