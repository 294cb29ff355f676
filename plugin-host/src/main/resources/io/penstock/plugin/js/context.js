// What a hook gets beside its message: ctx, with the plugin's variables, its store, its caches and its steering.
(function (realm) {
  'use strict';

  const { host, described } = realm;

  class Rejection {
    constructor(status, reason, options) {
      this.status = status;
      this.reason = reason;
      this.detail = options?.detail;
      this.challenge = options?.challenge;
    }
  }

  class Steering {
    #steering;

    constructor(steering) {
      this.#steering = steering;
    }

    use(name) {
      const fault = this.#steering.use(String(name));
      if (fault !== null) throw new Error(fault);
    }

    hashKey(key) {
      const fault = this.#steering.hashKey(String(key));
      if (fault !== null) throw new Error(fault);
    }

    prefer(address) {
      return this.#steering.prefer(String(address));
    }

    timeout(options) {
      this.#steering.timeout(Number(options?.totalMs ?? options));
    }

    noRetry() {
      this.#steering.noRetry();
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

  // Of this worker. With scope "entry" (the default) a value is that of one entry of the config, whose settings may be
  // others than the next one's; with "plugin" all entries of this version share it.
  // One flight for each key, at most CACHED_MAX of them; the oldest go first. A flight outlives the call that began it, for
  // the others that wait, but blocks its key no longer than a call may wait.
  const CACHED_MAX = 1000;
  const caches = new Map();

  function cached(call, binding, key, options, fill) {
    const scope = options?.scope ?? 'entry';
    if (scope !== 'entry' && scope !== 'plugin') throw new TypeError(`scope is "entry" or "plugin", not "${scope}"`);
    const name = (scope === 'entry' ? binding.index : 'plugin') + '/' + String(key);
    const now = host.nowMs();
    const found = caches.get(name);
    if (found !== undefined && (found.until > now || found.fillsUntil > now)) return found.promise;
    const entry = { until: 0, fillsUntil: now + host.wallMs(), promise: null };
    call.flightBegan();
    const fresh = Promise.resolve().then(fill).then(
      (value) => {
        call.flightEnded();
        entry.fillsUntil = 0;
        entry.until = host.nowMs() + (options?.ttl ?? 0);
        entry.staleUntil = entry.until + (options?.stale ?? 0);
        entry.promise = fresh;
        return value;
      },
      (error) => {
        call.flightEnded();
        entry.fillsUntil = 0;
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
      return JSON.parse(this.#call.endpoint());
    }

    get upstream() {
      return new Steering(this.#call.steering());
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
      return cached(this.#call, this.#binding, key, options, fill);
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

  realm.HookContext = HookContext;
  realm.Rejection = Rejection;
});
