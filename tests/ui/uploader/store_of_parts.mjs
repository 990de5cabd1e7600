// A real HTTP server that takes parts and stumbles as told.

import { createServer } from "node:http";

/**
 * `trouble(number, attempt)` may answer with a status, [status, headers], "drop" (nothing kept), "cut" (kept, but the
 * answer is lost), or a promise of one of these.
 */
export async function storeOfParts(trouble = () => null) {
  const parts = new Map();
  const tries = new Map();
  const signedAs = [];
  let open = 0;
  let mostOpen = 0;
  let signings = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://x");
    const number = Number(url.pathname.slice(1));
    const attempt = (tries.get(number) ?? 0) + 1;
    tries.set(number, attempt);
    signedAs.push(url.searchParams.get("sig"));
    mostOpen = Math.max(mostOpen, (open += 1));
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const answer = await trouble(number, attempt);
      open -= 1;
      if (answer === "drop") return request.socket.destroy();
      if (!answer || answer === "cut") parts.set(number, Buffer.concat(chunks));
      if (answer === "cut") return request.socket.destroy();
      const [status, headers] = [answer ?? 200].flat();
      response.writeHead(status, headers).end();
    });
    request.on("close", () => !request.complete && (open -= 1));
  });
  server.on("connection", (socket) => socket.unref()).unref(); // a test that fails does not close it
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    parts,
    tries,
    signedAs,
    mostOpen: () => mostOpen,
    async sign(numbers) {
      signings += 1;
      const { port } = server.address();
      return Object.fromEntries(numbers.map((n) => [n, `http://127.0.0.1:${port}/${n}?sig=${signings}`]));
    },
    finished: () => Object.fromEntries([...parts].map(([number, part]) => [number, part.length])),
    whole: () => new Uint8Array(Buffer.concat([...parts.keys()].sort((a, b) => a - b).map((n) => parts.get(n)))),
    close: () => (server.closeAllConnections(), server.close()),
  };
}
