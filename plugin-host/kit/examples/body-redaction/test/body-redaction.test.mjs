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

test('leaves order numbers and parts of words alone', async () => {
  const text = 'order 4111111111111112, ref x4111111111111111, 4111111111111111_a';
  const gw = await answering('text/plain', text);

  assert.equal((await gw.request('GET /receipt')).body, text);
});
