// Mints ID tokens with jose. Reads [{alg, secret, claims}] from stdin and prints
// one line of JSON, the tokens in the same order. alg "none" is unsecured.

import {text} from 'node:stream/consumers';

import {SignJWT, UnsecuredJWT} from 'jose';

const mint = ({alg, secret, claims}) =>
  alg === 'none'
    ? new UnsecuredJWT(claims).encode()
    : new SignJWT(claims).setProtectedHeader({alg, typ: 'JWT'}).sign(new TextEncoder().encode(secret));

const wanted = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await Promise.all(wanted.map(mint))));
