#!/usr/bin/env bash
# moto lets an outdated receipt handle delete a message that somebody else holds
#
# Versions:  moto 5.2.5, boto3 1.44.8
# Run:       a message is received, not deleted in time, and received again, as by a second consumer. Then the
#            first consumer deletes with its old handle while the second one is still at work.
# Guess:     Amazon's description of DeleteMessage: only the handle of the latest receipt deletes; with an older
#            one the request succeeds and the message stays.
# Seen:      the message is deleted. After the visibility time nothing comes back, though the second consumer
#            failed.
# Who is hurt: tests of consumers that delete late (after a flush, after a commit, in the next run). Against moto
#            a consumer that keeps handles too long passes; against SQS it gets each message again and again.
#            And a message that such a test loses would not be lost at SQS. Nothing about late deletes is proven
#            on moto.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check 'moto[sqs]==5.2.5' boto3==1.44.8 2>pip.log ||
    { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import time

import boto3
from moto import mock_aws

VISIBLE_AGAIN = 1.2  # seconds; the queue hides a received message for one


with mock_aws():
    sqs = boto3.client("sqs", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none")
    queue = sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]

    def receive():
        return sqs.receive_message(QueueUrl=queue).get("Messages", [])

    sqs.send_message(QueueUrl=queue, MessageBody="event")
    [first] = receive()
    time.sleep(VISIBLE_AGAIN)
    [second] = receive()
    print("handles differ:", first["ReceiptHandle"] != second["ReceiptHandle"])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    time.sleep(VISIBLE_AGAIN)
    print("messages left:", len(receive()))
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
handles differ: True
messages left: 0
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
