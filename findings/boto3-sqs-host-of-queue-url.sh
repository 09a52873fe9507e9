#!/usr/bin/env bash
# boto3 asks the region of the client for a queue, even if the URL of the queue names another one
#
# Versions:  boto3 1.44.5, botocore 1.44.5
# Run:       receive_message with the URL of a queue in eu-west-1, by a client that was made for us-east-1. A
#            handler looks at the request and ends it before anything is sent.
# Guess:     a URL says where to send a request; early botocore sent it there, and the URL is the only name that
#            SQS's calls take. So the request goes to sqs.eu-west-1, perhaps with an error about the signature.
# Seen:      it goes to sqs.us-east-1. The whole URL is only a field in its body, with the host of another region.
# Who is hurt: a consumer that is given nothing but a queue URL, as in a setting, and takes the region from the
#            machine. SQS in the wrong region answers that the queue does not exist, though its URL works
#            elsewhere. Where a queue of the same account and name exists in both regions, the wrong one is read.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check boto3==1.44.5 botocore==1.44.5 2>pip.log ||
    { cat pip.log; exit 1; }

cat >probe.py <<'PY'
import json

import boto3

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/events"


class NotSentError(Exception):
    pass


def stop(request, **_):
    print("sent to:", request.url)
    print("queue in the body:", json.loads(request.body)["QueueUrl"])
    raise NotSentError


for region in ("us-east-1", "eu-west-1"):
    sqs = boto3.client("sqs", region_name=region, aws_access_key_id="none", aws_secret_access_key="none")
    sqs.meta.events.register("before-send.sqs", stop)
    print("client of", region)
    try:
        sqs.receive_message(QueueUrl=QUEUE)
    except NotSentError:
        pass
PY
venv/bin/python probe.py >seen

cat >expected <<'TEXT'
client of us-east-1
sent to: https://sqs.us-east-1.amazonaws.com/
queue in the body: https://sqs.eu-west-1.amazonaws.com/123456789012/events
client of eu-west-1
sent to: https://sqs.eu-west-1.amazonaws.com/
queue in the body: https://sqs.eu-west-1.amazonaws.com/123456789012/events
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
