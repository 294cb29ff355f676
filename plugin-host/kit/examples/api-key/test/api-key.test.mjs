import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

async function digest(key) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return Array.from(new Uint8Array(hash), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

const gateway = async () => host('./plugin.json', { kv: { keys: { [await digest('k-1')]: 'ana' } } });

test('knows who has a key, and sends the key no further', async () => {
  const gw = await gateway();

  const r = await gw.request('GET /orders/7', { headers: { 'x-api-key': 'k-1' } });

  assert.equal(r.status, 200);
  assert.equal(r.consumer.name, 'ana');
  assert.equal(r.upstream.headers.has('x-api-key'), false);
});

test('refuses a key that the store does not know', async () => {
  const gw = await gateway();

  const r = await gw.request('GET /orders/7', { headers: { 'x-api-key': 'k-2' } });

  assert.equal(r.status, 401);
  assert.equal(r.json().title, 'Unauthorized');
  assert.equal(r.json().reason, 'unknown-key');
  assert.equal(r.headers.get('www-authenticate'), 'ApiKey');
  assert.equal(r.upstream, null);
});

test('leaves others without a key to the next', async () => {
  const gw = await gateway();

  const r = await gw.request('GET /orders/7');

  assert.equal(r.status, 200);
  assert.equal(r.consumer, null);
});

test('forgets a key that is withdrawn within a second', async () => {
  const gw = await gateway();
  await gw.request('GET /', { headers: { 'x-api-key': 'k-1' } });

  await gw.kv('keys').delete(await digest('k-1'));
  await gw.tick('1001ms');

  assert.equal((await gw.request('GET /', { headers: { 'x-api-key': 'k-1' } })).status, 401);
});

test('makes a key where filters name it, and knows it from then on', async () => {
  const gw = await host('./plugin.json', { place: 'filters' });

  const made = await gw.request('POST /keys', { body: '{"consumer": "ben"}' });

  assert.equal(made.status, 201);
  assert.equal(await gw.kv('keys').get(await digest(made.json().key)), 'ben');
});
