"""What became of the strikes, by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.mutations.pairs import Verdict
from tests.mutations.strikes import KINDS

HEADER = (
    f"{'kind':<32} {'answers':>7} {'stayed':>6} {'told':>6} {'healed':>6} {'lost':>5} "
    f"{'exit 0':>6} {'again':>5} {'bugs':>5}"
)
LEGEND = (
    "answers: damaged answers. stayed: damaged in all tries, not in the first alone.",
    "told: the exit code was not 0. healed: the next run read what was missing.",
    "lost: records missing for good. exit 0: lost without a word. again: the next run failed, too.",
    "bugs: tracebacks, secrets in the output, hangs and wrong exit codes.",
)


@dataclass
class Totals:
    """Counts of strikes."""

    answers: int = 0
    stayed: int = 0
    told: int = 0
    healed: int = 0
    lost: int = 0
    silently: int = 0
    again: int = 0
    bugs: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count a strike."""
        self.answers += 1
        self.stayed += verdict.strike.stays
        self.told += verdict.told
        self.healed += verdict.healed > 0
        self.lost += verdict.lost > 0
        self.silently += verdict.lost_silently > 0
        self.again += verdict.fails_again
        self.bugs += bool(verdict.problems)

    def line(self, name: str) -> str:
        """Return the counts as a line of the table."""
        return (
            f"{name:<32} {self.answers:>7} {self.stayed:>6} {self.told:>6} {self.healed:>6} "
            f"{self.lost:>5} {self.silently:>6} {self.again:>5} {self.bugs:>5}"
        )


def table(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield the lines of the table."""
    by_kind: dict[str, Totals] = defaultdict(Totals)
    total = Totals()
    for verdict in verdicts:
        by_kind[verdict.strike.kind].add(verdict)
        total.add(verdict)
    yield HEADER
    for name in KINDS:
        if name in by_kind:
            yield by_kind[name].line(name)
    yield total.line(f"{len(by_kind)} kinds")


def what_is_wrong(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield a line for each strike that did harm."""
    for verdict in verdicts:
        if verdict.is_bad:
            strike = verdict.strike
            parts = [
                f"{strike.kind} on {strike.subject.label} #{strike.ordinal}",
                "stays" if strike.stays else "once",
                f"lost {verdict.lost}" if verdict.lost else "",
                "silently" if verdict.lost_silently else "",
                "fails again" if verdict.fails_again else "",
                *verdict.problems,
                verdict.note,
            ]
            yield ", ".join(filter(None, parts))
