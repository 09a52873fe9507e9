#!/usr/bin/env bash
# csv.Sniffer: with the recipe of Python's documentation, columns of a standard CSV file shift
#
# Versions:  Python 3.11.7 (its standard library; the script runs the python3 that is there)
# Run:       a file that csv.writer wrote, with every default of it. The 61st row has a comma and an inch mark in
#            its title. The file is read by the recipe in the documentation of csv.Sniffer: sniff the first 1024
#            characters, seek(0), csv.reader(file, dialect). The delimiter is found, and it is right.
# Guess:     what csv.writer writes, csv.reader reads. The sniffer finds the delimiter; what a sample does not show
#            stays at the default, so that quotes that are doubled are one quote.
# Seen:      no quote is doubled in the sample, so the dialect says doublequote=False, with no escapechar: a dialect
#            in which no quote can be written at all. The reader takes the first of the two quotes for the end of
#            the field: the title is cut at its comma, later columns shift by one, and the price is text of the
#            title. Nothing is raised, and the rows before it are right.
# Who is hurt: programs that sniff reports of which only some rows have inch marks, as product titles do. Sniff the
#            delimiter alone: csv.reader(file, delimiter=dialect.delimiter). (python/cpython#109339 is open.)
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >read.py <<'PY'
import csv

rows = [["sku", "title", "price"]]
rows += [[f"A-{number}", f"Mug, blue, no. {number}", "9.50"] for number in range(60)]
rows += [["A-60", 'Picture frame 8x10", black', "1.50"]]
with open("report.csv", "w", newline="") as file:
    csv.writer(file).writerows(rows)

with open("report.csv", newline="") as file:
    dialect = csv.Sniffer().sniff(file.read(1024))
    file.seek(0)
    read = list(csv.reader(file, dialect))
print("delimiter", dialect.delimiter, "doublequote", dialect.doublequote, "escapechar", dialect.escapechar)
print("rows", len(read), "as written", sum(a == b for a, b in zip(read, rows)))
print(read[-1])
with open("report.csv", newline="") as file:
    print(list(csv.reader(file, delimiter=dialect.delimiter)) == rows)
PY
python3 read.py >seen

cat >expected <<'TEXT'
delimiter , doublequote False escapechar None
rows 62 as written 61
['A-60', 'Picture frame 8x10"', ' black"', '1.50']
True
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
