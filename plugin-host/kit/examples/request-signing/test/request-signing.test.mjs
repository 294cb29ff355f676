import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const SECRET = '0123456789abcdef0123456789abcdef';
const config = { keyId: 'gate', secret: SECRET };

async function signature(text) {
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', utf8.encode(SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const octets = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8.encode(text)));
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

test('signs method, target, host and date', async () => {
  const gw = await host('./plugin.json', { config, now: '2026-01-01T00:00:00Z' });

  const r = await gw.request('GET https://shop.example/orders/7?a=1');

  const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
  assert.equal(r.upstream.headers.get('x-date'), date);
  const signed = await signature(`GET\n/orders/7?a=1\nshop.example\n${date}`);
  assert.equal(r.upstream.headers.get('x-signature'), `keyId="gate",algorithm="hmac-sha256",signature="${signed}"`);
});

test('takes its secret from the gateway', async () => {
  const gw = await host('./plugin.json', { config: { keyId: 'gate', secret: { secret: 'signing' } }, secrets: { signing: SECRET } });

  assert.equal((await gw.request('GET /')).status, 200);
});

test('does not start with a short secret', async () => {
  await assert.rejects(host('./plugin.json', { config: { keyId: 'gate', secret: 'short' } }), /secret/);
});
