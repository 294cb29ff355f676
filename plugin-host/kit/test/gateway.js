// Sends requests through a plugin, as a gateway with one route and one upstream would. The same file runs under Node and in
// Penstock's own host; a driver calls the hooks and says what came of them.

const FAILED = 500;
const UNREACHABLE = 502;
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a number or of a text such as '11m'. */
export function milliseconds(duration) {
  if (typeof duration === 'number' && duration >= 0) return duration;
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.exec(String(duration));
  if (match === null) throw new TypeError(`"${duration}" is no duration such as '500ms', '30s' or '11m'`);
  return Number(match[1]) * UNITS[match[2]];
}

export function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const utf8 = new TextEncoder();

function bytesOf(part) {
  if (part === undefined || part === null) return new Uint8Array(0);
  if (part instanceof Uint8Array) return part;
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  if (typeof part === 'string') return utf8.encode(part);
  throw new TypeError('a body is a string, bytes, or a list of those: its parts');
}

function partsOf(body) {
  return (Array.isArray(body) ? body : [body]).map(bytesOf).filter((part) => part.length > 0);
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Pairs of name and value; several values of a name stay several. */
export function pairsOf(headers) {
  if (headers === undefined || headers === null) return [];
  if (typeof headers.getSetCookie === 'function') return [...headers].map(([name, value]) => [name, value]);
  const entries = Array.isArray(headers) ? headers : Object.entries(headers);
  return entries.flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, String(one)]) : [[name, String(value)]]);
}

function withBody(of, bytes) {
  const body = new TextDecoder().decode(bytes);
  return Object.assign(of, { bytes, body, json: () => JSON.parse(body) });
}

async function replyOf(upstream, request) {
  const given = typeof upstream === 'function' ? await upstream(request) : upstream;
  if (given !== undefined && given !== null && typeof given.arrayBuffer === 'function') {
    return { status: given.status, headers: pairsOf(given.headers), parts: partsOf(await given.arrayBuffer()), trailers: [] };
  }
  return {
    status: given?.status ?? 200,
    headers: pairsOf(given?.headers),
    parts: partsOf(given?.body),
    trailers: pairsOf(given?.trailers),
  };
}

