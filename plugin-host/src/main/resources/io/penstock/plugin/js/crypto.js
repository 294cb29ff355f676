// crypto: random values, and of SubtleCrypto what tokens and signatures need. The work is the Java platform's.
(function (realm) {
  'use strict';

  const host = realm.host.crypto();
  const WRITABLE = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
    'BigInt64Array', 'BigUint64Array'];

  function getRandomValues(array) {
    if (!ArrayBuffer.isView(array) || !WRITABLE.includes(array.constructor.name)) {
      throw new TypeError('getRandomValues fills an array of integers');
    }
    if (array.byteLength > 65536) throw new DOMException('at most 65536 bytes at once', 'QuotaExceededError');
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(realm.bytesOf(host.random(array.byteLength)));
    return array;
  }

  const bytes = (source) => {
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    throw new TypeError('wanted an ArrayBuffer or a view of one');
  };

  const nameOf = (algorithm) => String(typeof algorithm === 'string' ? algorithm : algorithm?.name);
  const hashOf = (algorithm) => (algorithm?.hash === undefined ? '' : nameOf(algorithm.hash).toUpperCase());

  function canonical(algorithm) {
    const name = nameOf(algorithm);
    const known = ['HMAC', 'AES-GCM', 'RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA', 'Ed25519', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
    const found = known.find((word) => word.toLowerCase() === name.toLowerCase());
    if (found === undefined) throw new DOMException(`algorithm "${name}" is not supported here`, 'NotSupportedError');
    return found;
  }

  class CryptoKey {
    #handle;
    #type;
    #algorithm;
    #extractable;
    #usages;

    constructor(handle, algorithm, extractable, usages) {
      this.#handle = handle;
      this.#type = handle.type();
      this.#algorithm = Object.freeze(algorithm);
      this.#extractable = extractable;
      this.#usages = Object.freeze([...usages]);
    }

    get type() {
      return this.#type;
    }

    get algorithm() {
      return this.#algorithm;
    }

    get extractable() {
      return this.#extractable;
    }

    get usages() {
      return this.#usages;
    }

    get [Symbol.toStringTag]() {
      return 'CryptoKey';
    }

    static handleOf(key, usage) {
      if (!(key instanceof CryptoKey)) throw new TypeError('wanted a CryptoKey');
      if (usage !== null && !key.#usages.includes(usage)) {
        throw new DOMException(`this key may not be used to ${usage}`, 'InvalidAccessError');
      }
      return key.#handle;
    }
  }
  const { handleOf } = CryptoKey;
  delete CryptoKey.handleOf;

  const work = (start) =>
    new Promise((resolve, reject) =>
      start(resolve, (fault) => reject(new DOMException(fault, 'OperationError'))));
  const buffer = async (start) => realm.bytesOf(await work(start)).buffer;

  function settings(algorithm, key) {
    const name = canonical(algorithm);
    if (canonical(key.algorithm) !== name) throw new DOMException('the key is for another algorithm', 'InvalidAccessError');
    const hash = hashOf(algorithm) || hashOf(key.algorithm);
    return JSON.stringify({ name, hash, saltLength: Number(algorithm.saltLength ?? 0), tagLength: Number(algorithm.tagLength ?? 128) });
  }

  const subtle = {
    async digest(algorithm, data) {
      return buffer((resolve, reject) => host.digest(canonical(algorithm), bytes(data), resolve, reject));
    },

    async importKey(format, data, algorithm, extractable, usages) {
      const name = canonical(algorithm);
      const hash = hashOf(algorithm);
      const curve = String(algorithm?.namedCurve ?? '');
      const source = format === 'jwk' ? JSON.stringify(data) : bytes(data);
      const handle = host.importKey(String(format), source, JSON.stringify({ name, hash, namedCurve: curve }));
      if (typeof handle === 'string') throw new DOMException(handle, 'DataError');
      const described = { name };
      if (hash !== '') described.hash = { name: hash };
      if (curve !== '') described.namedCurve = curve;
      if (name === 'HMAC' || name === 'AES-GCM') described.length = handle.bits();
      if (name.startsWith('RSA')) described.modulusLength = handle.bits();
      return new CryptoKey(handle, described, Boolean(extractable), usages);
    },

    async exportKey(format, key) {
      if (!(key instanceof CryptoKey) || !key.extractable) throw new DOMException('this key stays inside', 'InvalidAccessError');
      const out = host.exportKey(String(format), handleOf(key, null));
      if (typeof out === 'string') throw new DOMException(out, 'NotSupportedError');
      return realm.bytesOf(out).buffer;
    },

    async sign(algorithm, key, data) {
      const handle = handleOf(key, 'sign');
      return buffer((resolve, reject) => host.sign(settings(algorithm, key), handle, bytes(data), resolve, reject));
    },

    async verify(algorithm, key, signature, data) {
      const handle = handleOf(key, 'verify');
      return work((resolve, reject) =>
        host.verify(settings(algorithm, key), handle, bytes(signature), bytes(data), resolve, reject));
    },

    async encrypt(algorithm, key, data) {
      const handle = handleOf(key, 'encrypt');
      return buffer((resolve, reject) => host.cipher(true, settings(algorithm, key), handle, bytes(algorithm.iv),
        bytes(algorithm.additionalData ?? new Uint8Array(0)), bytes(data), resolve, reject));
    },

    async decrypt(algorithm, key, data) {
      const handle = handleOf(key, 'decrypt');
      return buffer((resolve, reject) => host.cipher(false, settings(algorithm, key), handle, bytes(algorithm.iv),
        bytes(algorithm.additionalData ?? new Uint8Array(0)), bytes(data), resolve, reject));
    },
  };

  const crypto = { getRandomValues, randomUUID: () => host.uuid(), subtle: Object.freeze(subtle) };
  realm.expose({ crypto: Object.freeze(crypto), CryptoKey });
});
