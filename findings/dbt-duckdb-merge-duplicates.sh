#!/usr/bin/env bash
# dbt-duckdb: a merge with a key twice keeps the older change and doubles new keys
#
# Versions:  dbt-core 1.12.0, dbt-duckdb 1.11.1, duckdb 2.0.1
# Run:       an incremental model with unique_key and strategy merge over a table as Singer targets without key
#            make it (append): the second run finds two changes of a row that exists and two rows of a new key.
# Guess:     an error, as merge on PostgreSQL gives for a key that matches twice; or else the row that comes
#            last wins. unique_key makes keys unique.
# Seen:      exit code 0. Of two changes the first is kept and the last one lost, and the new key is in the
#            table twice. The next run starts after the newest time, so the lost change is never looked at
#            again.
# Who is hurt: models over raw tables that hold a row per change, moved from another warehouse to DuckDB or
#            developed on it. Statuses and prices stay at a value in between. Keep one row per key with
#            row_number() first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check --only-binary :all: dbt-core==1.12.0 \
    dbt-core-experimental-parser==2.0.0a4 dbt-duckdb==1.11.1 duckdb==2.0.1 2>pip.log || { cat pip.log; exit 1; }

cat >dbt_project.yml <<'YAML'
name: probe
version: '1.0'
profile: probe
flags:
  send_anonymous_usage_stats: false
YAML
cat >profiles.yml <<'YAML'
probe:
  target: local
  outputs:
    local:
      type: duckdb
      path: warehouse.db
YAML
mkdir models
cat >models/orders.sql <<'SQL'
{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}
select * from raw_orders
{% if is_incremental() %} where changed > (select max(changed) from {{ this }}) {% endif %}
SQL
sql() {
    venv/bin/python -c 'import duckdb, sys
for row in duckdb.connect("warehouse.db").execute(sys.argv[1]).fetchall():
    print(*row, sep=" | ")' "$1"
}
sql "create table raw_orders as select 1 as id, 'Pending' as status, date '2024-05-01' as changed" >made
venv/bin/dbt --quiet run --profiles-dir . >log 2>&1 || { cat log; exit 1; }
sql "insert into raw_orders values (1, 'Unshipped', '2024-05-02'), (1, 'Shipped', '2024-05-03'),
    (2, 'Pending', '2024-05-02'), (2, 'Canceled', '2024-05-03')" >made
venv/bin/dbt --quiet run --profiles-dir . >log 2>&1 || { cat log; exit 1; }
sql "select id, status, changed from orders order by id, changed" >seen

cat >expected <<'TEXT'
1 | Unshipped | 2024-05-02
2 | Pending | 2024-05-02
2 | Canceled | 2024-05-03
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
