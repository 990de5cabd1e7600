import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { angleSentence, arcPath, baseAngle, DRAWN } from "../../assets/viewer/angle_drawing.js";
import { FOV, OrbitCamera } from "../../assets/viewer/camera.js";
import { curveRange, curveStates, HIDDEN, KNOWN } from "../../assets/viewer/curve.js";
import { angleValues, decode, sampleSeconds } from "../../assets/viewer/data.js";
import { bandShares, itemsOfRegion, peakStep, regionShares, shareFrom, storyOf } from "../../assets/viewer/heat.js";
import { pickRegion } from "../../assets/viewer/pick.js";
import { handWays, Pose } from "../../assets/viewer/pose.js";
import { Stories } from "../../assets/viewer/stories.js";
import { bandWords } from "../../assets/viewer/story_panel.js";
import { NONE } from "../../assets/viewer/timeline_math.js";

const expected = JSON.parse(process.env.ERGO_VIEWER_EXPECTED ?? "null");
const bytes = readFileSync(process.env.ERGO_VIEWER_BIN);
const data = decode(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const [rula, reba, owas] = data.meta.methods;

test("shares of time add up to one, and the worse side has at least either side's", () => {
  const worst = regionShares(data, rula, "worst");
  for (const steps of worst) if (steps) assert.ok(Math.abs(steps.reduce((a, b) => a + b) - 1) < 1e-6);
  const trunk = data.meta.regions.indexOf("trunk");
  for (const side of ["left", "right"]) {
    assert.ok(shareFrom(worst[trunk]) >= shareFrom(regionShares(data, rula, side)[trunk]) - 0.2);
  }
  assert.ok(shareFrom(worst[trunk]) > 0);
});

test("a part that was hardly seen has no share, not a share of nothing", () => {
  const hand = data.meta.regions.indexOf("right_hand");
  const items = data.arrays["rula.right.items"];
  const unseen = { ...data, arrays: { ...data.arrays, "rula.right.items": items.slice() } };
  rula.items.forEach((item, at) => {
    if (!item.regions.includes("side_hand")) return;
    for (let frame = 0; frame < data.frameCount; frame++) unseen.arrays["rula.right.items"][frame * rula.items.length + at] = 255;
  });
  assert.equal(regionShares(unseen, rula, "worst")[hand], null);
  assert.notEqual(regionShares(unseen, rula, "worst")[data.meta.regions.indexOf("trunk")], null);
  assert.equal(regionShares(data, owas, "worst")[data.meta.regions.indexOf("head")], null); // OWAS says nothing of it
});

test("a part is painted with what it reaches in the worst twentieth of the time", () => {
  assert.equal(peakStep([0.5, 0.3, 0.16, 0.04, 0]), 2);
  assert.equal(peakStep([0.5, 0.3, 0.15, 0.04, 0.01]), 3);
  assert.equal(peakStep([1, 0, 0, 0, 0]), 0);
});

test("a part leads to the item that judges it and to the angle of its side", () => {
  assert.deepEqual(itemsOfRegion(rula, "right_upper_arm").map((item) => item.id), ["upper_arm"]);
  const story = storyOf(data, rula, rula.items.find((item) => item.id === "upper_arm"), "right");
  assert.equal(story.angle.id, "right_shoulder_flexion");
  assert.deepEqual(story.bands.map((band) => band.end), [-20, 20, 45, 90, 180]);
  assert.equal(storyOf(data, reba, reba.items.find((item) => item.id === "load"), "left"), null);
  assert.equal(storyOf(data, owas, owas.items[0], "left").angle.id, "trunk_flexion");
  const arms = owas.items.find((item) => item.id === "arms");
  for (const side of ["left", "right"]) {
    const { angle, bands, cause } = storyOf(data, owas, arms, side);
    assert.equal(angle.id, `${side}_arm_elevation_gravity`);
    assert.deepEqual(bands.map((band) => band.end), [90, 180]);
    assert.match(cause.assumed, /other arm were down/);
  }
});

test("time in the bands of an angle is that of its samples", () => {
  const story = storyOf(data, rula, rula.items.find((item) => item.id === "trunk"), "left");
  const { shares, seen } = bandShares(data, story);
  assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-6);
  const [start, end] = expected.gap;
  assert.ok(seen < 1 && seen > 1 - (2 * (end - start)) / data.frameCount);
  const values = angleValues(data, story.column);
  assert.ok(Number.isNaN(values[start]));
  assert.ok(curveRange(values, story.bands)[1] > expected.trunk_flexion);
  assert.ok(Math.abs(sampleSeconds(data.arrays.timestamps_s)[3] - 1 / 15) < 1e-3);
});

