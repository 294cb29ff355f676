import { definePlugin } from '@penstock/plugin';

export default definePlugin({
  async fetch(req, env, ctx) {
    if (req.method === 'GET' && req.path.endsWith('/notes')) return Response.json(env.config.notes);
    if (req.method === 'POST' && req.path.endsWith('/notes')) {
      const note = await req.json();
      if (typeof note.text !== 'string') return Response.json({ error: 'a note has a text' }, { status: 422 });
      return Response.json({ id: ctx.requestId, text: note.text }, { status: 201, headers: { location: `/notes/${ctx.requestId}` } });
    }
    return Response.json({ error: `nothing at ${req.path}` }, { status: 404 });
  },
});
