# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Batches of spikes
# Time-first arrays of zeros and ones, a function for each batch, results in the order of the batches.

# %%
import numpy as np

from omega import SpikeArray
from omega.performance import ParallelConfig, ParallelProcessor

processor = ParallelProcessor()
random = np.random.default_rng(42)

# Create spike batches
spike_batches = [random.random((10, 100, 50)) < 0.1 for _ in range(4)]


# Define processing function
def sum_spikes(batch):
    return np.sum(batch, axis=1)  # Sum over time dimension


# Process in parallel
results = processor.parallel_spike_processing(spike_batches, sum_spikes)
print(len(results), results[0].shape, results[0].dtype)

# %% [markdown]
# ## What a batch looks like
# Packed to bits, a batch is an eighth of the size, and sums count bits.

# %%
packed = [SpikeArray(batch) for batch in spike_batches]
same = processor.parallel_spike_processing(packed, sum_spikes)
print(all(np.array_equal(a, b) for a, b in zip(results, same)), packed[0].nbytes, spike_batches[0].nbytes)
packed[0]


# %% [markdown]
# ## A function of one's own, with parameters


# %%
def custom_spike_processor(spike_batch, threshold=0.5, decay=0.95):
    """Custom spike processing with parameters."""
    # Apply threshold
    thresholded = spike_batch > threshold

    # Apply decay
    decayed = spike_batch * decay

    return thresholded.astype(float) * decayed


# Use with parallel processing
results = processor.parallel_spike_processing(spike_batches, custom_spike_processor, threshold=0.3, decay=0.9)
print(results[0].shape, np.unique(results[0]))

# %% [markdown]
# ## A batch that fails
# The exception of the first batch that failed, with the traceback of the function; or `None` in its place, where some may fail.


# %%
def fails_on_the_second(batch):
    if batch is spike_batches[1]:
        raise ValueError("no spikes here")
    return batch.sum()


try:
    processor.parallel_spike_processing(spike_batches, fails_on_the_second)
except ValueError as error:
    print(error)

tolerant = ParallelProcessor(max_errors=1)
results = tolerant.parallel_spike_processing(spike_batches, fails_on_the_second)
print([result is None for result in results], tolerant.errors)

# %% [markdown]
# ## How long it takes

# %%
import time

start_time = time.time()
results = processor.parallel_spike_processing(spike_batches, sum_spikes)
end_time = time.time()

print(f"Parallel execution time: {end_time - start_time:.3f}s")
print(f"Processed {len(spike_batches)} batches")

# %% [markdown]
# ## Where the time goes

# %%
import cProfile
import pstats

# Profile parallel execution
profiler = cProfile.Profile()
profiler.enable()

results = processor.parallel_spike_processing(spike_batches, sum_spikes)

profiler.disable()
stats = pstats.Stats(profiler)
stats.sort_stats("cumulative")
stats.print_stats(10)  # Top 10 functions
