"""`make bench`: every measurement of this folder, one after the other; `python -m bench NAME` runs one.

Each module has a `main(arguments)` that prints what it measured. Figures are ratios of two things measured in one run wherever
there is something to compare with; absolute times belong to the machine they were taken on.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def names() -> list[str]:
    folder = str(Path(__file__).parent)
    return sorted(module.name for module in pkgutil.iter_modules([folder]) if not module.name.startswith("_"))


def main() -> int:
    wanted, arguments = (sys.argv[1:2], sys.argv[2:]) if len(sys.argv) > 1 else (names(), [])
    for name in wanted:
        if name not in names():
            print(f"bench: there is no {name!r}; there are {', '.join(names())}", file=sys.stderr)
            return 2
        print(f"\n--- {name}", flush=True)
        importlib.import_module(f"bench.{name}").main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
