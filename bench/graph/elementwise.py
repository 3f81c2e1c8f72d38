# SPDX-License-Identifier: Apache-2.0
"""The expressions of elementwise.cpp in NumPy: a line for each, name and milliseconds."""
import time

import numpy as np

i = np.arange(10_000_000) % 1000
a, b, c, d = i * 0.001 + 0.1, i * 0.002 + 0.5, i * 0.003 + 0.25, i * 0.004 + 1
expressions = {
    "(a+b)*(c-d)+a*0.5": lambda: (a + b) * (c - d) + a * 0.5,
    "a*b+c*d": lambda: a * b + c * d,
    "a*b+c*sin(d)": lambda: a * b + c * np.sin(d),
    "a*b+c*sin(d)+exp(-a)*sqrt(b)": lambda: a * b + c * np.sin(d) + np.exp(-a) * np.sqrt(b),
    "sqrt(a*a+b*b)*0.5": lambda: np.sqrt(a * a + b * b) * 0.5,
}
for name, f in expressions.items():
    best = 1e300
    for _ in range(5):
        start = time.perf_counter()
        f()
        best = min(best, time.perf_counter() - start)
    print(name, f"{best * 1e3:.2f}")
