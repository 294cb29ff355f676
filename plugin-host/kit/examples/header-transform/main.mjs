import { definePlugin } from '@penstock/plugin';

// "${route}", "${requestId}" and "${client}" in a value are replaced.
const filled = (text, req, ctx) =>
  text.replace(/\$\{(route|requestId|client)\}/g, (all, name) =>
    name === 'route' ? ctx.route : name === 'requestId' ? ctx.requestId : req?.client.address ?? '');

function edit(headers, edits, req, ctx) {
  for (const name of edits.remove ?? []) headers.delete(name);
  for (const [name, value] of Object.entries(edits.set ?? {})) headers.set(name, filled(value, req, ctx));
  for (const [name, value] of Object.entries(edits.add ?? {})) headers.append(name, filled(value, req, ctx));
}

export default definePlugin({
  onRequest(req, ctx) {
    if (ctx.config.request) edit(req.headers, ctx.config.request, req, ctx);
  },
  onResponse(res, ctx) {
    if (ctx.config.response) edit(res.headers, ctx.config.response, null, ctx);
  },
});
