#!/usr/bin/env bash
# amazon-sp-api (npm) pauses between retries only if debug_log is on
#
# Versions:  amazon-sp-api 1.2.1
# Run:       download() of a document, while every connection is reset (the error is given to the client in place of
#            a request), for three seconds: once with the default options, once with "debug_log: true".
# Guess:     retry_remote_timeout, which is on by default, tries again after ten seconds or the restore rate, as the
#            comment in lib/Request.js says. A setting for the log changes what is logged.
# Seen:      the pause stands inside "if (debug_log)". Without it, the client tries again at once, thousands of times
#            in a second, without a limit and without a word. With it, it pauses ten seconds.
# Who is hurt: those whose network or name server fails for a moment: one core is busy, each call is sent to Amazon
#            in a tight loop as soon as the network is back, and whoever turns on the log to see why sees it go away.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >npm.log
npm install --silent --no-audit --no-fund amazon-sp-api@1.2.1 >>npm.log 2>&1 || { cat npm.log; exit 1; }

cat >probe.js <<'JS'
const https = require('node:https');
const {EventEmitter} = require('node:events');

let attempts = 0;
https.request = () => {
  attempts += 1;
  const request = Object.assign(new EventEmitter(), {write() {}, end() {}, destroy() {}});
  setImmediate(() => request.emit('error', Object.assign(new Error('reset'), {code: 'ECONNRESET'})));
  return request;
};
console.dir = () => {};
const say = console.log;
console.log = () => {};

const {SellingPartner} = require('amazon-sp-api');
const client = new SellingPartner({
  region: 'eu',
  refresh_token: 'none',
  credentials: {SELLING_PARTNER_APP_CLIENT_ID: 'none', SELLING_PARTNER_APP_CLIENT_SECRET: 'none'},
  options: {debug_log: process.argv[2] === 'debug_log'}
});
client.download({url: 'https://127.0.0.1/document'});
setTimeout(() => {
  say(process.argv[2], attempts > 100 ? 'more than 100 attempts' : `${attempts} attempt`);
  process.exit();
}, 3000);
JS
{
    node probe.js default
    node probe.js debug_log
} >seen

cat >expected <<'TEXT'
default more than 100 attempts
debug_log 1 attempt
TEXT

if diff expected seen >difference; then echo "as described"; else echo "changed:"; cat difference; exit 1; fi
