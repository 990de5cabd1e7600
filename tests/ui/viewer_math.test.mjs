import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { OrbitCamera } from "../../assets/viewer/camera.js";
import { actionOf } from "../../assets/viewer/keyboard.js";
import { multiply, multiplyRows, nlerp, perspective, quaternionToRows, smoothNormals } from "../../assets/viewer/math.js";
import { fittedBox } from "../../assets/viewer/overlay.js";
import { angleText, rangeText, scoreWords } from "../../assets/viewer/now_panel.js";
import { hexToRgb, RISK, squares, stepOfPoints } from "../../assets/viewer/risk.js";
import {
  columnRanges, columnSteps, formatTime, neighbourMoment, NONE, Span, tickStep, timeToX, xToTime,
} from "../../assets/viewer/timeline_math.js";

const close = (a, b, tolerance = 1e-6) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const about = (axis, radians) => {
  const q = [0, 0, 0, Math.cos(radians / 2)];
  q[axis] = Math.sin(radians / 2);
  return q;
};

test("nlerp: ends, middle, and the shorter way round", () => {
  const out = new Float64Array(4);
  const a = about(1, 0.2);
  const b = about(1, 1.0);
  nlerp(out, 0, a, 0, b, 0, 0);
  a.forEach((value, i) => close(out[i], value));
  nlerp(out, 0, a, 0, b, 0, 0.5);
  about(1, 0.6).forEach((value, i) => close(out[i], value, 1e-9));
  nlerp(out, 0, a, 0, b.map((v) => -v), 0, 0.5);
  about(1, 0.6).forEach((value, i) => close(out[i], value, 1e-9));
});

test("nlerp takes int16 samples as they are stored and gives unit length", () => {
  const stored = Int16Array.from([...about(0, 0.4), ...about(0, 0.9)].map((v) => Math.round(v * 32767)));
  const out = new Float32Array(4);
  nlerp(out, 0, stored, 0, stored, 4, 0.3);
  close(Math.hypot(...out), 1, 1e-6);
  nlerp(out, 0, new Int16Array(4), 0, new Int16Array(4), 0, 0.5);
  assert.deepEqual([...out], [0, 0, 0, 1]);
});

test("rotations are right-handed, orthogonal and compose", () => {
  const rows = new Float64Array(9);
  quaternionToRows(rows, 0, about(1, Math.PI / 2), 0);
  // a quarter turn about Y takes Z to X
  close(rows[2], 1);
  close(rows[5], 0);
  close(rows[8], 0);
  const half = quaternionToRows(new Float64Array(9), 0, about(1, Math.PI / 4), 0);
  const product = multiplyRows(new Float64Array(9), 0, half, 0, half, 0);
  product.forEach((value, i) => close(value, rows[i]));
});

test("matrices: product order is column-major, perspective maps near and far to −1 and 1", () => {
  const identity = new Float64Array(16);
  for (let i = 0; i < 4; i++) identity[5 * i] = 1;
  const projection = perspective(new Float64Array(16), 0.5, 1.5, 0.1, 10);
  assert.deepEqual([...multiply(new Float64Array(16), projection, identity)], [...projection]);
  const depth = (z) => (projection[10] * z + projection[14]) / -z;
  close(depth(-0.1), -1, 1e-9);
  close(depth(-10), 1, 1e-9);
});

test("smooth normals of a tetrahedron point outward with unit length", () => {
  const vertices = new Float32Array([1, 1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1]);
  const normals = smoothNormals(vertices, new Uint16Array([0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]));
  for (let v = 0; v < 4; v++) {
    const dot = [0, 1, 2].reduce((sum, i) => sum + normals[3 * v + i] * vertices[3 * v + i], 0);
    close(dot, Math.sqrt(3), 1e-5);
  }
});

test("the camera looks at the body from where it is told, and sees all of it", () => {
  const camera = new OrbitCamera();
  camera.reducedMotion = true;
  camera.frame(1.9, 0.7);
  camera.follow(2, -1);
  for (const aspect of [0.5, 1, 2]) {
    for (const [yaw, pitch] of [[0, 0.1], [Math.PI / 2, 0.1], [0.3, 1.5], [-2, 0.3]]) {
      camera.turnTo(yaw, pitch);
      camera.update(0.016, aspect);
      close(Math.atan2(camera.back[0], camera.back[2]), yaw, 1e-5);
      for (const point of [[2, 0, -1], [2, 1.9, -1], [2.5, 0.9, -1], [2, 0.9, -0.5]]) {
        const clip = [0, 1, 3].map((row) =>
          [0, 1, 2].reduce((sum, c) => sum + camera.viewProjection[4 * c + row] * point[c], camera.viewProjection[12 + row]),
        );
        assert.ok(Math.abs(clip[0] / clip[2]) < 1 && Math.abs(clip[1] / clip[2]) < 1, `${point} at ${aspect}`);
      }
    }
  }
});

