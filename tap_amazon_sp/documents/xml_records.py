"""Read records of XML documents in constant memory.

An element becomes text, or an object if it has children or attributes: attributes are fields like
children, and text beside them is the field `value`. Namespaces are left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from xml.etree import ElementTree as ET

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.limits import MAX_DEPTH, MAX_RECORD, RECORD_TOO_LONG
from tap_amazon_sp.documents.names import ColumnNames, renamed

_INSPECTED = 1 << 20
"""Characters at the beginning that show where the records are."""
# Characters that XML 1.0 does not allow, but that Amazon's files sometimes have.
_NOT_ALLOWED = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENTITY = re.compile(r"<!ENTITY\b")
_MAX_FACTS = 100
_MAX_PATHS = 20
# Of AmazonEnvelope.xsd: the version and the merchant.
_HEADER = "Header"


class XmlRecords:
    """The records of an XML document: the elements at a path, or those that repeat.

    The first megabyte shows where the records are. From the root down, the first element that has
    several children of one name has records of that name. An element whose only child with children
    has the singular of its name (`Orders` / `Order`) has one record.

    Names of elements that occur several times in one parent are arrays. They are those that do so
    in the first megabyte, and those that the type is known for.

    Attributes:
        record_path: Dotted names from the root to the records; None if there are none.
        header: Values outside the records, once they were read.
    """

    def __init__(
        self,
        texts: Iterable[str],
        record_path: str | None = None,
        *,
        usual_path: str | None = None,
        lists: Iterable[str] = (),
        style: ColumnNames = "snake_case",
    ) -> None:
        """Inspect the beginning of the document.

        Args:
            texts: The document's text, in any pieces.
            record_path: Dotted path to the records, with or without the root. It must exist.
            usual_path: Path to the records of such documents, used without `record_path`; if it
                does not exist, elements that repeat are the records.
            lists: Names of elements that may occur several times in one parent.
            style: How to name the fields of records, at any depth.
        """
        self._source = iter(texts)
        self._style = style
        self._beginning: list[str] = []
        read = 0
        for text in self._source:
            self._beginning.append(text)
            read += len(text)
            if read >= _INSPECTED:
                break
        root = _partial_tree(self._beginning)
        if _ENTITY.search("".join(self._beginning)):
            # A few lines of them may stand for gigabytes. Amazon declares none.
            message = "the document declares entities"
            raise DocumentFormatError(message)
        self._lists = frozenset(lists) | _repeated(root)
        self.header: dict[str, Any] = {}
        self._missing: str | None = None
        if root is None:
            # Reported while the records are read.
            self._path = []
        elif record_path:
            self._path = _path_from_root(root, record_path)
            if not _elements_at(root, self._path) and _has_more(root, self._path):
                found = ", ".join(f"`{path}`" for path in _paths_in(root))
                self._missing = f"the document has nothing at `{record_path}`; it has {found}"
        else:
            self._path = _usual_path(root, usual_path) if usual_path else _likely_path(root)
        self.record_path = ".".join(self._path) if self._path else None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the records.

        Raises:
            DocumentFormatError: The document is not XML, is incomplete, has nothing at the path,
                declares entities, or has an element that is too long or nested too deep.
        """
        parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
        walk = _Walk(self._path)
        try:
            for text in itertools.chain(self._beginning, self._source):
                parser.feed(_NOT_ALLOWED.sub("", text))
                for event, element in _events(parser):
                    if event == "start":
                        walk.begin(element)
                        continue
                    if walk.is_at_record:
                        yield self._record(element)
                    elif walk.is_above_records:
                        self._note(element)
                    walk.end()
                walk.end_text(len(text))
            if self._path or self._beginning:
                parser.close()
        except ET.ParseError as error:
            message = f"the document is not XML, or incomplete ({error})"
            raise DocumentFormatError(message) from None
        if self._missing and not walk.found:
            raise DocumentFormatError(self._missing)

    def _note(self, element: ET.Element) -> None:
        """Note an element outside the records, if it only has text."""
        text = (element.text or "").strip()
        if text and not len(element) and len(self.header) < _MAX_FACTS:
            self.header.setdefault(_local(element.tag), text)

    def _record(self, element: ET.Element) -> dict[str, Any]:
        value = self._value(element)
        record = value if isinstance(value, dict) else {"value": value}
        return renamed(record) if self._style == "snake_case" else record

    def _value(self, element: ET.Element) -> Any:
        if not len(element) and not element.attrib:
            return element.text
        fields: dict[str, Any] = {_local(name): text for name, text in element.attrib.items()}
        for child in element:
            name = _local(child.tag)
            value = self._value(child)
            if name in fields or name in self._lists:
                before = fields.get(name, [])
                fields[name] = [*(before if isinstance(before, list) else [before]), value]
            else:
                fields[name] = value
        if not len(element) and element.text:
            fields["value" if "value" not in fields else "value_2"] = element.text
        return fields


