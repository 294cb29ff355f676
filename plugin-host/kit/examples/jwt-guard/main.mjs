import { definePlugin } from '@penstock/plugin';

// The algorithm comes from the key, never from the token: a token must not choose how it is checked (RFC 8725, 3.1).
const ALGORITHMS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
};
const BY_TYPE = { RSA: 'RS256', EC: 'ES256', oct: 'HS256' };

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const json = (text) => JSON.parse(new TextDecoder().decode(bytes(text)));

export default definePlugin({
  async setup(config) {
    const keys = [];
    for (const jwk of config.keys) {
      const alg = jwk.alg ?? BY_TYPE[jwk.kty];
      const algorithm = ALGORITHMS[alg];
      if (algorithm === undefined) throw new Error(`key "${jwk.kid ?? ''}": algorithm ${alg} is not known`);
      keys.push({ kid: jwk.kid, alg, algorithm, key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']) });
    }
    return { keys };
  },

  async authenticate(req, ctx) {
    const header = req.headers.get('authorization');
    if (header === null || !/^bearer /i.test(header)) return ctx.pass();
    const refuse = (detail) =>
      ctx.reject(401, 'bad-token', { detail, challenge: 'Bearer error="invalid_token"' });

    const parts = header.slice(7).trim().split('.');
    if (parts.length !== 3) return refuse('the token has not three parts');
    let head, claims, signature;
    try {
      [head, claims, signature] = [json(parts[0]), json(parts[1]), bytes(parts[2])];
    } catch {
      return refuse('the token cannot be read');
    }
    const found = ctx.state.keys.find((key) => key.alg === head.alg && (head.kid === undefined || key.kid === head.kid));
    if (found === undefined) return refuse('no key for this token');
    const signed = new TextEncoder().encode(parts[0] + '.' + parts[1]);
    if (!(await crypto.subtle.verify(found.algorithm, found.key, signature, signed))) return refuse('the signature is wrong');

    const now = Date.now() / 1000;
    const leeway = ctx.config.leewaySeconds;
    if (typeof claims.exp !== 'number' || claims.exp + leeway < now) return refuse('the token has expired');
    if (typeof claims.nbf === 'number' && claims.nbf - leeway > now) return refuse('the token is not valid yet');
    if (claims.iss !== ctx.config.issuer) return refuse('another issuer');
    const audience = ctx.config.audience;
    if (audience !== undefined && ![].concat(claims.aud ?? []).includes(audience)) return refuse('another audience');
    if (typeof claims.sub !== 'string' || claims.sub === '') return refuse('the token names nobody');
    ctx.identify({ subject: claims.sub, groups: Array.isArray(claims.groups) ? claims.groups : [], claims });
  },
});
