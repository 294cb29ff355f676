/**
 * Penstock's plugin API, version 1.
 *
 * A plugin is an ES module whose default export is an object of hooks. A hook that returns no promise runs at once, inside the
 * request, and never leaves the worker that serves it; a hook that returns a promise has its request wait, and the worker goes on
 * with others. What a hook writes is checked before it reaches anybody: a header that no header may be, or a status outside of 200 to
 * 599, is an error of the plugin.
 */

/** Settings of one binding, as `config` beside `use`: checked by the manifest's `configSchema`, defaults filled in, frozen. */
export type Config = Record<string, any>;

/** The hooks of a plugin; all are optional. */
export interface Plugin<C = Config, S = unknown> {
  /**
   * Called once for each binding and worker, beside the traffic, before the first request. What it returns is `ctx.state` of that
   * binding. If it throws, the change of configuration that named the plugin is refused.
   */
  setup?(config: Readonly<C>, host: Host): S | Promise<S>;
  /** Finds out who calls; only where an `auth` entry names the plugin, before all filters. */
  authenticate?(req: GatewayRequest, ctx: HookContext<C, S>): Outcome;
  /** The route is known, nothing has been sent. Return a `Response` or `ctx.reject(...)` to answer, nothing to go on. */
  onRequest?(req: GatewayRequest, ctx: HookContext<C, S>): Outcome;
  /** Before each try, with `ctx.endpoint` known. */
  onUpstreamRequest?(req: GatewayRequest, ctx: HookContext<C, S>): Outcome;
  /** The head of the answer has come. Change it, or return a `Response` instead of it. */
  onResponse?(res: GatewayResponse, ctx: HookContext<C, S>): Outcome;
  /** A part of the request's body. `undefined`: it goes on as it is; bytes or a string go on instead; `null`: nothing does. */
  onRequestBody?(chunk: Uint8Array, ctx: HookContext<C, S>, part: { last: boolean }): ChunkOutcome;
  /** A part of the answer's body; the same. */
  onResponseBody?(chunk: Uint8Array, ctx: HookContext<C, S>, part: { last: boolean }): ChunkOutcome;
  /** The trailers of the answer. */
  onResponseTrailers?(trailers: Headers, ctx: HookContext<C, S>): void | Promise<void>;
  /** The request is refused or has failed. */
  onError?(error: { reason: string; status: number; detail: string }, ctx: HookContext<C, S>): void | Promise<void>;
  /** The request has ended; nobody waits for this hook. */
  onLog?(record: LogRecord, ctx: HookContext<C, S>): void | Promise<void>;
  /** Answers in place of an upstream: a function as a backend. */
  fetch?(req: GatewayRequest, env: { config: Readonly<C> }, ctx: HookContext<C, S>): Response | Promise<Response>;
}

/** What a hook of a head gives: nothing goes on, a `Response` or a rejection answers. */
export type Outcome = void | Response | Rejection | Promise<void | Response | Rejection>;

/** What a hook of a body gives. */
export type ChunkOutcome =
  | void | null | string | Uint8Array | ArrayBuffer
  | Promise<void | null | string | Uint8Array | ArrayBuffer>;

/** Made by {@link HookContext.reject}. */
export interface Rejection {
  readonly status: number;
  readonly reason: string;
}

/** What `setup` may use. */
export interface Host {
  readonly log: { info(...parts: unknown[]): void };
}

/** The request. Nothing of it is copied before it is asked for, and reading the body does not take it away. */
export interface GatewayRequest {
  readonly method: string;
  /** Scheme, host, path and query. */
  readonly url: string;
  /** The canonical path; may be set. */
  path: string;
  /** The path that routing has seen. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly host: string;
  readonly headers: Headers;
  /** Parameters of the route's template. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string>>;
  readonly client: { readonly address: string; readonly port: number; readonly listener: string; readonly tls: object | null };
  /** Service, method and deadline of a gRPC call, or null. */
  readonly grpc: { readonly service: string; readonly method: string; readonly deadlineMs: number | null } | null;
  readonly signal: AbortSignal;
  /** Always null: a body is read as a whole here, or by the body hooks. */
  readonly body: null;
  readonly bodyUsed: boolean;
  /** The whole body, at most `limits.bodyBytes`; a longer one rejects with a RangeError. */
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  json(): Promise<any>;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  formData(): Promise<FormData>;
  /** Sends this instead of the body; the gateway sets the length. */
  setBody(body: string | Uint8Array | ArrayBuffer | URLSearchParams | Blob | FormData): void;
  clone(): GatewayRequest;
}