test("the camera turns the short way and comes to rest", () => {
  const camera = new OrbitCamera();
  camera.turnTo(3, 0.1);
  camera.settle();
  camera.turnTo(-3, 0.1);
  close(camera.goal[0], 2 * Math.PI - 3, 1e-5);
  for (let i = 0; i < 200 && camera.moving; i++) camera.update(0.016, 1);
  assert.equal(camera.moving, false);
});

test("time to pixels and back, inside what is shown only", () => {
  const span = new Span(7);
  for (const time of [0, 1.25, 7]) close(xToTime(timeToX(time, span, 100, 640), span, 100, 640), time, 1e-9);
  assert.equal(xToTime(-50, span, 100, 640), 0);
  assert.equal(xToTime(5000, span, 100, 640), 7);
  assert.equal(timeToX(3, new Span(0), 100, 640), 100);
});

test("zooming keeps the time under the pointer where it is, and never leaves the film", () => {
  const span = new Span(100);
  const before = timeToX(30, span, 0, 1000);
  span.zoom(0.25, 30);
  close(span.length_s, 25);
  close(timeToX(30, span, 0, 1000), before);
  span.pan(1000);
  assert.deepEqual([span.from_s, span.to_s], [75, 100]);
  assert.equal(span.reveal(80), false);
  assert.equal(span.reveal(10), true);
  assert.ok(span.from_s < 10 && span.to_s > 10);
  for (let i = 0; i < 30; i++) span.zoom(0.5, 10);
  close(span.length_s, 0.5);
  span.zoom(1000, 10);
  assert.equal(span.zoomed, false);
  assert.deepEqual([span.from_s, span.to_s], [0, 100]);
});

test("a curve keeps its extremes under a pixel and breaks where nothing was seen", () => {
  const times = Float32Array.from({ length: 100 }, (_, i) => i / 10);
  const values = Float32Array.from(times, (_, i) => (i % 2 ? 40 : 10));
  values.fill(Number.NaN, 50, 60);
  const ranges = columnRanges(times, values, new Span(10), 10);
  assert.deepEqual([ranges[0], ranges[1]], [10, 40]);
  assert.ok(Number.isNaN(ranges[10]) && Number.isNaN(ranges[11]));
});

test("ticks are round and never crowd", () => {
  for (const duration of [0.7, 3, 45, 600, 7300, 36000]) {
    const step = tickStep(duration, 600);
    assert.ok((step / duration) * 600 >= 40, `${duration}: ${step}`);
  }
  assert.equal(tickStep(60, 600, 60), 10);
});

test("times in words", () => {
  assert.equal(formatTime(4.256), "4.26 s");
  assert.equal(formatTime(64.2, 1), "1:04.2");
  assert.equal(formatTime(119.999, 1), "2:00.0");
  assert.equal(formatTime(3723, 0), "1:02:03");
});

test("columns keep the worst step under a pixel, and gaps stay gaps", () => {
  const times = Float32Array.from({ length: 100 }, (_, i) => i / 10);
  const steps = new Uint8Array(100).fill(1);
  steps[50] = 4;
  steps.fill(NONE, 80, 90);
  const columns = columnSteps(times, steps, new Span(10), 20);
  assert.equal(columns[10], 4);
  assert.equal(columns[3], 1);
  assert.equal(columns[16], NONE);
  assert.equal(columns[17], NONE);
  // five samples with two seconds between them do not cover the two seconds
  const sparse = columnSteps(new Float32Array([0, 2, 4]), new Uint8Array([2, 2, 2]), new Span(6), 60);
  assert.equal(sparse[0], 2);
  assert.equal(sparse[10], NONE);
  assert.equal(sparse[20], 2);
  assert.equal(sparse[59], NONE);
  // fewer samples than pixels: each holds until the next
  const wide = columnSteps(new Float32Array([0, 0.1, 0.2]), new Uint8Array([0, 3, 1]), new Span(0.3), 30);
  assert.deepEqual([wide[0], wide[9], wide[11], wide[19], wide[29]], [0, 0, 3, 3, 1]);
});

test("moments before and after", () => {
  const moments = [{ time_s: 1 }, { time_s: 5 }];
  assert.equal(neighbourMoment(moments, 1, 1).time_s, 5);
  assert.equal(neighbourMoment(moments, 3, -1).time_s, 1);
  assert.equal(neighbourMoment(moments, 1, -1), null);
  assert.equal(neighbourMoment(moments, 6, 1), null);
});

