"""`make mutations`: answers of Amazon that are damaged on purpose, and what the tap makes of them.

A run reads a simulated seller while some of the answers to it are changed. A clean run follows from
the state that it left. Both together must write all that a clean run from the beginning writes, and
the exit code of the first run must tell of what it could not read.

`kinds.py` and the modules that it names describe the changes. Left out are those that nobody can
tell from what Amazon means: a list with fewer records, a list without the token of its next page,
an optional list that is missing or null, a header of other columns without rows, and a flat file
that ends early between two lines.
"""
