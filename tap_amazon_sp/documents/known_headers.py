"""Find the header of a flat file by the names of columns that are known, in any language.

A line with several of them is the header, regardless of what is before and after it: what explains
a file may have as many fields as the header, and rows may be shorter or longer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tap_amazon_sp.amazon.report_headers import comparable
from tap_amazon_sp.documents.header_lines import Sample, is_enumeration, is_value, may_explain

_SEVERAL = 2
_HALF = 1 / 2


@dataclass(frozen=True)
class _Line:
    """A line that may be the header.

    Attributes:
        sample: The position of its sample among all.
        place: Its place in the sample.
        begin: Where it begins in the text.
        width: How many fields it has.
        known: How many known names it has.
        is_doubtful: Whether it may be a sentence that enumerates columns.
    """

    sample: int
    place: int
    begin: int
    width: int
    known: int
    is_doubtful: bool


def known_header_at(
    samples: Sequence[Sample], names: Collection[str], *, is_of_type: bool
) -> tuple[int, int] | None:
    """Return where the header is: the position of the sample, and the place in it.

    Args:
        samples: The first lines, divided at each delimiter that is possible.
        names: The known names, as `comparable` forms.
        is_of_type: Whether they are those of the file's type. If not, lines before the header must
            explain the file.

    Returns:
        None if no line has enough known names.
    """
    if not names:
        return None
    firsts = [sample.first_places()[:1] for sample in samples]
    at_begin = [
        _line(samples, number, place, names)
        for number, places in enumerate(firsts)
        for place in places
    ]
    candidates = [line for line in at_begin if _has_several(samples, line)]
    best = max((line.known for line in at_begin), default=0)
    if all(line.is_doubtful for line in candidates):
        candidates += [
            line
            for line in _later_lines(samples, names)
            if line.known >= best + _SEVERAL
            and line.known >= line.width * _HALF
            and _has_several(samples, line)
            and (is_of_type or _is_explained(samples[line.sample], line))
        ]
    if is_of_type and not candidates:
        # A file of one column.
        candidates = [line for line in at_begin if line.known == line.width == 1]
    if not candidates:
        return None
    # The first of several that are as good.
    found = min(candidates, key=lambda line: (line.is_doubtful, line.begin, -line.known))
    return found.sample, found.place


def _later_lines(samples: Sequence[Sample], names: Collection[str]) -> Iterator[_Line]:
    for number, sample in enumerate(samples):
        for place in sample.first_places()[1:]:
            yield _line(samples, number, place, names)


def _line(samples: Sequence[Sample], number: int, place: int, names: Collection[str]) -> _Line:
    sample = samples[number]
    header = sample.filled(place)
    known = len({form for form in map(_form, header) if form in names})
    is_doubtful = is_enumeration(header) and known < len(header)
    return _Line(number, place, sample.begin(place), len(header), known, is_doubtful)


def _form(field: str) -> str:
    return comparable(field.rstrip(" .:"))


def _has_several(samples: Sequence[Sample], line: _Line) -> bool:
    """Return whether a line has several known names, and not the same number of values."""
    if line.known < _SEVERAL:
        return False
    return line.known > sum(map(is_value, samples[line.sample].filled(line.place)))


def _is_explained(sample: Sample, line: _Line) -> bool:
    before = [sample.filled(place) for place in sample.first_places() if place < line.place]
    return all(may_explain(row, line.width, sample.delimiter) for row in before)
