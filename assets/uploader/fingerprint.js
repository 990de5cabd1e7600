// Which file is it? Name, size and time of change say almost always; three looks inside settle the rest, at a cost that
// does not grow with the file. Not cryptographic: crypto.subtle is missing on plain http, and nobody is to be kept out.

const SAMPLE_BYTES = 64 * 1024;

/** Two differently seeded 32-bit mixes of some bytes, as 16 hexadecimal digits. */
export function digest(bytes) {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The fingerprint of a File: the same file gives the same, in every tab and after every restart. */
export async function fingerprint(file) {
  const starts = [0, Math.floor(file.size / 2), Math.max(0, file.size - SAMPLE_BYTES)];
  const samples = await Promise.all(starts.map((at) => file.slice(at, at + SAMPLE_BYTES).arrayBuffer()));
  const about = new TextEncoder().encode([file.name, file.size, file.lastModified].join("\n"));
  return digest(new Uint8Array(await new Blob([about, ...samples]).arrayBuffer()));
}
