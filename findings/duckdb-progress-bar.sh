#!/usr/bin/env bash
# duckdb: a query that takes long draws its progress bar into the output of `python -c`
#
# Versions:  duckdb 2.0.1 (1.1.3 does the same)
# Run:       the same program once as a file and once with `python -c`, its output redirected into a file. It
#            prints one number, the answer of a query that takes more than two seconds.
# Guess:     both write the same line. A progress bar is for terminals, and goes to the error output if anywhere.
# Seen:      the file writes the line. With `python -c` the bar is on, and it is written to the standard output,
#            before the line, although that is no terminal. A quick query writes no bar.
# Who is hurt: shell scripts, cron jobs and tests that read a warehouse with `python -c` and parse what it prints:
#            they work until the data grow or the machine is busy. `SET enable_progress_bar = false` helps.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check --only-binary :all: duckdb==2.0.1 2>pip.log || { cat pip.log; exit 1; }

# The query takes at least four seconds on any machine: more rows are counted until it does.
cat >program.py <<'PY'
import sys
import time
import duckdb

rows = int(sys.argv[1])
started = time.monotonic()
(found,) = duckdb.connect().execute(
    f"select count(hash(a.range * b.range)) from range({rows}) a, range({rows}) b"
).fetchone()
print("the answer" if found == rows * rows else found)
print(time.monotonic() - started, file=sys.stderr)
PY
rows=20000
venv/bin/python program.py "$rows" >as_file 2>seconds
while awk '{ exit !($1 < 4) }' seconds; do
    rows=$((rows * 3 / 2))
    venv/bin/python program.py "$rows" >as_file 2>seconds
done
venv/bin/python -c "$(cat program.py)" "$rows" >as_text 2>seconds
venv/bin/python -c "$(cat program.py)" 10 >quickly 2>seconds

lines() {
    echo "file: $(cat as_file)"
    echo "python -c, a quick query: $(cat quickly)"
    if [ "$(cat as_text)" = "the answer" ]; then echo "python -c: the answer"; fi
    if grep -q '%' as_text && grep -q 'the answer$' as_text; then echo "python -c: a progress bar, and the answer"; fi
}
lines >seen

cat >expected <<'TEXT'
file: the answer
python -c, a quick query: the answer
python -c: a progress bar, and the answer
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
