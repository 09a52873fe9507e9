#!/usr/bin/env bash
# meltano add --from-ref drops select, config and metadata of the definition
#
# Versions:  meltano 4.4.1
# Run:       meltano add with a definition from a file that has settings, a config value, a select rule that
#            leaves out an e-mail address, and a replication method; then meltano select --list with a tap that
#            offers three properties.
# Guess:     the plugin in the project is as the file describes it. All keys are valid in meltano.yml, and the
#            file is the same kind of entry.
# Seen:      settings, capabilities and command are copied. config, select and metadata are not, and nothing
#            says so. The project selects everything, the e-mail address included.
# Who is hurt: teams that hand a vetted definition from project to project, and authors who ship one with their
#            tap: the rules that keep personal data out are the part that is lost. Write the rules into each
#            meltano.yml.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check meltano==4.4.1 2>pip.log || { cat pip.log; exit 1; }

mkdir project
cd project
cat >meltano.yml <<'YAML'
project_id: findings
send_anonymous_usage_stats: false
cli:
  disable_version_check: true
YAML
cat >discover.sh <<'SH'
#!/bin/sh
echo '{"streams": [{"tap_stream_id": "orders", "stream": "orders", "schema": {"type": "object", "properties":
{"id": {"type": "integer"}, "email": {"type": "string"}, "total": {"type": "number"}}}, "metadata": []}]}'
SH
chmod +x discover.sh
cat >definition.yml <<'YAML'
name: tap-probe
namespace: tap_probe
label: Probe
executable: ./discover.sh
capabilities:
- catalog
- discover
settings:
- name: region
config:
  region: eu
select:
- orders.*
- '!orders.email'
metadata:
  orders:
    replication-method: FULL_TABLE
YAML
../venv/bin/meltano add --no-install --plugin-type extractor --from-ref definition.yml tap-probe >../log 2>&1 ||
    { cat ../log; exit 1; }
../venv/bin/meltano select tap-probe --list >../listed 2>../log || { cat ../log; exit 1; }
{
    for key in settings config select metadata; do
        if grep -q "^ *$key:" meltano.yml; then echo "$key: copied"; else echo "$key: missing"; fi
    done
    grep -oE 'orders\.(id|email|total)' ../listed
} >../seen
cd ..

cat >expected <<'TEXT'
settings: copied
config: missing
select: missing
metadata: missing
orders.email
orders.id
orders.total
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
