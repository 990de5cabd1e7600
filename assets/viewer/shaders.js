// GLSL of the body, its ground and the lines around it. Light is computed in linear colour and written as sRGB,
// premultiplied, so that the canvas can lie on any background.

export const JOINTS = 55;
export const REGIONS = 10;
export const SHADOW_SEGMENTS = 11;

const COLOUR = `
vec3 toLinear(vec3 c) { return pow(c, vec3(2.2)); }
vec3 toDisplay(vec3 c) { return pow(max(c, 0.0), vec3(1.0 / 2.2)); }`;

export const BODY_VERTEX = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in uvec4 joints;
layout(location = 3) in vec4 weights;
layout(location = 4) in vec3 colour;
layout(std140) uniform JointRows { vec4 rows[${3 * JOINTS}]; };
uniform mat4 viewProjection;
uniform vec4 tint[${REGIONS}];
uniform uint jointRegion[${JOINTS}];
out vec3 worldNormal;
out vec3 worldPosition;
out vec3 clothes;
out vec4 risk;
void main() {
  vec4 x = vec4(0.0), y = vec4(0.0), z = vec4(0.0), tints = vec4(0.0);
  float share = 0.0;
  for (int k = 0; k < 4; k++) {
    int row = 3 * int(joints[k]);
    x += weights[k] * rows[row];
    y += weights[k] * rows[row + 1];
    z += weights[k] * rows[row + 2];
    float pull = weights[k] * weights[k] * weights[k]; // a seam of a few centimetres between two regions
    tints += pull * tint[jointRegion[joints[k]]];
    share += pull;
  }
  vec4 rest = vec4(position, 1.0);
  worldPosition = vec3(dot(x, rest), dot(y, rest), dot(z, rest));
  worldNormal = vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal));
  clothes = colour;
  risk = tints / share;
  gl_Position = viewProjection * vec4(worldPosition, 1.0);
}`;

export const BODY_FRAGMENT = `#version 300 es
precision highp float;
in vec3 worldNormal;
in vec3 worldPosition;
in vec3 clothes;
in vec4 risk;
uniform vec3 eye;
uniform vec3 keyDirection;
uniform float opacity;
out vec4 fragment;
${COLOUR}
void main() {
  vec3 n = normalize(worldNormal);
  vec3 toEye = normalize(eye - worldPosition);
  if (dot(n, toEye) < 0.0) n = normalize(n - 1.02 * dot(n, toEye) * toEye);
  // The tint keeps the folds and seams of the clothes: hue from the scale, a third of the shade from the cloth.
  vec3 cloth = toLinear(clothes);
  float shade = dot(cloth, vec3(0.2126, 0.7152, 0.0722));
  vec3 albedo = mix(cloth, toLinear(risk.rgb) * (0.9 + 0.5 * shade), risk.a);
  float key = max(dot(n, keyDirection), 0.0);
  float sky = 0.5 + 0.5 * n.y;
  vec3 light = vec3(1.0, 0.97, 0.93) * key * 0.9 + mix(vec3(0.27, 0.26, 0.26), vec3(0.60, 0.63, 0.67), sky);
  float rim = 1.0 - max(dot(n, toEye), 0.0);
  vec3 colour = albedo * light * (1.0 - 0.32 * rim * rim * rim);
  fragment = vec4(toDisplay(colour) * opacity, opacity);
}`;

export const GROUND_VERTEX = `#version 300 es
uniform mat4 viewProjection;
uniform vec2 centre;
uniform float halfSize;
out vec2 ground;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
  ground = centre + halfSize * corner;
  gl_Position = viewProjection * vec4(ground.x, 0.0, ground.y, 1.0);
}`;

// The shadow is that of an evenly bright sky: every limb darkens the ground below it, wider and weaker the
// higher it is, so feet that stand are told from feet that float.
export const GROUND_FRAGMENT = `#version 300 es
precision highp float;
const float SHADOW_M = 1.6; // limbs reach no further from the pelvis
in vec2 ground;
uniform vec2 centre;
uniform float halfSize;
uniform vec3 ink;
uniform float shadowStrength;
uniform vec4 limbStart[${SHADOW_SEGMENTS}];
uniform vec4 limbEnd[${SHADOW_SEGMENTS}];
out vec4 fragment;
float gridLines(float spacing, float width) {
  vec2 at = ground / spacing;
  vec2 pixel = fwidth(at) * width;
  vec2 distance = abs(fract(at - 0.5) - 0.5);
  vec2 line = 1.0 - smoothstep(pixel * 0.5, pixel * 1.5, distance);
  vec2 crowding = 1.0 - smoothstep(0.15, 0.5, fwidth(at));
  return max(line.x * crowding.x, line.y * crowding.y);
}
float shadow() {
  float clear = 1.0;
  for (int i = 0; i < ${SHADOW_SEGMENTS}; i++) {
    vec2 a = limbStart[i].xz, ab = limbEnd[i].xz - a;
    float t = clamp(dot(ground - a, ab) / max(dot(ab, ab), 1e-6), 0.0, 1.0);
    float height = max(mix(limbStart[i].y, limbEnd[i].y, t), 0.0);
    float radius = mix(limbStart[i].w, limbEnd[i].w, t);
    float spread = radius + 0.42 * height;
    vec2 away = ground - a - t * ab;
    float cover = radius / spread;
    clear *= 1.0 - 0.62 * cover * exp(-dot(away, away) / (spread * spread));
  }
  return 1.0 - clear;
}
void main() {
  float fade = 1.0 - smoothstep(0.25, 1.0, length(ground - centre) / halfSize);
  float lines = max(0.26 * gridLines(1.0, 0.8), 0.10 * gridLines(0.25, 0.7)) * fade;
  float reach = length(ground - centre);
  float dark = reach < SHADOW_M ? shadowStrength * shadow() * (1.0 - smoothstep(0.6 * SHADOW_M, SHADOW_M, reach)) : 0.0;
  float alpha = lines + dark * (1.0 - lines);
  fragment = vec4(ink * lines * (1.0 - dark), alpha);
}`;

// A line of constant width in pixels, dashed if wished, drawn as one strip of two triangles.
export const LINE_VERTEX = `#version 300 es
uniform mat4 viewProjection;
uniform vec3 start;
uniform vec3 end;
uniform vec2 pixel;
out float along;
void main() {
  vec4 a = viewProjection * vec4(start, 1.0), b = viewProjection * vec4(end, 1.0);
  float share = float(gl_VertexID >> 1);
  vec4 at = mix(a, b, share);
  vec2 direction = normalize((b.xy / b.w - a.xy / a.w) / pixel + vec2(0.0, 1e-5));
  float side = float(gl_VertexID & 1) * 2.0 - 1.0;
  gl_Position = at + vec4(vec2(-direction.y, direction.x) * pixel * side * at.w, 0.0, 0.0);
  along = share * distance(start, end);
}`;

export const LINE_FRAGMENT = `#version 300 es
precision highp float;
in float along;
uniform vec3 ink;
uniform float opacity;
uniform float dash; // length of a dash and its gap in metres, 0 for none
out vec4 fragment;
void main() {
  float shown = (dash > 0.0 ? step(fract(along / dash), 0.62) : 1.0) * opacity;
  fragment = vec4(ink * shown, shown);
}`;
