export default {
  onRequest(req, ctx) {
    if (req.headers.get('authorization') !== 'Bearer let-me-in') return ctx.reject(401, 'no-token');
    req.headers.set('x-guarded', ctx.route);
  },
  onResponse(res) {
    res.headers.set('x-guard', 'passed');
  },
};
