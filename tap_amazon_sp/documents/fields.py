"""Find the fields of a row in a line with quotes, also where quotes within fields are not doubled.

A line is divided at its delimiters into parts. A field is one part, or several: then the first
begins with a quote and the last ends with one, and delimiters and line feeds between these quotes
belong to it. Whether a quote closes a field is often open: `"8x10""` may be
`8x10"` with a closing quote, or begin a field that goes on. Among all ways to read a line, the one
counts that has as many fields as the header and needs the fewest exceptions.

Facts: the inventory ledger has all fields in quotes, and titles with quotes that are not doubled
(amzn/selling-partner-api-models#4367).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# How unlikely a field is: as usual, 0.
_UNEVEN = 2
_EVEN = 1
_LIKE_TWO_FIELDS = 8
_LIKE_AN_END = 3
_QUOTES_OUTSIDE = 3
_OPEN = 5
_IMPOSSIBLE = 1 << 30
OTHER_WIDTH = 3
"""How unlikely it is that a row has more or fewer fields than the header."""

_MAX_EMPTY = 3
_MAX_LIKE_TWO = 4
"""The most places in a field that look like the end of one and the begin of another."""
_NONE = (_IMPOSSIBLE, 0)
_LIMITS = (4, 16, _IMPOSSIBLE)
"""How unlikely a reading may be in each attempt to find one: likely ones take few steps."""
_STEPS = 1000
_STEPS_PER_PART = 400
"""The most steps to find the fields of a line; no usual line needs more."""
_LETTERS_OF_STEP = 4
_LETTERS_PER_STEP = 64
"""A step for so many letters that are looked at; the line may be looked at several times."""
_PARTS_PER_STEP = 8


@dataclass(frozen=True)
class Reading:
    """A way to read a line.

    Attributes:
        fields: The text of each field without the quotes around it. Quotes within are unchanged.
        doubtful: Places of the quoted fields that have quotes within, which may be doubled.
        quoted: How many fields are quoted.
        cost: How unlikely the fields are; 0 if all are as usual.
        is_open: Whether a field begins with a quote that is taken as a letter.
    """

    fields: list[str]
    doubtful: Sequence[int] = ()
    quoted: int = 0
    cost: int = 0
    is_open: bool = False


def flaw(text: str) -> int:
    """Return how unlikely quotes within a quoted field are: 0 if there is none or all are doubled.

    An uneven number, such as an inch mark, is less likely than an even one, as in `"Best" mug`.
    """
    if '"' not in text or '"' not in text.replace('""', ""):
        return 0
    return _UNEVEN if text.count('"') % 2 else _EVEN


def is_quoted(field: str) -> bool:
    """Return whether a quote begins a field and another ends it."""
    return len(field) > 1 and field[0] == field[-1] == '"'


def fits(fields: Sequence[str], width: int) -> bool:
    """Return whether there are as many fields as in a header, besides empty ones at the end."""
    return len(fields) >= width and not any(fields[width:])


def undouble(fields: list[str], places: Iterable[int]) -> None:
    """Make one quote of two, in those fields at these places whose quotes are all doubled."""
    for place in places:
        if not flaw(fields[place]):
            fields[place] = fields[place].replace('""', '"')


def has_closed_fields(reading: Reading, width: int, delimiter: str) -> bool:
    """Return whether so many fields are quoted, and no quote within could have closed one earlier.

    A quote closes a field only before a delimiter or the end of a line.
    """
    between = f'"{delimiter}'
    return reading.quoted == width and not any(between in field for field in reading.fields)


def goes_on(parts: Sequence[str], *, is_inside: bool = False) -> bool:
    """Return whether a quoted field goes on after a line if quotes within are doubled.

    Args:
        parts: The line, divided at each delimiter.
        is_inside: Whether the line begins within a quoted field.
    """
    for part in parts:
        if (is_inside or part[:1] == '"') and part.count('"') % 2:
            is_inside = not is_inside
    return is_inside


def is_left_open(parts: Sequence[str], *, is_inside: bool = False) -> bool:
    """Return whether a quoted field may go on after a line if quotes within are not doubled.

    Then the last quote at an end of a part is one that begins a field.

    Args:
        parts: The line, divided at each delimiter.
        is_inside: Whether the line begins within a quoted field.
    """
    for part in reversed(parts):
        if part and not part.strip('"') and len(part) % 2:
            return not is_inside
        if part[-1:] == '"':
            return False
        if part[:1] == '"':
            return True
    return False


def strict_reading(parts: Sequence[str], delimiter: str) -> Reading | None:
    """Return the fields of a line in which all quotes within quoted fields are doubled.

    Args:
        parts: The line, divided at each delimiter.
        delimiter: What divides the parts.

    Returns:
        None if a quote is not doubled, or if the last field goes on in the next line.
    """
    ends = []
    place = 0
    while place < len(parts):
        if parts[place][:1] == '"':
            quotes = parts[place].count('"')
            while quotes % 2 and place + 1 < len(parts):
                place += 1
                quotes += parts[place].count('"')
            if quotes % 2:
                return None
        ends.append(place := place + 1)
    fields = _fields(parts, ends, delimiter)
    if any(field[:1] == '"' and _cost(field) for field in fields):
        return None
    cost = sum(map(_cost, fields))
    return _reading(fields, cost) if cost < _IMPOSSIBLE else None


def exact_reading(parts: Sequence[str], width: int, delimiter: str) -> Reading | None:
    """Return the most likely way to read a line as so many fields; None if there is none.

    Args:
        parts: The line, divided at each delimiter.
        width: How many fields the header has. The line may have more, if they are empty.
        delimiter: What divides the parts.
    """
    count = len(parts)
    while count > width and parts[count - 1] in ("", '""'):
        count -= 1
    # Empty fields at the end may be additional, but quotes there may also close a field.
    ends = dict.fromkeys((*range(count, len(parts))[:_MAX_EMPTY], len(parts)))
    readings = [_reading_of(parts[:end], width, delimiter) for end in ends]
    found = [reading for reading in readings if reading is not None]
    return min(found, key=lambda reading: (reading.cost, reading.is_open), default=None)


def _reading_of(parts: Sequence[str], width: int, delimiter: str) -> Reading | None:
    excess = len(parts) - width
    if excess < 0:
        return None
    if excess:
        steps = _STEPS + _STEPS_PER_PART * len(parts) + sum(map(len, parts)) // _LETTERS_OF_STEP
        for limit in _LIMITS:
            cost, ends, steps = _least_unlikely(parts, excess, delimiter, limit, steps)
            if steps < 0:
                break
            if cost < _IMPOSSIBLE:
                return _reading(_fields(parts, ends, delimiter), cost)
        return None
    # Each part is a field.
    cost = sum(map(_cost, parts))
    return _reading(parts, cost) if cost < _IMPOSSIBLE else None


def loose_reading(parts: Sequence[str], delimiter: str) -> Reading:
    """Return the fields of a line that has more or fewer of them than the header.

    A quote before the next delimiter, or at the end of the line, closes a field.
    """
    # From each part on, the first one that ends with a quote.
    closing = [len(parts)] * (len(parts) + 1)
    for place in range(len(parts) - 1, -1, -1):
        closing[place] = place if parts[place][-1:] == '"' else closing[place + 1]
    ends = []
    place = 0
    while place < len(parts):
        end = place + 1
        if parts[place][:1] == '"':
            last = closing[place if len(parts[place]) > 1 else end]
            end = last + 1 if last < len(parts) else end
        ends.append(end)
        place = end
    fields = _fields(parts, ends, delimiter)
    return _reading(fields, sum(map(_cost, fields)))


def _reading(fields: Sequence[str], cost: int) -> Reading:
    """Return the reading for the fields as they are in the line."""
    texts, doubtful, quoted, is_open = [], [], 0, False
    for place, field in enumerate(fields):
        if field[:1] != '"':
            texts.append(field)
        elif is_quoted(field):
            quoted += 1
            text = field[1:-1]
            if '"' in text:
                doubtful.append(place)
            texts.append(text)
        else:
            is_open = True
            texts.append(field)
    return Reading(texts, doubtful, quoted, cost, is_open)


def _fields(parts: Sequence[str], ends: Sequence[int], delimiter: str) -> list[str]:
    begins = (0, *ends[:-1])
    return [
        parts[begin] if end - begin == 1 else delimiter.join(parts[begin:end])
        for begin, end in zip(begins, ends, strict=True)
    ]


def _closes(parts: Sequence[str], begin: int, last: int) -> bool:
    """Return whether a field may be all parts from one to another."""
    return parts[last][-1:] == '"' and (last > begin or len(parts[last]) > 1)


def _least_unlikely(
    parts: Sequence[str], excess: int, delimiter: str, limit: int, steps: int
) -> tuple[int, Sequence[int], int]:
    """Return the most likely way to read so many delimiters as parts of quoted fields.

    From the last part to the first, and for each number of delimiters that are left, it is known
    how unlikely the best reading of the rest is, and where its first field ends.

    Args:
        parts: The line, divided at each delimiter.
        excess: How many delimiters are within fields.
        delimiter: What divides the parts.
        limit: How unlikely the reading may be.
        steps: How many steps to find it may take.

    Returns:
        How unlikely it is, where its fields end, and how many steps are left. It is impossible if
        there is no such reading, or if steps are used up.
    """
    count = len(parts)
    best: list[dict[int, tuple[int, int]]] = [{} for _ in range(count)]
    best.append({0: (0, count)})
    for begin in range(count - 1, -1, -1):
        costs = [(0, _cost(parts[begin]))]
        if parts[begin][:1] == '"':
            steps -= min(excess, count - begin) // _PARTS_PER_STEP
            for inside, cost, length in _costs_of_several(parts, begin, excess, delimiter):
                costs.append((inside, cost))
                steps -= 1 + length // _LETTERS_PER_STEP
                if steps < 0:
                    break
        # The parts before have at most as many delimiters between them.
        least, found = excess - begin, best[begin]
        for inside, cost in costs:
            end = begin + inside + 1
            steps -= len(best[end])
            best_after = best[end].items()
            for left, total in [(left + inside, cost + rest) for left, (rest, _) in best_after]:
                is_possible = least <= left <= excess and total <= limit
                # The shortest first field of several that are as likely.
                if is_possible and total < found.get(left, _NONE)[0]:
                    found[left] = (total, end)
        if steps < 0:
            return _IMPOSSIBLE, (), steps
    if excess not in best[0]:
        return _IMPOSSIBLE, (), steps
    return best[0][excess][0], _ends(best, excess), steps


def _ends(best: Sequence[dict[int, tuple[int, int]]], left: int) -> list[int]:
    """Return where the fields of the most likely reading end."""
    ends, place = [], 0
    while place < len(best) - 1:
        end = best[place][left][1]
        left -= end - place - 1
        ends.append(end)
        place = end
    return ends


def _cost(part: str) -> int:
    """Return how unlikely it is that a part is a field."""
    if is_quoted(part):
        return _cost_of_quoted(part[1:-1])
    if "\n" in part:
        # Line feeds are within quoted fields only.
        return _IMPOSSIBLE
    if part[:1] == '"':
        return _OPEN
    return _QUOTES_OUTSIDE if '"' in part else 0


def _costs_of_several(
    parts: Sequence[str], begin: int, excess: int, delimiter: str
) -> Iterator[tuple[int, int, int]]:
    """Yield how unlikely it is that a part and so many after it are a field, and its length.

    Args:
        parts: The line.
        begin: The first part, which begins with a quote.
        excess: The most parts after it.
        delimiter: What divides the parts.
    """
    ends = 0
    like_two = 0
    for last in range(begin + 1, min(len(parts), begin + excess + 1)):
        one, other = parts[last - 1], parts[last]
        if one[-1:] == '"':
            is_like_two = other[:1] == '"' and one[-2:] != '""' and other[:2] != '""'
            like_two += is_like_two
            ends += _LIKE_TWO_FIELDS if is_like_two else _LIKE_AN_END
        text = delimiter.join(parts[begin : last + 1])[1:-1] if other[-1:] == '"' else None
        if text is not None and (cost := _cost_of_quoted(text)) < _IMPOSSIBLE:
            # If all quotes within are doubled, none of them is an end.
            yield last - begin, cost + ends if cost else 0, len(text)
        if like_two > _MAX_LIKE_TWO:
            break


def _cost_of_quoted(text: str) -> int:
    """Return how unlikely a text is in quotes."""
    cost = flaw(text)
    if cost and "\n" in text and ('"\n' in text or '"\r\n' in text):
        # A quote before the end of a line closes the field, unless all quotes are doubled.
        return _IMPOSSIBLE
    return cost
