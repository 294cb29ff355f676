import { definePlugin } from '@penstock/plugin';

export default definePlugin({
  async onRequest(req, ctx) {
    const credential = req.headers.get('authorization') ?? '';
    const ask = async () => {
      const reply = await fetch('http://authz.internal' + ctx.config.path, {
        headers: { authorization: credential, 'x-method': req.method, 'x-path': req.path },
        signal: AbortSignal.timeout(ctx.config.timeoutMs),
      });
      return { status: reply.status, user: reply.headers.get('x-user') };
    };
    let verdict;
    try {
      const key = [credential, req.method, req.path].join('\n');
      verdict = await ctx.cached(key, { ttl: ctx.config.rememberMs, failTtl: 0 }, ask);
    } catch (error) {
      ctx.log.warn('the service did not answer:', error.message);
      return ctx.reject(503, 'auth-unavailable');
    }
    if (verdict.status !== 200) return ctx.reject(verdict.status === 401 ? 401 : 403, 'not-allowed');
    req.headers.delete('x-user');
    if (verdict.user !== null) req.headers.set('x-user', verdict.user);
  },
});
