"""Properties that are worked out once."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_Value = TypeVar("_Value")


class Once(Generic[_Value]):
    """A property that is worked out once; `functools.cached_property` takes a lock each time, which costs more than many of these."""

    def __init__(self, of: Callable[[Any], _Value]) -> None:
        self._of = of
        self._name = of.__name__
        self.__doc__ = of.__doc__

    def __get__(self, instance: object, owner: type) -> _Value:
        value = self._of(instance)
        vars(instance)[self._name] = value
        return value