test("a curve says where the worker was not seen, where only its part was not, and bridges a blink", () => {
  const times = Float32Array.from({ length: 12 }, (_, i) => i / 10);
  const values = new Float32Array(12).fill(20);
  values.fill(Number.NaN, 1, 2);
  values.fill(Number.NaN, 5, 11);
  const valid = new Uint8Array(12).fill(1);
  valid.fill(0, 8, 10);
  const [K, H] = [KNOWN, HIDDEN];
  assert.deepEqual([...curveStates(times, values, valid)], [K, K, K, K, K, H, H, H, NONE, NONE, H, K]);
});

test("bands in words", () => {
  const bands = [{ start: -90, end: -20 }, { start: -20, end: 20 }, { start: 20, end: 180 }];
  assert.deepEqual(bands.map((_, at) => bandWords(bands, at)), ["under −20°", "−20° to 20°", "over 20°"]);
});

test("an arc goes the short way round", () => {
  assert.equal(arcPath([0, 0], [0, -10], [10, 0], 5), "M0.0 -5.0A5 5 0 0 1 5.0 0.0");
  assert.equal(arcPath([0, 0], [0, -10], [-10, 0], 5), "M0.0 -5.0A5 5 0 0 0 -5.0 0.0");
});

test("a click on the picture of a part means that part, beside the body nothing", () => {
  const pose = new Pose(data).evaluate(0, 0, 0);
  const camera = new OrbitCamera();
  camera.frame(1.8, 0.8);
  camera.follow(pose.joints_m[0], pose.joints_m[2]);
  camera.turnTo(expected.heading_rad, 0.05);
  camera.settle();
  camera.update(0.016, 1);
  const m = camera.viewProjection;
  const middle = (a, b) => {
    const [x, y, z] = [0, 1, 2].map((axis) => (pose.joints_m[3 * a + axis] + pose.joints_m[3 * b + axis]) / 2);
    const w = m[3] * x + m[7] * y + m[11] * z + m[15];
    return [(m[0] * x + m[4] * y + m[8] * z + m[12]) / w, (m[1] * x + m[5] * y + m[9] * z + m[13]) / w];
  };
  const pick = (at) => pickRegion(m, pose.joints_m, at, 1, 1 / Math.tan(FOV / 2));
  for (const [a, b, region] of [[12, 15, "head"], [4, 7, "left_leg"], [2, 5, "right_leg"], [3, 6, "trunk"]]) {
    assert.equal(pick(middle(a, b)), region);
  }
  assert.equal(pick([0.95, 0.95]), null);
});

test("the ways of the hands are where the wrists were", () => {
  const ways = handWays(data);
  for (const [hand, wrist] of [20, 21].entries()) {
    for (let axis = 0; axis < 3; axis++) {
      const way = ways[6 * expected.deepest + 3 * hand + axis];
      assert.ok(Math.abs(way - expected.joints_m[wrist][axis]) < 2e-3);
    }
  }
});

test("what is told stays when another method is looked at", () => {
  const told = {};
  const stories = new Stories(data, { heat: () => {}, region: (name) => (told.region = name), story: (story) => (told.story = story) });
  stories.look(rula, "worst");
  assert.ok(data.meta.regions.includes(told.region));
  stories.pickRegion("left_leg");
  assert.equal(told.story.angle.id, "left_knee_flexion");
  stories.look(reba, "worst");
  assert.equal(told.region, "left_leg");
  assert.equal(told.story.method.id, "reba");
  stories.pickItem(reba.items.find((item) => item.id === "upper_arm"), "right");
  assert.deepEqual([told.region, told.story.angle.id], ["right_upper_arm", "right_shoulder_flexion"]);
});

test("every angle of a result has a drawing, and its sentence names both segments, zero and sign", () => {
  for (const angle of data.meta.angles) assert.ok(DRAWN.includes(baseAngle(angle.id)), angle.id);
  const sentence = angleSentence(data.meta.angles.find((angle) => angle.id === "left_shoulder_flexion"));
  assert.equal(sentence, "The upper arm against the trunk, forward and back; 0 is arm along the trunk; plus is forward.");
  assert.match(angleSentence(data.meta.angles.find((angle) => angle.id === "trunk_inclination")), /whichever way\.$/);
});
