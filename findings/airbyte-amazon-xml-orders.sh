#!/usr/bin/env bash
# Airbyte's Amazon connector: the stream of the XML report of all orders has no orders, and says that all is well
#
# Versions:  airbyte-source-amazon-seller-partner 4.6.4
# Run:       the decoder that manifest.yaml names for GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL, on a report
#            with two orders in the form of that report (<Message><Order>), and on one in the form of order reports
#            (<Message><OrderReport>).
# Guess:     the stream gives a record for each order, as those of the flat files do.
# Seen:      the decoder looks for OrderReport alone. For a report of all orders it gives one empty record for each
#            order; as they have no cursor and no key, none arrives, and the stream ends with COMPLETE.
# Who is hurt: those who select this stream. It costs a report and a download in each sync, the table stays empty,
#            and no message says why. Other languages' letters are lost as well: the decoders take all documents
#            for ISO-8859-1, and most are UTF-8.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check airbyte-source-amazon-seller-partner==4.6.4 2>pip.log ||
    { cat pip.log; exit 1; }

cat >probe.py <<'PY'
from types import SimpleNamespace

from source_amazon_seller_partner.components import GzipXmlDecoder


def show(element):
    message = "<Message><{0}><AmazonOrderID>{1}</AmazonOrderID><City>Köln</City></{0}></Message>"
    messages = "".join(message.format(element, number) for number in ("302-1", "302-2"))
    content = f'<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope>{messages}</AmazonEnvelope>'
    decoder = GzipXmlDecoder(parameters={})
    print(element, list(decoder.decode(SimpleNamespace(content=content.encode()))))


show("Order")
show("OrderReport")
PY
venv/bin/python probe.py >seen 2>log || { cat log; exit 1; }

cat >expected <<'TEXT'
Order [{}, {}]
OrderReport [{'AmazonOrderID': '302-1', 'City': 'KÃ¶ln'}, {'AmazonOrderID': '302-2', 'City': 'KÃ¶ln'}]
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
