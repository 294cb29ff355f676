import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const config = { rename: { user: 'customer' }, remove: ['debug'] };
const json = { 'content-type': 'application/json' };

test('renames and removes members', async () => {
  const gw = await host('./plugin.json', { config });

  const r = await gw.request('POST /orders', { headers: json, body: '{"user": 7, "debug": true, "items": [1]}' });

  assert.deepEqual(r.upstream.json(), { items: [1], customer: 7 });
});

test('leaves a body alone that is no JSON by its type', async () => {
  const gw = await host('./plugin.json', { config });

  const r = await gw.request('POST /orders', { headers: { 'content-type': 'text/plain' }, body: '{"debug": 1}' });

  assert.equal(r.upstream.body, '{"debug": 1}');
});

test('refuses what calls itself JSON and is none', async () => {
  const gw = await host('./plugin.json', { config });

  const r = await gw.request('POST /orders', { headers: json, body: '{' });

  assert.equal(r.status, 400);
  assert.equal(r.json().reason, 'bad-json');
  assert.equal(r.upstream, null);
});

test('fails on a body over its bound rather than let it pass', async () => {
  const gw = await host('./plugin.json', { config });

  const r = await gw.request('POST /orders', { headers: json, body: `"${'x'.repeat(262144)}"` });

  assert.equal(r.status, 500);
  assert.equal(r.fault.code, 'threw');
  assert.match(r.log[0].text, /limits\.bodyBytes/);
});
