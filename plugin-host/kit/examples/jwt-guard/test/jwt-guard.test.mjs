import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { host } from '@penstock/plugin-test';

const SECRET = '0123456789abcdef0123456789abcdef';
const NOW = '2026-01-01T00:00:00Z';
const base64url = (text) => btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const config = { issuer: 'https://login.example', audience: 'shop', keys: [{ kty: 'oct', k: base64url(SECRET) }] };

async function token(claims, { secret = SECRET, head = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const all = { iss: 'https://login.example', aud: ['shop'], sub: 'ana', groups: ['staff'], exp: Date.parse(NOW) / 1000 + 600, ...claims };
  const signed = base64url(JSON.stringify(head)) + '.' + base64url(JSON.stringify(all));
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8.encode(signed)));
  return signed + '.' + base64url(String.fromCharCode(...signature));
}

const gateway = () => host('./plugin.json', { config, now: NOW });
const offered = async (gw, text) => gw.request('GET /orders/7', { headers: { authorization: `Bearer ${text}` } });

test('knows who calls', async () => {
  const r = await offered(await gateway(), await token({}));

  assert.equal(r.status, 200);
  assert.equal(r.consumer.subject, 'ana');
  assert.deepEqual(r.consumer.groups, ['staff']);
});

test('refuses a token when its time is over', async () => {
  const gw = await gateway();
  const text = await token({});
  assert.equal((await offered(gw, text)).status, 200);

  await gw.tick('11m');

  const r = await offered(gw, text);
  assert.equal(r.status, 401);
  assert.equal(r.json().detail, 'the token has expired');
});

describe('refuses', () => {
  const refused = async (text) => assert.equal((await offered(await gateway(), text)).status, 401);

  test('a forged token', async () => refused(await token({}, { secret: 'another' + SECRET })));
  test('a token that chooses not to be checked', async () => refused(await token({}, { head: { alg: 'none' } })));
  test('a token of another issuer', async () => refused(await token({ iss: 'https://evil.example' })));
  test('a token for another audience', async () => refused(await token({ aud: 'bank' })));
  test('what is no token', async () => {
    await refused('a.b');
    await refused('%%%.%%%.%%%');
  });
});

test('leaves others without a token to the next', async () => {
  const gw = await gateway();

  const r = await gw.request('GET /');

  assert.equal(r.status, 200);
  assert.equal(r.consumer, null);
});

test('does not start with a key it cannot use', async () => {
  const keys = [{ kty: 'OKP', alg: 'ES999' }];
  await assert.rejects(host('./plugin.json', { config: { ...config, keys } }), /ES999/);
});
