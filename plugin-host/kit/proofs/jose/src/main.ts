import { definePlugin } from '@penstock/plugin';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Config } from '../config';

interface State {
  keys: ReturnType<typeof createRemoteJWKSet>;
}

export default definePlugin<Config, State>({
  setup(config) {
    return { keys: createRemoteJWKSet(new URL('/jwks.json', config.issuer)) };
  },

  async authenticate(req, ctx) {
    const header = req.headers.get('authorization');
    if (header === null || !header.startsWith('Bearer ')) return ctx.pass();
    try {
      const { payload } = await jwtVerify(header.slice(7), ctx.state.keys, {
        issuer: ctx.config.issuer,
        audience: ctx.config.audience,
        clockTolerance: ctx.config.leewaySeconds,
      });
      ctx.identify({ subject: payload.sub ?? '', claims: { scope: payload.scope ?? '' } });
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return ctx.reject(401, error.code, { challenge: 'Bearer error="invalid_token"' });
    }
  },
});
