import { definePlugin } from '@penstock/plugin';

// FNV-1a: equal over all workers and restarts, and cheap.
function share(key) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  return ((hash >>> 0) % 10000) / 100;
}

export default definePlugin({
  onRequest(req, ctx) {
    const visitor = req.cookies[ctx.config.cookie] ?? req.client.address;
    const isCandidate = share(visitor) < ctx.config.percent;
    if (isCandidate) ctx.upstream.use('candidate');
    ctx.vars.set('side', isCandidate ? 'b' : 'a');
  },
  onResponse(res, ctx) {
    res.headers.set('x-side', ctx.vars.get('ab-split/side') ?? 'a');
  },
});
