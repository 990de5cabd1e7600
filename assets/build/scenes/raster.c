/* A small rasteriser: triangles into a depth buffer, then one pass of shading with shadows, grain and stripes.

World: metres, Y up. Camera: X right, Y down, Z away. "Nearer" is always the larger value in a buffer. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define SAMPLES 4 /* 2 × 2 in each pixel */

typedef struct {
  float grain, grain_per_m;            /* brightness noise */
  float stripes_per_m, stripe_share;   /* stripes across an axis of the surface at rest */
  float stripe_axis, stripe_r, stripe_g, stripe_b;
  float gloss;
} Material;

typedef struct {
  const float *vertices, *normals, *rest, *rgb; /* [V, 3] */
  const int32_t *triangles, *material_of;        /* [F, 3], [F] */
  const Material *materials;
  const float *room;      /* min x y z, max x y z, then rgb of floor, walls, ceiling */
  const float *lights;    /* [L, 6]: direction to the light, rgb; the first one throws shadows */
  int32_t light_count;
  const float *ambient;   /* rgb from above, rgb from below */
  const float *shadow;    /* [shadow_size, shadow_size], height towards the light */
  int32_t shadow_size;
  const float *shadow_frame; /* rows x, y, towards the light; then offset x, y, and pixels per metre */
  const float *R, *position; /* camera: rows are its axes in the world */
  const float *lens;         /* fx, fy, cx, cy, near */
  int32_t width, height;
  float exposure;
} Scene;

static void fill(const float *a, const float *b, const float *c, int32_t id, int w, int h, float *near, int32_t *ids) {
  float left = fminf(a[0], fminf(b[0], c[0])), right = fmaxf(a[0], fmaxf(b[0], c[0]));
  float top = fminf(a[1], fminf(b[1], c[1])), bottom = fmaxf(a[1], fmaxf(b[1], c[1]));
  if (!(right >= 0 && bottom >= 0 && left <= w && top <= h)) return;
  int x0 = (int)fmaxf(0, ceilf(left - .5f)), x1 = (int)fminf(w - 1, floorf(right - .5f));
  int y0 = (int)fmaxf(0, ceilf(top - .5f)), y1 = (int)fminf(h - 1, floorf(bottom - .5f));
  float area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  if (fabsf(area) < 1e-9f) return;
  float bx = (c[1] - a[1]) / area, by = -(c[0] - a[0]) / area, cx = -(b[1] - a[1]) / area, cy = (b[0] - a[0]) / area;
  for (int y = y0; y <= y1; y++) {
    float py = y + .5f - a[1];
    for (int x = x0; x <= x1; x++) {
      float px = x + .5f - a[0], wb = px * bx + py * by, wc = px * cx + py * cy, wa = 1 - wb - wc;
      if (wa < 0 || wb < 0 || wc < 0) continue;
      float value = wa * a[2] + wb * b[2] + wc * c[2];
      int at = y * w + x;
      if (value > near[at]) {
        near[at] = value;
        if (ids) ids[at] = id;
      }
    }
  }
}

/* Triangles along the third axis: x and y are pixels, the larger third coordinate wins. */
void draw_flat(const float *points, const int32_t *triangles, int32_t count, int32_t w, int32_t h, float *near) {
  for (int t = 0; t < count; t++) {
    const int32_t *i = triangles + 3 * t;
    fill(points + 3 * i[0], points + 3 * i[1], points + 3 * i[2], t, w, h, near, 0);
  }
}

static void project(const float *p, const float *lens, float *out) {
  out[2] = 1 / p[2];
  out[0] = lens[0] * p[0] * out[2] + lens[2];
  out[1] = lens[1] * p[1] * out[2] + lens[3];
}

/* Triangles in perspective, cut at the near plane; points in the camera's frame, the buffer holds 1/z. */
void draw(const float *points, const int32_t *triangles, int32_t count, const float *lens, int32_t w, int32_t h,
          float *near, int32_t *ids) {
  for (int t = 0; t < count; t++) {
    float kept[4][3];
    int corners = 0;
    for (int k = 0; k < 3; k++) {
      const float *p = points + 3 * triangles[3 * t + k], *q = points + 3 * triangles[3 * t + (k + 1) % 3];
      if (p[2] >= lens[4]) project(p, lens, kept[corners++]);
      if ((p[2] >= lens[4]) != (q[2] >= lens[4])) {
        float s = (lens[4] - p[2]) / (q[2] - p[2]);
        float cut[3] = {p[0] + s * (q[0] - p[0]), p[1] + s * (q[1] - p[1]), lens[4]};
        project(cut, lens, kept[corners++]);
      }
    }
    for (int k = 2; k < corners; k++) fill(kept[0], kept[k - 1], kept[k], t, w, h, near, ids);
  }
}

