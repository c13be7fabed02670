"""The scorer's figures are right, and a misspelt case is named by file and line."""

from __future__ import annotations

import pytest

from careline.core.errors import DataFileError
from careline.core.rehearsal.case import parse_cases
from careline.core.rehearsal.score import Share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Wilson score intervals computed independently from the closed formula with z = 1.959964.
    [(97, 100, 0.9155, 0.9897), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055)],
)
def test_wilson_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval == pytest.approx((low, high), abs=5e-5)


def test_an_empty_group_claims_nothing() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)


@pytest.mark.parametrize(
    "line",
    ["{", '{"id": "A"}', '{"id":"A","language":"en","says":[],"expect":{"level":"urgent"}}',
     '{"id":"A","language":"en","says":["x"],"expect":{"level":"critical"}}'],
)  # fmt: skip
def test_a_line_that_is_no_case_names_file_and_line(line: str) -> None:
    with pytest.raises(DataFileError, match=r"callers\.jsonl:2"):
        parse_cases("\n" + line, "callers.jsonl")
