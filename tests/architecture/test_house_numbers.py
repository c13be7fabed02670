"""The house's numbers and habits that no linter of ours already checks (house.md, "Rules of the house")."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "careline"
FILES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
PURE = sorted([*(SOURCE / "core").rglob("*.py"), *(SOURCE / "wire").rglob("*.py")])

#: What core and wire may import from the standard library: nothing with a clock, a socket, a file or chance in it.
ALLOWED_STANDARD = {
    "__future__", "abc", "array", "ast", "audioop", "base64", "bisect", "collections", "contextlib", "dataclasses", "datetime",
    "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac", "html", "ipaddress", "itertools",
    "json", "math", "operator", "re", "statistics", "string", "struct", "textwrap", "tomllib", "types", "typing",
    "unicodedata", "urllib.parse", "uuid", "warnings", "zoneinfo", "calendar",
}  # fmt: skip


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in FILES]


def where(path: Path, line: int = 0) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_files_can_be_read_in_one_sitting() -> None:
    long = [where(path) for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    assert not long, f"over 400 lines: {long}"


def test_functions_fit_a_screen() -> None:
    long = [
        where(path, node.lineno)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
        # A docstring is not what makes a function long.
        and (node.end_lineno or 0) - node.lineno - len((ast.get_docstring(node) or "").splitlines()) >= 40
    ]
    assert not long, f"functions over 40 lines: {long}"


def test_classes_offer_at_most_twelve_public_methods() -> None:
    wide = [
        where(path, node.lineno)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and sum(
            isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and not item.name.startswith("_")
            for item in node.body
        )
        > 12
    ]
    assert not wide, f"classes with more than 12 public methods: {wide}"


def test_core_and_wire_know_no_clock_no_socket_no_chance() -> None:
    wrong: list[str] = []
    for path in PURE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                if top == "careline" or name in ALLOWED_STANDARD or top in ALLOWED_STANDARD:
                    continue
                wrong.append(f"{where(path, node.lineno)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_core_asks_nobody_for_the_time() -> None:
    wrong = [
        where(path, node.lineno)
        for path in PURE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "uuid4", "uuid1")
        and isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "uuid")
    ]  # fmt: skip
    assert not wrong, f"core takes `now` and ids as arguments: {wrong}"


@pytest.mark.parametrize("module", ["careline.calls", "careline.telephony", "careline.speech", "careline.children"])
def test_the_voice_process_imports_no_django(module: str) -> None:
    everything = (
        f"import importlib, pkgutil, sys; root = importlib.import_module('{module}');"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(getattr(root, '__path__', []), root.__name__ + '.')];"
        "sys.exit('django' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", everything], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr or f"{module} imports Django"


def test_django_lives_in_four_places() -> None:
    homes = ("storage", "actions", "workers", "web")
    wrong = [
        where(path, node.lineno)
        for path, tree in trees()
        if path.relative_to(SOURCE).parts[0] not in homes
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "django")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "django" for alias in node.names))
    ]
    assert not wrong, f"Django outside storage, actions, workers and web: {wrong}"


def test_nothing_is_left_for_later() -> None:
    pattern = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|# *(stub|placeholder|for now)\b")
    wrong = [
        where(path, number)
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not wrong, f"unfinished by its own words: {wrong}"


def test_tests_do_not_sleep() -> None:
    wrong = [
        where(path, number)
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\b(time|asyncio)\.sleep\((?!0\))", line)
    ]
    assert not wrong, f"move a clock or wait for an event instead: {wrong}"


def test_requirement_files_name_no_address() -> None:
    wrong = [
        where(path, number)
        for path in sorted((ROOT / "requirements").glob("*.txt"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "://" in line or line.startswith(("--index", "--extra-index", "--find-links"))
    ]
    assert not wrong, f"an address of a package index: {wrong}"
