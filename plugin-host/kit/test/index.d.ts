/**
 * Tests of Penstock plugins. The same files run under Node (`node --test`) and in the gateway's own host (`penstock plugin test`).
 *
 * ```js
 * const gw = await host('./plugin.json', { config: { header: 'x-api-key' } });
 * const r = await gw.request('GET /orders/7', { headers: { 'x-api-key': 'k-1' } });
 * assert.equal(r.status, 200);
 * ```
 */

/** A number of milliseconds, or a text such as `'500ms'`, `'30s'`, `'11m'`, `'2h'`. */
export type Duration = number | string;

/** A body: text, bytes, or a list of those, which are the parts that body hooks get. */
export type Body = string | Uint8Array | ArrayBuffer | (string | Uint8Array)[];

/** Headers by name; a list is several headers of that name. */
export type HeadersInit = Record<string, string | string[]> | [string, string][] | Headers;

/** What the upstream answers: 200 without a body where nothing is said. */
export interface Reply {
  status?: number;
  headers?: HeadersInit;
  body?: Body;
  trailers?: HeadersInit;
}

export interface HostOptions {
  /** Settings of the binding, checked by the manifest's `configSchema`. */
  config?: Record<string, unknown>;
  /** What the plugin's store holds at the beginning, by namespace and key. */
  kv?: Record<string, Record<string, unknown>>;
  /** Where the gateway's clock stands; it moves by `tick` alone. Default: now. */
  now?: Date | number | string;
  /** Answers requests of the plugin's own. Throwing is a connection that failed. */
  fetch?(request: Request): Response | Promise<Response>;
  /** Answers what the gateway sends on. Throwing is an endpoint that cannot be reached. */
  upstream?: Reply | ((request: Sent) => Reply | Response | Promise<Reply | Response>);
  /** Named limits for `ctx.limit`: so many permits for each key in each period. */
  limits?: Record<string, { permits: number; per?: Duration }>;
  /** Secrets of the gateway, for settings such as `{"secret": "NAME"}`. */
  secrets?: Record<string, string>;
  /** The route's name. */
  route?: string;
  /** Where the configuration names the plugin. Default: `auth` for one that authenticates, where no other hook of it runs. */
  place?: 'auth' | 'filters';
}

export interface RequestOptions {
  headers?: HeadersInit;
  body?: Body;
  upstream?: HostOptions['upstream'];
  client?: { address?: string; port?: number; listener?: string; isSecure?: boolean };
  /** Parameters of the route's template. */
  params?: Record<string, string>;
  /** Who calls, as another authenticator found out before. */
  consumer?: string;
  /** Variables that other plugins have set, such as `token-guard/tenant`. */
  vars?: Record<string, string | number | boolean>;
  route?: string;
  requestId?: string;
}

/** A message with its body. */
export interface Message {
  readonly headers: Headers;
  /** The body as text. */
  readonly body: string;
  readonly bytes: Uint8Array;
  json(): any;
}

/** What went to the upstream. */
export interface Sent extends Message {
  /** The upstream that the plugin chose, or `upstream`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Path and query. */
  readonly url: string;
  readonly host: string;
  readonly prefer: string | null;
  readonly timeoutMs: number | null;
  readonly mayRetry: boolean;
}

/** What came of a request. */
export interface Result extends Message {
  readonly status: number;
  readonly trailers: Headers;
  /** False where a body hook failed when the head had left already. */
  readonly isWhole: boolean;
  /** What went to the upstream; null if nothing did. */
  readonly upstream: Sent | null;
  /** Who calls; null if nobody has said. */
  readonly consumer: { name: string | null; subject: string; groups: string[]; claims: Record<string, string> } | null;
  readonly vars: Record<string, string | number | boolean>;
  /** Why the plugin failed, as the gateway counts it; null if it did not. */
  readonly fault: { code: string; text: string } | null;
  /** The lines that the plugin wrote about this request. */
  readonly log: LogLine[];
  /** Time in the plugin's hooks, in microseconds. */
  readonly cpuMicros: number;
  readonly requestId: string;
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly requestId: string;
  readonly text: string;
}

/** A gateway with one route, in which the plugin stands. */
export interface Gateway {
  /** Sends a request: method and target, such as `GET /orders/7?a=1` or `GET https://shop.example/orders/7`. */
  request(line: string, options?: RequestOptions): Promise<Result>;
  /** Lets time pass: timers run, entries of the store end. What is asked after it happens after it. */
  tick(duration: Duration): Promise<void>;
  /** The gateway's clock, in milliseconds since 1970. */
  now(): number;
  /** The plugin's store. */
  kv(namespace: string): {
    get(key: string): Promise<any>;
    put(key: string, value: unknown, options?: { ttlMs?: number }): Promise<void>;
    delete(key: string): Promise<boolean>;
  };
  /** All lines that the plugin wrote, those of `setup` too. */
  readonly log: LogLine[];
  /** The hooks that the plugin has. */
  readonly hooks: readonly string[];
  close(): void;
}

/** Starts the plugin of a manifest; rejects where the gateway would refuse it or its settings. */
export function host(manifest: string | URL, options?: HostOptions): Promise<Gateway>;
