import { definePlugin } from '@penstock/plugin';
import { z } from 'zod';
import type { Config } from '../config';
import { surprise } from './surprise';

const Order = (itemsMax: number) =>
  z.object({
    customer: z.email(),
    placed: z.iso.datetime().optional(),
    callback: z.url().optional(),
    items: z.array(z.object({ sku: z.string().regex(/^[A-Z]{3}-\d+$/), count: z.coerce.number().int().positive() })).min(1).max(itemsMax),
    note: z.string().trim().default('-'),
  });

export default definePlugin<Config, ReturnType<typeof Order>>({
  setup: (config) => Order(config.itemsMax),

  async onRequest(req, ctx) {
    if (req.method !== 'POST') return;
    if (req.headers.has('x-surprise')) surprise(ctx.requestId);
    const result = ctx.state.safeParse(await req.json());
    if (!result.success) {
      const faults = result.error.issues.map((issue) => ({ at: issue.path.join('/'), code: issue.code }));
      return Response.json({ faults }, { status: 422 });
    }
    req.setBody(JSON.stringify(result.data));
  },
});
