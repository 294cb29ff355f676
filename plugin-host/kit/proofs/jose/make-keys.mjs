// Writes keys.mjs, the private keys that the tests sign with, anew at each call: none stands in the source. Under Node, before the tests
// run.
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const { subtle } = webcrypto;

async function privateKey(algorithm) {
  const { privateKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return JSON.stringify(await subtle.exportKey('jwk', privateKey));
}

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const ec = { name: 'ECDSA', namedCurve: 'P-256' };
writeFileSync(
  new URL('keys.mjs', import.meta.url),
  `export const RSA = ${await privateKey(rsa)};\nexport const EC = ${await privateKey(ec)};\n`);
