"""The `careline` command. One module per subcommand; each is found by its file, and imported only when it runs."""

from __future__ import annotations

import argparse
import ast
import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from careline.core.errors import CarelineError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Command(Protocol):
    """What a module in `careline.cli` offers: its one-line help is the first line of its docstring."""

    __doc__: str | None

    def options(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> int: ...


def names() -> list[str]:
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Errors made on purpose are one clear line and exit code 2; anything else is a bug and shows as one."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if words[0] == "--version":
        print(f"careline {version('careline')}")
        return 0
    if words[0] not in names():
        print(f"careline: no command is called {words[0]!r}. There are: {', '.join(names())}", file=sys.stderr)
        return 2
    command = _load(words[0])
    parser = argparse.ArgumentParser(f"careline {words[0]}", description=command.__doc__)
    command.options(parser)
    try:
        return command.run(parser.parse_args(words[1:]))
    except CarelineError as error:
        print(f"careline: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _load(name: str) -> Command:
    return cast(Command, import_module(f"{__name__}.{name}"))


def _overview() -> str:
    """One line per command, read from the files: help must not wait for every command's imports."""
    folder = Path(__file__).parent
    rows = [f"  {name:<11}{_first_line(folder / f'{name}.py')}" for name in names()]
    return "\n".join(["usage: careline COMMAND [options]   (careline COMMAND --help tells more)", "", *rows])


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n", 1)[0]
