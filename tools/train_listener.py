"""Learns the second listener's weights from the open rehearsal sets, and says how it does on sets it has not seen.

The frozen sets are never read. Each set is judged by what the others taught, it being left out: from these judgements the
thresholds are chosen, so that of all callers who are in no danger hardly one sounds so.
Needs scikit-learn: `pip install -r requirements/train.txt`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from careline.core.language.second import ENOUGH_WORDS, features_of, words_of

REHEARSALS = Path("tests/rehearsals")
TABLES = Path("tests/core/language")  # plain sentences: what must be heard in them, and what must raise nothing
CONCEPTS = Path("protocols/concepts.toml")
OUT = Path("src/careline/core/language/second.tsv")
FEWEST = 2  # prefixes a feature must occur in
MOST_FEATURES = 60_000
URGENT = ("emergency", "urgent")
#: Language -> the scores to speak up above (emergency, urgent or worse), and the score to be calm below.
Limits = dict[str, tuple[float, float, float]]
RAREST, MARGIN = 500, 0.3  # calm lies so far below the score that one in so many callers in danger falls below
PLAIN = 0.2  # how much a plain sentence weighs beside a caller
FOLDS = 4


@dataclass(frozen=True)
class Example:
    words: frozenset[str]
    danger: bool
    share: float  # of one caller's weight, divided among the prefixes of the call


def load(path: Path) -> list[dict]:
    return load_table(path) if path.suffix == ".toml" else load_callers(path)


def load_table(path: Path) -> list[dict]:
    """Each sentence a caller of one turn: in danger where all it may be heard as is danger, in none where it must be quiet."""
    concepts = tomllib.loads(CONCEPTS.read_text())
    cases = []
    for section, listed in tomllib.loads(path.read_text()).items():
        for names, lines in listed.items() if isinstance(listed, dict) else [(section, listed)]:
            hears = path.name.startswith("hears")
            if hears and not all(concepts.get(name, {}).get("danger") for name in names.split()):
                continue
            level = "emergency" if hears else "routine"
            acceptable = ("urgent", "self_care") if path.name.startswith("mild") else ()
            cases += [
                {
                    "language": path.suffixes[0][1:],
                    "says": [line],
                    "plain": True,
                    "expect": {"level": level, "acceptable": acceptable},
                }
                for line in lines.splitlines()
                if line.strip()
            ]
    return cases


def load_callers(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def prefixes(case: dict) -> list[frozenset[str]]:
    heard: set[str] = set()
    told = []
    for text in case["says"]:
        heard |= {name for name, _ in features_of(words_of(text))}
        told.append(frozenset(heard))
    return told


def levels(case: dict) -> set[str]:
    return {case["expect"]["level"], *case["expect"].get("acceptable", ())}


def examples(cases: list[dict], danger: tuple[str, ...]) -> list[Example]:
    """A caller in danger is an example of it from the turn by which they have said enough; anybody else in every turn."""
    found: list[Example] = []
    for case in cases:
        positive = case["expect"]["level"] in danger
        told = prefixes(case)
        if positive and len(danger) == 1:
            told = told[(case["expect"].get("by_turn") or len(told)) - 1 :] or told[-1:]
        elif positive:
            told = told[-1:]
        weight = PLAIN if "plain" in case else 1.0
        found += [Example(words, positive, weight / len(told)) for words in told]
    return found


class Model:
    """Two logistic regressions over one vocabulary."""

    def __init__(self, cases: list[dict], strength: float) -> None:
        everything = examples(cases, ("emergency",))
        counts = Counter(name for example in everything for name in example.words)
        kept = sorted(name for name, count in counts.items() if count >= FEWEST)
        rarity = {name: round(math.log((1 + len(everything)) / (1 + counts[name])) + 1, 2) for name in kept}
        self.rarity = rarity
        self._fit(cases, strength)
        if len(self.rarity) > MOST_FEATURES:
            weighty = sorted(
                self.rarity, key=lambda n: -abs(self.emergency[n] * rarity[n]) - 0.5 * abs(self.urgent[n] * rarity[n])
            )
            self.rarity = {name: rarity[name] for name in sorted(weighty[:MOST_FEATURES])}
            self._fit(cases, strength)

    def _fit(self, cases: list[dict], strength: float) -> None:
        self.column = {name: at for at, name in enumerate(self.rarity)}
        fitted = []
        for danger in (("emergency",), URGENT):
            found = examples(cases, danger)
            regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
            regression.fit(
                self.matrix([one.words for one in found]),
                [one.danger for one in found],
                sample_weight=[one.share for one in found],
            )
            fitted.append(regression)
        self.emergency = dict(zip(self.column, fitted[0].coef_[0], strict=True))
        self.urgent = dict(zip(self.column, fitted[1].coef_[0], strict=True))
        self.fitted = fitted

    def matrix(self, rows: list[frozenset[str]]) -> csr_matrix:
        at, columns, values = [], [], []
        for number, words in enumerate(rows):
            known = [name for name in words if name in self.column]
            length = math.sqrt(sum(self.rarity[name] ** 2 for name in known)) or 1.0
            at += [number] * len(known)
            columns += [self.column[name] for name in known]
            values += [self.rarity[name] / length for name in known]
        return csr_matrix((values, (at, columns)), shape=(len(rows), len(self.column)))

    def judge(self, cases: list[dict]) -> list[tuple[float, float]]:
        """The highest score over the turns of each call, for emergency and for urgent."""
        out = []
        for case in cases:
            told = self.matrix(prefixes(case))
            out.append(tuple(float(one.decision_function(told).max()) for one in self.fitted))
        return out


def limit(scores: list[float], harmless: list[bool], share: float) -> float:
    """The lowest at which no more than `share` of the harmless are taken for dangerous."""
    worst = sorted((score for score, one in zip(scores, harmless, strict=True) if one), reverse=True)
    return worst[int(share * len(worst))] + 1e-6


def limits(cases: list[dict], scores: list[tuple[float, float]], shares: tuple[float, float]) -> Limits:
    """Per language: one hears better than the other, and each is to be as rarely wrong."""
    found: Limits = {}
    for language in sorted({case["language"] for case in cases}):
        spoken = [at for at, case in enumerate(cases) if case["language"] == language]
        here = [at for at in spoken if "plain" not in cases[at]]
        enough = [at for at in spoken if sum(len(text.split()) for text in cases[at]["says"]) >= ENOUGH_WORDS]
        harmless = ["emergency" not in levels(cases[at]) for at in here]
        calm = [not levels(cases[at]) & set(URGENT) for at in here]
        danger = sorted(max(scores[at]) for at in enough if cases[at]["expect"]["level"] == "emergency")
        found[language] = (
            limit([scores[at][0] for at in here], harmless, shares[0]),
            limit([scores[at][1] for at in here], calm, shares[1]),
            danger[len(danger) // RAREST] - MARGIN,
        )
    return found


def report(name: str, cases: list[dict], scores: list[tuple[float, float]], bounds: Limits) -> None:
    danger = [case["expect"]["level"] == "emergency" for case in cases]
    grave = [case["expect"]["level"] in URGENT for case in cases]
    harmless = ["emergency" not in levels(case) for case in cases]
    calm = [not levels(case) & set(URGENT) for case in cases]
    admin = [bool(case["expect"].get("administrative")) for case in cases]
    each = [(score, bounds[case["language"]]) for case, score in zip(cases, scores, strict=True)]
    emergency = [score[0] > bound[0] for score, bound in each]
    urgent = [score[1] > bound[1] for score, bound in each]
    quiet = [max(score) < bound[2] for score, bound in each]

    def share(flags: list[bool], of: list[bool]) -> str:
        return f"{sum(a and b for a, b in zip(flags, of, strict=True))}/{sum(of)}"

    print(
        f"{name:14} emergency: heard {share(emergency, danger)}, of the harmless {share(emergency, harmless)}, of the "
        f"administrative {share(emergency, admin)}; urgent or worse: heard {share(urgent, grave)}, of the calm "
        f"{share(urgent, calm)}, of the administrative {share(urgent, admin)}; calm about: emergencies "
        f"{share(quiet, danger)}, administrative {share(quiet, admin)}"
    )


def write(model: Model, limits: Limits, sources: list[Path], cases: int) -> None:
    names = [path.relative_to("tests").as_posix() for path in sources]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    lines = [
        f"# second listener: learnt from {cases} written callers ({', '.join(names)})",
        f"# sha256 of these files, joined: {digest}",
        "# feature <tab> rarity x 100 <tab> weight for emergency x 1000 <tab> weight for urgent or worse x 1000",
    ]
    zeros = [float(one.intercept_[0]) for one in model.fitted]
    for language, (emergency, urgent, calm) in limits.items():
        lines.append(f"{language}\t{zeros[0]:.4f}\t{emergency:.4f}\t{zeros[1]:.4f}\t{urgent:.4f}\t{calm:.4f}")
    lines.append("")
    for name in model.column:
        e, u = round(model.emergency[name] * 1000), round(model.urgent[name] * 1000)
        lines.append(f"{name}\t{round(model.rarity[name] * 100)}\t{e}\t{u}")
    OUT.write_text("\n".join(lines) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strength", type=float, default=10.0, help="inverse of regularisation")
    parser.add_argument("--emergency-share", type=float, default=0.05)
    parser.add_argument("--urgent-share", type=float, default=0.03)
    parser.add_argument("--also-judge", nargs="*", default=[], help="files that were not learnt from")
    parser.add_argument("--dry", action="store_true", help="judge only")
    options = parser.parse_args()
    sources = sorted(REHEARSALS.glob("*/open*.jsonl"))
    sources += [path for kind in ("hears", "mild", "quiet") for path in sorted(TABLES.glob(f"{kind}*.toml"))]
    sets = {path: load(path) for path in sources}
    pooled: list[tuple[float, float]] = []
    cases: list[dict] = []
    apart = {}
    for fold in range(FOLDS):
        out = [path for at, path in enumerate(sources) if at % FOLDS == fold]
        model = Model([case for path, some in sets.items() if path not in out for case in some], options.strength)
        apart |= {path: model.judge(sets[path]) for path in out}
    for path, held in sets.items():
        pooled += apart[path]
        cases += held
    bounds = limits(cases, pooled, (options.emergency_share, options.urgent_share))
    print("left out in turn, limits", bounds)
    for path, held in sets.items():
        report(f"{path.parent.name}/{path.stem}", held, apart[path], bounds)
    report("all", cases, pooled, bounds)
    model = Model(cases, options.strength)
    for name in options.also_judge:
        held = load(Path(name))
        report(Path(name).stem, held, model.judge(held), bounds)
    if not options.dry:
        write(model, bounds, sources, len(cases))
        print(f"{OUT}: {len(model.column)} features, {OUT.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
