import { definePlugin } from '@penstock/plugin';

export default definePlugin({
  async onRequest(req, ctx) {
    const type = req.headers.get('content-type') ?? '';
    if (!/^application\/(json|[\w.+-]+\+json)\b/i.test(type)) return;
    let body;
    try {
      body = await req.json();
    } catch (error) {
      // A body over the bound is the gateway's to refuse; the rest is no JSON.
      if (error instanceof RangeError) throw error;
      return ctx.reject(400, 'bad-json', { detail: 'the body is no JSON' });
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    for (const name of ctx.config.remove) delete body[name];
    for (const [from, to] of Object.entries(ctx.config.rename)) {
      if (Object.hasOwn(body, from)) {
        body[to] = body[from];
        delete body[from];
      }
    }
    req.setBody(JSON.stringify(body));
  },
});
