#!/usr/bin/env bash
# With --config=ENV the SDK prefers a .env file that lies above its installation to the real environment
#
# Versions:  singer-sdk 0.54.9, python-dotenv 1.2.4
# Run:       a tap of ten lines that prints its setting, with --config=ENV, from an empty folder, while a .env
#            file lies in the folder that holds the virtual environment; and from a folder with a .env of its
#            own.
# Guess:     as with most tools that know .env: the file of the working directory is read, and a variable that
#            is set in the shell or by the scheduler wins over the file.
# Seen:      the file in the working directory is not read. The search begins in the folder where singer_sdk is
#            installed and goes upwards, so it finds the .env beside the virtual environment. And the file wins:
#            a value given for one run is ignored. Only a log line at debug level names the file.
# Who is hurt: runs with `TAP_X_REGION=eu tap-x --config=ENV` beside a forgotten .env read the wrong account, and
#            containers whose image has a .env above site-packages ignore the secrets they are given. The
#            working directory's file seems to work in development, where it is the folder of the virtual
#            environment.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir project elsewhere
python3 -m venv project/venv
project/venv/bin/pip install -q --disable-pip-version-check singer-sdk==0.54.9 python-dotenv==1.2.4 2>pip.log ||
    { cat pip.log; exit 1; }

cat >tap.py <<'PY'
from singer_sdk import Tap
from singer_sdk import typing as th


class TapProbe(Tap):
    name = "tap-probe"
    config_jsonschema = th.PropertiesList(th.Property("region", th.StringType)).to_dict()

    def discover_streams(self):
        print(self.config.get("region"))
        return []


TapProbe.cli()
PY
run() { # NAME [VARIABLE=VALUE]
    name=$1
    shift
    region=$(cd elsewhere && env "$@" ../project/venv/bin/python ../tap.py --config=ENV --test=schema 2>../log | head -n 1)
    echo "$name: $region"
}
{
    run "shell only" TAP_PROBE_REGION=from-shell
    echo TAP_PROBE_REGION=from-working-directory >elsewhere/.env
    run "file in the working directory only"
    rm elsewhere/.env
    echo TAP_PROBE_REGION=from-file >project/.env
    run "file beside the virtual environment only"
    run "both" TAP_PROBE_REGION=from-shell
} >seen

cat >expected <<'TEXT'
shell only: from-shell
file in the working directory only: None
file beside the virtual environment only: from-file
both: from-file
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
