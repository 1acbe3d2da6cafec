// A small app on the official library. It logs merchants in at /auth, checks
// webhooks at /webhooks, and makes the calls that are posted to /calls/{name}.
// Every answer that is not the library's own is one line of JSON: {"result": …}
// or {"error": {name, message, status, body}}. The first line on stdout is the
// app's address; the end of stdin ends the process.

import {createServer} from 'node:http';
import {text} from 'node:stream/consumers';

import {calls} from './calls.mjs';
import {library} from './library.mjs';

const server = createServer(async (rawRequest, rawResponse) => {
  try {
    const result = await answer(rawRequest, rawResponse);
    if (!rawResponse.writableEnded) send(rawResponse, 200, {result});
  } catch (error) {
    const {name} = error.constructor;
    const {code: status, body, retryAfter} = error.response ?? {};
    send(rawResponse, 500, {error: {name, message: error.message, status, body, retryAfter}});
  }
});

function send(rawResponse, status, line) {
  rawResponse.writeHead(status, {'Content-Type': 'application/json'});
  rawResponse.end(JSON.stringify(line) + '\n');
}

async function answer(rawRequest, rawResponse) {
  const url = new URL(rawRequest.url, 'http://app');
  const [, first, second] = url.pathname.split('/');
  const expiring = url.pathname.endsWith('/expiring');
  switch (first) {
    case 'auth': {
      const callbackPath = expiring ? '/callback/expiring' : '/callback';
      const isOnline = url.searchParams.has('online');
      return shopify.auth.begin({shop: url.searchParams.get('shop'), callbackPath, isOnline, rawRequest, rawResponse});
    }
    case 'callback':
      return shopify.auth.callback({expiring, rawRequest, rawResponse});
    case 'webhooks': {
      const check = await shopify.webhooks.validate({rawBody: await text(rawRequest), rawRequest, rawResponse});
      return send(rawResponse, check.valid ? 200 : 401, {result: check});
    }
    case 'calls':
      return call[second](JSON.parse(await text(rawRequest)));
  }
  throw new Error(`no route for ${url.pathname}`);
}

let shopify;
let call;
server.listen(0, '127.0.0.1', () => {
  const {port} = server.address();
  shopify = library(`127.0.0.1:${port}`);
  call = calls(shopify);
  console.log(JSON.stringify({address: `http://127.0.0.1:${port}`}));
});
process.stdin.on('end', () => process.exit()).resume();
