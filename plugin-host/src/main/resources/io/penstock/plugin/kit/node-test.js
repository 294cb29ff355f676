// node:test as far as tests of plugins need it: tests, suites, subtests and hooks, one after the other, in the order of the file.
import { bridge } from '@penstock/bridge';

const TIMEOUT_MS = 30_000;
const HOOKS = ['before', 'after', 'beforeEach', 'afterEach'];

class Suite {
  constructor(name, parent) {
    this.name = name;
    this.parent = parent;
    this.tests = [];
    this.hooks = Object.fromEntries(HOOKS.map((hook) => [hook, []]));
  }

  path() {
    return this.parent === null ? [] : [...this.parent.path(), this.name];
  }
}

const root = new Suite('', null);
let current = root;

function parts(name, options, fn) {
  if (typeof name === 'function') return [name.name || '<anonymous>', {}, name];
  if (typeof options === 'function') return [name, {}, options];
  return [name, options ?? {}, fn];
}

function declare(given, more = {}) {
  const [name, options, fn] = parts(...given);
  current.tests.push({ name: String(name), options: { ...options, ...more }, fn, where: new Error().stack });
}

function group(given, more = {}) {
  const [name, options, fn] = parts(...given);
  const suite = new Suite(String(name), current);
  suite.options = { ...options, ...more };
  current.tests.push(suite);
  const outer = current;
  current = suite;
  try {
    const made = suite.options.skip ? undefined : fn?.({ name });
    if (typeof made?.then === 'function') throw new TypeError('a suite is declared at once: its function returns no promise');
  } finally {
    current = outer;
  }
}

const test = (...given) => declare(given);
test.skip = (...given) => declare(given, { skip: true });
test.todo = (...given) => declare(given, { todo: true });
const describe = (...given) => group(given);
describe.skip = (...given) => group(given, { skip: true });

const hook = (name) => (fn) => current.hooks[name].push(fn);
export const before = hook('before');
export const after = hook('after');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');

function fn(implementation = () => undefined) {
  const calls = [];
  const mocked = function (...given) {
    const call = { arguments: given, result: undefined, error: undefined };
    calls.push(call);
    try {
      call.result = implementation.apply(this, given);
      return call.result;
    } catch (error) {
      call.error = error;
      throw error;
    }
  };
  mocked.mock = { calls, callCount: () => calls.length, resetCalls: () => calls.splice(0) };
  return mocked;
}
export const mock = { fn };

const limited = (work, ms) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the test has not ended after ${ms} ms; does it wait for a time that gw.tick would have to let pass?`)), ms);
    Promise.resolve(work).then(resolve, reject).finally(() => clearTimeout(timer));
  });

function told(path, outcome, error) {
  const where = error?.stack ?? '';
  bridge.report(JSON.stringify({
    path,
    outcome,
    message: error === undefined ? '' : String(error?.message ?? error),
    stack: typeof where === 'string' ? where : '',
  }));
}

function chain(suite, name) {
  const own = suite.hooks[name];
  if (suite.parent === null) return own;
  return name === 'afterEach' ? [...own, ...chain(suite.parent, name)] : [...chain(suite.parent, name), ...own];
}

async function runTest(one, suite, path) {
  if (one.options.skip) {
    told(path, 'skipped');
    return true;
  }
  let isSkipped = false;
  let isGood = true;
  const context = {
    name: one.name,
    diagnostic: () => {},
    skip: () => {
      isSkipped = true;
    },
    todo: () => {},
    mock,
    async test(...given) {
      const [name, options, inner] = parts(...given);
      if (!(await runTest({ name: String(name), options, fn: inner }, suite, [...path, String(name)]))) isGood = false;
    },
  };
  let fault;
  try {
    if (one.fn?.length > 1) throw new TypeError('a test returns a promise here; it gets no callback');
    for (const before of chain(suite, 'beforeEach')) await before(context);
    await limited(one.fn?.(context), one.options.timeout ?? TIMEOUT_MS);
    if (!isGood) throw new Error('a subtest failed');
  } catch (error) {
    fault = error ?? new Error('thrown: nothing');
  }
  for (const after of chain(suite, 'afterEach')) {
    try {
      await after(context);
    } catch (error) {
      fault ??= error;
    }
  }
  const isGoodAtLast = fault === undefined || Boolean(one.options.todo);
  told(path, isSkipped ? 'skipped' : isGoodAtLast ? 'passed' : 'failed', isGoodAtLast ? undefined : fault);
  return isGoodAtLast;
}

async function runSuite(suite) {
  try {
    for (const before of suite.hooks.before) await before();
  } catch (error) {
    told([...suite.path(), 'before'], 'failed', error);
    return;
  }
  for (const one of suite.tests) {
    if (one instanceof Suite) {
      if (one.options.skip) told(one.path(), 'skipped');
      else await runSuite(one);
    } else {
      await runTest(one, suite, [...suite.path(), one.name]);
    }
  }
  try {
    for (const after of suite.hooks.after) await after();
  } catch (error) {
    told([...suite.path(), 'after'], 'failed', error);
  }
}

/** Runs what the file has declared. Not of node:test: the host's. */
export const run = () => runSuite(root);

export { test, test as it, describe, describe as suite };
export default Object.assign(test, { test, it: test, describe, suite: describe, before, after, beforeEach, afterEach, mock });
