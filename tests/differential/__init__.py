"""`make differential`: random tables, written in every dialect of flat files and read back.

`tables.py` makes up tables, `dialects.py` lists the dialects and says what each can hold,
`writer.py` writes, `comparison.py` reads what was written with the tap and compares every cell.
The writer shares nothing with the package: a mistake about a dialect cannot hide in both.
"""
