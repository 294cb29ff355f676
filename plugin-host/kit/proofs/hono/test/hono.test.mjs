import assert from 'node:assert/strict';
import { test } from 'node:test';
import { host } from '@penstock/plugin-test';

const gateway = () => host('./plugin.json');

test('routes, parses and answers', async () => {
  const gw = await gateway();

  const made = await gw.request('POST /api/notes', { headers: { 'content-type': 'application/json' }, body: '{"text": "milk"}' });
  assert.equal(made.status, 201, JSON.stringify(made.fault));
  assert.equal(made.headers.get('location'), '/api/notes/1');

  const read = await gw.request('GET /api/notes/1');
  assert.equal(read.status, 200, JSON.stringify(read.fault));
  assert.deepEqual(read.json(), { id: 1, text: 'milk' });
  assert.equal(read.upstream, null);
});

test('answers 304 to whoever has it already: middleware reads the body and hands it on', async () => {
  const gw = await gateway();
  await gw.request('POST /api/notes', { headers: { 'content-type': 'application/json' }, body: '{"text": "milk"}' });

  const first = await gw.request('GET /api/notes/1');
  assert.match(first.headers.get('etag'), /^"[0-9a-f]+"$/);
  assert.equal(first.json().text, 'milk');
  const again = await gw.request('GET /api/notes/1', { headers: { 'if-none-match': first.headers.get('etag') } });
  assert.equal(again.status, 304);
  assert.equal(again.body, '');
});

test('answers a preflight', async () => {
  const gw = await gateway();

  const r = await gw.request('OPTIONS /api/notes', {
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  });

  assert.equal(r.status, 204, JSON.stringify(r.fault));
  assert.equal(r.headers.get('access-control-allow-origin'), 'https://shop.example');
});

test('reads forms, queries and cookies', async () => {
  const gw = await gateway();

  const form = await gw.request('POST /api/form', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'a=1&b=two%20words',
  });
  assert.deepEqual(form.json(), { a: '1', b: 'two words' });
  const search = await gw.request('GET /api/search?q=gate&tag=a&tag=b');
  assert.deepEqual(search.json(), { q: 'gate', tags: ['a', 'b'] });
  const visit = await gw.request('GET /api/visits', { headers: { cookie: 'visits=4' } });
  assert.equal(visit.body, '<p>5</p>');
  assert.match(visit.headers.get('set-cookie'), /^visits=5; Path=\/; HttpOnly$/);
});

test('has answers of its own for what is missing and what fails', async () => {
  const gw = await gateway();

  const missing = await gw.request('GET /api/else');
  assert.equal(missing.status, 404);
  assert.equal(missing.body, 'nothing here');
  const broken = await gw.request('GET /api/broken');
  assert.equal(broken.status, 500);
  assert.deepEqual(broken.json(), { error: 'not today' });
});
