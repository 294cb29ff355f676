// Request, Response and fetch: the Fetch standard's shapes over bodies that are whole in memory; a stream is collected when it is sent.
(function (realm) {
  'use strict';

  const { host, ReadableStream } = realm;
  const utf8 = new TextEncoder();
  const NULL_BODY = [204, 205, 304];
  const REDIRECT = [301, 302, 303, 307, 308];

  realm.bytesOf = (buffer) => new Uint8Array(new ArrayBuffer(buffer)).slice();

  // A body is null, a string, bytes, or a stream whose bytes are not there yet. Returns it with its media type.
  function extract(body) {
    if (body === null || body === undefined) return [null, null];
    if (typeof body === 'string') return [body, 'text/plain;charset=UTF-8'];
    if (body instanceof ArrayBuffer) return [new Uint8Array(body.slice(0)), null];
    if (ArrayBuffer.isView(body)) {
      return [new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength)), null];
    }
    if (body instanceof URLSearchParams) {
      return [body.toString(), 'application/x-www-form-urlencoded;charset=UTF-8'];
    }
    if (body instanceof Blob) return [realm.blobBytes(body), body.type || null];
    if (body instanceof FormData) return realm.encodeForm(body);
    if (body instanceof ReadableStream) return [realm.wholeStream(body) ?? body, null];
    return [String(body), 'text/plain;charset=UTF-8'];
  }

  async function collected(stream) {
    const parts = [];
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('the stream of a body gives bytes');
      parts.push(chunk);
    }
    return realm.blobBytes(new Blob(parts));
  }

  class Body {
    #data = null;
    #isUsed = false;
    #stream = null;

    constructor(data) {
      this.#data = data;
    }

    get bodyUsed() {
      return this.#isUsed;
    }

    get body() {
      if (this.#data === null) return null;
      if (this.#data instanceof ReadableStream) return this.#data;
      const use = () => {
        this.#isUsed = true;
      };
      return (this.#stream ??= realm.streamOf(typeof this.#data === 'string' ? utf8.encode(this.#data) : this.#data, use));
    }

    async bytes() {
      if (this.#isUsed) throw new TypeError('the body was read already');
      this.#isUsed = this.#data !== null;
      if (this.#data === null) return new Uint8Array(0);
      if (this.#data instanceof ReadableStream) return collected(this.#data);
      return typeof this.#data === 'string' ? utf8.encode(this.#data) : this.#data.slice();
    }

    async text() {
      if (typeof this.#data === 'string' && !this.#isUsed) {
        this.#isUsed = true;
        return this.#data;
      }
      return new TextDecoder().decode(await this.bytes());
    }

    async json() {
      return JSON.parse(await this.text());
    }

    async arrayBuffer() {
      return (await this.bytes()).buffer;
    }

    async blob() {
      return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' });
    }

    async formData() {
      return realm.decodeForm(await this.bytes(), this.headers.get('content-type') ?? '');
    }

    static dataOf(of) {
      if (of.#isUsed) throw new TypeError('the body was read already');
      return of.#data;
    }

    static use(of) {
      of.#isUsed = of.#data !== null;
    }

    // What a copy is made of; a stream becomes two.
    static copyOf(of) {
      const data = Body.dataOf(of);
      if (!(data instanceof ReadableStream)) return data;
      const [own, other] = data.tee();
      of.#data = own;
      return other;
    }

    // Null where the bytes are there; else a promise of the same message when they are.
    static whole(of) {
      if (!(of.#data instanceof ReadableStream)) return null;
      return collected(Body.dataOf(of)).then((bytes) => {
        of.#data = bytes;
        return of;
      });
    }
  }

  function withType(headers, type) {
    if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
    return headers;
  }

  class Request extends Body {
    #method;
    #url;
    #headers;
    #signal;
    #redirect;

    constructor(input, init = {}) {
      const from = input instanceof Request ? input : null;
      const method = String(init.method ?? from?.method ?? 'GET');
      let data = null;
      let type = null;
      if (init.body !== undefined && init.body !== null) [data, type] = extract(init.body);
      else if (from !== null && !(from instanceof realm.LiveRequest)) data = Body.copyOf(from);
      if (data !== null && (method === 'GET' || method === 'HEAD')) throw new TypeError(`${method} has no body`);
      super(data);
      this.#method = /^(get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method;
      this.#url = from === null ? new URL(String(input)).href : from.url;
      this.#headers = withType(new Headers(init.headers ?? from?.headers), type);
      this.#signal = init.signal ?? (from instanceof realm.LiveRequest ? null : from?.signal) ?? new AbortController().signal;
      this.#redirect = init.redirect ?? 'follow';
    }

    get method() {
      return this.#method;
    }

    get url() {
      return this.#url;
    }

    get headers() {
      return this.#headers;
    }

    get signal() {
      return this.#signal;
    }

    get redirect() {
      return this.#redirect;
    }

    clone() {
      return new Request(this);
    }
  }

  class Response extends Body {
    #status;
    #statusText;
    #headers;
    #url = '';

    constructor(body = null, init = {}) {
      const status = init.status === undefined ? 200 : Number(init.status);
      if (!Number.isInteger(status) || status < 200 || status > 599) {
        throw new RangeError(`status ${String(init.status).slice(0, 32)} is not between 200 and 599`);
      }
      const [data, type] = extract(body);
      if (data !== null && NULL_BODY.includes(status)) throw new TypeError(`a response with status ${status} has no body`);
      super(data);
      this.#status = status;
      this.#statusText = String(init.statusText ?? '');
      this.#headers = withType(new Headers(init.headers), type);
    }

    get status() {
      return this.#status;
    }

    get statusText() {
      return this.#statusText;
    }

    get headers() {
      return this.#headers;
    }

    get ok() {
      return this.#status < 300;
    }

    get url() {
      return this.#url;
    }

    get redirected() {
      return false;
    }

    get type() {
      return 'default';
    }

    clone() {
      return new Response(Body.copyOf(this), this);
    }

    static json(data, init = {}) {
      const text = JSON.stringify(data);
      if (text === undefined) throw new TypeError('this value has no JSON form');
      const headers = new Headers(init.headers);
      if (!headers.has('content-type')) headers.set('content-type', 'application/json');
      return new Response(text, { status: init.status, statusText: init.statusText, headers });
    }

    static redirect(url, status = 302) {
      if (!REDIRECT.includes(status)) throw new RangeError(`${status} is no status of a redirect`);
      return new Response(null, { status, headers: { location: String(url) } });
    }

    static error() {
      return new Response(null, { status: 500 });
    }

    // Tells the gateway an answer; null, or what is wrong with it.
    static give(response, call) {
      const data = Body.dataOf(response);
      Body.use(response);
      return call.answer(response.#status, response.#headers.raw().flat(), data);
    }

    static received(status, pairs, buffer, url) {
      const data = NULL_BODY.includes(status) ? null : realm.bytesOf(buffer);
      const response = new Response(data, { status });
      for (let i = 0; i + 1 < pairs.length; i += 2) response.#headers.append(pairs[i], pairs[i + 1]);
      response.#url = url;
      return response;
    }
  }
  const { give, received } = Response;
  delete Response.give;
  delete Response.received;
  realm.giveAnswer = give;
  realm.wholeMessage = Body.whole;

  realm.Request = Request;
  realm.Response = Response;
  realm.extract = extract;

  function fetch(input, init) {
    return new Promise((resolve, reject) => {
      const request = new Request(input, init);
      const signal = init?.signal ?? null;
      if (signal?.aborted) throw signal.reason;
      const pairs = request.headers.raw().flat();
      let call = null;
      const send = () => {
        call = host.fetch(
          request.method,
          request.url,
          pairs,
          Body.dataOf(request),
          (status, fields, buffer) => resolve(received(status, fields, buffer, request.url)),
          (fault) => reject(new TypeError(fault)));
      };
      const streamed = Body.whole(request);
      if (streamed === null) send();
      else streamed.then(send).catch(reject);
      signal?.addEventListener('abort', () => {
        call?.cancel();
        reject(signal.reason);
      });
    });
  }

  realm.expose({ Request, Response, fetch });
});
