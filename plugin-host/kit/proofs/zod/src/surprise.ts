interface Bag {
  inner?: { depth: number };
}

/** Fails, for the test that looks where. */
export function surprise(name: string): number {
  const bags: Record<string, Bag> = {};
  return bags[name].inner!.depth;
}