class _Walk:
    """The way through a document: where it is, and what is kept in memory of it.

    Attributes:
        found: How many records there were.
    """

    def __init__(self, path: Sequence[str]) -> None:
        """Begin before the root; the path leads from the root to the records."""
        self.found = 0
        self._path = path
        self._names: list[str] = []
        self._elements: list[ET.Element] = []
        # How many of the first children of each open element are of no use any more.
        self._done: list[int] = []
        self._is_in_record = False
        self._length = 0

    @property
    def is_at_record(self) -> bool:
        """Whether the innermost open element is a record."""
        return self._is_in_record and len(self._names) == len(self._path)

    @property
    def is_above_records(self) -> bool:
        """Whether the innermost open element is outside of records, at their depth or above."""
        return not self._is_in_record and len(self._names) <= len(self._path)

    def begin(self, element: ET.Element) -> None:
        """Go into an element.

        Raises:
            DocumentFormatError: It is nested too deep.
        """
        self._elements.append(element)
        self._done.append(0)
        self._names.append(_local(element.tag))
        if len(self._names) > MAX_DEPTH:
            message = f"the document is nested more than {MAX_DEPTH} levels deep"
            raise DocumentFormatError(message)
        if len(self._names) == len(self._path) and self._names == self._path:
            self._is_in_record = True
            self.found += 1
        if not self._is_in_record or len(self._names) == len(self._path):
            self._length = 0

    def end(self) -> None:
        """Leave the innermost element."""
        if self.is_at_record:
            self._is_in_record = False
        if not self._is_in_record:
            self._length = 0
            if len(self._done) > 1:
                self._done[-2] += 1
        self._elements.pop()
        self._done.pop()
        self._names.pop()

    def end_text(self, length: int) -> None:
        """Add the length of a text whose elements were all visited, and forget most of them.

        Raises:
            DocumentFormatError: A record, or a part of the document outside, is too long.
        """
        # All at once: the children that stay move up in their list each time.
        for element, done in zip(self._elements, self._done, strict=True):
            del element[:done]
        self._done = [0] * len(self._elements)
        self._length += length
        if self._length > MAX_RECORD + length:
            raise DocumentFormatError(RECORD_TOO_LONG)


def _events(parser: ET.XMLPullParser[ET.Element]) -> Iterator[tuple[str, ET.Element]]:
    """Return the events so far; they are all about elements."""
    return cast("Iterator[tuple[str, ET.Element]]", parser.read_events())


def _partial_tree(texts: Iterable[str]) -> ET.Element | None:
    """Return the root of an incomplete document."""
    # Expat limits the expansion of entities, and does not load external ones.
    parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
    root = None
    depth = 0
    try:
        for text in texts:
            parser.feed(_NOT_ALLOWED.sub("", text))
            for event, element in _events(parser):
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > MAX_DEPTH:
                    # Reported while the records are read.
                    return None
    except ET.ParseError:
        # Reported while the records are read.
        pass
    return root


def _likely_path(root: ET.Element) -> list[str]:
    path: list[str] = []
    element = root
    while True:
        path.append(_local(element.tag))
        counts: dict[str, int] = {}
        for child in element:
            counts[_local(child.tag)] = counts.get(_local(child.tag), 0) + 1
        most = max(counts, key=counts.__getitem__, default=None)
        if most is not None and counts[most] > 1:
            return [*path, most]
        inner = [child for child in element if len(child)]
        if len(inner) != 1:
            # Nothing repeats: the document is one record.
            return path
        if _is_singular(_local(inner[0].tag), path[-1]):
            return [*path, _local(inner[0].tag)]
        element = inner[0]


def _is_singular(name: str, plural: str) -> bool:
    return plural.lower() in (f"{name}s".lower(), f"{name}es".lower(), f"{name}list".lower())


def _usual_path(root: ET.Element, usual_path: str) -> list[str]:
    """Return the usual path to the records if it exists, else a likely one."""
    path = _path_from_root(root, usual_path)
    for length in range(len(path), 1, -1):
        if _elements_at(root, path[:length]):
            return path[:length]
    is_such = usual_path.partition(".")[0] == _local(root.tag)
    return path if is_such and not _has_more(root, path) else _likely_path(root)


def _path_from_root(root: ET.Element, path: str) -> list[str]:
    names = path.split(".")
    name = _local(root.tag)
    return names if names[0] == name else [name, *names]


def _elements_at(root: ET.Element, path: Sequence[str]) -> list[ET.Element]:
    """Return the elements at a path that begins with the root's name."""
    elements = [root]
    for name in path[1:]:
        elements = [child for each in elements for child in each if _local(child.tag) == name]
    return elements


def _has_more(root: ET.Element, path: Sequence[str]) -> bool:
    """Return whether there may be records where a path ends, and not only plain values."""
    ends = [root]
    for length in range(2, len(path) + 1):
        ends = _elements_at(root, path[:length]) or ends
    for element in ends:
        names = [_local(child.tag) for child in element]
        inner = [name for name, child in zip(names, element, strict=True) if len(child)]
        if len(set(names)) < len(names) or any(name != _HEADER for name in inner):
            return True
    return False


def _paths_in(root: ET.Element) -> list[str]:
    """Return the paths of elements that have children, in their order."""
    found: dict[str, None] = {}

    def note(element: ET.Element, path: str) -> None:
        if len(element) and len(found) < _MAX_PATHS:
            found[path] = None
            for child in element:
                note(child, f"{path}.{_local(child.tag)}")

    note(root, _local(root.tag))
    return list(found)


def _repeated(root: ET.Element | None) -> frozenset[str]:
    found: set[str] = set()
    for element in root.iter() if root is not None else ():
        seen: set[str] = set()
        for child in element:
            name = _local(child.tag)
            if name in seen:
                found.add(name)
            seen.add(name)
    return frozenset(found)


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
