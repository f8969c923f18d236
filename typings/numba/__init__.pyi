from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

def njit(*, cache: bool) -> Callable[[Function], Function]: ...
