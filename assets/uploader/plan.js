// Which bytes travel in which part. Parts are numbered from 1, as S3 does; nothing here touches the network.

/** Number of parts of a file; an empty file still is one (empty) part. */
export const partCount = (sizeBytes, partSizeBytes) => Math.max(1, Math.ceil(sizeBytes / partSizeBytes));

/** First byte and the byte after the last of part `number`. */
export function partRange({ sizeBytes, partSizeBytes }, number) {
  const start = (number - 1) * partSizeBytes;
  return { start, end: Math.min(start + partSizeBytes, sizeBytes) };
}

/** Bytes in part `number`. */
export function partBytes(plan, number) {
  const { start, end } = partRange(plan, number);
  return end - start;
}

/**
 * Parts still to be sent, in order. `finished` maps part number to the size the store has;
 * a part of the wrong size counts as missing, so a half-written one is sent again.
 */
export function missingParts(plan, finished) {
  const numbers = [];
  for (let n = 1; n <= plan.partCount; n += 1) {
    if (finished[n] !== partBytes(plan, n)) numbers.push(n);
  }
  return numbers;
}

/** Bytes of the parts that need not be sent again. */
export function finishedBytes(plan, finished) {
  const missing = new Set(missingParts(plan, finished));
  let total = 0;
  for (let n = 1; n <= plan.partCount; n += 1) if (!missing.has(n)) total += partBytes(plan, n);
  return total;
}

/** At most `limit` parts that are signed in one call, starting with the one needed now. */
export const batchToSign = (needed, waiting, limit = 16) =>
  [needed, ...waiting.filter((n) => n !== needed)].slice(0, limit);
