// The messages that hooks are called with: Request and Response to whoever asks, and views on the exchange.
(function (realm) {
  'use strict';

  // Not the globals of these names, which a plugin may replace.
  const { Request, Response, extract } = realm;

  function wholeBody(call) {
    return new Promise((resolve, reject) => {
      call.readBody(
        (buffer) => resolve(realm.bytesOf(buffer)),
        (fault) => reject(new RangeError(fault)));
    });
  }

  function parsedCookies(text) {
    const cookies = {};
    for (const part of (text ?? '').split(';')) {
      const at = part.indexOf('=');
      if (at > 0) cookies[part.slice(0, at).trim()] ??= part.slice(at + 1).trim().replace(/^"(.*)"$/, '$1');
    }
    return cookies;
  }

  // The message that a hook is called with: nothing of it is copied before somebody asks.
  class LiveBody {
    #call;

    constructor(call) {
      this.#call = call;
    }

    get bodyUsed() {
      return false;
    }

    get body() {
      return null;
    }

    bytes() {
      return wholeBody(this.#call);
    }

    async text() {
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

    setBody(body) {
      const [data, type] = extract(body);
      const fault = this.#call.setBody(data ?? '');
      if (fault !== null) throw new TypeError(fault);
      if (type !== null && !this.headers.has('content-type')) this.headers.set('content-type', type);
    }
  }

  class LiveRequest extends LiveBody {
    #call;
    #request;
    #headers = null;
    #params = null;
    #client = null;

    constructor(call, request) {
      super(call);
      this.#call = call;
      this.#request = request;
    }

    get method() {
      return this.#request.method();
    }

    get url() {
      return this.#request.url();
    }

    get path() {
      return this.#request.path();
    }

    set path(value) {
      const fault = this.#request.setPath(String(value));
      if (fault !== null) throw new TypeError(fault);
    }

    get rawPath() {
      return this.#request.path();
    }

    get query() {
      return new URLSearchParams(this.#request.query());
    }

    get host() {
      return this.#request.host();
    }

    get headers() {
      return (this.#headers ??= new realm.LiveHeaders(this.#request.fields()));
    }

    get params() {
      const request = this.#request;
      return (this.#params ??= new Proxy(Object.create(null), {
        get: (target, name) => (typeof name === 'string' ? request.parameter(name) ?? undefined : undefined),
      }));
    }

    get cookies() {
      return parsedCookies(this.headers.get('cookie'));
    }

    get client() {
      return (this.#client ??= {
        address: this.#call.clientAddress(),
        port: this.#call.clientPort(),
        listener: this.#call.clientListener(),
        tls: this.#call.isClientSecure() ? {} : null,
      });
    }

    get grpc() {
      if (!(this.headers.get('content-type') ?? '').startsWith('application/grpc')) return null;
      const [, service = '', method = ''] = this.path.split('/');
      const timeout = /^([0-9]{1,8})([HMSmun])$/.exec(this.headers.get('grpc-timeout') ?? '');
      const units = { H: 3600000, M: 60000, S: 1000, m: 1, u: 0.001, n: 0.000001 };
      return { service, method, deadlineMs: timeout === null ? null : timeout[1] * units[timeout[2]] };
    }

    get signal() {
      return new AbortController().signal;
    }

    clone() {
      return this;
    }
  }

  class LiveResponse extends LiveBody {
    #response;
    #headers = null;

    constructor(call, response) {
      super(call);
      this.#response = response;
    }

    get status() {
      return this.#response.status();
    }

    set status(value) {
      const status = Number(value);
      const fault = this.#response.setStatus(Number.isInteger(status) ? status : 0);
      if (fault !== null) throw new RangeError(fault);
    }

    get statusText() {
      return '';
    }

    get ok() {
      const status = this.#response.status();
      return status >= 200 && status < 300;
    }

    get headers() {
      return (this.#headers ??= new realm.LiveHeaders(this.#response.fields()));
    }
  }

  // A live request is a Request to whoever asks, without the cost of being constructed as one.
  Object.defineProperty(Request, Symbol.hasInstance, {
    value(of) {
      return Function.prototype[Symbol.hasInstance].call(this, of) || (this === Request && of instanceof LiveRequest);
    },
  });
  Object.defineProperty(Response, Symbol.hasInstance, {
    value(of) {
      return Function.prototype[Symbol.hasInstance].call(this, of) || (this === Response && of instanceof LiveResponse);
    },
  });

  realm.LiveRequest = LiveRequest;
  realm.LiveResponse = LiveResponse;
});
