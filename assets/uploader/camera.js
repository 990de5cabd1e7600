// Recording with the camera of this device: from a permission to a File, which then is uploaded like any other.

const PICTURE = { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 30 } };
const BITS_PER_SECOND = 8_000_000;
const SLICE_MS = 1000;
const TYPES = ["video/mp4;codecs=avc1.640028", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];

const REFUSALS = {
  NotAllowedError: [
    "The browser may not use the camera.",
    "Allow the camera for this page: the symbol beside the address, or the browser's settings for this site.",
  ],
  NotFoundError: ["No camera was found on this device.", "Connect one, or choose a video that was filmed before."],
  NotReadableError: ["The camera is in use or does not answer.", "Close the program that uses it, then try again."],
  OverconstrainedError: ["The chosen camera is no longer there.", "Choose another camera."],
  Insecure: [
    "Recording needs a secure address.",
    "Open this page over https, or on the machine it runs on. Choosing a video works everywhere.",
  ],
  Unsupported: ["This browser cannot record video.", "Use a current Chrome, Edge, Firefox or Safari."],
};

/** Why the camera cannot be used, in words: `code` is the browser's name for it. */
export function refusal(error) {
  const [message, hint] = REFUSALS[error.name] ?? ["The camera could not be opened.", "Try again."];
  return { code: error.name, message, hint };
}

/** The camera's stream, sound off. Rejects with an error for `refusal`. */
export async function openCamera(deviceId, host = globalThis) {
  const named = (name) => Object.assign(new Error(name), { name });
  if (!host.navigator.mediaDevices?.getUserMedia) throw named("Insecure");
  if (!host.MediaRecorder) throw named("Unsupported");
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
  return host.navigator.mediaDevices.getUserMedia({ video: { ...PICTURE, ...which }, audio: false });
}

/** The cameras to choose from, as `{ id, name }`; names are known only once one has been allowed. */
export async function cameras(host = globalThis) {
  const devices = await host.navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind }) => kind === "videoinput")
    .map(({ deviceId, label }, i) => ({ id: deviceId, name: label || `Camera ${i + 1}` }));
}

/** The first kind of file, of those that Ergo reads, that this browser can write. */
export const recordingType = (supported) => TYPES.find(supported) ?? "";

/** "Recording 2026-11-26 10-15-07.mp4" */
export function recordingName(type, at = new Date()) {
  const two = (n) => String(n).padStart(2, "0");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join("-");
  return `Recording ${day} ${time}.${type.startsWith("video/mp4") ? "mp4" : "webm"}`;
}

/** Record `stream` from now on; `ended` resolves to the File once `stop()` was called or the camera went away. */
export function record(stream, host = globalThis) {
  const type = recordingType((name) => host.MediaRecorder.isTypeSupported(name));
  const recorder = new host.MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_PER_SECOND });
  const name = recordingName(type);
  const slices = [];
  const ended = new Promise((resolve, reject) => {
    recorder.ondataavailable = ({ data }) => data.size > 0 && slices.push(data);
    recorder.onstop = () => resolve(new File(slices, name, { type, lastModified: Date.now() }));
    recorder.onerror = ({ error }) => reject(error);
  });
  recorder.start(SLICE_MS);
  return { ended, stop: () => recorder.state !== "inactive" && recorder.stop() };
}
