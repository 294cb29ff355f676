// URL and URLSearchParams, written from the URL standard: its special schemes in full, others as far as scripts of a
// gateway meet them. Names beyond ASCII go through the platform's IDNA.
(function (realm) {
  'use strict';

  const host = realm.host;
  const utf8 = new TextEncoder();
  const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' };
  const isSpecial = (scheme) => Object.hasOwn(PORTS, scheme);

  // Percent-encode sets: what is encoded beside controls and everything beyond ASCII.
  const QUERY = ' "#<>';
  const SPECIAL_QUERY = QUERY + "'";
  const FRAGMENT = ' "<>`';
  const PATH = QUERY + '?^`{}';
  const USERINFO = PATH + '/:;=@[\\]|';

  function encoded(text, set) {
    let out = '';
    let plain = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x20 && code < 0x7f && !set.includes(text[i])) continue;
      const point = text.codePointAt(i);
      const character = String.fromCodePoint(point);
      out += text.slice(plain, i);
      for (const octet of utf8.encode(character)) out += '%' + octet.toString(16).toUpperCase().padStart(2, '0');
      if (point > 0xffff) i++;
      plain = i + 1;
    }
    return plain === 0 ? text : out + text.slice(plain);
  }

  function decodedBytes(text) {
    const source = utf8.encode(text);
    const out = [];
    for (let i = 0; i < source.length; i++) {
      const digits = source[i] === 0x25 ? String.fromCharCode(source[i + 1], source[i + 2]) : '';
      if (/^[0-9a-fA-F]{2}$/.test(digits)) {
        out.push(parseInt(digits, 16));
        i += 2;
      } else {
        out.push(source[i]);
      }
    }
    return new Uint8Array(out);
  }
  const decoded = (text) => (text.includes('%') ? new TextDecoder().decode(decodedBytes(text)) : text);

  function ipv4(text) {
    const parts = text.endsWith('.') ? text.slice(0, -1).split('.') : text.split('.');
    const last = parts[parts.length - 1];
    if (!/^(0[xX][0-9a-fA-F]*|[0-9]+)$/.test(last)) return null;
    if (parts.length > 4) return undefined;
    const numbers = parts.map((part) => {
      if (/^0[xX][0-9a-fA-F]*$/.test(part)) return part.length === 2 ? 0 : parseInt(part, 16);
      if (/^0[0-7]+$/.test(part)) return parseInt(part, 8);
      return /^(0|[1-9][0-9]*)$/.test(part) ? Number(part) : NaN;
    });
    if (numbers.some(Number.isNaN)) return undefined;
    const tail = numbers.pop();
    if (numbers.some((number) => number > 255) || tail >= 256 ** (4 - numbers.length)) return undefined;
    let address = tail;
    numbers.forEach((number, i) => {
      address += number * 256 ** (3 - i);
    });
    return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
  }

  function ipv6(text) {
    const halves = text.split('::');
    if (halves.length > 2) return undefined;
    const pieces = (half) => {
      if (half === '') return [];
      const list = half.split(':');
      const out = [];
      for (let i = 0; i < list.length; i++) {
        if (list[i].includes('.')) {
          const quad = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(list[i]);
          if (quad === null || i !== list.length - 1 || quad.slice(1).some((n) => Number(n) > 255 || /^0./.test(n))) return null;
          out.push(Number(quad[1]) * 256 + Number(quad[2]), Number(quad[3]) * 256 + Number(quad[4]));
        } else {
          if (!/^[0-9a-fA-F]{1,4}$/.test(list[i])) return null;
          out.push(parseInt(list[i], 16));
        }
      }
      return out;
    };
    const head = pieces(halves[0]);
    const tail = halves.length === 2 ? pieces(halves[1]) : [];
    if (head === null || tail === null) return undefined;
    const missing = 8 - head.length - tail.length;
    if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
    const all = [...head, ...new Array(missing).fill(0), ...tail];
    let best = [-1, 1];
    for (let i = 0; i < 8; i++) {
      let end = i;
      while (end < 8 && all[end] === 0) end++;
      if (end - i > best[1]) best = [i, end - i];
      if (end > i) i = end - 1;
    }
    const hex = (list) => list.map((piece) => piece.toString(16)).join(':');
    if (best[0] < 0) return hex(all);
    return hex(all.slice(0, best[0])) + '::' + hex(all.slice(best[0] + best[1]));
  }

  function parsedHost(text, special) {
    if (text.startsWith('[')) {
      const address = text.endsWith(']') ? ipv6(text.slice(1, -1)) : undefined;
      return address === undefined ? undefined : `[${address}]`;
    }
    if (!special) return /[\0\t\n\r #/<>?@[\\\]^|]/.test(text) ? undefined : encoded(text, '');
    const name = decoded(text);
    const ascii = /^[\0-\x7f]*$/.test(name) ? name.toLowerCase() : host.domainToAscii(name);
    if (ascii === null || ascii === '' || /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(ascii)) return undefined;
    const address = ipv4(ascii);
    return address === null ? ascii : address;
  }

  function normalized(path, special, base) {
    const segments = base.slice();
    const list = (special ? path.replace(/\\/g, '/') : path).split('/');
    list.forEach((segment, i) => {
      const isLast = i === list.length - 1;
      const dots = segment.replace(/%2e/gi, '.');
      if (dots === '..') {
        segments.pop();
        if (isLast) segments.push('');
      } else if (dots === '.') {
        if (isLast) segments.push('');
      } else {
        segments.push(encoded(segment, PATH));
      }
    });
    return segments;
  }

  function authority(url, text, special) {
    const at = text.lastIndexOf('@');
    if (at >= 0) {
      const [, name, password = ''] = /^([^:]*)(?::(.*))?$/s.exec(text.slice(0, at));
      url.username = encoded(name, USERINFO);
      url.password = encoded(password, USERINFO);
    }
    const rest = text.slice(at + 1);
    const match = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*))?$/.exec(rest);
    if (match === null || (match[1] === '' && (special || match[2] !== undefined || at >= 0))) return false;
    const name = match[1] === '' ? '' : parsedHost(match[1], special);
    if (name === undefined || Number(match[2] ?? 0) > 65535) return false;
    url.hostname = name;
    url.port = match[2] ? String(Number(match[2])) : '';
    if (url.port === PORTS[url.scheme]) url.port = '';
    return true;
  }

  function parse(input, base) {
    const text = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
    const url = { scheme: '', username: '', password: '', hostname: null, port: '', path: [], opaque: null, query: null, fragment: null };
    const [, beforeHash, hash] = /^([^#]*)(?:#(.*))?$/s.exec(text);
    if (hash !== undefined) url.fragment = encoded(hash, FRAGMENT);
    const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(beforeHash);
    let rest = beforeHash;
    if (scheme !== null) {
      url.scheme = scheme[1].toLowerCase() + ':';
      rest = scheme[2];
      const isRelative = base !== null && isSpecial(url.scheme) && base.scheme === url.scheme && !/^[/\\]/.test(rest);
      if (!isRelative) base = null;
    } else {
      if (base === null || (base.opaque !== null && beforeHash !== '')) return null;
      url.scheme = base.scheme;
    }
    const special = isSpecial(url.scheme);
    const [, path, query] = /^([^?]*)(?:\?(.*))?$/s.exec(rest);
    if (query !== undefined) url.query = encoded(query, special ? SPECIAL_QUERY : QUERY);
    const slashes = special ? path.replace(/\\/g, '/') : path;
    if (base === null && special && url.scheme !== 'file:') {
      const [, name, tail] = /^\/*([^/]*)(.*)$/s.exec(slashes);
      if (!authority(url, name, true)) return null;
      url.path = normalized(tail.slice(1), true, []);
      return url;
    }
    if (slashes.startsWith('//')) {
      const [, name, tail] = /^\/\/([^/]*)(.*)$/s.exec(slashes);
      if (url.scheme === 'file:' && name === '') url.hostname = '';
      else if (!authority(url, name, special)) return null;
      url.path = tail === '' && !special ? [] : normalized(tail.slice(1), special, []);
      return url;
    }
    if (base === null) {
      if (url.scheme === 'file:') url.hostname = '';
      if (slashes.startsWith('/') || url.scheme === 'file:') url.path = normalized(slashes.replace(/^\//, ''), special, []);
      else url.opaque = encoded(slashes, '').replace(/ $/, '%20');
      return url;
    }
    for (const part of ['username', 'password', 'hostname', 'port', 'opaque']) url[part] = base[part];
    if (slashes === '') {
      url.path = base.path;
      if (query === undefined) url.query = base.query;
    } else {
      url.path = slashes.startsWith('/')
        ? normalized(slashes.slice(1), special, [])
        : normalized(slashes, special, base.path.slice(0, -1));
    }
    return url;
  }

  function pathOf(url) {
    if (url.opaque !== null) return url.opaque;
    return url.path.length === 0 ? '' : '/' + url.path.join('/');
  }

  function serialized(url) {
    let out = url.scheme;
    if (url.hostname !== null) {
      out += '//';
      if (url.username !== '' || url.password !== '') {
        out += url.username + (url.password === '' ? '' : ':' + url.password) + '@';
      }
      out += url.hostname + (url.port === '' ? '' : ':' + url.port);
    } else if (url.opaque === null && url.path.length > 1 && url.path[0] === '') {
      out += '/.';
    }
    out += pathOf(url);
    if (url.query !== null) out += '?' + url.query;
    if (url.fragment !== null) out += '#' + url.fragment;
    return out;
  }

  const formEncoded = (text) =>
    encoded(text, '!"#$%&\'()+,/:;<=>?@[\\]^`{|}~ ').replace(/%20/g, '+');
  const formDecoded = (text) => decoded(text.replace(/\+/g, ' '));

  class URLSearchParams {
    #list = [];
    #changed = () => {};

    constructor(init = '') {
      if (typeof init === 'object' && init !== null) {
        const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
        for (const pair of pairs) {
          const items = [...pair];
          if (items.length !== 2) throw new TypeError('a parameter is a pair of name and value');
          this.#list.push([String(items[0]), String(items[1])]);
        }
      } else {
        this.#parse(String(init).replace(/^\?/, ''));
      }
    }

    #parse(text) {
      this.#list = text.split('&').filter((part) => part !== '').map((part) => {
        const at = part.indexOf('=');
        return at < 0 ? [formDecoded(part), ''] : [formDecoded(part.slice(0, at)), formDecoded(part.slice(at + 1))];
      });
    }

    static of(text, changed) {
      const params = new URLSearchParams(text);
      params.#changed = changed;
      return params;
    }

    static renew(params, text) {
      params.#parse(text);
    }

    get size() {
      return this.#list.length;
    }

    get(name) {
      return this.#list.find(([key]) => key === String(name))?.[1] ?? null;
    }

    getAll(name) {
      return this.#list.filter(([key]) => key === String(name)).map(([, value]) => value);
    }

    has(name, value) {
      return this.#list.some(([key, item]) => key === String(name) && (value === undefined || item === String(value)));
    }

    append(name, value) {
      this.#list.push([String(name), String(value)]);
      this.#changed(this.toString());
    }

    set(name, value) {
      const at = this.#list.findIndex(([key]) => key === String(name));
      if (at < 0) {
        this.#list.push([String(name), String(value)]);
      } else {
        this.#list[at] = [String(name), String(value)];
        this.#list = this.#list.filter(([key], i) => i <= at || key !== String(name));
      }
      this.#changed(this.toString());
    }

    delete(name, value) {
      this.#list = this.#list.filter(
        ([key, item]) => key !== String(name) || (value !== undefined && item !== String(value)));
      this.#changed(this.toString());
    }

    sort() {
      this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed(this.toString());
    }

    *entries() {
      for (const [name, value] of this.#list) yield [name, value];
    }

    *keys() {
      for (const [name] of this.#list) yield name;
    }

    *values() {
      for (const [, value] of this.#list) yield value;
    }

    forEach(callback, self) {
      for (const [name, value] of this.#list) callback.call(self, value, name, this);
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    toString() {
      return this.#list.map(([name, value]) => formEncoded(name) + '=' + formEncoded(value)).join('&');
    }
  }
  const { of: paramsOf, renew } = URLSearchParams;
  delete URLSearchParams.of;
  delete URLSearchParams.renew;

  class URL {
    #url;
    #params = null;

    constructor(input, base) {
      const against = base === undefined ? null : parse(String(base), null);
      const url = base !== undefined && against === null ? null : parse(String(input), against);
      if (url === null) throw new TypeError(`"${String(input).slice(0, 200)}" is no valid URL`);
      this.#url = url;
    }

    static canParse(input, base) {
      return URL.parse(input, base) !== null;
    }

    static parse(input, base) {
      try {
        return new URL(input, base);
      } catch {
        return null;
      }
    }

    get href() {
      return serialized(this.#url);
    }

    set href(value) {
      this.#url = new URL(value).#url;
      if (this.#params !== null) renew(this.#params, this.#url.query ?? '');
    }

    get origin() {
      return isSpecial(this.#url.scheme) && this.#url.scheme !== 'file:' ? `${this.#url.scheme}//${this.host}` : 'null';
    }

    get protocol() {
      return this.#url.scheme;
    }

    set protocol(value) {
      const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):?/.exec(String(value))?.[1].toLowerCase();
      if (scheme === undefined || isSpecial(scheme + ':') !== isSpecial(this.#url.scheme)) return;
      this.#url.scheme = scheme + ':';
      if (this.#url.port === PORTS[this.#url.scheme]) this.#url.port = '';
    }

    get username() {
      return this.#url.username;
    }

    set username(value) {
      if (this.#url.hostname) this.#url.username = encoded(String(value), USERINFO);
    }

    get password() {
      return this.#url.password;
    }

    set password(value) {
      if (this.#url.hostname) this.#url.password = encoded(String(value), USERINFO);
    }

    get host() {
      return (this.#url.hostname ?? '') + (this.#url.port === '' ? '' : ':' + this.#url.port);
    }

    set host(value) {
      if (this.#url.opaque !== null) return;
      const copy = { ...this.#url };
      if (!/[/?#@\\]/.test(String(value)) && authority(copy, String(value), isSpecial(copy.scheme))) {
        if (!String(value).includes(':')) copy.port = this.#url.port;
        copy.username = this.#url.username;
        copy.password = this.#url.password;
        this.#url = copy;
      }
    }

    get hostname() {
      return this.#url.hostname ?? '';
    }

    set hostname(value) {
      const name = this.#url.opaque === null ? parsedHost(String(value), isSpecial(this.#url.scheme)) : undefined;
      if (name !== undefined) this.#url.hostname = name;
    }

    get port() {
      return this.#url.port;
    }

    set port(value) {
      const number = /^[0-9]+/.exec(String(value))?.[0] ?? '';
      if ((number === '' && String(value) !== '') || Number(number) > 65535 || !this.#url.hostname) return;
      this.#url.port = number === '' ? '' : String(Number(number));
      if (this.#url.port === PORTS[this.#url.scheme]) this.#url.port = '';
    }

    get pathname() {
      return pathOf(this.#url);
    }

    set pathname(value) {
      if (this.#url.opaque !== null) return;
      const text = encoded(String(value), '?#');
      this.#url.path = normalized(text.replace(/^[/\\]/, ''), isSpecial(this.#url.scheme), []);
    }

    get search() {
      return this.#url.query ? '?' + this.#url.query : '';
    }

    set search(value) {
      const text = String(value).replace(/^\?/, '');
      this.#url.query = text === '' ? null : encoded(text, isSpecial(this.#url.scheme) ? SPECIAL_QUERY : QUERY);
      if (this.#params !== null) renew(this.#params, text);
    }

    get searchParams() {
      return (this.#params ??= paramsOf(this.#url.query ?? '', (text) => {
        this.#url.query = text === '' ? null : text;
      }));
    }

    get hash() {
      return this.#url.fragment ? '#' + this.#url.fragment : '';
    }

    set hash(value) {
      const text = String(value).replace(/^#/, '');
      this.#url.fragment = text === '' ? null : encoded(text, FRAGMENT);
    }

    toString() {
      return this.href;
    }

    toJSON() {
      return this.href;
    }
  }

  realm.expose({ URL, URLSearchParams });
});
