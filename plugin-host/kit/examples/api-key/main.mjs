import { definePlugin } from '@penstock/plugin';

const hex = (bytes) => Array.from(new Uint8Array(bytes), (octet) => octet.toString(16).padStart(2, '0')).join('');
const digest = async (key) => hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));

export default definePlugin({
  async authenticate(req, ctx) {
    const key = req.headers.get(ctx.config.header);
    if (key === null) return ctx.pass();
    const name = await digest(key);
    const keys = ctx.kv('keys');
    const consumer = keys.peek(name) ?? (await keys.get(name));
    if (consumer === undefined) return ctx.reject(401, 'unknown-key', { challenge: 'ApiKey' });
    req.headers.delete(ctx.config.header);
    ctx.identify({ consumer });
  },

  // Runs where `filters` name the plugin, on a route of the operator: makes a key and shows it once.
  async fetch(req, env, ctx) {
    const { consumer } = await req.json();
    if (typeof consumer !== 'string' || consumer === '') return Response.json({ error: 'consumer is missing' }, { status: 422 });
    const key = hex(crypto.getRandomValues(new Uint8Array(24)));
    await ctx.kv('keys').put(await digest(key), consumer);
    return Response.json({ consumer, key }, { status: 201 });
  },
});
