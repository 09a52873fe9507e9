#!/usr/bin/env bash
# Meltano drops the offset of a time that stands unquoted in meltano.yml
#
# Versions:  meltano 4.4.1
# Run:       meltano invoke with an extractor that prints the configuration it was given: the same start date
#            with offset +09:00, unquoted, quoted and from the environment; and one in UTC.
# Guess:     the plugin gets the same moment in each case. YAML knows times with offsets.
# Seen:      unquoted, 2024-05-01T00:00:00+09:00 arrives as "2024-05-01T00:00:00" and even a Z is lost. Neither
#            the offset nor its value in UTC remains. Quoted, or from the environment, the text is passed on
#            whole.
# Who is hurt: taps take a time without offset for UTC, so a first sync for Tokyo starts nine hours too late here
#            and the rows of those hours are never read (west of Greenwich it starts too early). A tap that
#            demands an offset refuses what looks right in the file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check meltano==4.4.1 2>pip.log || { cat pip.log; exit 1; }

mkdir project
cd project
printf '#!/bin/sh\ncat "$2"\n' >print-config.sh # called with: --config FILE
chmod +x print-config.sh
cat >meltano.yml <<'YAML'
project_id: findings
send_anonymous_usage_stats: false
cli:
  disable_version_check: true
plugins:
  extractors:
  - name: tap-probe
    namespace: tap_probe
    executable: ./print-config.sh
    settings:
    - name: unquoted
    - name: unquoted_utc
    - name: quoted
    - name: from_environment
    config:
      unquoted: 2024-05-01T00:00:00+09:00
      unquoted_utc: 2024-05-01T00:00:00Z
      quoted: '2024-05-01T00:00:00+09:00'
YAML
TAP_PROBE_FROM_ENVIRONMENT=2024-05-01T00:00:00+09:00 ../venv/bin/meltano invoke tap-probe >../config.json 2>../log ||
    { cat ../log; exit 1; }
cd ..
venv/bin/python -c 'import json
for name, value in json.load(open("config.json")).items():
    print(f"{name}: {value}")' >seen

cat >expected <<'TEXT'
unquoted: 2024-05-01T00:00:00
unquoted_utc: 2024-05-01T00:00:00
quoted: 2024-05-01T00:00:00+09:00
from_environment: 2024-05-01T00:00:00+09:00
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
