#!/usr/bin/env bash
# Amazon's SDK for JavaScript: calls over the rate fail at once, and who tries again each second never gets through
#
# Versions:  @amazon-sp-api-release/amazon-sp-api-sdk-js 1.12.0, bottleneck 2.19.5, which it limits rates with
# Run:       getCatalogItem, two per second with a burst of two, on a small server: two calls, then one that tries
#            again every second for ten seconds, then one after a pause of six seconds. The limiter is on by default.
# Guess:     the limiter waits until a call is allowed, or at least allows two calls in each second. Its comment says
#            "wait for rate limiting", the README that it protects calls from 429 errors.
# Seen:      a call that finds no token is not sent and fails with "This job has been dropped by Bottleneck". From
#            then on all calls of this operation fail until nobody has called it for five seconds: Bottleneck's
#            strategy BLOCK begins its penalty anew with each call. The server has seen three requests in 16 s.
# Who is hurt: those who loop over ASINs or orders, the usual code. The third call fails though Amazon would have
#            taken it a moment later, the message names no rate of Amazon's, and the usual remedy, to try again
#            after a second, keeps the limiter blocked for ever.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >npm.log
npm install --silent --no-audit --no-fund --ignore-scripts @amazon-sp-api-release/amazon-sp-api-sdk-js@1.12.0 \
    bottleneck@2.19.5 >>npm.log 2>&1 || { cat npm.log; exit 1; }

cat >probe.mjs <<'JS'
import http from 'node:http';
import {setTimeout as pause} from 'node:timers/promises';
import {CatalogitemsSpApi} from '@amazon-sp-api-release/amazon-sp-api-sdk-js';

let requests = 0;
const server = http.createServer((request, response) => {
  requests += 1;
  response.setHeader('content-type', 'application/json');
  response.end('{"asin": "B000000000"}');
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const client = new CatalogitemsSpApi.ApiClient(`http://127.0.0.1:${server.address().port}`);
client.applyXAmzAccessTokenToRequest('none');
const api = new CatalogitemsSpApi.CatalogApi(client);
const call = () => api.getCatalogItem('B000000000', ['ATVPDKIKX0DER']).then(() => 'ok', error => error.message);

console.log('1:', await call());
console.log('2:', await call());
console.log('3:', await call());
const retries = [];
for (let second = 0; second < 10; second += 1) {
  await pause(1000);
  retries.push(await call());
}
console.log('each second:', retries.filter(result => result === 'ok').length, 'of', retries.length);
await pause(6000);
console.log('after a pause:', await call());
console.log('requests:', requests);
process.exit();
JS
node probe.mjs >seen

cat >expected <<'TEXT'
1: ok
2: ok
3: Rate limit exceed error: This job has been dropped by Bottleneck
each second: 0 of 10
after a pause: ok
requests: 3
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
