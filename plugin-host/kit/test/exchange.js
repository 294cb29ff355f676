// One exchange as the gateway's scripts see it: the same members as the gateway's own objects, over plain data. A test of the
// gateway holds that none is missing.
import { fromBase64, toBase64 } from './gateway.js';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const GATEWAYS_OWN = ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te', 'trailer',
  'http2-settings'];
const NAMES_MAX = 64;
const VALUE_BYTES_MAX = 64 << 10;
const KEY_BYTES_MAX = 512;
const STALE_MS = 1000;
// Of the statuses that a rejection may have.
const PHRASES = {
  400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed',
  406: 'Not Acceptable', 407: 'Proxy Authentication Required', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone',
  411: 'Length Required', 412: 'Precondition Failed', 413: 'Content Too Large', 414: 'URI Too Long',
  415: 'Unsupported Media Type', 416: 'Range Not Satisfiable', 417: 'Expectation Failed', 421: 'Misdirected Request',
  422: 'Unprocessable Content', 423: 'Locked', 424: 'Failed Dependency', 425: 'Too Early', 426: 'Upgrade Required',
  428: 'Precondition Required', 429: 'Too Many Requests', 431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons', 499: 'Client Closed Request', 500: 'Internal Server Error', 501: 'Not Implemented',
  502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates', 507: 'Insufficient Storage', 508: 'Loop Detected', 511: 'Network Authentication Required',
};

const utf8 = new TextEncoder();
const shortened = (text) => (text.length > 80 ? text.slice(0, 80) + '...' : text);
const over = () => new Error('this hook is over; what it was called with can no longer be used');

function bytesOf(data) {
  if (data === null || data === undefined) return new Uint8Array(0);
  return typeof data === 'string' ? utf8.encode(data) : data.slice();
}

/** What is wrong with a field; null if nothing is. */
export function fieldFault(name, value) {
  const lower = name.toLowerCase();
  if (GATEWAYS_OWN.includes(lower)) return `header "${lower}" belongs to the connection, and the gateway sets it`;
  if (name === '') return 'a field has an empty name; give it one, for example "X-Env"';
  if (!TOKEN.test(name)) {
    const at = [...name].findIndex((character) => !TOKEN.test(character));
    return `field name "${name}": character ${at} is not allowed in a name; letters, digits and !#$%&'*+-.^_\`|~ are`;
  }
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if ((code < 32 && code !== 9) || code === 127 || code > 255) {
      const shown = code.toString(16).toUpperCase().padStart(4, '0');
      return `field "${name}": character ${at} of the value is U+${shown}, which no field value may hold`;
    }
  }
  return null;
}

/** The canonical form of a path, or null: dot segments go, and none may climb above the root. */
function canonical(path) {
  if (!path.startsWith('/') || /[^\x21-\x7e]|[\\#?]|%(?![0-9A-Fa-f]{2})|%00/.test(path)) return null;
  const plain = path.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase();
  });
  const out = [];
  const segments = plain.replace(/\/{2,}/g, '/').split('/').slice(1);
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (segment === '..') {
      if (out.length === 0) return null;
      out.pop();
    } else if (segment !== '.') {
      out.push(segment);
      continue;
    }
    if (isLast) out.push('');
  }
  return '/' + out.join('/');
}

class Fields {
  #call;
  list;

  constructor(call, list) {
    this.#call = call;
    this.list = list;
  }

  #find(name) {
    this.#call.requireLive();
    const lower = name.toLowerCase();
    return this.list.filter(([key]) => key.toLowerCase() === lower);
  }

  get(name) {
    const found = this.#find(name);
    return found.length === 0 ? null : found.map(([, value]) => value).join(', ');
  }

  has(name) {
    return this.#find(name).length > 0;
  }

  set(name, value) {
    return this.#edit(name, value, true);
  }

  append(name, value) {
    return this.#edit(name, value, false);
  }

  #edit(name, value, isReplacing) {
    this.#call.requireLive();
    const lower = name.toLowerCase();
    if (lower === 'host' && !GATEWAYS_OWN.includes(lower)) return this.#call.setHost(value);
    const fault = fieldFault(name, value);
    if (fault !== null) return fault;
    const at = isReplacing ? this.list.findIndex(([key]) => key.toLowerCase() === lower) : -1;
    if (at < 0) {
      this.list.push([name, value]);
    } else {
      this.list[at] = [name, value];
      for (let i = this.list.length - 1; i > at; i--) if (this.list[i][0].toLowerCase() === lower) this.list.splice(i, 1);
    }
    return null;
  }

  delete(name) {
    this.#call.requireLive();
    const lower = name.toLowerCase();
    if (GATEWAYS_OWN.includes(lower)) return fieldFault(lower, '');
    for (let i = this.list.length - 1; i >= 0; i--) if (this.list[i][0].toLowerCase() === lower) this.list.splice(i, 1);
    return null;
  }

  count() {
    this.#call.requireLive();
    return this.list.length;
  }

  nameAt(index) {
    return this.list[index][0].toLowerCase();
  }

  valueAt(index) {
    return this.list[index][1];
  }
}

