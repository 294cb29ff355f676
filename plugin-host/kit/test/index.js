// The driver for Node: loads the plugin into this process and calls its hooks through the gateway's own scripts.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Call, Store, exchangeOf, fieldFault, stateOf } from './exchange.js';
import { fromBase64, gateway, milliseconds, pairsOf, toBase64 } from './gateway.js';
import { Clock, inside, scripts } from './globals.js';
import { settingsOf } from './settings.js';

const LIMITS = { cpuMs: 5, requestCpuMs: 50, wallMs: 5000, memoryMb: 32, bodyBytes: 65536, subrequests: 8 };
const OPTIONS = ['config', 'kv', 'now', 'fetch', 'upstream', 'limits', 'secrets', 'route', 'place'];
const OUTCOMES = ['continue', 'answered', 'waits', 'failed'];
const HEADS = ['authenticate', 'onRequest', 'onUpstreamRequest', 'fetch'];
let loads = 0;

// The plugin at work for one exchange, or for none.
class Entry {
  #plugin;
  #exchange;

  constructor(plugin, exchange) {
    this.#plugin = plugin;
    this.#exchange = exchange;
  }

  get clock() {
    return this.#plugin.clock;
  }

  line(level, text) {
    this.#plugin.line(level, text, this.#exchange?.requestId);
  }

  fetch(...parts) {
    return this.#plugin.fetch(this, this.#exchange, ...parts);
  }
}

class Plugin {
  #binding;
  #realm;
  #fetch;
  #limits;
  #place;
  #windows = new Map();
  #lines = [];
  #body;

  constructor(manifest, options) {
    this.name = manifest.name;
    this.permissions = manifest.permissions ?? {};
    this.limits = { ...LIMITS, ...manifest.limits };
    this.clock = new Clock(options.now);
    this.startMs = options.now;
    this.store = new Store(this.clock);
    this.onFailure = manifest.onFailure ?? 'closed';
    this.#body = manifest.body ?? {};
    this.#fetch = options.fetch;
    this.#limits = options.limits ?? {};
    this.#place = options.place;
    this.counters = {};
    for (const [namespace, entries] of Object.entries(options.kv ?? {})) {
      for (const [key, value] of Object.entries(entries)) this.store.operate('put', namespace, key, JSON.stringify(value), 0);
    }
  }

  line(level, text, requestId = '') {
    this.#lines.push({ level, requestId, text });
  }

  count(name, by) {
    this.counters[name] = (this.counters[name] ?? 0) + by;
  }

  permit(policy, key) {
    const limit = this.#limits[policy];
    if (limit === undefined) return -1;
    const periodMs = milliseconds(limit.per ?? '1s');
    const name = policy + '\0' + key;
    const window = this.#windows.get(name);
    if (window === undefined || this.clock.nowMs >= window.until) {
      if (limit.permits < 1) return periodMs * 1e6;
      this.#windows.set(name, { left: limit.permits - 1, until: this.clock.nowMs + periodMs });
      return 0;
    }
    if (window.left === 0) return (window.until - this.clock.nowMs) * 1e6;
    window.left -= 1;
    return 0;
  }

