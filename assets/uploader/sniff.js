// A look at the first bytes before anything is sent: an honest "this is no video" costs the user a second, not an
// upload. The server decides for good; what is not recognised here but might be a video is let through.

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));
const starts = (bytes, ...head) => head.every((value, i) => bytes[i] === value);

const AUDIO = [
  ["MP3", (b) => ascii(b, 0, 3) === "ID3" || (b[0] === 0xff && (b[1] & 0xe6) === 0xe2)],
  ["FLAC", (b) => ascii(b, 0, 4) === "fLaC"],
  ["WAV", (b) => ascii(b, 0, 4) === "RIFF" && ascii(b, 8, 12) === "WAVE"],
  ["M4A", (b) => ascii(b, 4, 8) === "ftyp" && ["M4A ", "M4B "].includes(ascii(b, 8, 12))],
  ["AIFF", (b) => ascii(b, 0, 4) === "FORM" && ascii(b, 8, 11) === "AIF"],
];

const OTHER = [
  ["a PNG picture", (b) => starts(b, 0x89, 0x50, 0x4e, 0x47)],
  ["a JPEG picture", (b) => starts(b, 0xff, 0xd8, 0xff)],
  ["a GIF picture", (b) => ascii(b, 0, 4) === "GIF8"],
  ["a WebP picture", (b) => ascii(b, 0, 4) === "RIFF" && ascii(b, 8, 12) === "WEBP"],
  ["a HEIC picture", (b) => ascii(b, 4, 8) === "ftyp" && ["heic", "heix", "mif1", "avif"].includes(ascii(b, 8, 12))],
  ["a PDF document", (b) => ascii(b, 0, 5) === "%PDF-"],
  ["a ZIP archive", (b) => starts(b, 0x50, 0x4b, 0x03, 0x04)],
  ["a program", (b) => starts(b, 0x7f, 0x45, 0x4c, 0x46) || ascii(b, 0, 2) === "MZ"],
];

/** Printable text without a single control byte: no container of moving pictures looks like that. */
function isText(bytes) {
  return bytes.length > 0 && bytes.every((b) => b >= 0x20 || b === 9 || b === 10 || b === 13);
}

/**
 * Why a file cannot be a video, or null when it may be one.
 * @param {Uint8Array} bytes the first bytes of the file, 512 are plenty
 * @param {number} sizeBytes size of the whole file
 * @param {number} maxBytes largest size the server accepts
 * @returns {{code: string, message: string, hint: string} | null} the server's own error codes
 */
export function whyNotAVideo(bytes, sizeBytes, maxBytes = Infinity) {
  if (sizeBytes === 0) {
    return {
      code: "EmptyFile",
      message: "This file is empty: it has zero bytes.",
      hint: "If it came from a phone or a cloud folder, wait until it is fully copied and choose it again.",
    };
  }
  if (sizeBytes > maxBytes) {
    return {
      code: "VideoTooLarge",
      message: `This file is larger than the ${Math.round(maxBytes / 1e9)} GB accepted here.`,
      hint: "Cut the film to the part of the work that matters.",
    };
  }
  const audio = AUDIO.find(([, matches]) => matches(bytes));
  if (audio) {
    return {
      code: "NoVideoStream",
      message: `This is a sound file (${audio[0]}): it holds no picture.`,
      hint: "Choose the film itself: MP4, MOV, MKV, WebM or AVI.",
    };
  }
  const other = OTHER.find(([, matches]) => matches(bytes));
  if (other || isText(bytes)) {
    return {
      code: "NotAVideo",
      message: `This is ${other ? other[0] : "a text file"}, not a video.`,
      hint: "Choose a film of the work: MP4, MOV, MKV, WebM or AVI.",
    };
  }
  return null;
}
