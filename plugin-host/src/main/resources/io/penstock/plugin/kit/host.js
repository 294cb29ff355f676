// @penstock/plugin-test in Penstock's own host: the plugin runs in a context of its own, as in a gateway, and this driver asks the host
// to call its hooks.
import { bridge } from '@penstock/bridge';
import { fromBase64, gateway, milliseconds, pairsOf, toBase64 } from '@penstock/gateway';

const OPTIONS = ['config', 'kv', 'now', 'fetch', 'upstream', 'limits', 'secrets', 'route', 'place'];
const fetches = new Map();

const ask = (what, question) =>
  new Promise((resolve, reject) =>
    bridge.ask(what, JSON.stringify(question), (text) => resolve(JSON.parse(text)), (why) => reject(new Error(why))));

async function answer(fetch, { method, url, headers, body }) {
  if (fetch === undefined) throw new Error(`the test has no fetch for ${url}`);
  const hasBody = body !== '' && method !== 'GET' && method !== 'HEAD';
  const response = await fetch(new Request(url, { method, headers, body: hasBody ? fromBase64(body) : undefined }));
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: pairsOf(response.headers), body: toBase64(bytes) };
}

bridge.onFetch((of, id, text) => {
  answer(fetches.get(of), JSON.parse(text)).then(
    (reply) => bridge.fetched(of, id, JSON.stringify(reply)),
    (error) => bridge.fetched(of, id, JSON.stringify({ fault: String(error?.message ?? error) })));
});

export async function host(manifest, options = {}) {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`host has no option "${name}"; it has ${OPTIONS.join(', ')}`);
  }
  const now = options.now === undefined ? Date.now() : new Date(options.now).getTime();
  const limits = Object.fromEntries(Object.entries(options.limits ?? {}).map(([name, { permits, per = '1s' }]) =>
    [name, { permits, periodMs: milliseconds(per) }]));
  const { config = {}, kv = {}, secrets = {}, place } = options;
  const { id, hooks } = await ask('open', { manifest: String(manifest), config, kv, secrets, limits, now, place });
  fetches.set(id, options.fetch);
  const driver = {
    hooks,
    begin: async (exchange) => (await ask('begin', { gateway: id, exchange })).handle,
    step: (handle, name, input) => ask('step', { gateway: id, handle, name, input }),
    finish: (handle) => ask('finish', { gateway: id, handle }),
    store: async (namespace, what, key, value, ttlMs) =>
      (await ask('store', { gateway: id, namespace, what, key, value, ttlMs })).value,
    tick: (ms) => ask('tick', { gateway: id, ms }),
    now: () => bridge.now(id),
    log: () => JSON.parse(bridge.log(id)),
    close: () => {},
  };
  return gateway(driver, options);
}
