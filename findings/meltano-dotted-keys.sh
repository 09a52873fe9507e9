#!/usr/bin/env bash
# Meltano takes a key with a dot apart: the stream map of "sales.orders" becomes one of "sales"
#
# Versions:  meltano 4.4.1
# Run:       meltano invoke with an extractor that prints the configuration it was given. Its setting
#            stream_maps (an object) has a map for the stream "sales.orders".
# Guess:     a setting of kind object reaches the plugin as it stands in meltano.yml. Quotes protect the dot.
# Seen:      the plugin gets {"sales": {"orders": {...}}}. Meltano flattens settings to dotted names and builds
#            them up again, and a dot of a key is one more level, quoted or not. The same object as JSON in an
#            environment variable suffers the same.
# Who is hurt: those whose streams have dots in their names (schema.table, versions such as v1.2). The map, which
#            may hash or remove personal data, is then for a stream "sales" that does not exist: the SDK applies
#            it to nothing and says nothing. (A pattern without the dot, "sales?orders", gets through.)
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
    - name: stream_maps
      kind: object
    config:
      stream_maps:
        "sales.orders":
          email: md5(email)
YAML
../venv/bin/meltano invoke tap-probe >../from-file.json 2>../log || { cat ../log; exit 1; }
export TAP_PROBE_STREAM_MAPS='{"sales.orders": {"email": "md5(email)"}}'
../venv/bin/meltano invoke tap-probe >../from-environment.json 2>../log || { cat ../log; exit 1; }
cd ..
for source in from-file from-environment; do
    venv/bin/python -c 'import json, sys; print(sys.argv[1], json.load(open(f"{sys.argv[1]}.json"))["stream_maps"])' $source
done >seen

cat >expected <<'TEXT'
from-file {'sales': {'orders': {'email': 'md5(email)'}}}
from-environment {'sales': {'orders': {'email': 'md5(email)'}}}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
