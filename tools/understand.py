"""Shows what the lexicons hear in a sentence: `python tools/understand.py "I can't catch my breath"`. For authors of lexicons."""

from __future__ import annotations

import sys

from careline.bootstrap.data import lexicons
from careline.core.language import Context, understand


def main() -> None:
    for turn, text in enumerate(sys.argv[1:], 1):
        understood = understand(lexicons(), text, Context(turn=turn))
        print(f"> {text}")
        for finding in understood.findings:
            number = f" = {finding.quantity.value:g} {finding.quantity.unit}" if finding.quantity else ""
            print(
                f"    {finding.concept}{number}  {finding.presence}, of the {finding.subject}: {finding.quote.text!r}"
            )
        print(
            f"    wants {[intent.kind for intent in understood.intents]}, patient {understood.relation} {understood.sex or ''}"
        )


if __name__ == "__main__":
    main()
