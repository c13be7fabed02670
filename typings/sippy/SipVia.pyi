from collections.abc import Callable

dir: Callable[[object], tuple[str, ...]]