function target(line) {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (https?:\/\/[^\s/]+)?(\/\S*)$/.exec(line);
  if (match === null) throw new TypeError(`"${line}" is no method and target such as 'GET /orders/7?a=1'`);
  const [, method, origin, rest] = match;
  const at = rest.indexOf('?');
  return {
    method,
    host: origin?.replace(/^https?:\/\//, ''),
    isSecure: origin === undefined || origin.startsWith('https:'),
    path: at < 0 ? rest : rest.slice(0, at),
    query: at < 0 ? '' : rest.slice(at + 1),
  };
}

/** One exchange: the steps that a gateway takes, each with what the plugin's hooks have to say. */
class Passage {
  #driver;
  #handle;
  #upstream;
  #init;
  #last = null;
  #reply = null;
  #sent = null;
  #faults = [];

  constructor(driver, handle, upstream, init) {
    this.#driver = driver;
    this.#handle = handle;
    this.#upstream = upstream;
    this.#init = init;
  }

  async #step(name, input = {}) {
    this.#last = await this.#driver.step(this.#handle, name, input);
    if (this.#last.fault) this.#faults.push(this.#last.fault);
    return this.#last;
  }

  // Whether the exchange goes on.
  async #goesOn(name, input) {
    const result = await this.#step(name, input);
    if (result.outcome === 'continue') return true;
    if (result.outcome === 'answered') {
      const { status, headers, body } = result.answer;
      this.#reply = { status, headers, bytes: fromBase64(body), isWhole: true };
    } else {
      await this.#fail(FAILED, 'filter-failed', result.detail ?? '');
    }
    return false;
  }

  async #fail(status, reason, detail) {
    await this.#step('onError', { status, reason, detail });
    const problem = { status, reason, requestId: this.#last.state.requestId };
    this.#reply = {
      status,
      headers: [['content-type', 'application/problem+json']],
      bytes: utf8.encode(JSON.stringify(problem)),
      isWhole: true,
    };
  }

  // Parts through a body hook; null when the exchange is over.
  async #through(step, parts, skips) {
    const out = [];
    for (let i = 0; i <= parts.length; i++) {
      const part = parts[i] ?? new Uint8Array(0);
      if (skips() || !this.#driver.hooks.includes(step)) {
        out.push(part);
      } else {
        if (!(await this.#goesOn(step, { chunk: toBase64(part), last: i === parts.length }))) return null;
        out.push(fromBase64(this.#last.chunk));
      }
    }
    return joined(out);
  }

  async run() {
    const steps = ['authenticate', 'onRequest', 'onUpstreamRequest'];
    let isGoing = true;
    for (const step of steps) isGoing = isGoing && (await this.#goesOn(step));
    if (isGoing && (await this.#send())) await this.#respond();
    const { status, bytes } = this.#reply;
    await this.#step('onLog', { status, responseBytes: bytes.length, hasUpstream: this.#sent !== null });
    return this.#result();
  }

  async #send() {
    const { body } = this.#last.state;
    const parts = body === null ? partsOf(this.#init.body) : partsOf(fromBase64(body));
    let bytes = new Uint8Array(0);
    if (parts.length > 0) bytes = await this.#through('onRequestBody', parts, () => this.#last.state.skipsRequestBody);
    if (bytes === null) return false;
    const { state } = this.#last;
    const { steering } = state;
    this.#sent = withBody(
      {
        name: steering.use ?? 'upstream',
        method: state.method,
        path: state.path,
        query: state.query,
        url: state.path + (state.query === '' ? '' : '?' + state.query),
        host: state.host,
        headers: new Headers(state.headers),
        prefer: steering.prefer ?? null,
        timeoutMs: steering.timeoutMs ?? null,
        mayRetry: steering.noRetry !== true,
      },
      bytes);
    return true;
  }

  async #respond() {
    let reply;
    try {
      reply = await replyOf(this.#upstream, this.#sent);
    } catch (error) {
      await this.#fail(UNREACHABLE, 'connect-failed', String(error?.message ?? error));
      return;
    }
    const whole = joined(reply.parts);
    if (!(await this.#goesOn('onResponse', { status: reply.status, headers: reply.headers, body: toBase64(whole) }))) return;
    const { response } = this.#last.state;
    const parts = response.body === null ? reply.parts : partsOf(fromBase64(response.body));
    this.#reply = { status: response.status, headers: response.headers, bytes: new Uint8Array(0), isWhole: false };
    const head = this.#reply;
    const bytes = await this.#through('onResponseBody', parts, () => this.#last.state.skipsResponseBody);
    if (bytes === null) {
      // The head has left: what a body hook does wrong breaks the transfer.
      this.#reply = head;
      return;
    }
    this.#reply = { ...head, bytes, isWhole: true };
    if (!this.#driver.hooks.includes('onResponseTrailers')) return;
    await this.#step('onResponseTrailers', { trailers: reply.trailers });
    this.#reply.trailers = this.#last.trailers;
  }

  async #result() {
    const { state } = this.#last;
    const { cpuMicros, log } = await this.#driver.finish(this.#handle);
    const { status, headers, bytes, isWhole, trailers = [] } = this.#reply;
    return withBody(
      {
        status,
        headers: new Headers(headers),
        trailers: new Headers(trailers),
        isWhole,
        upstream: this.#sent,
        consumer: state.identity,
        vars: state.vars,
        fault: this.#faults.at(-1) ?? null,
        log,
        cpuMicros,
        requestId: state.requestId,
      },
      bytes);
  }
}

/** A gateway over a driver. */
export function gateway(driver, options) {
  let begun = 0;
  // What was asked first happens first, also where nobody waits for it.
  let before = Promise.resolve();
  const store = (namespace) => {
    const ask = async (...parts) => {
      await before;
      return driver.store(namespace, ...parts);
    };
    const value = (text) => (text === null ? undefined : JSON.parse(text));
    return {
      get: async (key) => value(await ask('get', key, '', 0)),
      put: async (key, content, { ttlMs = 0 } = {}) => {
        await ask('put', key, JSON.stringify(content), ttlMs);
      },
      delete: async (key) => (await ask('delete', key, '', 0)) === 'true',
    };
  };
  return {
    async request(line, init = {}) {
      const { method, host, isSecure, path, query } = target(line);
      const headers = pairsOf(init.headers);
      const named = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
      begun += 1;
      const exchange = {
        requestId: init.requestId ?? `req-${begun}`,
        route: init.route ?? options.route ?? 'test',
        method,
        path,
        query,
        host: host ?? named ?? 'gateway.example',
        headers: headers.filter(([name]) => name.toLowerCase() !== 'host'),
        body: toBase64(joined(partsOf(init.body))),
        params: init.params ?? {},
        client: { address: '192.0.2.1', port: 50000, listener: 'test', isSecure, ...init.client },
        consumer: init.consumer ?? null,
        vars: init.vars ?? {},
      };
      await before;
      const handle = await driver.begin(exchange);
      return new Passage(driver, handle, init.upstream ?? options.upstream, init).run();
    },

    tick(duration) {
      const ms = milliseconds(duration);
      before = before.then(() => driver.tick(ms));
      return before;
    },

    now: () => driver.now(),
    kv: store,
    get log() {
      return driver.log();
    },
    hooks: driver.hooks,
    close: () => driver.close(),
  };
}
