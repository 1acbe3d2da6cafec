// What the Go tests may ask the library for, by name. Each takes one object and
// returns what the library does.

import {RequestedTokenType} from '@shopify/shopify-api';

const {OfflineAccessToken, OnlineAccessToken} = RequestedTokenType;

export const calls = (shopify) => ({
  tokenExchange: ({online, ...args}) =>
    shopify.auth.tokenExchange({...args, requestedTokenType: online ? OnlineAccessToken : OfflineAccessToken}),
  refreshToken: (args) => shopify.auth.refreshToken(args),
  clientCredentials: (args) => shopify.auth.clientCredentials(args),
  migrateToExpiringToken: (args) => shopify.auth.migrateToExpiringToken(args),

  decodeSessionToken: ({token}) => shopify.session.decodeSessionToken(token),
  validateHmac: ({query, signator}) => shopify.utils.validateHmac(new URLSearchParams(query), {signator}),

  graphql: async ({session, query}) => (await new shopify.clients.Graphql({session}).request(query)).data,
});