void vertex_normals(const float *v, int32_t vertex_count, const int32_t *triangles, int32_t count, float *normal) {
  memset(normal, 0, sizeof(float) * 3 * vertex_count);
  for (int t = 0; t < count; t++) {
    const int32_t *i = triangles + 3 * t;
    const float *a = v + 3 * i[0], *b = v + 3 * i[1], *c = v + 3 * i[2];
    float e[3], f[3];
    for (int k = 0; k < 3; k++) e[k] = b[k] - a[k], f[k] = c[k] - a[k];
    float n[3] = {e[1] * f[2] - e[2] * f[1], e[2] * f[0] - e[0] * f[2], e[0] * f[1] - e[1] * f[0]};
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++) normal[3 * i[j] + k] += n[k];
  }
}

static float hashed(int x, int y, int z) {
  uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + (uint32_t)z * 2147483647u;
  h = (h ^ (h >> 13)) * 1274126177u;
  h ^= h >> 16;
  return (h & 0xffffff) * (1.f / 16777216.f);
}

static float smooth_noise(float x, float y, float z) {
  float fx = floorf(x), fy = floorf(y), fz = floorf(z), sum = 0;
  int i = (int)fx, j = (int)fy, k = (int)fz;
  x -= fx, y -= fy, z -= fz;
  x *= x * (3 - 2 * x), y *= y * (3 - 2 * y), z *= z * (3 - 2 * z);
  for (int c = 0; c < 8; c++) {
    int a = c & 1, b = c >> 1 & 1, d = c >> 2;
    sum += (a ? x : 1 - x) * (b ? y : 1 - y) * (d ? z : 1 - z) * hashed(i + a, j + b, k + d);
  }
  return sum;
}

static float lit(const Scene *s, const float *p) {
  const float *f = s->shadow_frame;
  int n = s->shadow_size, count = 0;
  float at[3], open = 0;
  for (int k = 0; k < 3; k++) at[k] = f[3 * k] * p[0] + f[3 * k + 1] * p[1] + f[3 * k + 2] * p[2];
  int x = (int)((at[0] - f[9]) * f[11] + n * .5f), y = (int)((at[1] - f[10]) * f[11] + n * .5f);
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++, count++) {
      int u = x + dx, v = y + dy;
      open += u < 0 || v < 0 || u >= n || v >= n || s->shadow[v * n + u] <= at[2] + .03f;
    }
  return open / count;
}

/* Where a ray from the camera first meets the room's inside; returns which of floor, walls, ceiling. */
static int meet_room(const Scene *s, const float *d, float *p, float *n) {
  float best = 1e9f;
  int axis = 1;
  for (int k = 0; k < 3; k++) {
    if (fabsf(d[k]) < 1e-6f) continue;
    float t = (s->room[d[k] > 0 ? 3 + k : k] - s->position[k]) / d[k];
    if (t > 0 && t < best) best = t, axis = k;
  }
  for (int k = 0; k < 3; k++) p[k] = s->position[k] + d[k] * best, n[k] = 0;
  n[axis] = d[axis] > 0 ? -1 : 1;
  return axis != 1 ? 1 : d[1] > 0 ? 2 : 0;
}

static void meet_triangle(const Scene *s, int id, const float *d, float *p, float *n, float *rest, float *rgb) {
  const int32_t *i = s->triangles + 3 * id;
  const float *a = s->vertices + 3 * i[0], *b = s->vertices + 3 * i[1], *c = s->vertices + 3 * i[2];
  float e[3], f[3], g[3], m[3], above = 0, along = 0, size = 0;
  for (int k = 0; k < 3; k++) e[k] = b[k] - a[k], f[k] = c[k] - a[k];
  for (int k = 0; k < 3; k++) m[k] = e[(k + 1) % 3] * f[(k + 2) % 3] - e[(k + 2) % 3] * f[(k + 1) % 3];
  for (int k = 0; k < 3; k++)
    above += m[k] * (a[k] - s->position[k]), along += m[k] * d[k], size += m[k] * m[k];
  float t = fabsf(along) > 1e-12f ? above / along : 0;
  for (int k = 0; k < 3; k++) p[k] = s->position[k] + t * d[k], g[k] = p[k] - a[k];
  float wb = 0, wc = 0;
  for (int k = 0; k < 3; k++) {
    int u = (k + 1) % 3, v = (k + 2) % 3;
    wb += m[k] * (g[u] * f[v] - g[v] * f[u]);
    wc += m[k] * (e[u] * g[v] - e[v] * g[u]);
  }
  wb = fminf(1, fmaxf(0, wb / size)), wc = fminf(1 - wb, fmaxf(0, wc / size));
  float wa = 1 - wb - wc;
  for (int k = 0; k < 3; k++) {
    n[k] = wa * s->normals[3 * i[0] + k] + wb * s->normals[3 * i[1] + k] + wc * s->normals[3 * i[2] + k];
    rest[k] = wa * s->rest[3 * i[0] + k] + wb * s->rest[3 * i[1] + k] + wc * s->rest[3 * i[2] + k];
    rgb[k] = wa * s->rgb[3 * i[0] + k] + wb * s->rgb[3 * i[1] + k] + wc * s->rgb[3 * i[2] + k];
  }
  float length = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) + 1e-12f;
  float away = n[0] * d[0] + n[1] * d[1] + n[2] * d[2] > 0 ? -1 : 1;
  for (int k = 0; k < 3; k++) n[k] *= away / length;
}

