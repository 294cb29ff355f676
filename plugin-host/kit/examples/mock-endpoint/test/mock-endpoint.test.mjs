import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

test('lists its notes without an upstream', async () => {
  const gw = await host('./plugin.json', { config: { notes: ['milk'] } });

  const r = await gw.request('GET /notes');

  assert.equal(r.status, 200);
  assert.deepEqual(r.json(), ['milk']);
  assert.equal(r.headers.get('content-type'), 'application/json');
  assert.equal(r.upstream, null);
});

test('takes a note', async () => {
  const gw = await host('./plugin.json');

  const r = await gw.request('POST /notes', { body: '{"text": "bread"}', requestId: 'n1' });

  assert.equal(r.status, 201);
  assert.equal(r.headers.get('location'), '/notes/n1');
  assert.deepEqual(r.json(), { id: 'n1', text: 'bread' });
});

test('refuses a note without a text', async () => {
  const gw = await host('./plugin.json');

  assert.equal((await gw.request('POST /notes', { body: '{}' })).status, 422);
});

test('has nothing anywhere else', async () => {
  const gw = await host('./plugin.json');

  assert.equal((await gw.request('GET /else')).status, 404);
});
