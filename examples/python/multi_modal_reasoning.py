# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Reasoning cores side by side
# Any callables, each with its own data; results in the order of the cores, balanced or not.

# %%
import numpy as np

from omega.agents.reasoning import AudioReasoningCore, TextReasoningCore, VisualReasoningCore
from omega.performance import ParallelProcessor
from omega.spiking import trace_plot

processor = ParallelProcessor()
random = np.random.default_rng(42)


# Define reasoning cores
def visual_core(data):
    return np.sum(data, axis=-1)


def audio_core(data):
    return np.mean(data, axis=-1)


def text_core(data):
    return np.max(data, axis=-1)


reasoning_cores = [visual_core, audio_core, text_core]

# Create input data
input_data_list = [
    random.normal(size=(20, 30)),  # Visual data
    random.normal(size=(15, 25)),  # Audio data
    random.normal(size=(10, 35)),  # Text data
]

# Parallel reasoning with load balancing
results = processor.parallel_multi_modal_reasoning(reasoning_cores, input_data_list, load_balance=True)
print([result.shape for result in results])

# %% [markdown]
# ## Cores that come with Omega
# Edges of an image, bands of a sound, a text's words: `omega.agents.reasoning`.

# %%
# Create reasoning cores
visual_core = VisualReasoningCore()
audio_core = AudioReasoningCore()
text_core = TextReasoningCore()

reasoning_cores = [visual_core.process, audio_core.process, text_core.process]

visual_data = np.add.outer(np.arange(64.0), np.arange(64.0))  # an image that gets brighter to one corner
audio_data = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)  # a second of an A
text_data = random.random((12, 32))  # twelve words of 32 numbers

# Parallel multi-modal processing
input_data = [visual_data, audio_data, text_data]
results = processor.parallel_multi_modal_reasoning(reasoning_cores, input_data, load_balance=True)
print([np.shape(result) for result in results])

# %%
trace_plot(np.asarray(results[1]).reshape(-1, np.shape(results[1])[-1])[0], title="bands of the sound's first frame, low to high")