/** The answer's head. */
export interface GatewayResponse {
  /** 200 to 599; may be set. */
  status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: null;
  readonly bodyUsed: boolean;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  json(): Promise<any>;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  formData(): Promise<FormData>;
  setBody(body: string | Uint8Array | ArrayBuffer | URLSearchParams | Blob | FormData): void;
}

/** One request, as a hook meets it. */
export interface HookContext<C = Config, S = unknown> {
  readonly config: Readonly<C>;
  /** What this binding's `setup` returned. */
  readonly state: S;
  readonly route: string;
  readonly requestId: string;
  /** Who calls, once an authenticator has found out; else null. */
  readonly consumer: Caller | null;
  /** Values for later hooks and plugins; others read yours by `get('your-plugin/name')`. */
  readonly vars: { get(name: string): any; set(name: string, value: string | number | boolean): void };
  /** The same as `vars.get`. */
  get(name: string): any;
  /** Where this try goes; null before it is known. */
  readonly endpoint: { readonly upstream: string; readonly address: string; readonly attempt: number } | null;
  readonly upstream: Steering;
  /** A store that all workers share; the manifest's `permissions.kv` must name it. */
  kv(namespace: string): Store;
  /** Takes one permit of a limit of the configuration, counted for this key. */
  limit(key: string, policy: string): { ok: boolean; retryAfterMs: number; isFull: boolean };
  /**
   * A value that several requests share: one call of `fill` at a time for each key. Times in milliseconds. With scope `plugin` all
   * entries of the configuration that use this version share it; without, each entry has its own.
   */
  cached<T>(
    key: string,
    options: { ttl?: number; stale?: number; failTtl?: number; scope?: 'entry' | 'plugin' },
    fill: () => T | Promise<T>,
  ): Promise<T>;
  /** In `authenticate`: says who calls. */
  identify(who: string | Identity): void;
  /** In `authenticate`: lets the next authenticator try. The same as returning nothing. */
  pass(): void;
  /**
   * Made to be returned: refuses the request with a problem document (RFC 9457) of `type`, `title` (the status's phrase), `status`,
   * `reason`, `detail` and `requestId`. `challenge` goes into WWW-Authenticate.
   */
  reject(status: number, reason: string, options?: { detail?: string; challenge?: string }): Rejection;
  /** No more body hooks of this plugin for this message. */
  skipBody(): void;
  readonly metrics: { count(name: string, by?: number): void };
  readonly log: Record<'debug' | 'info' | 'warn' | 'error', (...parts: unknown[]) => void>;
  /** Lets work go on that nobody waits for; its failure is logged. */
  waitUntil(promise: Promise<unknown>): void;
}

/** Who calls, as hooks find it. A claim that is no text is its JSON. */
export interface Caller {
  /** The consumer's name in the configuration, or null. */
  readonly name: string | null;
  readonly subject: string;
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, string>>;
}

/** Who calls, as `identify` takes it. */
export type Identity =
  | { consumer: string }
  | { subject: string; groups?: string[]; claims?: Record<string, unknown> };

/** Where the request goes. */
export interface Steering {
  /** Another upstream; the manifest's `permissions.upstreams` must name it. */
  use(name: string): void;
  /** The key by which a hashing balancer chooses. Throws where the balancer does not hash. */
  hashKey(key: string): void;
  /** An endpoint that is taken if it is there and fit. */
  prefer(address: string): boolean;
  timeout(options: { totalMs: number } | number): void;
  noRetry(): void;
}

/** Values are anything that JSON can say. */
export interface Store {
  /** From this worker's cache, at most a second old; undefined if it is not there. */
  peek(key: string): any;
  get(key: string): Promise<any>;
  put(key: string, value: unknown, options?: { ttlMs?: number }): Promise<void>;
  delete(key: string): Promise<boolean>;
  incr(key: string, by?: number, options?: { ttlMs?: number }): Promise<number>;
  /** Puts `value` if what is there equals `expected` (undefined: nothing is there). */
  cas(key: string, expected: unknown, value: unknown, options?: { ttlMs?: number }): Promise<boolean>;
  /** Keys in the order of their UTF-8 octets, at most `limit` (1 to 1000); `cursor` is there if there are more, for the next call. */
  list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<{ keys: string[]; cursor?: string }>;
}

/** A request that has ended. */
export interface LogRecord {
  readonly [member: string]: unknown;
}

/** Gives an editor the types; the gateway needs no more than the object. */
export function definePlugin<C = Config, S = unknown>(plugin: Plugin<C, S>): Plugin<C, S>;

declare global {
  interface Headers {
    /** The bytes of a gRPC `-bin` header. */
    getBytes(name: string): Uint8Array | null;
  }
}
