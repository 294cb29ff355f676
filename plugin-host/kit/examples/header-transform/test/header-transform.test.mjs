import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const config = {
  request: { set: { 'x-route': '${route} ${client}' }, add: { via: 'one' }, remove: ['x-token'] },
  response: { add: { via: 'gate ${requestId}' }, remove: ['server'] },
};

test('edits what goes to the endpoint', async () => {
  const gw = await host('./plugin.json', { config });

  const r = await gw.request('GET /orders/7', { headers: { 'X-Token': 'secret', via: 'zero' }, route: 'orders' });

  assert.equal(r.upstream.headers.get('x-route'), 'orders 192.0.2.1');
  assert.equal(r.upstream.headers.get('via'), 'zero, one');
  assert.equal(r.upstream.headers.has('x-token'), false);
});

test('edits what goes to the client', async () => {
  const gw = await host('./plugin.json', { config, upstream: { headers: { server: 'x/1' }, body: 'hello' } });

  const r = await gw.request('GET /orders/7', { requestId: 'r-9' });

  assert.equal(r.headers.get('via'), 'gate r-9');
  assert.equal(r.headers.get('server'), null);
  assert.equal(r.body, 'hello');
});

test('refuses settings that are misspelt', async () => {
  await assert.rejects(host('./plugin.json', { config: { requests: {} } }), /requests|additionalProperties/);
});
