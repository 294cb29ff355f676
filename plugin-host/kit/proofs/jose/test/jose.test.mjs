import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const ISSUER = 'https://login.example';
const NOW = '2026-01-01T00:00:00Z';
// Two keys of nobody, made for this test: RFC 7517's shape, private parts included.
const RSA = {
  kty: 'RSA',
  n: 'rITZTFbLmv5GpNLSL_UHBKlF16cbfpmBrPhs8Jhlz2T3H5iXG7fS8k1OoaKKxvta73rUTSeIi2uU1fjO8VwyeGxFVSsNr13K9hT9wk_L4ADkpt'
    + 'QRXkxhv7S07S2gSTKLWz3lAZxuIH2z0OrrTwBmcHGMA-NTWhe1ma8jvTZ9_KJYIwFfWGOX-_51sd4bdfVm7q3AHe06z8ihNp4Z_IsQQF23XEHa'
    + 'VeI2G83tBEwcZJVXeGAJ4KIj_7N77-niCfg_iwxusHw81Sb7x2l5acYvDpCZG6MKN5xcfKzvMFlA9QiPg97q9a8BmCgr6qdIiUTrDC0pY5Syyi'
    + 'b8psFhaD4cuw',
  e: 'AQAB',
  d: 'D4r-it6tBF9RXQszbaetRLG9faLsGrlY0g0lv31zer51d07HmnMy2aq2YWCkES5XMIlH9FWR-0GrjKWYe21bjLbwfi5dUsXoAci9XhLTYvChqR'
    + 'glInJOQjfVLyMztDSOEp_ecIk38MxydWmc3qbCE_Je84C5Iz5MmbaKSUNOEYMm_yp3c2qNMVRdRmmNR6pG5ZUJ7a1Um47AoWoeJg4opGn5M1UZ'
    + 'OkG2d82lU3NcxNhW8RmwYnygwGENs2ylcqfMjjJcFiA3eKCvsPALjrs4g07-3I-ITLPs0dX7ZBBddlz6Qx58g9LSa0pPHKjFooOd9PVjC3UV8D'
    + 'Xj5TJg9jWqkQ',
  p: '1aXL64A_R1CD8FWk4_HgZCF-CIKIOjE1gvtxJa1mZ7frpG17Hiil0dmqDJERyxgcmT6uKrQbaNEijWJ9QodgtCu2UcyxtKmsA-MkEx_NaNFtEu'
    + 'V2CWrqB8rYTmkYwzgHHQMGtKyuJOA37FKQbLeIvkmneiFzAbYy__qm20aXWVE',
  q: 'zrfZtF0_PCVD6JeFeRr2DTEKMQSs2pmz_vxBEbKRj9wef7OaYOUzg_OSoEGZCuZnto3Hko4OiTD1jzY9kJqfYgKfIpH2utxTZDaS20v_WqBGDP'
    + 'C5DTB-fzHUDfhoSqHpCDA2Pz8gBnHMjGFbPb_yp2QkLNOF2bC9EjH0qqfbUks',
  dp: '0y-2aS42XroaEaG3ApN_abspqCPPoSYvbTA7YjELfw7w4XJPNzqa3tq4Gv_zhLxq2Jh69T9fsLa53uQySWckkjR7XlRmfN0TaixG5piTJT-PAB'
    + 'TOHvUOLXG3a5q7nY1uiqEJKeNfqJfy76mVlcG-a8rGwBT8Z_7AXwRXl30p8mE',
  dq: 'Q4Qe0d8G0UEmnegnSve4V3Sl7H6najp7ZJPFON-G1WLCf1kM2griOX2rbTYfo0S_qQtDnKVTMBHSkjTYBMvLtLpAeY0M9dkST4_XhVKcE2B3oL'
    + 'Ba8GjfV_HRXcK9ZWrebrM4dI3Miu5OLad6on935J47hnyLoh8ska3JSJfMdWM',
  qi: 'upezRWKhvaS30oeuKBRzKZVIHnBuTOHf0s9A9KY2GZe0PWjxDwtvKhQTakHguu-e8ZS8MF-5vF_mlR5iTeRxXFHVnv6B0AWVGf5Y_nl1GZFFa-'
    + 'ALOxfJ2ZA3EeLjfpeIsIycqIjQ2kZ29Z6VM2LDyPuVrFTDdBelF-lPGbPWThg',
};
const EC = {
  kty: 'EC',
  crv: 'P-256',
  x: 'Cz3DHXhfsm30yFCVD2QG-hIgAEPMnHiY32HhkWzyJW4',
  y: 'C5kfVS7g0pLRVtYw3w9wQvikf9ljReK0gb9LlGQLbR8',
  d: '8_fBJNSI_5yuUkod55b1-EynMVEuNRI49OBV9sTvXnk',
};
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
