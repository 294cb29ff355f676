// The way to the host that runs these tests. Nobody else finds it.
export const bridge = globalThis.penstockTests;
delete globalThis.penstockTests;