  async load(entry, config) {
    const { clock } = this;
    this.#realm = scripts({
      nowMs: () => clock.nowMs - this.startMs,
      wallMs: () => this.limits.wallMs,
      log: (level, text) => this.line(level, text),
      background: (text) => this.line('error', text),
    });
    loads += 1;
    // A module of its own for each gateway: what its globals remember is no other test's.
    const entryOfNone = new Entry(this, undefined);
    const module = await inside(entryOfNone, () => import(`${pathToFileURL(entry)}?gateway=${loads}`));
    const found = this.#realm.inspect(module);
    if (found.fault !== '') throw new Error(found.fault);
    // As in a gateway: an entry of auth runs that hook alone, and one of filters all others.
    const isInAuth = (this.#place ?? (found.hooks.includes('authenticate') ? 'auth' : 'filters')) === 'auth';
    this.hooks = found.hooks.filter((hook) => hook !== 'setup' && (hook === 'authenticate') === isInAuth);
    this.#binding = this.#realm.bind(module, loads, JSON.stringify(config));
    if (!found.hooks.includes('setup')) return;
    const fault = await new Promise((done) => inside(entryOfNone, () => this.#realm.setup(this.#binding, done)));
    if (fault !== '') throw new Error('setup failed: ' + fault);
  }

  // Requests of the plugin's own.
  fetch(from, exchange, method, url, flat, data, resolve, reject) {
    const refuse = (why) => {
      queueMicrotask(() => inside(from, () => reject(why)));
      return null;
    };
    let target;
    try {
      target = new URL(url);
    } catch {
      return refuse(`"${url}" is no URL that can be fetched`);
    }
    if (!/^https?:$/.test(target.protocol) || target.username !== '' || target.password !== '') {
      return refuse(`"${url}" is no http or https URL without user and password`);
    }
    const granted = (this.permissions.fetch ?? []).map((origin) => new URL(origin).origin);
    if (!granted.includes(target.origin)) {
      return refuse(`origin ${target.origin} is not granted; add it to permissions.fetch of the manifest`);
    }
    const headers = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const fault = flat[i] === 'host' ? 'header "host" comes from the URL' : fieldFault(flat[i], flat[i + 1]);
      if (fault !== null) return refuse(fault);
      headers.push([flat[i], flat[i + 1]]);
    }
    if (exchange === undefined) return refuse('fetch can be used in hooks only, not while the module loads or is set up');
    exchange.subrequests += 1;
    if (exchange.subrequests > this.limits.subrequests) {
      return refuse(`this exchange has sent its ${this.limits.subrequests} requests (limits.subrequests)`);
    }
    const call = { isCancelled: false, cancel: () => { call.isCancelled = true; } };
    const settle = (task) => {
      if (!call.isCancelled) inside(from, task);
    };
    outside(async () => {
      if (this.#fetch === undefined) throw new Error(`the test has no fetch for ${target.href}`);
      const hasBody = data !== null && method !== 'GET' && method !== 'HEAD';
      const response = await this.#fetch(new Request(target.href, { method, headers, body: hasBody ? data : undefined }));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return [response.status, pairsOf(response.headers).flat(), bytes.buffer];
    }).then(
      (parts) => settle(() => resolve(...parts)),
      (error) => settle(() => reject(`connect-failed: ${error?.message ?? error}`)));
    return call;
  }

  begin(init) {
    return { exchange: exchangeOf(init), micros: 0 };
  }

  async step(handle, step, input) {
    const { exchange } = handle;
    if (step === 'onResponse') {
      const { status, headers, body } = input;
      exchange.response = { status, headers: headers.slice(), body: null, read: fromBase64(body) };
    }
    if (step === 'onUpstreamRequest') exchange.endpoint = { upstream: exchange.steering.use ?? 'upstream', address: '192.0.2.2:80', attempt: 1 };
    const gate = step === 'onRequest' ? this.#ask(exchange) : step === 'onResponse' ? this.#show(exchange, exchange.response.headers) : null;
    let result = gate ?? (await this.#hook(handle, step, input));
    if (step === 'onRequest' && result.outcome === 'continue' && !result.fault) result = await this.#hook(handle, 'fetch', input);
    return { ...result, state: stateOf(exchange) };
  }

  #ask(exchange) {
    return this.hooks.includes('onRequestBody') ? this.#gate(exchange, exchange.headers, 'skipsRequestBody') : null;
  }

  #show(exchange, headers) {
    return this.hooks.includes('onResponseBody') ? this.#gate(exchange, headers, 'skipsResponseBody') : null;
  }

  // Which bodies the hooks see, by the head.
  #gate(exchange, headers, skips) {
    const value = (wanted) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
    const types = this.#body.contentTypes ?? [];
    const type = value('content-type').split(';')[0].trim().toLowerCase();
    const isNamed = types.length === 0 || types.map((one) => one.toLowerCase()).some((named) =>
      named === '*/*' || named === type || (named.endsWith('/*') && type.startsWith(named.slice(0, -1))));
    if (!isNamed) {
      exchange[skips] = true;
      return null;
    }
    const coding = value('content-encoding').trim().toLowerCase();
    if (!this.#body.decode || coding === '' || coding === 'identity') return null;
    exchange[skips] = true;
    const text = 'a coded body: these tests decode none; give the plain body, as the gateway would show it';
    return this.#failed('coded-body', text, '');
  }

  async #hook(handle, hook, input) {
    if (!this.hooks.includes(hook)) return { outcome: 'continue', chunk: input.chunk };
    const { exchange } = handle;
    const call = new Call(this, exchange, hook);
    const chunk = hook.endsWith('Body') ? call.chunk(fromBase64(input.chunk), input.last) : null;
    const trailers = hook === 'onResponseTrailers' ? input.trailers.map((pair) => pair.slice()) : null;
    const about = chunk ?? this.#about(call, hook, exchange, input, trailers);
    const scripted = this.#realm.entry(this.#binding, hook);
    const started = performance.now();
    let outcome = inside(new Entry(this, exchange), () => scripted(call, about));
    handle.micros += Math.ceil((performance.now() - started) * 1000);
    if (outcome === 2) outcome = await this.#waited(call, hook);
    call.end();
    if (OUTCOMES[outcome] === 'failed') return this.#failed(call.code, call.failure, exchange.requestId, hook);
    return {
      outcome: OUTCOMES[outcome],
      answer: outcome === 1 ? call.given : null,
      chunk: chunk === null ? undefined : toBase64(chunk.data),
      trailers: trailers ?? undefined,
    };
  }

  #about(call, hook, exchange, input, trailers) {
    if (HEADS.includes(hook)) return call.request();
    if (hook === 'onResponse') return call.response();
    if (hook === 'onResponseTrailers') return call.trailers(trailers);
    if (hook === 'onError') return JSON.stringify({ reason: input.reason, status: input.status, detail: input.detail });
    const upstream = input.hasUpstream ? exchange.endpoint : { upstream: '', address: '', attempt: 0 };
    return JSON.stringify({
      requestId: exchange.requestId,
      route: exchange.route,
      method: exchange.method,
      path: exchange.path,
      status: input.status,
      reason: '',
      totalMs: 0,
      upstreamMs: 0,
      requestBytes: exchange.read.length,
      responseBytes: input.responseBytes,
      upstream: upstream.upstream,
      endpoint: upstream.address,
      attempts: upstream.attempt,
    });
  }

  // A promise may take wallMs of the gateway's clock.
  #waited(call, hook) {
    return new Promise((resolve) => {
      const timer = this.clock.timer(() => {
        call.code = 'wall-budget';
        resolve(call.failed(`${hook} has not settled its promise after ${this.limits.wallMs} ms`));
      }, this.limits.wallMs, false);
      call.onSettled = (outcome) => {
        this.clock.clear(timer);
        resolve(outcome);
      };
    });
  }

  #failed(code, text, requestId, hook = 'onResponse') {
    this.line('error', `${code}: ${text}`, requestId);
    const fault = { code, text };
    if (this.onFailure === 'open') return { outcome: 'continue', fault };
    return { outcome: 'failed', fault, detail: `plugin ${this.name}: ${code}: ${hook}: ${text.split('\n')[0]}` };
  }

  async finish(handle) {
    await new Promise((resolve) => setImmediate(resolve));
    const { requestId } = handle.exchange;
    return { cpuMicros: handle.micros, log: this.#lines.filter((line) => line.requestId === requestId) };
  }

  log() {
    return this.#lines.slice();
  }

  now() {
    return this.clock.nowMs;
  }

  tick(ms) {
    return this.clock.advance(ms);
  }

  close() {}
}

const outside = (task) => inside(undefined, task);

/** A gateway with one route that the plugin stands in. */
export async function host(manifest, options = {}) {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`host has no option "${name}"; it has ${OPTIONS.join(', ')}`);
  }
  const path = manifest instanceof URL || /^file:/.test(String(manifest)) ? fileURLToPath(manifest) : resolve(manifest);
  const read = JSON.parse(readFileSync(path, 'utf8'));
  const config = settingsOf(read.configSchema, options.config ?? {}, options.secrets ?? {});
  const now = options.now === undefined ? Date.now() : new Date(options.now).getTime();
  const plugin = new Plugin(read, { ...options, now });
  await plugin.load(resolve(dirname(path), read.entry), config);
  const driver = {
    hooks: plugin.hooks,
    begin: async (init) => plugin.begin(init),
    step: (...parts) => plugin.step(...parts),
    finish: (handle) => plugin.finish(handle),
    store: async (namespace, what, key, value, ttlMs) => plugin.store.operate(what, namespace, key, value, ttlMs),
    tick: (ms) => plugin.tick(ms),
    now: () => plugin.now(),
    log: () => plugin.log(),
    close: () => plugin.close(),
  };
  return gateway(driver, options);
}
