# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Reservoirs
# For each state, in the order of the states: the currents `spikes @ input_weights + state @ reservoir_weights.T`.

# %%
import numpy as np

from omega.performance import ParallelProcessor
from omega.spiking import trace_plot

processor = ParallelProcessor()
random = np.random.default_rng(42)

# Create reservoir data
reservoir_states = [random.normal(size=100) for _ in range(4)]
input_weights = random.normal(size=(50, 100))
reservoir_weights = random.normal(size=(100, 100))
input_spikes_list = [random.random(50) < 0.1 for _ in range(4)]

# Parallel reservoir computation
results = processor.parallel_reservoir_computation(reservoir_states, input_weights, reservoir_weights, input_spikes_list)
expected = [spikes @ input_weights + state @ reservoir_weights.T for state, spikes in zip(reservoir_states, input_spikes_list)]
print(len(results), results[0].shape, np.allclose(results, expected))

# %% [markdown]
# ## States over time
# An activation is applied in the same pass. Here weights are small enough for the echo of an input to fade.

# %%
weights = reservoir_weights * 0.9 / np.abs(np.linalg.eigvals(reservoir_weights)).max()
states = reservoir_states
history = []
for step in range(60):
    pulse = [spikes if step == 10 else np.zeros(50, bool) for spikes in input_spikes_list]
    states = processor.parallel_reservoir_computation(states, input_weights, weights, pulse, activation="tanh")
    history.append(states[0][:6])
trace_plot(np.array(history), title="six neurons of a reservoir; a pulse in step 10")
