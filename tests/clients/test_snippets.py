from __future__ import annotations

import ast

from clients.__main__ import CLIENTS
from clients.snippets import PAGE, snippets


def test_the_page_has_a_snippet_for_each_client() -> None:
    found = list(snippets(PAGE.read_text(encoding="utf-8")))

    assert [snippet.name for snippet in found] == [client.name for client in CLIENTS]
    for snippet in found:
        if snippet.language == "python":
            ast.parse(snippet.text)


def test_a_snippet_without_the_simulators_address_needs_amazons_names() -> None:
    page = """
## Point your client here

### one

```python
print("http://127.0.0.1:9326")
```

### two

```js
console.log('https://sellingpartnerapi-na.amazon.com')
```

## Another section

### three

```python
print()
```
"""
    one, two = snippets(page)

    assert (one.name, one.language, one.needs_names) == ("one", "python", False)
    assert (two.name, two.language, two.needs_names) == ("two", "js", True)
