// node:assert, strict, as far as tests of plugins need it.

const INDENT = 2;

export class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message);
    this.name = 'AssertionError';
    this.code = 'ERR_ASSERTION';
    this.generatedMessage = true;
    Object.assign(this, { actual, expected, operator });
  }
}

function shown(value) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[Function ${value.name}]`;
  if (value instanceof Error) return `[${value.name}: ${value.message}]`;
  if (value instanceof RegExp || typeof value === 'symbol' || typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name} ${shown([...value])}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} ${shown(Array.from(value))}`;
  try {
    const text = JSON.stringify(value, (key, item) => (typeof item === 'bigint' ? `${item}n` : item), INDENT) ?? String(value);
    return text.length > 2000 ? text.slice(0, 2000) + '...' : text;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function fault(message, standard, actual, expected, operator) {
  if (message instanceof Error) return message;
  return new AssertionError({ message: message === undefined ? standard : String(message), actual, expected, operator });
}

function isSame(a, b, pairs = []) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (pairs.some(([x, y]) => x === a && y === b)) return true;
  const seen = [...pairs, [a, b]];
  if (a instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Error && (a.name !== b.name || a.message !== b.message)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (a instanceof ArrayBuffer) return isSame(new Uint8Array(a), new Uint8Array(b), seen);
  if (a instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key), seen));
  }
  if (a instanceof Set) return a.size === b.size && [...a].every((item) => b.has(item) || [...b].some((other) => isSame(item, other, seen)));
  if (Array.isArray(a) && a.length !== b.length) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key], seen));
}

function isAsExpected(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    if (Error.isPrototypeOf(expected) || expected === Error) return false;
    return expected.call({}, error) === true;
  }
  return Object.entries(expected).every(([key, value]) =>
    value instanceof RegExp && typeof error?.[key] === 'string' ? value.test(error[key]) : isSame(error?.[key], value));
}

function checkThrown(error, expected, message) {
  if (isAsExpected(error, expected)) return;
  throw fault(message, `thrown was ${shown(error)}, wanted ${shown(expected)}`, error, expected, 'throws');
}

export function ok(value, message) {
  if (!value) throw fault(message, `found ${shown(value)}, wanted something true`, value, true, '==');
}

export function strictEqual(actual, expected, message) {
  if (!Object.is(actual, expected)) {
    throw fault(message, `found ${shown(actual)}, wanted ${shown(expected)}`, actual, expected, 'strictEqual');
  }
}

export function notStrictEqual(actual, expected, message) {
  if (Object.is(actual, expected)) throw fault(message, `found ${shown(actual)}, wanted another`, actual, expected, 'notStrictEqual');
}

export function deepStrictEqual(actual, expected, message) {
  if (!isSame(actual, expected)) {
    throw fault(message, `found ${shown(actual)}, wanted ${shown(expected)}`, actual, expected, 'deepStrictEqual');
  }
}

export function notDeepStrictEqual(actual, expected, message) {
  if (isSame(actual, expected)) throw fault(message, `found ${shown(actual)}, wanted another`, actual, expected, 'notDeepStrictEqual');
}

export function match(text, pattern, message) {
  if (typeof text !== 'string' || !pattern.test(text)) throw fault(message, `found ${shown(text)}, wanted ${pattern}`, text, pattern, 'match');
}

export function doesNotMatch(text, pattern, message) {
  if (typeof text !== 'string' || pattern.test(text)) {
    throw fault(message, `found ${shown(text)}, wanted nothing like ${pattern}`, text, pattern, 'doesNotMatch');
  }
}

export function fail(message) {
  throw fault(message, 'failed', undefined, undefined, 'fail');
}

export function ifError(value) {
  if (value !== null && value !== undefined) throw value;
}

const split = (expected, message) => (typeof expected === 'string' ? [undefined, expected] : [expected, message]);

export function throws(task, wanted, text) {
  const [expected, message] = split(wanted, text);
  let thrown;
  try {
    task();
  } catch (error) {
    thrown = [error];
  }
  if (thrown === undefined) throw fault(message, 'nothing was thrown', undefined, expected, 'throws');
  checkThrown(thrown[0], expected, message);
}

export function doesNotThrow(task, message) {
  try {
    task();
  } catch (error) {
    throw fault(message, `thrown was ${shown(error)}`, error, undefined, 'doesNotThrow');
  }
}

const begun = async (work) => (typeof work === 'function' ? work() : work);

export async function rejects(work, wanted, text) {
  const [expected, message] = split(wanted, text);
  let thrown;
  try {
    await begun(work);
  } catch (error) {
    thrown = [error];
  }
  if (thrown === undefined) throw fault(message, 'the promise was not rejected', undefined, expected, 'rejects');
  checkThrown(thrown[0], expected, message);
}

export async function doesNotReject(work, message) {
  try {
    await begun(work);
  } catch (error) {
    throw fault(message, `rejected with ${shown(error)}`, error, undefined, 'doesNotReject');
  }
}

export { strictEqual as equal, notStrictEqual as notEqual, deepStrictEqual as deepEqual, notDeepStrictEqual as notDeepEqual };

const assert = Object.assign((value, message) => ok(value, message), {
  AssertionError, ok, equal: strictEqual, strictEqual, notEqual: notStrictEqual, notStrictEqual, deepEqual: deepStrictEqual, deepStrictEqual,
  notDeepEqual: notDeepStrictEqual, notDeepStrictEqual, match, doesNotMatch, fail, ifError, throws, doesNotThrow, rejects, doesNotReject,
});
assert.strict = assert;
export { assert as strict };
export default assert;
