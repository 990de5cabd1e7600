// viewer.bin as typed arrays. The arrays are views into the one downloaded buffer: nothing is copied.

export const MISSING_I16 = -32768;
export const MISSING_U8 = 255;

// Samples further apart than this are a gap: the body is held, not interpolated (seconds).
export const LONGEST_BRIDGE_S = 0.3;

const ARRAY_TYPES = {
  f4: Float32Array, u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array,
};

const REQUIRED = [
  "vertices_m", "faces", "skin_joints", "skin_weights", "colors", "joint_region", "joints_rest_m", "parents",
  "timestamps_s", "valid", "moving_joints", "rotations", "transl_m", "keypoints", "keypoint_confidence", "angles",
];

/**
 * Decode viewer.bin.
 * @param {ArrayBuffer} buffer
 * @returns {{meta: object, frameCount: number, arrays: Object<string, TypedArray>, shapes: Object<string, number[]>}}
 * @throws {Error} with a sentence for the user when the file is cut short, of another kind or another version.
 */
export function decode(buffer) {
  const file = unpack(buffer);
  for (const name of REQUIRED) if (!(name in file.arrays)) throw new Error(`The result lacks "${name}".`);
  return { ...file, frameCount: file.arrays.timestamps_s.length };
}

/** Any file of this format: its meta data and arrays. */
export function unpack(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== "ERGO") {
    throw new Error("This file is not a result of Ergo.");
  }
  const headerLength = new DataView(buffer).getUint32(4, true);
  const start = 8 + headerLength;
  if (start > bytes.length) throw new Error("The result is cut short.");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  if (header.version !== 1) throw new Error(`The result is of version ${header.version}; this page reads version 1.`);
  const arrays = {};
  const shapes = {};
  for (const [name, entry] of Object.entries(header.arrays)) {
    const Type = ARRAY_TYPES[entry.dtype];
    if (!Type) throw new Error(`The result holds numbers of an unknown kind (${entry.dtype}).`);
    const length = entry.shape.reduce((product, n) => product * n, 1);
    if (start + entry.offset + length * Type.BYTES_PER_ELEMENT > bytes.length) throw new Error("The result is cut short.");
    arrays[name] = new Type(buffer, start + entry.offset, length);
    shapes[name] = entry.shape;
  }
  return { meta: header.meta, arrays, shapes };
}

/** Index of the last time not after t (0 when t is before the first). */
export function indexAt(times, t) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the time nearest to t. */
export function nearestIndex(times, t) {
  const i = indexAt(times, t);
  return i + 1 < times.length && times[i + 1] - t < t - times[i] ? i + 1 : i;
}

/**
 * Where t falls between the samples, written into `out`: the two samples, the fraction from the first to the
 * second, the nearest sample, and whether the body was seen there. A gap is not bridged.
 */
export function locate(times, valid, t, out) {
  const i = indexAt(times, t);
  const j = Math.min(i + 1, times.length - 1);
  const span = times[j] - times[i];
  const fraction = span > 0 ? Math.min(1, Math.max(0, (t - times[i]) / span)) : 0;
  out.nearest = fraction > 0.5 ? j : i;
  if (valid[i] && valid[j] && span <= LONGEST_BRIDGE_S) {
    out.first = i;
    out.second = j;
    out.fraction = fraction;
  } else {
    out.first = out.second = out.nearest;
    out.fraction = 0;
  }
  out.seen = valid[out.nearest] === 1;
  return out;
}

/** Sample and values of one method and side at a sample, or null where it was not assessed. */
export function scoreAt(data, methodId, side, frame) {
  const prefix = `${methodId}.${side}`;
  const total = data.arrays[`${prefix}.total`]?.[frame] ?? 0;
  if (total === 0) return null;
  const sure = data.arrays[`${prefix}.p05`]; // files without drawn errors show what unknowns leave open
  return {
    side,
    total,
    low: data.arrays[`${prefix}.low`][frame],
    high: data.arrays[`${prefix}.high`][frame],
    interval: sure ? [sure[frame], data.arrays[`${prefix}.p95`][frame]] : null,
    level: data.arrays[`${prefix}.level`][frame],
  };
}

// The side of a method that judges the body as a whole.
export const WHOLE_BODY = "both";

/** Whether a method judges the body as a whole, so that there is no side to choose. */
export function isWholeBody(method) {
  return method.sides.length === 1 && method.sides[0] === WHOLE_BODY;
}

/** A method with its side in words: "RULA left", but "OWAS". */
export function methodWords(method, side) {
  return side === WHOLE_BODY || !side ? method.label : `${method.label} ${side}`;
}

/** The side to show: the chosen one, or for "worst" the side with the higher total at this sample. */
export function resolveSide(data, method, side, frame) {
  if (isWholeBody(method)) return WHOLE_BODY;
  if (side !== "worst") return side;
  let best = method.sides[0];
  let bestTotal = -1;
  for (const candidate of method.sides) {
    const total = data.arrays[`${method.id}.${candidate}.total`]?.[frame] ?? 0;
    if (total > bestTotal) {
      best = candidate;
      bestTotal = total;
    }
  }
  return best;
}

/** Risk steps 0–4 of the body regions at a sample, written into `out`; "worst" takes the higher of both sides. */
export function regionSteps(data, method, side, frame, out) {
  out.fill(0);
  for (const candidate of method.sides) {
    if (side !== "worst" && side !== candidate && candidate !== WHOLE_BODY) continue;
    const levels = data.arrays[`${method.id}.${candidate}.regions`];
    if (!levels) continue;
    for (let r = 0; r < out.length; r++) out[r] = Math.max(out[r], levels[frame * out.length + r]);
  }
  return out;
}

const columns = new WeakMap();

/** All values of an angle in its unit, NaN where it was not seen; made once for each angle. */
export function angleValues(data, column) {
  if (!columns.has(data)) columns.set(data, new Map());
  const kept = columns.get(data);
  if (!kept.has(column)) {
    const count = data.meta.angles.length;
    kept.set(column, Float32Array.from({ length: data.frameCount }, (_, frame) => {
      const raw = data.arrays.angles[frame * count + column];
      return raw === MISSING_I16 ? Number.NaN : raw / 10;
    }));
  }
  return kept.get(column);
}

/** Seconds for which each sample stands: until the next one, but never longer than a gap. */
export function sampleSeconds(times) {
  const last = times.length > 1 ? times[times.length - 1] - times[times.length - 2] : 0;
  return Float32Array.from(times, (time, i) => Math.min(LONGEST_BRIDGE_S, (times[i + 1] ?? time + last) - time));
}

/** Value of an angle at a sample in its unit, or null where it was not seen. */
export function angleAt(data, column, frame) {
  const raw = data.arrays.angles[frame * data.meta.angles.length + column];
  return raw === MISSING_I16 ? null : raw / 10;
}
