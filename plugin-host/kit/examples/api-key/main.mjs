import { definePlugin } from '@penstock/plugin';

const hex = (buffer) => Array.from(new Uint8Array(buffer), (octet) => octet.toString(16).padStart(2, '0')).join('');

export default definePlugin({
  async authenticate(req, ctx) {
    const key = req.headers.get(ctx.config.header);
    if (key === null) return ctx.pass();
    const digest = hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
    const keys = ctx.kv('keys');
    const consumer = keys.peek(digest) ?? (await keys.get(digest));
    if (consumer === undefined) return ctx.reject(401, 'unknown-key', { challenge: 'ApiKey' });
    req.headers.delete(ctx.config.header);
    ctx.identify({ consumer });
  },
});
