# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Functions that find their own parallelism
# `xcs.jit` records what a function calls and which call needs which result; calls that need nothing of each other run side by side.

# %%
from omega import xcs


@xcs.jit
class EnsembleOperator(xcs.Operator):
    def __init__(self, models):
        self.models = models

    def forward(self, inputs):
        results = []
        for model in self.models:
            results.append(model(inputs))  # Parallel opportunity
        return results


ensemble = EnsembleOperator([str.upper, str.title, str.swapcase])
print(ensemble("A question"))

# %% [markdown]
# ## Waiting side by side
# Each model waits until all have been asked: in sequence none would ever answer.

# %%
import threading

everybody_is_asked = threading.Barrier(4)


@xcs.opaque
def ask(question, number):
    everybody_is_asked.wait(timeout=60)
    return f"{question} {number}"


@xcs.jit
def ask_all(question):
    answers = [ask(question, number) for number in range(4)]
    return ", ".join(answers)


print(ask_all("answer"))

# %% [markdown]
# ## The graph

# %%
graph = xcs.trace(ask_all, "answer")
print(len(graph) > 0, max(len(side_by_side) for side_by_side in graph.independent_sets()))
graph

# %% [markdown]
# ## Arrays

# %%
import numpy as np


@xcs.jit
def activation(x):
    return np.tanh(x * 0.5 + 1.0) * x - 0.25


x = np.linspace(-2, 2, 5)
print(np.allclose(activation(x), np.tanh(x * 0.5 + 1.0) * x - 0.25))

# %%
total, sums = xcs.scan(lambda carry, each: (carry + each, carry + each), 0.0, np.arange(5.0))
print(total, sums)
print(xcs.vmap(lambda a, b: a @ b)(np.ones((3, 4)), np.ones((3, 4))))
