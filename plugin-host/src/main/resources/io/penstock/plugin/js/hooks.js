// Calls the hooks of a plugin and turns what they return into what the gateway understands: 0 goes on, 1 is answered,
// 2 waits for a promise, 3 has failed. Nothing here throws: an exception that leaves a context is dear.
(function (realm) {
  'use strict';

  const { host, LiveRequest, LiveResponse, LiveHeaders, Response, extract, giveAnswer } = realm;
  const GO_ON = 0;
  const ANSWERED = 1;
  const WAITS = 2;

  function described(error) {
    try {
      if (error instanceof Error && typeof error.stack === 'string') return error.stack;
      if (typeof error === 'object' && error !== null && typeof error.message === 'string') return error.message;
      return 'thrown: ' + String(error);
    } catch {
      return 'thrown: something that cannot be shown';
    }
  }
  realm.described = described;

  class Rejection {
    constructor(status, reason, options) {
      this.status = status;
      this.reason = reason;
      this.detail = options?.detail;
      this.challenge = options?.challenge;
    }
  }

  class Steering {
    #call;

    constructor(call) {
      this.#call = call;
    }

    use(name) {
      const fault = this.#call.useUpstream(String(name));
      if (fault !== null) throw new Error(fault);
    }

    hashKey(key) {
      this.#call.hashKey(String(key));
    }

    prefer(address) {
      return this.#call.prefer(String(address));
    }

    timeout(options) {
      this.#call.timeout(Number(options?.totalMs ?? options));
    }

    noRetry() {
      this.#call.noRetry();
    }
  }

  class Vars {
    #call;

    constructor(call) {
      this.#call = call;
    }

    get(name) {
      const value = this.#call.variable(String(name));
      return value === null ? undefined : value;
    }

    set(name, value) {
      const fault = this.#call.setVariable(
        String(name), typeof value === 'number' || typeof value === 'boolean' ? value : String(value));
      if (fault !== null) throw new TypeError(fault);
    }
  }

  function ttlOf(options) {
    for (const name of Object.keys(options ?? {})) {
      if (name !== 'ttlMs') throw new TypeError(`the store has no option "${name}"; a time to live is ttlMs`);
    }
    const ttlMs = Number(options?.ttlMs ?? 0);
    if (!(ttlMs >= 0 && ttlMs < Infinity)) throw new RangeError('ttlMs is a number of milliseconds, 0 for ever');
    return Math.ceil(ttlMs);
  }

  function jsonOf(value) {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError('this value has no JSON form');
    return text;
  }

  // One namespace of the plugin's store. Values are whatever has a JSON form; undefined is a key that is not there.
  class Store {
    #store;

    constructor(store) {
      this.#store = store;
    }

    peek(key) {
      const text = this.#store.peek(String(key));
      return text === null ? undefined : JSON.parse(text);
    }

    async get(key) {
      const text = await this.#ask('get', key, '', 0);
      return text === null ? undefined : JSON.parse(text);
    }

    async put(key, value, options) {
      await this.#ask('put', key, jsonOf(value), ttlOf(options));
    }

    async delete(key) {
      return (await this.#ask('delete', key, '', 0)) === 'true';
    }

    async incr(key, by = 1, options = undefined) {
      return Number(await this.#ask('incr', key, String(by), ttlOf(options)));
    }

    async cas(key, expected, value, options) {
      const pair = JSON.stringify([expected === undefined ? null : jsonOf(expected), jsonOf(value)]);
      return (await this.#ask('cas', key, pair, ttlOf(options))) === 'true';
    }

    async list({ prefix = '', limit = 1000, cursor = '' } = {}) {
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1000)) throw new RangeError('limit is 1 to 1000');
      return JSON.parse(await this.#ask('list', prefix, JSON.stringify([String(cursor), limit]), 0));
    }

    #ask(what, key, value, ttlMs) {
      return new Promise((resolve, reject) => {
        const fault = this.#store.ask(what, String(key), value, ttlMs, resolve, (why) => reject(new Error(why)));
        if (fault !== null) reject(new TypeError(fault));
      });
    }
  }

  // One flight for each key, at most CACHED_MAX of them; the oldest go first.
  const CACHED_MAX = 1000;
  const caches = new Map();

  function cached(binding, key, options, fill) {
    const name = binding.index + '/' + String(key);
    const now = host.nowMs();
    const found = caches.get(name);
    if (found !== undefined && (found.until > now || found.isFilling)) return found.promise;
    const entry = { until: 0, isFilling: true, promise: null };
    const fresh = Promise.resolve().then(fill).then(
      (value) => {
        entry.isFilling = false;
        entry.until = host.nowMs() + (options?.ttl ?? 0);
        entry.staleUntil = entry.until + (options?.stale ?? 0);
        entry.promise = fresh;
        return value;
      },
      (error) => {
        entry.isFilling = false;
        entry.until = host.nowMs() + (options?.failTtl ?? 0);
        throw error;
      });
    entry.promise = found !== undefined && found.staleUntil > now ? found.promise : fresh;
    entry.staleUntil = found?.staleUntil;
    if (entry.promise !== fresh) fresh.catch(() => {});
    caches.delete(name);
    caches.set(name, entry);
    if (caches.size > CACHED_MAX) caches.delete(caches.keys().next().value);
    return entry.promise;
  }

  class HookContext {
    #call;
    #binding;

    constructor(call, binding) {
      this.#call = call;
      this.#binding = binding;
    }

    get config() {
      return this.#binding.config;
    }

    get state() {
      return this.#binding.state;
    }

    get route() {
      return this.#call.route();
    }

    get requestId() {
      return this.#call.requestId();
    }

    get consumer() {
      return JSON.parse(this.#call.identity());
    }

    get vars() {
      return new Vars(this.#call);
    }

    get(name) {
      return new Vars(this.#call).get(name);
    }

    get endpoint() {
      const upstream = this.#call.endpointUpstream();
      return upstream === null
        ? null
        : { upstream, address: this.#call.endpointAddress(), attempt: this.#call.endpointAttempt() };
    }

    get upstream() {
      return new Steering(this.#call);
    }

    kv(namespace) {
      const fault = this.#call.storeFault(String(namespace));
      if (fault !== null) throw new Error(fault);
      return new Store(this.#call.store(String(namespace)));
    }

    limit(key, policy) {
      const wait = this.#call.limit(String(policy), String(key));
      if (wait === -1) throw new Error(`the config has no limit "${policy}"`);
      return { ok: wait === 0, retryAfterMs: wait > 0 ? Math.ceil(wait / 1e6) : 0, isFull: wait === -2 };
    }

    cached(key, options, fill) {
      return cached(this.#binding, key, options, fill);
    }

    identify(who) {
      const isConsumer = typeof who === 'string';
      const fault = this.#call.identify(JSON.stringify(isConsumer ? { consumer: who } : who) ?? 'null');
      if (fault !== null) throw new TypeError(fault);
    }

    pass() {}

    reject(status, reason, options) {
      return new Rejection(status, reason, options);
    }

    skipBody() {
      this.#call.skipBody();
    }

    get metrics() {
      const call = this.#call;
      return { count: (name, by = 1) => call.count(String(name), Number(by)) };
    }

    get log() {
      const call = this.#call;
      const line = (level) => (...parts) => call.log(level, realm.formatted(parts));
      return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    }

    waitUntil(promise) {
      Promise.resolve(promise).catch((error) => host.background(described(error)));
    }
  }

  function failed(call, error) {
    return call.failed(described(error));
  }

  function answered(call, value) {
    if (value instanceof LiveResponse) return GO_ON;
    if (value instanceof Rejection) {
      const fault = call.reject(
        Number(value.status), String(value.reason ?? ''), String(value.detail ?? ''), String(value.challenge ?? ''));
      return fault === null ? ANSWERED : call.badAnswer(fault);
    }
    if (value instanceof Response) {
      const fault = giveAnswer(value, call);
      return fault === null ? ANSWERED : call.badAnswer(fault);
    }
    return call.badAnswer(
      'a hook returns nothing, a Response or ctx.reject(...), and this one returned ' + typeof value);
  }

  function chunked(call, value) {
    if (value === undefined) return GO_ON;
    const data = value === null ? '' : extract(value)[0];
    call.replaceChunk(data);
    return GO_ON;
  }

  function settle(call, value, verdict) {
    if (value === undefined) return GO_ON;
    if (typeof value === 'object' && value !== null && typeof value.then === 'function') {
      Promise.resolve(value).then(
        (later) => {
          let outcome;
          try {
            outcome = later === undefined ? GO_ON : verdict(call, later);
          } catch (error) {
            outcome = failed(call, error);
          }
          call.settled(outcome);
        },
        (error) => call.settled(failed(call, error)));
      return WAITS;
    }
    return verdict(call, value);
  }

  // One closure for each hook of a binding, so that a call crosses the border with one argument and an int comes back.
  const entries = {
    onRequest: (plugin, binding) => (call) => {
      try {
        return settle(call, plugin.onRequest(new LiveRequest(call), new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    fetch: (plugin, binding) => (call) => {
      try {
        const context = new HookContext(call, binding);
        return settle(call, plugin.fetch(new LiveRequest(call), { config: binding.config }, context), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    onResponse: (plugin, binding) => (call) => {
      try {
        return settle(call, plugin.onResponse(new LiveResponse(call), new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    onResponseTrailers: (plugin, binding) => (call) => {
      try {
        const trailers = new LiveHeaders(call.trailerFields());
        return settle(call, plugin.onResponseTrailers(trailers, new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    onError: (plugin, binding) => (call) => {
      try {
        const error = { reason: call.errorReason(), status: call.errorStatus(), detail: call.errorDetail() };
        return settle(call, plugin.onError(error, new HookContext(call, binding)), () => GO_ON);
      } catch (error) {
        return failed(call, error);
      }
    },
    onLog: (plugin, binding) => (call) => {
      try {
        return settle(call, plugin.onLog(JSON.parse(call.summary()), new HookContext(call, binding)), () => GO_ON);
      } catch (error) {
        return failed(call, error);
      }
    },
  };
  for (const name of ['authenticate', 'onUpstreamRequest']) {
    entries[name] = (plugin, binding) => (call) => {
      try {
        return settle(call, plugin[name](new LiveRequest(call), new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    };
  }
  for (const name of ['onRequestBody', 'onResponseBody']) {
    entries[name] = (plugin, binding) => (call) => {
      try {
        const chunk = realm.bytesOf(call.chunk());
        const result = plugin[name](chunk, new HookContext(call, binding), { last: call.isLastChunk() });
        return settle(call, result, chunked);
      } catch (error) {
        return failed(call, error);
      }
    };
  }

  function frozen(value) {
    if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(frozen);
      Object.freeze(value);
    }
    return value;
  }

  // The hooks a module's default export has, and what is wrong with the module.
  realm.inspect = (module) => {
    const plugin = module.default;
    const found = { hooks: [], fault: '' };
    if ('fetch' in module) {
      found.fault = 'the module exports "fetch" by name, which would hide the global fetch from it;'
        + ' make it a member of the default export: export default { async fetch(req, env, ctx) {} }';
    } else if (typeof plugin !== 'object' || plugin === null) {
      found.fault = 'the module has no default export that is an object of hooks';
    } else {
      for (const name of ['setup', ...Object.keys(entries)]) {
        const hook = plugin[name];
        if (typeof hook === 'function') found.hooks.push(name);
        else if (hook !== undefined) found.fault = `hook "${name}" is ${typeof hook}, wanted a function`;
      }
    }
    return found;
  };

  realm.bind = (module, index, config) =>
    ({ plugin: module.default, index, config: frozen(JSON.parse(config)), state: undefined });

  realm.entry = (binding, name) => entries[name](binding.plugin, binding);

  // Runs setup; tells "done" with an empty text, or with what went wrong.
  realm.setup = (binding, done) => {
    try {
      const context = { log: { info: (...parts) => host.log('info', realm.formatted(parts)) } };
      Promise.resolve(binding.plugin.setup(binding.config, context)).then(
        (state) => {
          binding.state = state;
          done('');
        },
        (error) => done(described(error)));
    } catch (error) {
      done(described(error));
    }
  };
});
