// What every script expects to find: encodings, timers, events, aborts, clones. Written from the standards
// (HTML, DOM, Encoding, Infra); the table in docs says which parts.
(function (realm) {
  'use strict';

  const host = realm.host;

  realm.expose = (members) => {
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
    }
  };

  class DOMException extends Error {
    #name;

    constructor(message = '', name = 'Error') {
      super(message);
      this.#name = String(name);
    }

    get name() {
      return this.#name;
    }

    get code() {
      return { AbortError: 20, TimeoutError: 23, DataCloneError: 25, InvalidCharacterError: 5 }[this.#name] ?? 0;
    }
  }

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const VALUES = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

  function btoa(data) {
    const text = String(data);
    let out = '';
    for (let i = 0; i < text.length; i += 3) {
      const a = text.charCodeAt(i);
      const b = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      const c = i + 2 < text.length ? text.charCodeAt(i + 2) : 0;
      if ((a | b | c) > 255) throw new DOMException('a character is above U+00FF', 'InvalidCharacterError');
      out += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | (b >> 4)];
      out += i + 1 < text.length ? ALPHABET[((b & 15) << 2) | (c >> 6)] : '=';
      out += i + 2 < text.length ? ALPHABET[c & 63] : '=';
    }
    return out;
  }

  function atob(data) {
    let text = String(data).replace(/[\t\n\f\r ]+/g, '');
    if (text.length % 4 === 0) text = text.replace(/={1,2}$/, '');
    if (text.length % 4 === 1) throw new DOMException('this is no base64', 'InvalidCharacterError');
    let out = '';
    let bits = 0;
    let count = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const value = code < 128 ? VALUES[code] : -1;
      if (value < 0) throw new DOMException('this is no base64', 'InvalidCharacterError');
      bits = ((bits << 6) | value) & 0xffff;
      count += 6;
      if (count >= 8) {
        count -= 8;
        out += String.fromCharCode((bits >> count) & 255);
      }
    }
    return out;
  }

  const callable = (callback) => {
    if (typeof callback !== 'function') throw new TypeError('a timer calls a function; text is not evaluated here');
    return callback;
  };
  const setTimeout = (callback, delay = 0, ...args) => {
    callable(callback);
    return host.timer(() => callback(...args), Number(delay) || 0, false);
  };
  const setInterval = (callback, delay = 0, ...args) => {
    callable(callback);
    return host.timer(() => callback(...args), Number(delay) || 0, true);
  };
  const clearTimeout = (id) => {
    if (typeof id === 'number') host.clearTimer(id);
  };
  const queueMicrotask = (callback) => {
    callable(callback);
    Promise.resolve().then(callback).catch((error) => host.background(realm.described(error)));
  };

  class Event {
    #type;
    #init;
    #isStopped = false;
    #isPrevented = false;
    target = null;
    currentTarget = null;

    constructor(type, init = {}) {
      this.#type = String(type);
      this.#init = init;
    }

    get type() {
      return this.#type;
    }

    get cancelable() {
      return Boolean(this.#init.cancelable);
    }

    get bubbles() {
      return false;
    }

    get defaultPrevented() {
      return this.#isPrevented;
    }

    preventDefault() {
      this.#isPrevented = this.cancelable;
    }

    stopPropagation() {}

    stopImmediatePropagation() {
      this.#isStopped = true;
    }

    static isStopped(event) {
      return event.#isStopped;
    }
  }
  const { isStopped } = Event;
  delete Event.isStopped;

  class CustomEvent extends Event {
    #detail;

    constructor(type, init = {}) {
      super(type, init);
      this.#detail = init.detail ?? null;
    }

    get detail() {
      return this.#detail;
    }
  }

  class EventTarget {
    #listeners = new Map();

    addEventListener(type, callback, options) {
      if (callback === null || callback === undefined) return;
      const list = this.#listeners.get(String(type)) ?? [];
      if (list.some((listener) => listener.callback === callback)) return;
      const once = typeof options === 'object' && Boolean(options?.once);
      this.#listeners.set(String(type), [...list, { callback, once }]);
    }

    removeEventListener(type, callback) {
      const list = this.#listeners.get(String(type)) ?? [];
      this.#listeners.set(String(type), list.filter((listener) => listener.callback !== callback));
    }

    dispatchEvent(event) {
      event.target = this;
      event.currentTarget = this;
      for (const { callback, once } of this.#listeners.get(event.type) ?? []) {
        if (once) this.removeEventListener(event.type, callback);
        try {
          if (typeof callback === 'function') callback.call(this, event);
          else callback.handleEvent(event);
        } catch (error) {
          host.background(realm.described(error));
        }
        if (isStopped(event)) break;
      }
      return !event.defaultPrevented;
    }
  }

  class AbortSignal extends EventTarget {
    #isAborted = false;
    #reason = undefined;
    onabort = null;

    get aborted() {
      return this.#isAborted;
    }

    get reason() {
      return this.#reason;
    }

    throwIfAborted() {
      if (this.#isAborted) throw this.#reason;
    }

    static raise(signal, reason) {
      if (signal.#isAborted) return;
      signal.#isAborted = true;
      signal.#reason = reason === undefined ? new DOMException('aborted', 'AbortError') : reason;
      const event = new Event('abort');
      signal.onabort?.(event);
      signal.dispatchEvent(event);
    }

    static abort(reason) {
      const signal = new AbortSignal();
      raise(signal, reason);
      return signal;
    }

    static timeout(milliseconds) {
      const signal = new AbortSignal();
      setTimeout(() => raise(signal, new DOMException('timed out', 'TimeoutError')), milliseconds);
      return signal;
    }

    static any(signals) {
      const all = [...signals];
      const either = new AbortSignal();
      for (const signal of all) {
        if (signal.aborted) raise(either, signal.reason);
        else signal.addEventListener('abort', () => raise(either, signal.reason), { once: true });
      }
      return either;
    }
  }
  const { raise } = AbortSignal;
  delete AbortSignal.raise;

  class AbortController {
    #signal = new AbortSignal();

    get signal() {
      return this.#signal;
    }

    abort(reason) {
      raise(this.#signal, reason);
    }
  }

  // Structured clone (HTML 2.7.5) of what a script without a DOM can hold.
  function cloned(value, seen) {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new DOMException(`a ${typeof value} cannot be cloned`, 'DataCloneError');
    }
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return seen.get(value);
    const note = (copy) => {
      seen.set(value, copy);
      return copy;
    };
    if (Array.isArray(value)) {
      const copy = note(new Array(value.length));
      for (const key of Object.keys(value)) copy[key] = cloned(value[key], seen);
      return copy;
    }
    if (value instanceof Date) return note(new Date(value.getTime()));
    if (value instanceof RegExp) return note(new RegExp(value.source, value.flags));
    if (value instanceof Boolean || value instanceof Number || value instanceof String) return note(Object(value.valueOf()));
    if (value instanceof ArrayBuffer) return note(value.slice(0));
    if (value instanceof DataView) {
      return note(new DataView(cloned(value.buffer, seen), value.byteOffset, value.byteLength));
    }
    if (ArrayBuffer.isView(value)) {
      return note(new value.constructor(cloned(value.buffer, seen), value.byteOffset, value.length));
    }
    if (value instanceof Map) {
      const copy = note(new Map());
      for (const [key, item] of [...value]) copy.set(cloned(key, seen), cloned(item, seen));
      return copy;
    }
    if (value instanceof Set) {
      const copy = note(new Set());
      for (const item of [...value]) copy.add(cloned(item, seen));
      return copy;
    }
    if (value instanceof Error) {
      const kinds = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
      const copy = note(new (kinds[value.name] ?? Error)(value.message));
      if ('cause' in value) copy.cause = cloned(value.cause, seen);
      return copy;
    }
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
      throw new DOMException('this object cannot be cloned', 'DataCloneError');
    }
    const copy = note({});
    for (const key of Object.keys(value)) copy[key] = cloned(value[key], seen);
    return copy;
  }

  const performance = { now: () => host.nowMs(), timeOrigin: Date.now() };

  realm.expose({
    DOMException,
    Event,
    CustomEvent,
    EventTarget,
    AbortSignal,
    AbortController,
    atob,
    btoa,
    setTimeout,
    setInterval,
    clearTimeout,
    clearInterval: clearTimeout,
    queueMicrotask,
    structuredClone: (value) => cloned(value, new Map()),
    performance,
    self: globalThis,
    navigator: Object.freeze({ userAgent: 'Penstock' }),
  });
  // What the language has and a gateway's script must not.
  for (const name of ['Atomics', 'SharedArrayBuffer', 'Java', 'Packages', 'Polyglot', 'Graal', 'load', 'loadWithNewGlobal', 'quit', 'exit', 'read', 'readbuffer', 'readline']) {
    delete globalThis[name];
  }
});
