import { definePlugin } from '@penstock/plugin';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { getCookie, setCookie } from 'hono/cookie';
import { etag } from 'hono/etag';
import type { Config } from '../config';

interface Note {
  id: number;
  text: string;
}

const app = new Hono<{ Bindings: { config: Readonly<Config> } }>().basePath('/api');
const notes = new Map<number, Note>();

app.use('*', (c, next) => cors({ origin: c.env.config.origin })(c, next));
app.use('/notes/*', etag());
app.onError((error, c) => c.json({ error: error.message }, 500));
app.notFound((c) => c.text('nothing here', 404));

app.get('/notes/:id{[0-9]+}', (c) => {
  const note = notes.get(Number(c.req.param('id')));
  return note === undefined ? c.notFound() : c.json(note);
});
app.post('/notes', async (c) => {
  const { text } = await c.req.json<{ text: string }>();
  const note = { id: notes.size + 1, text };
  notes.set(note.id, note);
  c.header('location', `/api/notes/${note.id}`);
  return c.json(note, 201);
});
app.post('/form', async (c) => c.json(await c.req.parseBody()));
app.get('/visits', (c) => {
  const visits = Number(getCookie(c, 'visits') ?? '0') + 1;
  setCookie(c, 'visits', String(visits), { path: '/', httpOnly: true });
  return c.html(`<p>${visits}</p>`);
});
app.get('/search', (c) => c.json({ q: c.req.query('q'), tags: c.req.queries('tag') }));
app.get('/broken', () => {
  throw new Error('not today');
});

export default definePlugin<Config>({
  fetch: (req, env) => app.fetch(req as unknown as Request, env),
});
