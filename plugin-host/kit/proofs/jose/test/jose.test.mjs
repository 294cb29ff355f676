import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';
// Made by make-keys.mjs: a host of plugins makes no keys.
import { EC, RSA } from '../keys.mjs';

const ISSUER = 'https://login.example';
const NOW = '2026-01-01T00:00:00Z';
const ALGORITHMS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
};
const KEYS = { RS256: { kid: 'r1', jwk: RSA }, ES256: { kid: 'e1', jwk: EC } };

const base64url = (text) => btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

async function token(alg, claims = {}, kid = KEYS[alg].kid) {
  const seconds = Date.parse(NOW) / 1000;
  const all = { iss: ISSUER, aud: 'shop', sub: 'ana', scope: 'orders', iat: seconds, exp: seconds + 600, ...claims };
  const signed = base64url(JSON.stringify({ alg, kid })) + '.' + base64url(JSON.stringify(all));
  const key = await crypto.subtle.importKey('jwk', KEYS[alg].jwk, ALGORITHMS[alg], false, ['sign']);
  const signature = await crypto.subtle.sign(ALGORITHMS[alg], key, new TextEncoder().encode(signed));
  return signed + '.' + base64url(String.fromCharCode(...new Uint8Array(signature)));
}

function published({ kid, jwk: { kty, n, e, crv, x, y } }, alg) {
  return Object.fromEntries(Object.entries({ kid, alg, use: 'sig', kty, n, e, crv, x, y }).filter(([, value]) => value !== undefined));
}

function issuer() {
  const asked = [];
  const jwks = { keys: Object.entries(KEYS).map(([alg, key]) => published(key, alg)) };
  return { asked, fetch: async (request) => (asked.push(request.url), Response.json(jwks)) };
}

const gateway = (fetch) => host('./plugin.json', { config: { issuer: ISSUER, audience: 'shop' }, now: NOW, fetch });
const offered = (gw, text) => gw.request('GET /orders/7', { headers: { authorization: `Bearer ${text}` } });

for (const alg of ['RS256', 'ES256']) {
  test(`knows who calls by a token of ${alg} and a key from afar`, async () => {
    const { asked, fetch } = issuer();
    const gw = await gateway(fetch);

    const r = await offered(gw, await token(alg));

    assert.equal(r.status, 200, JSON.stringify(r.fault ?? r.body));
    assert.equal(r.consumer.subject, 'ana');
    assert.equal(r.consumer.claims.scope, 'orders');
    assert.deepEqual(asked, ['https://login.example/jwks.json']);
  });
}

test('fetches the keys once', async () => {
  const { asked, fetch } = issuer();
  const gw = await gateway(fetch);

  for (let i = 0; i < 3; i++) assert.equal((await offered(gw, await token('ES256'))).status, 200);

  assert.equal(asked.length, 1);
});

test('refuses an expired token, and one of another issuer', async () => {
  const gw = await gateway(issuer().fetch);
  const text = await token('RS256');
  await gw.tick('11m');

  assert.equal((await offered(gw, text)).json().reason, 'ERR_JWT_EXPIRED');
  assert.equal((await offered(gw, await token('RS256', { iss: 'https://evil.example' }))).status, 401);
});

test('refuses a token that was changed', async () => {
  const gw = await gateway(issuer().fetch);
  const [head, , signature] = (await token('ES256')).split('.');
  const claims = base64url(JSON.stringify({ iss: ISSUER, aud: 'shop', sub: 'eve', exp: Date.parse(NOW) / 1000 + 600 }));

  const r = await offered(gw, [head, claims, signature].join('.'));

  assert.equal(r.status, 401);
  assert.equal(r.json().reason, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
  assert.equal(r.consumer, null);
});

test('refuses a token of a key that nobody publishes', async () => {
  const gw = await gateway(issuer().fetch);

  assert.equal((await offered(gw, await token('ES256', {}, 'e2'))).json().reason, 'ERR_JWKS_NO_MATCHING_KEY');
});
