// Blob, File and FormData, with the two encodings of forms (RFC 7578, URL standard section 5).
(function (realm) {
  'use strict';

  const utf8 = new TextEncoder();

  function joined(parts) {
    const all = parts.map((part) => {
      if (part instanceof Blob) return realm.blobBytes(part);
      if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
      if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
      return utf8.encode(String(part));
    });
    const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of all) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  class Blob {
    #bytes;
    #type;

    constructor(parts = [], options = {}) {
      this.#bytes = joined([...parts]);
      const type = String(options.type ?? '');
      this.#type = /^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : '';
    }

    get size() {
      return this.#bytes.length;
    }

    get type() {
      return this.#type;
    }

    slice(start = 0, end = this.size, type = '') {
      return new Blob([this.#bytes.slice(start, end)], { type });
    }

    async bytes() {
      return this.#bytes.slice();
    }

    async arrayBuffer() {
      return this.#bytes.slice().buffer;
    }

    async text() {
      return new TextDecoder().decode(this.#bytes);
    }

    static bytesOf(blob) {
      return blob.#bytes;
    }
  }
  realm.blobBytes = Blob.bytesOf;
  delete Blob.bytesOf;

  class File extends Blob {
    #name;
    #lastModified;

    constructor(parts, name, options = {}) {
      super(parts, options);
      this.#name = String(name);
      this.#lastModified = options.lastModified ?? Date.now();
    }

    get name() {
      return this.#name;
    }

    get lastModified() {
      return this.#lastModified;
    }
  }

  function entry(name, value, fileName) {
    if (!(value instanceof Blob)) return [String(name), String(value)];
    if (value instanceof File && fileName === undefined) return [String(name), value];
    return [String(name), new File([value], fileName ?? 'blob', { type: value.type })];
  }

  class FormData {
    #list = [];

    append(name, value, fileName) {
      this.#list.push(entry(name, value, fileName));
    }

    set(name, value, fileName) {
      const at = this.#list.findIndex(([key]) => key === String(name));
      this.#list = this.#list.filter(([key]) => key !== String(name));
      this.#list.splice(at < 0 ? this.#list.length : at, 0, entry(name, value, fileName));
    }

    get(name) {
      return this.#list.find(([key]) => key === String(name))?.[1] ?? null;
    }

    getAll(name) {
      return this.#list.filter(([key]) => key === String(name)).map(([, value]) => value);
    }

    has(name) {
      return this.#list.some(([key]) => key === String(name));
    }

    delete(name) {
      this.#list = this.#list.filter(([key]) => key !== String(name));
    }

    *entries() {
      yield* this.#list.map(([name, value]) => [name, value]);
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
  }

  const quoted = (text) => text.replace(/\r\n|\r|\n/g, '%0D%0A').replace(/"/g, '%22');

  realm.encodeForm = (form) => {
    const boundary = '----penstock' + crypto.randomUUID().replace(/-/g, '');
    const parts = [];
    for (const [name, value] of form) {
      const isFile = value instanceof File;
      parts.push(`--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"`);
      if (isFile) {
        parts.push(`; filename="${quoted(value.name)}"\r\ncontent-type: ${value.type || 'application/octet-stream'}`);
      }
      parts.push('\r\n\r\n', isFile ? value : value.replace(/\r\n|\r|\n/g, '\r\n'), '\r\n');
    }
    parts.push(`--${boundary}--\r\n`);
    return [joined(parts), `multipart/form-data; boundary=${boundary}`];
  };

  const binary = (bytes) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return text;
  };
  const octets = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const asText = (text) => new TextDecoder().decode(octets(text));

  realm.decodeForm = (bytes, type) => {
    const form = new FormData();
    if (/^application\/x-www-form-urlencoded/i.test(type)) {
      for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes))) form.append(name, value);
      return form;
    }
    const match = /^multipart\/form-data;.*?boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
    if (match === null) throw new TypeError('the body is no form: its content type is ' + (type || 'missing'));
    const delimiter = '\r\n--' + (match[1] ?? match[2]);
    const parts = ('\r\n' + binary(bytes)).split(delimiter);
    if (parts.length < 2 || !parts[parts.length - 1].startsWith('--')) throw new TypeError('the form is cut off');
    for (const part of parts.slice(1, -1)) {
      const end = part.indexOf('\r\n\r\n');
      const head = end < 0 ? '' : asText(part.slice(0, end));
      const name = /content-disposition:[^\r\n]*?[; ]name="([^"]*)"/i.exec(head)?.[1];
      if (name === undefined) throw new TypeError('a part of the form has no name');
      const fileName = /content-disposition:[^\r\n]*?; ?filename="([^"]*)"/i.exec(head)?.[1];
      const content = part.slice(end + 4);
      const plain = (text) => text.replace(/%0D%0A/g, '\r\n').replace(/%22/g, '"');
      if (fileName === undefined) {
        form.append(plain(name), asText(content));
      } else {
        const partType = /content-type: *([^\r\n]+)/i.exec(head)?.[1] ?? 'application/octet-stream';
        form.append(plain(name), new File([octets(content)], plain(fileName), { type: partType }));
      }
    }
    return form;
  };

  realm.expose({ Blob, File, FormData });
});