class HostRequest {
  #call;
  #of;

  constructor(call, of) {
    this.#call = call;
    this.#of = of;
  }

  #request() {
    this.#call.requireLive();
    return this.#of;
  }

  method() {
    return this.#request().method;
  }

  path() {
    return this.#request().path;
  }

  setPath(path) {
    const accepted = canonical(path);
    if (accepted === null) return `"${shortened(path)}" is no acceptable path`;
    this.#request().path = accepted;
    return null;
  }

  query() {
    return this.#request().query;
  }

  host() {
    return this.#request().host;
  }

  url() {
    const { host, path, query, client } = this.#request();
    return `${client.isSecure ? 'https' : 'http'}://${host}${path}${query === '' ? '' : '?' + query}`;
  }

  parameter(name) {
    return this.#request().params[name] || null;
  }

  fields() {
    return new Fields(this.#call, this.#request().headers);
  }
}

class HostResponse {
  #call;
  #response;

  constructor(call, response) {
    this.#call = call;
    this.#response = response;
  }

  status() {
    this.#call.requireLive();
    return this.#response.status;
  }

  setStatus(status) {
    this.#call.requireLive();
    if (status < 200 || status > 599) return 'a status is a whole number from 200 to 599';
    this.#response.status = status;
    return null;
  }

  fields() {
    return new Fields(this.#call, this.#response.headers);
  }
}

class HostChunk {
  #call;
  #isLast;
  data;

  constructor(call, data, isLast) {
    this.#call = call;
    this.data = data;
    this.#isLast = isLast;
  }

  bytes() {
    this.#call.requireLive();
    return this.data.slice().buffer;
  }

  isLast() {
    return this.#isLast;
  }

  replace(bytes) {
    this.#call.requireLive();
    this.data = bytesOf(bytes);
  }
}

class HostSteering {
  #call;
  #gateway;

  constructor(call, gateway) {
    this.#call = call;
    this.#gateway = gateway;
  }

  #steering() {
    return this.#call.requireLive().steering;
  }

  use(name) {
    if (!(this.#gateway.permissions.upstreams ?? []).includes(name)) {
      return `upstream "${shortened(name)}" is not among permissions.upstreams of the manifest`;
    }
    this.#steering().use = name;
    return null;
  }

  hashKey() {
    this.#steering();
    return 'ctx.upstream.hashKey needs an upstream whose balancer hashes, which no balancer of this version does; ctx.upstream.prefer(address) names an endpoint';
  }

  prefer(address) {
    this.#steering().prefer = address;
    return true;
  }

  timeout(milliseconds) {
    if (milliseconds >= 1) this.#steering().timeoutMs = Math.floor(milliseconds);
  }

  noRetry() {
    this.#steering().noRetry = true;
  }
}

/** The store of one plugin: entries with an end, and what the one worker remembers of them. */
export class Store {
  #clock;
  #entries = new Map();
  #remembered = new Map();

  constructor(clock) {
    this.#clock = clock;
  }

  #live(place) {
    const entry = this.#entries.get(place);
    if (entry !== undefined && entry.end !== 0 && entry.end <= this.#clock.nowMs) {
      this.#entries.delete(place);
      return undefined;
    }
    return entry;
  }

