import assert from "node:assert/strict";
import test from "node:test";

import { dragged, horizon, plumb, tiltFromUp, turned, upFromTilt } from "../../assets/viewer/level_math.js";

const close = (a, b, tolerance = 1e-9) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

test("tilt and up are each other's inverse", () => {
  for (const [pitch, roll] of [[0, 0], [12, -3], [-20, 40], [60, 170]]) {
    const [p, r] = tiltFromUp(upFromTilt(pitch, roll));
    close(p, pitch);
    close(r, roll);
  }
});

test("every point of the horizon is seen level, and lies above the middle of a camera that looks down", () => {
  const focal = 800;
  for (const [pitch, roll] of [[10, 0], [-8, 25], [30, -14]]) {
    const up = upFromTilt(pitch, roll);
    for (const [x, y] of horizon(up, focal, 1000)) close(dot(up, [x, y, focal]), 0, 1e-6);
  }
  const [[, left], [, right]] = horizon(upFromTilt(10, 0), focal, 1000);
  close(left, -focal * Math.tan((10 * Math.PI) / 180), 1e-6);
  close(left, right, 1e-6);
  assert.equal(horizon(upFromTilt(90, 0), focal, 1000), null);
});

test("plumb lines meet in the nadir", () => {
  const focal = 700;
  const up = upFromTilt(25, 10);
  const nadir = [(up[0] / up[2]) * focal, (up[1] / up[2]) * focal];
  for (const from of [[-300, 0], [0, 0], [250, -100]]) {
    const length = Math.hypot(nadir[0] - from[0], nadir[1] - from[1]);
    const end = plumb(up, focal, from, length);
    close(end[0], nadir[0], 1e-6);
    close(end[1], nadir[1], 1e-6);
  }
});

test("dragging the middle pitches with the horizon, an end rolls about the middle", () => {
  const focal = 800;
  const [pitch, roll] = dragged([10, 2], focal, [20, 0], [20, 40], 400);
  close(pitch, 10 - (Math.atan(40 / focal) * 180) / Math.PI);
  close(roll, 2);
  const [same, turnedRoll] = dragged([10, 2], focal, [300, 0], [300 * Math.cos(0.1), 300 * Math.sin(0.1)], 400);
  close(same, 10);
  close(turnedRoll, 2 + (0.1 * 180) / Math.PI, 1e-9);
  assert.equal(dragged([88, 0], focal, [0, 0], [0, -900], 400)[0], 89);
});

test("a camera that turned shows up where it stood", () => {
  const turns = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, -1, 0, 1, 0, 0, 0, 0, 1]; // none, then a quarter turn of roll
  const up = upFromTilt(5, 0);
  assert.deepEqual(turned(null, 1, up), up);
  const here = turned(turns, 1, up, true);
  turned(turns, 1, here).forEach((value, i) => close(value, up[i]));
  close(Math.abs(tiltFromUp(here)[1]), 90);
});
