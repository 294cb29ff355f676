// Headers: the Fetch standard's class over a list of its own, and the same shape over the fields of a live message.
(function (realm) {
  'use strict';

  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  const BAD_VALUE = /[\0-\x08\x0a-\x1f\x7f]|[^\0-\xff]/;

  function checkedName(name) {
    const text = String(name);
    if (!TOKEN.test(text)) throw new TypeError(`"${text.slice(0, 64)}" is no header name`);
    return text.toLowerCase();
  }

  function checkedValue(name, value) {
    const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
    if (BAD_VALUE.test(text)) throw new TypeError(`the value of header "${name}" holds a character that no header may hold`);
    return text;
  }

  function* merged(list) {
    const byName = new Map();
    const cookies = [];
    for (const [name, value] of list) {
      if (name === 'set-cookie') cookies.push([name, value]);
      else byName.set(name, byName.has(name) ? byName.get(name) + ', ' + value : value);
    }
    const names = [...byName.keys()];
    if (cookies.length > 0) names.push('set-cookie');
    names.sort();
    for (const name of names) {
      if (name === 'set-cookie') yield* cookies;
      else yield [name, byName.get(name)];
    }
  }

  // What both kinds share; each says how to list, get, set, append and delete.
  class Headers {
    #list = [];

    constructor(init) {
      if (init === undefined || init === null) return;
      if (typeof init !== 'object') throw new TypeError('headers are given as an object, a list of pairs or Headers');
      const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
      for (const pair of pairs) {
        const [name, value, more] = pair;
        if (value === undefined || more !== undefined) throw new TypeError('a header is a pair of name and value');
        this.append(name, value);
      }
    }

    get(name) {
      const wanted = checkedName(name);
      let found = null;
      for (const [key, value] of this.#list) {
        if (key === wanted) found = found === null ? value : found + ', ' + value;
      }
      return found;
    }

    has(name) {
      const wanted = checkedName(name);
      return this.#list.some(([key]) => key === wanted);
    }

    set(name, value) {
      const key = checkedName(name);
      const text = checkedValue(key, value);
      this.delete(key);
      this.#list.push([key, text]);
    }

    append(name, value) {
      const key = checkedName(name);
      this.#list.push([key, checkedValue(key, value)]);
    }

    delete(name) {
      const unwanted = checkedName(name);
      this.#list = this.#list.filter(([key]) => key !== unwanted);
    }

    getSetCookie() {
      return this.#list.filter(([key]) => key === 'set-cookie').map(([, value]) => value);
    }

    getBytes(name) {
      return realm.binaryHeader(this.get(name));
    }

    raw() {
      return this.#list;
    }

    *entries() {
      yield* merged(this.raw());
    }

    *keys() {
      for (const [name] of merged(this.raw())) yield name;
    }

    *values() {
      for (const [, value] of merged(this.raw())) yield value;
    }

    forEach(callback, self) {
      for (const [name, value] of this.entries()) callback.call(self, value, name, this);
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    get [Symbol.toStringTag]() {
      return 'Headers';
    }
  }

  // Looks at the parsed head; a string is made for what is asked and for nothing else.
  class LiveHeaders {
    #fields;

    constructor(fields) {
      this.#fields = fields;
    }

    get(name) {
      return this.#fields.get(String(name));
    }

    has(name) {
      return this.#fields.has(String(name));
    }

    set(name, value) {
      const fault = this.#fields.set(String(name), String(value));
      if (fault !== null) throw new TypeError(fault);
    }

    append(name, value) {
      const fault = this.#fields.append(String(name), String(value));
      if (fault !== null) throw new TypeError(fault);
    }

    delete(name) {
      const fault = this.#fields.delete(String(name));
      if (fault !== null) throw new TypeError(fault);
    }

    getSetCookie() {
      return this.raw().filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    }

    getBytes(name) {
      return realm.binaryHeader(this.get(name));
    }

    raw() {
      const list = [];
      const count = this.#fields.count();
      for (let i = 0; i < count; i++) list.push([this.#fields.nameAt(i), this.#fields.valueAt(i)]);
      return list;
    }
  }
  Object.setPrototypeOf(LiveHeaders.prototype, Headers.prototype);

  // gRPC's "-bin" headers: base64 with or without padding.
  realm.binaryHeader = (text) => {
    if (text === null) return null;
    const binary = atob(text.replace(/=+$/, ''));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  };

  realm.LiveHeaders = LiveHeaders;
  realm.expose({ Headers });
});