  /** Does one operation at once; gives JSON text or null, or throws what is wrong. */
  operate(what, namespace, key, value, ttlMs) {
    const place = namespace + '\0' + key;
    const present = this.#live(place);
    if (utf8.encode(key).length > KEY_BYTES_MAX) throw new Error(`a key has at most ${KEY_BYTES_MAX} octets`);
    const end = ttlMs > 0 ? this.#clock.nowMs + ttlMs : 0;
    const write = (json, until) => {
      const octets = utf8.encode(json).length;
      if (octets > VALUE_BYTES_MAX) {
        throw new Error(`a value has at most ${VALUE_BYTES_MAX} octets of JSON, and this one has ${octets}`);
      }
      this.#entries.set(place, { json, end: until });
    };
    switch (what) {
      case 'get':
        return present?.json ?? null;
      case 'put':
        write(value, end);
        return 'true';
      case 'delete':
        return String(this.#entries.delete(place));
      case 'incr': {
        const before = Number(present?.json ?? '0');
        if (!Number.isInteger(before)) throw new Error('incr adds to whole numbers, and the value there is none');
        write(String(before + Number(value)), present === undefined ? end : present.end);
        return String(before + Number(value));
      }
      case 'cas': {
        const [expected, next] = JSON.parse(value);
        if ((present?.json ?? null) !== expected) return 'false';
        write(next, end);
        return 'true';
      }
      default:
        return this.#list(namespace, key, ...JSON.parse(value));
    }
  }

  #list(namespace, prefix, cursor, limit) {
    const front = namespace + '\0';
    const keys = [...this.#entries.keys()]
      .filter((place) => place.startsWith(front + prefix) && this.#live(place) !== undefined)
      .map((place) => place.slice(front.length))
      .filter((key) => cursor === '' || Buffer.compare(Buffer.from(key), Buffer.from(cursor)) > 0)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const shown = keys.slice(0, limit);
    return JSON.stringify(keys.length > limit ? { keys: shown, cursor: shown.at(-1) } : { keys: shown });
  }

  /** What the worker saw of a key at most a second ago; asks again when that is half a second old. */
  peek(namespace, key, ask) {
    const found = this.#remembered.get(namespace + '\0' + key);
    const age = found === undefined ? Infinity : this.#clock.nowMs - found.readMs;
    if (age > STALE_MS / 2) ask();
    return age > STALE_MS ? null : found.json;
  }

  remember(what, namespace, key, value, answer) {
    const place = namespace + '\0' + key;
    const json = { get: answer, put: value, delete: null, incr: answer }[what];
    if (json !== undefined) this.#remembered.set(place, { json, readMs: this.#clock.nowMs });
    else if (what === 'cas' && answer === 'true') {
      this.#remembered.set(place, { json: JSON.parse(value)[1], readMs: this.#clock.nowMs });
    } else if (what === 'cas') this.#remembered.delete(place);
  }
}

class HostStore {
  #gateway;
  #namespace;

  constructor(gateway, namespace) {
    this.#gateway = gateway;
    this.#namespace = namespace;
  }

  peek(key) {
    return this.#gateway.store.peek(this.#namespace, key, () => this.ask('get', key, '', 0, () => {}, () => {}));
  }

  ask(what, key, value, ttlMs, resolve, reject) {
    if (what === 'incr' && !/^-?[0-9]+$/.test(value)) return `incr adds whole numbers, and "${value}" is none`;
    // The store answers through the worker's mailbox, never inside the call.
    queueMicrotask(() => {
      let answer;
      try {
        answer = this.#gateway.store.operate(what, this.#namespace, key, value, ttlMs);
      } catch (error) {
        reject(error.message);
        return;
      }
      this.#gateway.store.remember(what, this.#namespace, key, value, answer);
      resolve(answer);
    });
    return null;
  }
}

/** One call of a hook. */
export class Call {
  #gateway;
  #exchange;
  #aboutResponse;
  #hasResponseHead;
  failure = '';
  code = 'threw';
  given = null;
  onSettled = null;

  constructor(gateway, exchange, hook) {
    this.#gateway = gateway;
    this.#exchange = exchange;
    this.#aboutResponse = hook === 'onResponse' || hook === 'onResponseBody' || hook === 'onResponseTrailers';
    this.#hasResponseHead = hook === 'onResponse';
  }

  end() {
    this.#exchange = null;
  }

  requireLive() {
    if (this.#exchange === null) throw over();
    return this.#exchange;
  }

  request() {
    return new HostRequest(this, this.#exchange);
  }

  response() {
    return new HostResponse(this, this.#exchange.response);
  }

  chunk(data, isLast) {
    return new HostChunk(this, data, isLast);
  }

  trailers(list) {
    return new Fields(this, list);
  }

  setHost(value) {
    if (this.#hasResponseHead || !/^[A-Za-z0-9.\-_[\]:]+$/.test(value)) return `"${shortened(value)}" is no acceptable host`;
    this.requireLive().host = value;
    return null;
  }

  route() {
    return this.requireLive().route;
  }

  requestId() {
    return this.requireLive().requestId;
  }

  clientAddress() {
    return this.requireLive().client.address;
  }

  clientPort() {
    return this.requireLive().client.port;
  }

  clientListener() {
    return this.requireLive().client.listener;
  }

  isClientSecure() {
    return this.requireLive().client.isSecure;
  }

  identity() {
    return JSON.stringify(this.requireLive().identity);
  }

  identify(json) {
    const who = JSON.parse(json);
    const consumer = typeof who?.consumer === 'string' ? who.consumer : null;
    const subject = who?.subject === undefined ? '' : String(who.subject);
    if (consumer === null && subject === '') return 'ctx.identify wants a consumer or a subject';
    const groups = (who.groups ?? []).map(String);
    const claims = Object.fromEntries(Object.entries(who.claims ?? {}).map(([name, value]) =>
      [name, typeof value === 'string' ? value : JSON.stringify(value)]));
    if (groups.length > NAMES_MAX || Object.keys(claims).length > NAMES_MAX) {
      return `ctx.identify takes at most ${NAMES_MAX} groups and claims`;
    }
    this.requireLive().identity = { name: consumer, subject: subject === '' ? consumer : subject, groups, claims };
    return null;
  }

  variable(name) {
    const value = this.requireLive().vars[name.includes('/') ? name : `${this.#gateway.name}/${name}`];
    return value === undefined ? null : value;
  }

  setVariable(name, value) {
    if (name === '' || name.length > 128 || name.includes('/')) {
      return "a variable's name has 1 to 128 characters and no slash: a plugin sets only its own";
    }
    this.requireLive().vars[`${this.#gateway.name}/${name}`] = value;
    return null;
  }

  endpoint() {
    return JSON.stringify(this.requireLive().endpoint);
  }

  steering() {
    return new HostSteering(this, this.#gateway);
  }

  limit(policy, key) {
    this.requireLive();
    return this.#gateway.permit(policy, key);
  }

  count(name, by) {
    this.#gateway.count(name, by);
  }

  log(level, text) {
    this.#gateway.line(level, text, this.#exchange?.requestId ?? '');
  }

  readBody(resolve, reject) {
    const exchange = this.requireLive();
    const body = this.#aboutResponse ? exchange.response.read : exchange.read;
    const max = this.#gateway.limits.bodyBytes;
    queueMicrotask(() => {
      if (body.length > max) reject(`the body is longer than limits.bodyBytes of the manifest, ${max} bytes`);
      else resolve(body.slice().buffer);
    });
  }

  setBody(data) {
    const exchange = this.requireLive();
    const body = bytesOf(data);
    if (this.#aboutResponse) {
      exchange.response.body = toBase64(body);
      exchange.response.read = body;
    } else {
      exchange.body = toBase64(body);
      exchange.read = body;
    }
    return null;
  }

  skipBody() {
    if (this.#aboutResponse) this.requireLive().skipsResponseBody = true;
    else this.requireLive().skipsRequestBody = true;
  }

  answer(status, flat, data) {
    this.requireLive();
    const headers = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const fault = fieldFault(flat[i], flat[i + 1]);
      if (fault !== null) return fault;
      headers.push([flat[i], flat[i + 1]]);
    }
    if (status < 200 || status > 599) return 'a status is a whole number from 200 to 599';
    this.given = { status, headers, body: toBase64(bytesOf(data)) };
    return null;
  }

  reject(status, reason, detail, challenge) {
    const { requestId } = this.requireLive();
    if (!(status >= 400 && status <= 599 && Number.isInteger(status))) return "a rejection's status is a whole number from 400 to 599";
    const headers = [['content-type', 'application/problem+json']];
    if (challenge !== '') {
      const fault = fieldFault('www-authenticate', challenge);
      if (fault !== null) return fault;
      headers.push(['www-authenticate', challenge]);
    }
    const problem = { type: 'about:blank', title: PHRASES[status] ?? 'Unknown', status };
    if (reason !== '') problem.reason = reason;
    if (detail !== '') problem.detail = detail;
    this.given = { status, headers, body: toBase64(utf8.encode(JSON.stringify({ ...problem, requestId }))) };
    return null;
  }

  // A request of the plugin's own is the test's to answer: nothing is given up under those who wait for it.
  flightBegan() {}

  flightEnded() {}

  badAnswer(description) {
    this.code = 'bad-answer';
    return this.failed('TypeError: ' + description);
  }

  failed(description) {
    this.failure = description.slice(0, 8000);
    return 3;
  }

  settled(outcome) {
    this.onSettled?.(outcome);
  }

  storeFault(namespace) {
    return (this.#gateway.permissions.kv ?? []).includes(namespace)
      ? null
      : `namespace "${shortened(namespace)}" is not among permissions.kv of the manifest`;
  }

  store(namespace) {
    return new HostStore(this.#gateway, namespace);
  }
}

/** The data of one exchange. */
export function exchangeOf(init) {
  const { consumer, body, vars, ...rest } = init;
  return {
    ...rest,
    path: canonical(rest.path) ?? rest.path,
    vars: { ...vars },
    read: fromBase64(body),
    body: null,
    identity: consumer === null ? null : { name: consumer, subject: consumer, groups: [], claims: {} },
    steering: {},
    endpoint: null,
    response: null,
    skipsRequestBody: false,
    skipsResponseBody: false,
    subrequests: 0,
  };
}

/** What a test sees of it. */
export function stateOf(exchange) {
  const { requestId, method, path, query, host, headers, body, identity, vars, steering, skipsRequestBody, skipsResponseBody } = exchange;
  const response = exchange.response === null
    ? null
    : { status: exchange.response.status, headers: exchange.response.headers.slice(), body: exchange.response.body };
  return { requestId, method, path, query, host, headers: headers.slice(), body, identity, vars: { ...vars }, steering: { ...steering },
    skipsRequestBody, skipsResponseBody, response };
}
