// The official library as an app configures it, connected to the local Shopify.

import '@shopify/shopify-api/adapters/node';
import {ApiVersion, LogSeverity, shopifyApi} from '@shopify/shopify-api';
import {setAbstractFetchFunc} from '@shopify/shopify-api/runtime';
import {Agent, buildConnector, fetch} from 'undici';

const {API_KEY, API_SECRET, EMBEDDED, SCOPES, SHOPIFY_CERTIFICATE, SHOPIFY_PORT} = process.env;

// The library asks for https://{shop}. Only the socket goes elsewhere, as if DNS
// said so: the certificate must still be the shop's, and address, headers and
// body stay as the library made them. Nothing else can be reached.
const connect = buildConnector({ca: SHOPIFY_CERTIFICATE});
const dispatcher = new Agent({
  connect: ({hostname, ...options}, callback) =>
    connect({...options, hostname: '127.0.0.1', port: SHOPIFY_PORT, servername: hostname}, callback),
});
setAbstractFetchFunc((url, init) => fetch(url, {...init, dispatcher}));

// library returns the API object of an app served at host, which is host:port.
export function library(host) {
  return shopifyApi({
    apiKey: API_KEY,
    apiSecretKey: API_SECRET,
    apiVersion: ApiVersion.October26,
    hostName: host,
    hostScheme: 'http',
    isEmbeddedApp: EMBEDDED === '1',
    scopes: SCOPES.split(','),
    logger: {level: LogSeverity.Error, log: () => {}},
  });
}
