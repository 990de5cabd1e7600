// Signed addresses of parts: asked for in batches, when they are needed, and each used once.

import { batchToSign } from "./plan.js";

/** `of(number)` resolves to an address for a part; `numbers` are all parts that will be sent, in that order. */
export function addresses(sign, numbers) {
  const asked = new Map(); // part → the answer, on its way, that holds its address
  const coming = new Set(numbers); // no address has been handed out yet
  return {
    async of(number) {
      if (!asked.has(number)) {
        const batch = batchToSign(number, [...coming].filter((n) => !asked.has(n)));
        const answer = sign(batch);
        answer.catch(() => batch.forEach((n) => asked.get(n) === answer && asked.delete(n)));
        for (const n of batch) asked.set(n, answer);
      }
      const answer = asked.get(number);
      asked.delete(number);
      coming.delete(number);
      return (await answer)[number];
    },
    /** The addresses that nobody has used yet are too old. */
    discard: () => asked.clear(),
  };
}
