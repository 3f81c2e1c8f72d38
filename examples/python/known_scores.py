# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Tasks with known scores
# Reservoirs and liquids on the tasks by which the field judges them.

# %%
import numpy as np

from omega.core.liquid_state_machine import LiquidStateMachine
from omega.spiking import Reservoir, RidgeReadout, mackey_glass, memory_capacity, narma10, nrmse, raster_plot, spike_patterns, trace_plot

# %% [markdown]
# ## NARMA-10
# An output that depends on the last ten inputs and outputs. Networks of some hundred neurons reach errors of 0.1 to 0.3.

# %%
inputs, targets = narma10(4000, seed=1)
reservoir = Reservoir(400, spectral_radius=0.95, input_scale=0.5, bias_scale=0.2, seed=1)
said = reservoir.fit(inputs[:3000], targets[:3000], warmup=200).predict(inputs)
print(f"NARMA-10: {nrmse(said[3000:], targets[3000:]):.2f}")
trace_plot(np.hstack([targets, said])[3000:3200], labels=["wanted", "said"], title="NARMA-10, steps it has not seen")

# %% [markdown]
# ## The reservoir's states

# %%
trace_plot(reservoir.run(inputs[:200])[:, :6], title="six of 400 neurons")

# %% [markdown]
# ## Mackey-Glass, one unit of time ahead
# A chaotic series; errors are 1e-3 and below.

# %%
series = mackey_glass(4001, tau=17, seed=2)[:, None]
reservoir = Reservoir(300, bias_scale=0.2, leak=0.7, seed=2).fit(series[:3000], series[1:3001], warmup=200)
error = nrmse(reservoir.predict(series[:4000])[3000:], series[3001:])
print(f"Mackey-Glass: {'below' if error < 1e-3 else 'above'} 1e-3")

# %% [markdown]
# ## Memory capacity
# How many past inputs a linear readout recalls: at most the number of neurons; the stronger the inputs, the fewer.

# %%
for scale in (0.01, 0.5, 5.0):
    network = Reservoir(50, connectivity=0.2, spectral_radius=0.95, input_scale=scale, seed=3)
    print(f"memory capacity of 50 neurons, inputs scaled by {scale}: {memory_capacity(network, delays=100, steps=4000, seed=1):.0f}")

# %% [markdown]
# ## Spike patterns
# Ten templates of Poisson spikes, each sample with every spike moved by 4 ms or so. A liquid of 135 neurons, as in the paper that introduced liquids, tells them apart.

# %%
spikes, labels = spike_patterns(classes=10, samples=300, seed=4)
liquid = LiquidStateMachine(reservoir_size=135, topology="distance", grid=(15, 3, 3), seed=1)
features = liquid.features(spikes)
readout = RidgeReadout(1.0).fit(features[:200], np.eye(10)[labels[:200]])
right = np.mean(readout.predict(features[200:]).argmax(axis=1) == labels[200:])
print(f"patterns told apart: {right:.0%}")
raster_plot(spikes[:, 0], dt=0.001, title="a sample of the first class")
