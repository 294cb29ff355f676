import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const visit = (gw, visitor) => gw.request('GET /', { headers: { cookie: `visitor=${visitor}` } });

test('sends a share of the visitors to the candidate', async () => {
  const gw = await host('./plugin.json', { config: { percent: 30 } });
  let candidates = 0;

  for (let i = 0; i < 300; i++) if ((await visit(gw, `v${i}`)).upstream.name === 'candidate') candidates += 1;

  assert.ok(candidates > 60 && candidates < 120, `${candidates} of 300`);
});

test('sends a visitor always to the same, and says which', async () => {
  const gw = await host('./plugin.json', { config: { percent: 50 } });

  for (const visitor of ['ana', 'ben', 'eve']) {
    const [first, second] = [await visit(gw, visitor), await visit(gw, visitor)];
    assert.equal(first.upstream.name, second.upstream.name);
    assert.equal(first.headers.get('x-side'), first.upstream.name === 'candidate' ? 'b' : 'a');
    assert.equal(first.vars['ab-split/side'], first.headers.get('x-side'));
  }
});

test('takes the address of a visitor without a cookie', async () => {
  const gw = await host('./plugin.json', { config: { percent: 50 } });
  const from = (address) => gw.request('GET /', { client: { address } });

  assert.equal((await from('192.0.2.9')).upstream.name, (await from('192.0.2.9')).upstream.name);
});

test('wants a percentage', async () => {
  await assert.rejects(host('./plugin.json', { config: { percent: 101 } }), /percent/);
});
