# SPDX-License-Identifier: Apache-2.0
"""How the tests begin."""

import signal


def pytest_configure() -> None:
    """Tests send themselves interrupts, and programs that they start: jobs that a shell puts behind it begin with these ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
