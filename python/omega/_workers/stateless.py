# SPDX-License-Identifier: Apache-2.0
"""Code of libraries that gives the same for the same arguments in every process and at any time.

Other code may look at what a program changes in passing: the environment, options of a library, generators of random numbers, files.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Modules all of which is so, but for some names.
_ALL_BUT = dict.fromkeys(
    _names(
        "math cmath operator itertools functools collections heapq bisect string struct re json zlib bz2 lzma hashlib hmac base64 binascii copy numbers fractions array"
        " textwrap difflib unicodedata colorsys _operator _functools _collections _heapq _bisect _struct _json _hashlib _blake2 _sha2 _sha3"
    ),
    _names(""),
) | {
    "builtins": _names("open input exec eval compile globals locals vars dir __import__ breakpoint help exit quit copyright credits license"),
    "numpy": _names(
        "seterr geterr seterrcall geterrcall errstate seterrobj geterrobj setbufsize getbufsize set_printoptions get_printoptions printoptions set_string_function"
        " array2string array_repr array_str format_float_positional format_float_scientific load loadtxt genfromtxt fromfile fromregex memmap open_memmap"
        " save savez savez_compressed savetxt DataSource show_config testing ctypeslib distutils f2py"
    ),
    "omega": _names("xcs performance compiler run core agents"),
    "scipy": _names("io datasets stats set_workers get_workers set_backend"),
    "statistics": _names("samples"),
}

#: Modules of which some names are so.
_ONLY = {
    "numpy.random": _names("default_rng Generator SeedSequence BitGenerator PCG64 PCG64DXSM Philox SFC64 MT19937 RandomState"),
    "posix": _names("getpid getppid cpu_count urandom"),
    "posixpath": _names("basename commonprefix dirname isabs join normpath split splitext"),
    "random": _names("Random"),
    "time": _names("sleep perf_counter perf_counter_ns monotonic monotonic_ns process_time process_time_ns thread_time thread_time_ns time time_ns"),
}


def is_stateless(module: object, name: str) -> bool:
    """Whether what a module has by this name gives the same for the same arguments. `module`: its name, "numpy.linalg"."""
    if not isinstance(module, str):
        return False
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        only = _ONLY.get(".".join(parts[:count]))
        if only is not None:
            return name in only
    but = _ALL_BUT.get(parts[0])
    return but is not None and name not in but and but.isdisjoint(parts[1:])
