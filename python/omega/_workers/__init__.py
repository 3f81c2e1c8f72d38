# SPDX-License-Identifier: Apache-2.0
"""Worker processes, for `omega.performance` and `omega.xcs`: forked, fed over sockets, with arrays in memory that all of them see."""
