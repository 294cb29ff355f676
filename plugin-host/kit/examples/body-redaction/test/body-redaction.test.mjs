import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const answering = (type, ...body) => host('./plugin.json', { upstream: { headers: { 'content-type': type }, body } });

test('blanks a card number that two parts share', async () => {
  const gw = await answering('text/plain', 'paid with 411111111111', '1111, order 4111111111111112 ü');

  const r = await gw.request('GET /receipt');

  assert.equal(r.body, 'paid with ****************, order 4111111111111112 ü');
});

test('leaves other kinds of bodies alone', async () => {
  const gw = await answering('image/png', '4111111111111111');

  assert.equal((await gw.request('GET /receipt')).body, '4111111111111111');
});

test('asks the endpoint for a body it can read', async () => {
  const gw = await answering('text/plain', 'x');

  assert.equal((await gw.request('GET /receipt')).upstream.headers.get('accept-encoding'), 'identity');
});
