import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const asking = { authorization: 'Basic x', 'x-user': 'forged' };

function service(answer) {
  const asked = [];
  return { asked, fetch: async (request) => (asked.push(request), answer(request)) };
}

const answering = (answer) => ({ fetch: service(answer).fetch });

test('lets pass whom the service lets pass, and says who it is', async () => {
  const { asked, fetch } = service(() => new Response(null, { headers: { 'x-user': 'ana' } }));
  const gw = await host('./plugin.json', { fetch });

  const r = await gw.request('GET /orders/7', { headers: asking });

  assert.equal(r.status, 200);
  assert.equal(r.upstream.headers.get('x-user'), 'ana');
  assert.equal(asked[0].url, 'http://authz.internal/check');
  assert.equal(asked[0].headers.get('x-path'), '/orders/7');
});

test('never lets a client say itself who it is', async () => {
  const gw = await host('./plugin.json', answering(() => new Response('')));

  assert.equal((await gw.request('GET /', { headers: asking })).upstream.headers.has('x-user'), false);
});

test('remembers a verdict for as long as it is told to', async () => {
  const { asked, fetch } = service(() => new Response(''));
  const gw = await host('./plugin.json', { fetch, config: { rememberMs: 2000 } });

  await gw.request('GET /', { headers: asking });
  await gw.request('GET /', { headers: asking });
  assert.equal(asked.length, 1);

  await gw.tick('2001ms');
  await gw.request('GET /', { headers: asking });
  assert.equal(asked.length, 2);
});

test('refuses whom the service refuses', async () => {
  for (const [answered, status] of [[401, 401], [403, 403], [500, 403]]) {
    const gw = await host('./plugin.json', answering(() => new Response('', { status: answered })));
    assert.equal((await gw.request('GET /', { headers: asking })).status, status);
  }
});

test('refuses while the service does not answer', async () => {
  const gw = await host('./plugin.json', answering(() => {
    throw new Error('refused');
  }));

  const r = await gw.request('GET /', { headers: asking });

  assert.equal(r.status, 503);
  assert.equal(r.log[0].level, 'warn');
});

test('waits no longer than it is told to', async () => {
  const gw = await host('./plugin.json', { ...answering(() => new Promise(() => {})), config: { timeoutMs: 300 } });

  const waiting = gw.request('GET /', { headers: asking });
  await gw.tick('301ms');

  assert.equal((await waiting).status, 503);
});
