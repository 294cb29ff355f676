// Gives a Node process what a plugin finds in the gateway. Messages, headers and the hooks' arguments are made by the gateway's
// own scripts (host/*.js); clocks, timers, fetch and the console are those of the gateway under test as long as its plugin runs, and
// Node's for everybody else.
import { AsyncLocalStorage } from 'node:async_hooks';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

const running = new AsyncLocalStorage();
const folder = new URL('./host/', import.meta.url);

/** Runs something as the plugin of a gateway. */
export const inside = (gateway, task) => running.run(gateway, task);

function script(file) {
  const url = new URL(file, folder);
  return runInThisContext(readFileSync(url, 'utf8'), { filename: url.pathname });
}

const clockOfNode = performance.now.bind(performance);
const native = { fetch: globalThis.fetch, now: Date.now, setTimeout, setInterval, clearTimeout, clearInterval };
globalThis.crypto ??= webcrypto;

const refused = (...names) => Object.fromEntries(names.map((name) => [name, () => {
  throw new Error(`${name} is used in hooks only`);
}]));

// What the gateway's scripts ask of the process; with a gateway, it is the one to answer.
const host = {
  nowMs: () => running.getStore()?.clock.nowMs ?? clockOfNode(),
  epochMs: () => running.getStore()?.clock.nowMs ?? native.now(),
  log: (level, text) => running.getStore()?.line(level, text),
  background: (text) => running.getStore()?.line('error', text),
  fetch: (...parts) => running.getStore().fetch(...parts),
  ...refused('crypto', 'domainToAscii'),
};

const realm = {
  host,
  expose(members) {
    const { console: lines, fetch, ...plain } = members;
    for (const [name, value] of Object.entries(plain)) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
    }
    if (lines !== undefined) {
      for (const [name, write] of Object.entries(lines)) {
        const own = console[name].bind(console);
        console[name] = (...parts) => (running.getStore() === undefined ? own(...parts) : write(...parts));
      }
    }
    if (fetch !== undefined) {
      globalThis.fetch = (...parts) => (running.getStore() === undefined ? native.fetch(...parts) : fetch(...parts));
    }
  },
};

for (const file of ['text.js', 'fields.js', 'bodies.js', 'streams.js', 'messages.js', 'live.js', 'clock.js']) script(file)(realm);
realm.bytesOf = (buffer) => new Uint8Array(buffer).slice();

globalThis.setTimeout = (callback, delay = 0, ...args) => {
  const gateway = running.getStore();
  if (gateway === undefined) return native.setTimeout(callback, delay, ...args);
  return gateway.clock.timer(() => inside(gateway, () => callback(...args)), Number(delay) || 0, false);
};
globalThis.setInterval = (callback, delay = 0, ...args) => {
  const gateway = running.getStore();
  if (gateway === undefined) return native.setInterval(callback, delay, ...args);
  return gateway.clock.timer(() => inside(gateway, () => callback(...args)), Number(delay) || 0, true);
};
for (const name of ['clearTimeout', 'clearInterval']) {
  globalThis[name] = (id) => {
    const gateway = running.getStore();
    if (gateway === undefined) native[name](id);
    else gateway.clock.clear(id);
  };
}

performance.now = () => host.nowMs();

const nativeTimeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => {
  if (running.getStore() === undefined) return nativeTimeout(ms);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms);
  return controller.signal;
};

/** The scripts that know one plugin: its context objects, its caches, its hooks. */
export function scripts(ownHost) {
  const own = Object.assign(Object.create(realm), { host: ownHost });
  script('context.js')(own);
  script('hooks.js')(own);
  return own;
}

/** A clock that stands still until it is moved, and its timers. */
export class Clock {
  nowMs;
  #timers = new Map();
  #last = 0;

  constructor(nowMs) {
    this.nowMs = nowMs;
  }

  timer(callback, delay, isRepeating) {
    const id = ++this.#last;
    const period = Math.max(delay, isRepeating ? 1 : 0);
    this.#timers.set(id, { due: this.nowMs + period, period: isRepeating ? period : null, callback });
    return id;
  }

  clear(id) {
    this.#timers.delete(id);
  }

  /** Lets time pass; what is due runs in its order, and what it sets off settles before the next. */
  async advance(ms) {
    const until = this.nowMs + ms;
    await settled();
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.due <= until).sort(([, a], [, b]) => a.due - b.due)[0];
      if (due === undefined) break;
      const [id, timer] = due;
      this.nowMs = timer.due;
      if (timer.period === null) this.#timers.delete(id);
      else timer.due += timer.period;
      timer.callback();
      await settled();
    }
    this.nowMs = until;
  }
}

// Lets what is ready run: promises, and what they post.
async function settled() {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}
