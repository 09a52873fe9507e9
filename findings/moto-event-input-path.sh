#!/usr/bin/env bash
# moto ignores the InputPath of an EventBridge target, and changes the event's numbers
#
# Versions:  moto 5.2.5, boto3 1.44.8
# Run:       an EventBridge rule whose target, an SQS queue, has InputPath "$.detail"; one event.
# Guess:     the message is the detail alone, with its numbers as they were sent. put_targets accepts the path
#            and list_targets_by_rule shows it.
# Seen:      the message is the whole envelope. The detail inside has been parsed and written again: 19.90 is
#            19.9 and 12345678901234567.891 is 1.2345678901234568e+16.
# Who is hurt: those who test consumers of Amazon's notifications, which come bare or in an envelope. The code
#            that reads the bare form is never run; a comparison of bodies by hash or signature fails in the
#            test only; amounts that need their digits look as if the code had lost them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check 'moto[events,sqs]==5.2.5' boto3==1.44.8 2>pip.log ||
    { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import json

import boto3
from moto import mock_aws

ACCESS = {"region_name": "eu-west-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}

with mock_aws():
    sqs = boto3.client("sqs", **ACCESS)
    events = boto3.client("events", **ACCESS)
    queue = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["probe"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn, "InputPath": "$.detail"}])
    print("path:", events.list_targets_by_rule(Rule="all")["Targets"][0]["InputPath"])
    detail = '{"price": 19.90, "total": 12345678901234567.891}'
    events.put_events(Entries=[{"Source": "probe", "DetailType": "probe", "Detail": detail}])
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"], parse_float=str)
    print("keys:", *sorted(body))
    print("detail:", *body.get("detail", {}).values())
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
path: $.detail
keys: detail detail-type id region resources source time version
detail: 19.9 1.2345678901234568e+16
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
