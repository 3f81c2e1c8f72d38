# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Liquid state machines
# A fixed recurrent network of spiking neurons; what it says is read by a trained linear readout.

# %%
import numpy as np

from omega.core.liquid_state_machine import LiquidStateMachine
from omega.performance import ParallelProcessor
from omega.spiking import raster_plot, trace_plot

random = np.random.default_rng(42)


def generate_spike_batch():
    return random.random(50) < 0.1


# Create LSM and parallel processor
lsm = LiquidStateMachine()
processor = ParallelProcessor()


# Parallel processing of multiple LSM instances
def process_lsm_batch(spike_batch):
    state = lsm.init_state()
    return lsm.step(state, spike_batch, dt=0.001, t=0.0)


# Process multiple spike batches in parallel
spike_batches = [generate_spike_batch() for _ in range(8)]
results = processor.parallel_spike_processing(spike_batches, process_lsm_batch)
spikes, state = results[0]
print(len(results), spikes.shape, state.time)

# %% [markdown]
# ## Many steps in one call

# %%
train = random.random((300, 50)) < 0.05
spikes, state, potentials = lsm.process_spike_train(train, dt=0.001, return_potentials=True)
print(spikes.shape, potentials.shape)
raster_plot(spikes[:, :200], dt=0.001, title="the first 200 neurons")

# %% [markdown]
# ## Membranes

# %%
trace_plot(potentials[:, :4], dt=0.001, title="potentials of four neurons, in thresholds")

# %% [markdown]
# ## A task: how many inputs fired lately

# %%
targets = np.convolve(train.sum(axis=1), np.exp(-np.arange(100) / 20))[: len(train)]
lsm.fit(train, targets, warmup=50)
said = lsm.predict(train)
error = np.sqrt(np.mean((said[50:] - targets[50:]) ** 2)) / np.std(targets[50:])
print(error < 0.2)
lines = np.stack([targets, said], axis=1)
trace_plot(lines, dt=0.001, labels=["wanted", "said"], title="a fading count of the input's spikes")

# %% [markdown]
# ## How the liquid behaves

# %%
dynamics = lsm.analyze_dynamics()
print(dynamics["kernel_rank"], dynamics["separation"] > 1, dynamics["mean_firing_rate"] > 0)
