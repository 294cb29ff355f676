import { definePlugin } from '@penstock/plugin';

const SHORTEST = 13;
// A number may be cut by the end of a part: as many bytes as one may have wait for the next part.
const LONGEST = 19;
const STAR = '*'.charCodeAt(0);

// Bytes, not text: a part may end inside a character, and nothing is to be made into a string only to be looked at.
const isDigit = (byte) => byte >= 48 && byte <= 57;
const isLetter = (byte) => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95;

// Luhn's check, so that order numbers stay readable.
function isCard(bytes, start, stop) {
  let sum = 0;
  for (let i = stop - 1, place = 0; i >= start; i--, place++) {
    const digit = bytes[i] - 48;
    if (place % 2 === 0) sum += digit;
    else sum += digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

function blankCards(bytes) {
  let start = 0;
  while (start < bytes.length) {
    let stop = start + 1;
    if (isDigit(bytes[start])) {
      while (stop < bytes.length && isDigit(bytes[stop])) stop++;
      const length = stop - start;
      const stands = !isLetter(bytes[start - 1]) && !isLetter(bytes[stop]);
      if (length >= SHORTEST && length <= LONGEST && stands && isCard(bytes, start, stop)) bytes.fill(STAR, start, stop);
    }
    start = stop;
  }
  return bytes;
}

const waiting = new Map();

export default definePlugin({
  onResponseBody(chunk, ctx, { last }) {
    const before = waiting.get(ctx.requestId);
    const bytes = new Uint8Array((before?.length ?? 0) + chunk.length);
    if (before !== undefined) bytes.set(before);
    bytes.set(chunk, before?.length ?? 0);

    let end = bytes.length;
    if (!last) while (end > 0 && bytes.length - end < LONGEST && isDigit(bytes[end - 1])) end--;
    if (end < bytes.length) waiting.set(ctx.requestId, bytes.slice(end));
    else waiting.delete(ctx.requestId);

    return blankCards(bytes.slice(0, end));
  },
  onLog(record, ctx) {
    waiting.delete(ctx.requestId);
  },
});