test("keys", () => {
  const key = (name, more = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  assert.deepEqual(actionOf(key("ArrowRight")), { name: "frame", value: 1 });
  assert.deepEqual(actionOf(key("ArrowLeft", { shiftKey: true })), { name: "second", value: -1 });
  assert.deepEqual(actionOf(key(" ")), { name: "toggle" });
  assert.equal(actionOf(key(" "), true), null);
  assert.deepEqual(actionOf(key("k")), { name: "peak", value: 1 });
  assert.deepEqual(actionOf(key("2")), { name: "view", value: "side" });
  assert.equal(actionOf(key("ArrowRight", { ctrlKey: true })), null);
  assert.equal(actionOf(key("ArrowUp")), null);
  assert.equal(actionOf(key("x")), null);
  assert.deepEqual(actionOf(key("0")), { name: "span", value: 0 });
  assert.deepEqual(actionOf(key("G", { shiftKey: true })), { name: "ghost" });
  assert.deepEqual(actionOf(key("?", { shiftKey: true })), { name: "help" });
});

test("a picture in a box keeps its shape", () => {
  const box = fittedBox(800, 400, 640, 480, {});
  assert.ok(Math.abs(box.width / box.height - 4 / 3) < 1e-9);
  assert.deepEqual([box.height, box.top], [400, 0]);
  close(box.left, (800 - box.width) / 2);
});

test("the risk scale: five steps, each with its own word, squares and colour; CSS says the same", () => {
  assert.equal(new Set(RISK.map((risk) => risk.word)).size, 5);
  assert.deepEqual(RISK.map((risk) => squares(risk.step)), ["□□□□", "■□□□", "■■□□", "■■■□", "■■■■"]);
  const css = readFileSync(new URL("../../assets/viewer/frame.css", import.meta.url), "utf8");
  for (const risk of RISK) assert.match(css, new RegExp(`--ergo-risk-${risk.step}: ${risk.color};`));
});

test("the risk colours stay apart for people with red–green and blue–yellow deficiencies", () => {
  // Machado, Oliveira & Fernandes 2009, severity 1, applied to linear RGB
  const simulations = {
    protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  };
  const lab = (linear) => {
    const xyz = [
      (0.4124 * linear[0] + 0.3576 * linear[1] + 0.1805 * linear[2]) / 0.9505,
      0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2],
      (0.0193 * linear[0] + 0.1192 * linear[1] + 0.9505 * linear[2]) / 1.089,
    ].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
    return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])];
  };
  const linear = RISK.map((risk) => hexToRgb(risk.color, []).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)));
  for (const [name, m] of Object.entries(simulations)) {
    const seen = linear.map((c) =>
      lab([0, 3, 6].map((r) => Math.min(1, Math.max(0, m[r] * c[0] + m[r + 1] * c[1] + m[r + 2] * c[2])))),
    );
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < i; j++) {
        const apart = Math.hypot(...seen[i].map((value, axis) => value - seen[j][axis]));
        assert.ok(apart > 15, `${name}: steps ${j} and ${i} are ${apart.toFixed(1)} apart`);
      }
    }
  }
});

test("points of an item as risk steps", () => {
  assert.equal(stepOfPoints({ min: 1, max: 2 }, 2), 1);
  assert.equal(stepOfPoints({ min: 1, max: 6 }, 6), 4);
  assert.equal(stepOfPoints({ min: 0, max: 3 }, 3), 3);
  assert.equal(stepOfPoints({ min: 1, max: 6 }, 1), 0);
  const legs = { min: 1, max: 7, steps: [0, 0, 2, 3, 3, 2, 0] }; // codes, which do not rank
  assert.deepEqual([1, 4, 7].map((code) => stepOfPoints(legs, code)), [0, 3, 0]);
});

test("numbers in words", () => {
  assert.equal(angleText(-4.4, "°"), "−4°");
  assert.equal(angleText(-0.2, "°"), "0°");
  assert.equal(angleText(12.3, "cm"), "12 cm");
  assert.equal(rangeText({ low: 5, high: 7 }), "(5–7)");
  assert.equal(rangeText({ low: 6, high: 6 }), "");
  assert.equal(rangeText({ low: 4, high: 7, interval: [5, 6] }), "(5–6, 90 %)");
  assert.equal(rangeText({ low: 4, high: 7, interval: [6, 6] }), "");
  const levels = [{ level: 1, label: "Low" }];
  const score = { total: 2, low: 1, high: 3, level: 1 };
  assert.equal(scoreWords({ levels, scale: "points" }, score), "2 (1–3) Low");
  assert.equal(scoreWords({ levels, scale: "zones" }, score), "Low");
});