static void paint(const Material *m, const float *at, float *rgb) {
  if (m->stripes_per_m > 0) {
    float u = at[(int)m->stripe_axis] * m->stripes_per_m;
    if (u - floorf(u) < m->stripe_share) rgb[0] = m->stripe_r, rgb[1] = m->stripe_g, rgb[2] = m->stripe_b;
  }
  if (m->grain > 0) {
    float g = m->grain_per_m, x = at[0] * g, y = at[1] * g, z = at[2] * g;
    float f = .6f * smooth_noise(x + 37, y + 11, z + 5) + .4f * smooth_noise(3.1f * x, 3.1f * y, 3.1f * z);
    for (int k = 0; k < 3; k++) rgb[k] *= 1 + m->grain * (2 * f - 1);
  }
}

static void shade_one(const Scene *s, float x, float y, int id, float *out) {
  float in_camera[3] = {(x - s->lens[2]) / s->lens[0], (y - s->lens[3]) / s->lens[1], 1}, d[3];
  float p[3], n[3], rest[3], rgb[3];
  int material;
  for (int k = 0; k < 3; k++) d[k] = s->R[k] * in_camera[0] + s->R[3 + k] * in_camera[1] + s->R[6 + k] * in_camera[2];
  if (id >= 0) {
    meet_triangle(s, id, d, p, n, rest, rgb);
    material = s->material_of[id];
  } else {
    material = meet_room(s, d, p, n);
    memcpy(rgb, s->room + 6 + 3 * material, sizeof rgb);
    memcpy(rest, p, sizeof rest);
  }
  const Material *m = s->materials + material;
  paint(m, rest, rgb);
  float up = .5f + .5f * n[1], sum[3], shine = 0;
  float length = sqrtf(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  for (int k = 0; k < 3; k++) sum[k] = s->ambient[k] * up + s->ambient[3 + k] * (1 - up);
  for (int l = 0; l < s->light_count; l++) {
    const float *light = s->lights + 6 * l;
    float facing = n[0] * light[0] + n[1] * light[1] + n[2] * light[2];
    if (facing <= 0) continue;
    if (l == 0) facing *= lit(s, p);
    if (m->gloss > 0) {
      float half[3], size = 0, along = 0;
      for (int k = 0; k < 3; k++) half[k] = light[k] - d[k] / length, size += half[k] * half[k];
      for (int k = 0; k < 3; k++) along += half[k] * n[k];
      shine += m->gloss * facing * powf(fmaxf(0, along) / sqrtf(size + 1e-9f), 16);
    }
    for (int k = 0; k < 3; k++) sum[k] += facing * light[3 + k];
  }
  for (int k = 0; k < 3; k++) out[k] = fminf(1, s->exposure * (rgb[k] * sum[k] + shine));
}

/* Colours of a picture whose buffer has 2 × 2 samples a pixel; a pixel on one surface is shaded once. */
void shade(const Scene *s, const int32_t *ids, const uint8_t *srgb, uint8_t *out) {
  int wide = 2 * s->width;
  for (int y = 0; y < s->height; y++)
    for (int x = 0; x < s->width; x++) {
      int32_t id[SAMPLES];
      float sum[3] = {0, 0, 0}, one[3];
      int same = 1;
      for (int k = 0; k < SAMPLES; k++) {
        id[k] = ids[(2 * y + (k >> 1)) * wide + 2 * x + (k & 1)];
        same &= (id[k] < 0) == (id[0] < 0) && (id[0] < 0 || s->material_of[id[k]] == s->material_of[id[0]]);
      }
      for (int k = 0; k < (same ? 1 : SAMPLES); k++) {
        float dx = same ? .5f : .25f + .5f * (k & 1), dy = same ? .5f : .25f + .5f * (k >> 1);
        shade_one(s, x + dx, y + dy, id[k], one);
        for (int c = 0; c < 3; c++) sum[c] += same ? one[c] : one[c] / SAMPLES;
      }
      for (int c = 0; c < 3; c++) out[3 * (y * s->width + x) + c] = srgb[(int)(sum[c] * 4095)];
    }
}
