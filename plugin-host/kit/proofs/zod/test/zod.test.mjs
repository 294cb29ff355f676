import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const ORDER = { customer: 'ana@shop.example', placed: '2026-01-01T00:00:00Z', callback: 'https://ana.example/', items: [{ sku: 'ABC-1', count: '2' }] };
const sent = (gw, order, headers = {}) => gw.request('POST /orders', { headers, body: JSON.stringify(order), requestId: 'o-1' });

test('lets a good order pass, in its canonical form', async () => {
  const gw = await host('./plugin.json');

  const r = await sent(gw, ORDER);

  assert.equal(r.status, 200, JSON.stringify(r.fault ?? r.body));
  assert.deepEqual(r.upstream.json(), { ...ORDER, items: [{ sku: 'ABC-1', count: 2 }], note: '-' });
});

test('says all that is wrong with a bad one', async () => {
  const gw = await host('./plugin.json');

  const r = await sent(gw, { ...ORDER, customer: 'ana', callback: 'here', items: [{ sku: 'abc', count: 0 }, { sku: 'ABC-1', count: 1 }] });

  assert.equal(r.status, 422);
  const at = r.json().faults.map((fault) => fault.at).sort();
  assert.deepEqual(at, ['callback', 'customer', 'items/0/count', 'items/0/sku']);
});

test('fails with a stack that can be read', async () => {
  const gw = await host('./plugin.json');

  const r = await sent(gw, ORDER, { 'x-surprise': '1' });

  assert.equal(r.status, 500);
  assert.match(r.fault.text, /surprise/);
});
