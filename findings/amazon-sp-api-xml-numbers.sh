#!/usr/bin/env bash
# amazon-sp-api (npm) turns postal codes, SKUs and telephone numbers of XML reports into numbers
#
# Versions:  amazon-sp-api 1.2.1, fast-xml-parser 5.12.1, which it reads XML with
# Run:       download() with "json: true" on a small order report in XML and on the same rows as tab-separated
#            text. The two answers are given to the client in place of a request.
# Guess:     values of XML are text, as they are for the tab-separated report of the same client.
# Seen:      for tab-separated text each value stays text. For XML each value that looks like a number becomes
#            one: postal code 01234 is 1234, SKU 1e3 is 1000, SKU 0x1F is 31, telephone +4930123 is 4930123.
#            Attributes are dropped, so an amount has no currency. One item is an object, two are an array.
# Who is hurt: those who join orders to their catalogue by SKU, print labels, or add up amounts of several
#            currencies. Most SKUs hold other letters and come out right, so the loss shows on few rows.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >npm.log
npm install --silent --no-audit --no-fund amazon-sp-api@1.2.1 fast-xml-parser@5.12.1 >>npm.log 2>&1 || { cat npm.log; exit 1; }

cat >probe.js <<'JS'
const {SellingPartner} = require('amazon-sp-api');

const client = new SellingPartner({
  region: 'eu',
  refresh_token: 'none',
  credentials: {SELLING_PARTNER_APP_CLIENT_ID: 'none', SELLING_PARTNER_APP_CLIENT_SECRET: 'none'}
});

const item = (sku) => `<Item><SKU>${sku}</SKU><Amount currency="EUR">19.90</Amount></Item>`;
const order = (items) => `<Order><PostalCode>01234</PostalCode><Phone>+4930123</Phone>${items}</Order>`;

async function show(type, body) {
  client._request.execute = async () => ({statusCode: 200, headers: {'content-type': type}, chunks: [Buffer.from(body)]});
  console.log(JSON.stringify(await client.download({url: 'https://127.0.0.1/document'}, {json: true})));
}

(async () => {
  await show('text/plain; charset=UTF-8', 'postal-code\tphone\tsku\n01234\t+4930123\t1e3\n');
  await show('text/xml; charset=UTF-8', order(item('1e3')));
  await show('text/xml; charset=UTF-8', order(item('0x1F') + item('MUG-1')));
})();
JS
node probe.js >seen

cat >expected <<'TEXT'
[{"postal-code":"01234","phone":"+4930123","sku":"1e3"}]
{"Order":{"PostalCode":1234,"Phone":4930123,"Item":{"SKU":1000,"Amount":19.9}}}
{"Order":{"PostalCode":1234,"Phone":4930123,"Item":[{"SKU":31,"Amount":19.9},{"SKU":"MUG-1","Amount":19.9}]}}
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
