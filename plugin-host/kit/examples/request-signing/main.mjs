import { definePlugin } from '@penstock/plugin';

const hex = (buffer) => Array.from(new Uint8Array(buffer), (octet) => octet.toString(16).padStart(2, '0')).join('');

export default definePlugin({
  async setup(config) {
    const raw = new TextEncoder().encode(config.secret);
    return { key: await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']) };
  },
  async onRequest(req, ctx) {
    const date = new Date().toUTCString();
    const query = String(req.query);
    const target = query === '' ? req.path : `${req.path}?${query}`;
    const signed = [req.method, target, req.host, date].join('\n');
    const signature = await crypto.subtle.sign('HMAC', ctx.state.key, new TextEncoder().encode(signed));
    req.headers.set('x-date', date);
    req.headers.set('x-signature', `keyId="${ctx.config.keyId}",algorithm="hmac-sha256",signature="${hex(signature)}"`);
  },
});
