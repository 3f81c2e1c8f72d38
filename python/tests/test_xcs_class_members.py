# SPDX-License-Identifier: Apache-2.0
"""Methods as classes have them, classes as values, and builtins that look at the frame that calls them: as plain Python has them."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import time
import typing
from typing import Any

import pytest
from canonical import CONFIGS, assert_same_as_plain

from omega import xcs

T = typing.TypeVar("T")
GIVEN = 5


class Thing:
    count = 0

    def __init__(self, value: Any) -> None:
        self.value = value.value if isinstance(value, Thing) else value
        self.kind = type(value).__name__

    def again(self) -> Any:
        return self.__class__(self)

    @classmethod
    def of(cls, value: Any) -> Any:
        return cls(value if value is not None else 0)


class Named(Thing):
    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.__class__.count = 3

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)


class Kind(typing.NamedTuple):
    number: int
    value: Any

    @classmethod
    def of(cls, value: Any) -> Any:
        return cls(1 if value is not None else 0, type(value).__name__)

    def both(self) -> Any:
        return type(self.value).__name__, self.number


class Colour(enum.Enum):
    RED = 1
    BLUE = 2

    @classmethod
    def of(cls, value: Any) -> Any:
        return cls.RED if type(value).__name__ == "Thing" else cls.BLUE


@dataclasses.dataclass(frozen=True)
class Frozen:
    number: Any
    numbers: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", [self.number])

    def put(self, value: Any) -> Any:
        object.__setattr__(self, "numbers", value)
        return self.numbers


def given(value: Any) -> Any:
    return [value]


def of_dicts(x: Any) -> Any:
    d = given({"a": [x]})[0]
    dict.update(d, b=2)
    dict.__setitem__(d, "c", [x])
    dict.setdefault(d, "d", []).append(1)
    return d, dict.get(d, "a"), dict.__getitem__(d, "b"), list(dict.items(d)), dict.pop(d, "b"), dict.get(d, "z", x), dict.fromkeys([1, x.value])


def of_lists(x: Any) -> Any:
    values = given(3)
    list.append(values, 1)
    list.sort(values)
    own = [x, 2]
    list.reverse(own)
    list.append(own, given(1))
    return values, own, list.__len__(values), list(list.__iter__(values)), list.index(values, 3), [list.__len__(each) for each in [[1], own]]


def of_sets(x: Any) -> Any:
    values = given({1})[0]
    set.add(values, 4)
    return values, set.union(values, [9], {8})


def of_texts(x: Any) -> Any:
    texts = given("a")
    return str.join(",", texts), str.join(texts[0], "bc"), list(map(str.upper, texts)), sorted(["a", "B"], key=str.lower), str.format("{} {}", x.value, 2), bytes.join(b"", [b"1"])


def of_collections(x: Any) -> Any:
    counts = collections.Counter("aab")
    collections.Counter.update(counts, "b")
    queue = collections.deque([1])
    collections.deque.append(queue, x.value)
    return counts, collections.Counter.most_common(counts, 1), queue, functools.partial(dict.get, {"a": 1})("a"), (lambda d: dict.get(d, "x"))({"x": x})


def of_objects(x: Any) -> Any:
    object.__setattr__(x, "other", 3)
    frozen = Frozen(3)
    object.__setattr__(frozen, "number", x)
    return x.other, object.__getattribute__(x, "value"), object.__new__(Thing).count, frozen, Frozen.put(frozen, 5), frozen.numbers, object.__eq__(x, x)


def of_classes(x: Any) -> Any:
    return type.__call__(Thing, 3).value, type.mro(Thing)[0], int.from_bytes(bytes([1, 2]), "big"), int.__add__(x.value, 3), float.fromhex("0x1p3")


def of_the_wrong_class(x: Any) -> Any:
    return dict.get(x, 3)


def with_too_many(x: Any) -> Any:
    return list.append(given(1), x, 3)


def by_class_attribute(x: Any) -> Any:
    kind = Kind(1, x)
    return x.__class__(x), x.__class__ == Thing, isinstance(x, x.__class__), x.__class__ in (Thing,), {x.__class__: 1}[Thing], kind.__class__.of(x), x.again()


def of_named_tuples(x: Any) -> Any:
    kind = Kind(2, x)
    return Kind.of(x), kind.both(), type(kind).of(x), kind._replace(value=3), kind._asdict(), Kind._make([1, x])


def of_derived_classes(x: Any) -> Any:
    return Named(x), Named.count, Named(3).again(), Named.of(Named(x)), Colour.of(x), Colour["RED"], [each.name for each in Colour]


def generic(x: Any) -> Any:
    return list[T], dict[str, T], typing.Generic[T], list[x.__class__], tuple[T, ...], Thing | None, list[T] | None


def types_as_values(x: Any) -> Any:
    kinds = type
    is_class = isinstance(Thing, type), isinstance(x, (type, int)), isinstance(super(Thing, x), super), isinstance(3, type | int), isinstance(Thing, kinds)
    return is_class, list(map(type, [1, "a"])), type.__name__, {type: 1}[type(int)], type == type(Thing), type(type(x)) in (type, int)


def builtins_as_values(x: Any) -> Any:
    return callable.__name__, list(map(callable, [x, Thing])), max("ab", key=ord), [callable, hasattr][0](x), list(map(getattr, [x], ["value"]))


def made_by_type(x: Any) -> Any:
    made = type("Made", (Thing,), {"y": 3})
    return made(x).y, made.__name__, made(x).value


def names_of_the_frame(x: Any) -> Any:
    a, b = x, 3
    return sorted(vars()), vars()["b"], sorted(dir()), sorted(locals()), locals()["a"].value


def names_of_the_module(x: Any) -> Any:
    return id(globals()) == id(globals()), "GIVEN" in globals(), globals()["GIVEN"], "given" in sorted(globals()), (lambda: globals()["GIVEN"])(), (lambda found=globals: found()["GIVEN"])()


def the_module_by_values(x: Any) -> Any:
    found = globals
    by_name = {"found": found}
    return "GIVEN" in found(), by_name["found"]()["GIVEN"], functools.partial(globals)()["GIVEN"], (lambda inner=globals: "GIVEN" in inner())(), [each()["GIVEN"] for each in (globals,)]


def the_frame_by_values(x: Any) -> Any:
    b = 3
    names, values, look = dir, vars, [locals]
    return "b" in names(), values()["b"], look[0]()["b"], sorted(functools.partial(dir)())[:1], (lambda b, inner: inner()["b"])(4, locals)


def evaluated_by_values(x: Any) -> Any:
    run, b = eval, 3
    namespace: dict[str, Any] = {}
    functools.partial(exec)("z = GIVEN + 1", globals(), namespace)
    return run("b + GIVEN"), list(map(eval, ["GIVEN", "b", "x.value"])), (lambda x, inner=eval: inner("x"))(4), namespace["z"]


def looked_at_by_values(x: Any, kind: Any = type, is_called: Any = callable, get: Any = getattr) -> Any:
    values = given(x)
    return kind(values), is_called(values), get(values, "z", 4), functools.partial(type)(values), functools.partial(getattr, values)("__len__")(), list(map(kind, [values, x]))


class FromAbove(Thing):
    def again(self, above: Any = super) -> Any:
        return above(FromAbove, self).again(), [super][0](FromAbove, self).again()


def super_by_value(x: Any) -> Any:
    return FromAbove.again(FromAbove(x)), xcs.jit(FromAbove.again)(FromAbove(x))


def later(value: Any) -> Any:
    time.sleep(0.005)
    return value


class Asked:
    """Has the attributes that it is asked for, but not `keys`."""

    def __getattr__(self, name: str) -> Any:
        if name == "keys":
            raise AttributeError(name)
        return name

    def __iter__(self) -> Any:
        return iter([("a", 1)])


def asked_for_keys(x: Any) -> Any:
    pairs = later([("a", 1), ("b", [x])])
    made: dict[Any, Any] = {}
    made.update(pairs)
    return dict(pairs), dict(later({"a": [1]}).items()), dict(later({1: (2, 3)}).values()), made, dict(later({"a": [1]})), dict(Asked()), dict(later(Asked()))


class Refusing:
    @xcs.jit
    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def __call__(self, value: Any) -> Any:
        return [value]


REFUSING = Refusing()


def called_by_a_global(x: Any) -> Any:
    def inner(value: Any) -> Any:
        return REFUSING(value)

    found = later(x)
    return inner(found), REFUSING(found), of_refusing(found)


def of_refusing(value: Any) -> Any:
    time.sleep(0.002)
    return REFUSING(value)


def asked_for_what_it_has_not(x: Any) -> Any:
    return dict(later(3))


def asked_by_name(x: Any) -> Any:
    return getattr(later(x), "value"), getattr(later(x), "other", 4), list(map(lambda name: getattr(later(x), name), ["value", "kind"])), later(Asked()).z


def a_new_name_of_the_module(x: Any) -> Any:
    globals()["MADE"] = x.value
    found = MADE  # type: ignore[name-defined]  # noqa: F821
    del globals()["MADE"]
    return found, "MADE" in globals()


def evaluated(x: Any) -> Any:
    namespace: dict[str, Any] = {}
    exec("z = GIVEN", globals(), namespace)
    return eval("x.value"), eval("GIVEN + 1"), eval("[x.value for _ in range(2)]", {"x": x}), eval("y", None, {"y": x}), namespace["z"]


@pytest.mark.parametrize(
    "function",
    [of_dicts, of_lists, of_sets, of_texts, of_collections, of_objects, of_classes, of_the_wrong_class, with_too_many, by_class_attribute, of_named_tuples, of_derived_classes]
    + [generic, types_as_values, builtins_as_values, made_by_type, names_of_the_frame, names_of_the_module, the_module_by_values, the_frame_by_values]
    + [evaluated_by_values, looked_at_by_values, super_by_value, asked_for_keys, called_by_a_global, asked_for_what_it_has_not, asked_by_name, a_new_name_of_the_module, evaluated],
)
def test_same_as_plain_python(function: Any) -> None:
    assert_same_as_plain(function, lambda: Thing(7))


def test_what_has_effects_by_a_value_keeps_the_order(capsys: pytest.CaptureFixture[str]) -> None:
    def noted(x: Any) -> Any:
        time.sleep(0.02)
        said.append(x)
        return x

    def told(x: Any, tell: Any = print) -> Any:
        found = noted(x)
        functools.partial(tell, len(said))("by a partial")
        tell(len(said))
        return found

    for config in CONFIGS:
        said: list[Any] = []
        assert xcs.jit(told, **config)(1) == 1
        assert capsys.readouterr().out == "1 by a partial\n1\n"


def test_methods_that_python_makes_static_or_of_the_class_by_their_names() -> None:
    class Base:
        names: list[str] = []

        @xcs.jit(adaptive=False)
        def __new__(cls, value: Any) -> Any:
            made = object.__new__(cls)
            made.value = value
            return made

        @xcs.jit(adaptive=False)
        def __init_subclass__(cls, word: str = "") -> None:
            cls.names = [*cls.names, cls.__name__, word]

        @xcs.jit(adaptive=False)
        def __class_getitem__(cls, key: Any) -> Any:
            return cls.__name__, key

    class Derived(Base, word="a"):
        pass

    assert Derived.names == ["Derived", "a"]
    assert Base[3] == ("Base", 3)
    assert Derived["x"] == ("Derived", "x")
    assert (Base(5).value, Base.__new__(Derived, 6).value, type(Base(5).__new__(Derived, 6))) == (5, 6, Derived)


def _classes_that_hold_each_other(decorate: Any) -> Any:
    class Address:
        def __init__(self, number: int) -> None:
            self.number, self.asked = number, 0

        @functools.cached_property
        def net(self) -> Any:
            return Net(self)

        @decorate
        def __eq__(self, other: Any) -> bool:
            self.asked += 1
            return bool(self.number == other.number)

        @decorate
        def __lt__(self, other: Any) -> bool:
            self.asked += 1
            return bool(self.number < other.number)

        @decorate
        def of(self) -> Any:
            return self.kept.net, self.net

    class Net:
        def __init__(self, address: Any) -> None:
            self.address, self.asked = address, 0

        @decorate
        def __eq__(self, other: Any) -> bool:
            self.asked += 1
            return bool(self.address == other.address)

        @functools.cached_property
        def hosts(self) -> Any:
            self.asked += 1
            return Address(1)

        @decorate
        def both(self) -> Any:
            return self.hosts == self.address, self.constants.one == self

    class Constants:
        def __eq__(self, other: object) -> bool:
            self.asked = 1
            return True

    Address.kept, Address.constants, Address.others, Address.first = Address(3), Constants(), [Constants], Constants  # type: ignore[attr-defined]
    Net.constants, Net.first = Constants(), Address(7)  # type: ignore[attr-defined]
    Constants.one = Net(Address(2))  # type: ignore[attr-defined]
    Constants.two = [Address(4), Constants.one]  # type: ignore[attr-defined]
    return Address, Net


def test_classes_that_hold_objects_of_each_other() -> None:
    def asks(classes: Any, number: int) -> Any:
        address_class, net_class = classes
        address = address_class(number)
        return given(address)[0] == address_class(1), net_class(address).both(), address.of()[1].asked, address == address.kept, address < address.kept

    expected = asks(_classes_that_hold_each_other(lambda function: function), 3)
    config = {"inline_below_us": 0.0, "adaptive": False}
    assert xcs.jit(asks, **config)(_classes_that_hold_each_other(xcs.jit(**config)), 3) == expected


class _Asking(type):
    @xcs.jit
    def __getattr__(cls, name: str) -> Any:
        raise AttributeError(name)


class _Asked(metaclass=_Asking):
    def __format__(self, how: str) -> str:
        return str.__format__("x", how)


def asked_for_attributes(x: Any) -> Any:
    return hasattr(_Asked, "nothing"), getattr(_Asked, "nothing", 3), format(_Asked(), ">3"), str.__format__(str(x.value), ">4"), int.__round__(3), next(list.__reversed__([1, 2]))


def methods_made_here(x: Any) -> Any:
    method = type(x.again)(x.again.__func__, x)
    return method, method().value, method == x.again


def looked_up_by_others(x: Any) -> Any:
    table = str.maketrans("", "", ",.")
    return "To be, or.".translate(table).lower(), "ab".translate(given({97: "z"})[0]), given({})[0].get("a", x.value)


def not_there(x: Any) -> Any:
    return given({})[0]["a"]


@pytest.mark.parametrize("function", [asked_for_attributes, methods_made_here, looked_up_by_others, not_there])
def test_attributes_and_methods_of_objects(function: Any) -> None:
    assert_same_as_plain(function, lambda: Thing(7))


def states(x: Any) -> Any:
    return x.__reduce__()[2], x.__dir__() == dir(x) or sorted(x.__dir__()) == dir(x), x.__sizeof__() > 0, x.__reduce_ex__(2)[2]


def test_methods_that_every_object_has() -> None:
    assert_same_as_plain(states, lambda: Thing(7))


class Counted:
    """Methods that reach the class in the ways in which code does."""

    made = 0
    log: typing.ClassVar[list[int]] = []

    def by_type(self) -> int:
        time.sleep(0.003 / (1 + self.made))
        type(self).made += 1
        return type(self).made

    def by_attribute(self) -> int:
        time.sleep(0.003 / (1 + self.made))
        self.__class__.made += 1
        return self.made

    def by_name(self) -> int:
        own = type(self)
        time.sleep(0.003 / (1 + own.made))
        own.made = own.made + 1
        return own.made

    def by_list(self) -> int:
        time.sleep(0.003 / (1 + len(self.log)))
        type(self).log.append(1)
        return len(self.log)


def count(counted: Any) -> int:
    time.sleep(0.003 / (1 + counted.made))
    type(counted).made += 1
    return int(type(counted).made)


@pytest.mark.parametrize("call", [Counted.by_type, Counted.by_attribute, Counted.by_name, Counted.by_list, count])
@pytest.mark.parametrize("config", CONFIGS)
def test_what_calls_change_of_the_class_of_an_object_keeps_the_order(call: Any, config: dict[str, Any]) -> None:
    def calls() -> Any:
        one, other = Counted(), Counted()
        return [call(one), call(other), call(one)], Counted.made, len(Counted.log)

    traced = xcs.jit(calls, **config)
    for function in (calls, traced, traced, traced):
        Counted.made = 0
        Counted.log.clear()
        assert function() == ([1, 2, 3], *((0, 3) if call is Counted.by_list else (3, 0)))
