"""Lists in HAL (draft-kelly-json-hal), the form in which Messaging and Solicitations answer.

An answer links to its resources in `_links`, and may have some or all of them in `_embedded`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.common.json_paths import at_path, values_at

EMBEDDED, LINKS = "_embedded", "_links"


def is_hal_list(path: Sequence[str]) -> bool:
    """Return whether a list at this path in an answer is one of embedded resources."""
    return path[:1] == (EMBEDDED,)


def path_of_links(path: Sequence[str]) -> tuple[str, ...]:
    """Return the path of the links to the resources that an answer embeds at this path."""
    return (LINKS, *path[1:])


def linked_resources(
    body: Mapping[str, Any], path: Sequence[str], embedded: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the resources that an answer links to, but does not embed.

    Args:
        body: The answer.
        path: The path of the embedded resources, such as `_embedded.actions`.
        embedded: The embedded resources.

    Returns:
        Resources in the form of the embedded ones: an object with the link in `_links.self`.
    """
    known = {name for resource in embedded for name in _names_of(resource)}
    links = values_at(body, path_of_links(path))
    return [
        {LINKS: {"self": link}}
        for link in links
        if isinstance(link, dict) and known.isdisjoint(_names_in(link))
    ]


def name_of(resource: Mapping[str, Any]) -> str | None:
    """Return the name of a resource: from its content, its links, or the end of its address."""
    own = [at_path(resource, ("payload", "name"))]
    links = [at_path(resource, (LINKS, kind)) for kind in ("self", "schema")]
    own += [link.get("name") for link in links if isinstance(link, dict)]
    for name in own:
        if isinstance(name, str) and name:
            return name
    for link in links:
        if isinstance(link, dict) and (name := _last_step(link.get("href"))):
            return name
    return None


def _names_of(resource: Mapping[str, Any]) -> set[str]:
    """Return the names and addresses by which a link may mean a resource."""
    link = at_path(resource, (LINKS, "self"))
    name = name_of(resource)
    return ({name} if name else set()) | (_names_in(link) if isinstance(link, dict) else set())


def _names_in(link: Mapping[str, Any]) -> set[str]:
    found = (link.get("name"), link.get("href"), _last_step(link.get("href")))
    return {name for name in found if isinstance(name, str) and name}


def _last_step(address: Any) -> str | None:
    """Return the last step in the path of an address, before that of its schema."""
    if not isinstance(address, str):
        return None
    steps = [step for step in address.partition("?")[0].split("/") if step]
    if steps[-1:] == ["schema"]:
        steps.pop()
    return steps[-1] if steps else None
