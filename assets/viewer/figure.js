// A figure seen from the front, each part of it a shape of its own, to be painted.

const SVG = "http://www.w3.org/2000/svg";
const MIDDLE = 60; // the right half is the left one mirrored: the figure faces the reader

// Right-hand parts of the body lie on the reader's left. Limbs are thick lines, head and trunk are areas.
const LIMBS = {
  upper_arm: { d: "M37 53L29 88", width: 13 },
  lower_arm: { d: "M28 95L24 126", width: 11 },
  hand: { d: "M23 135L22 145", width: 11 },
  leg: { d: "M51 127L49 174L48 224M48 229L43 231", width: 16 },
};
const AREAS = {
  head: "M60 6C70 6 73 14 72 22C71 30 66 37 60 37C54 37 49 30 48 22C47 14 50 6 60 6Z",
  trunk: "M42 46Q60 38 78 46L75 92Q74 108 77 118L43 118Q46 108 45 92Z",
};

function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/**
 * The figure as an SVG element and its parts by region.
 * @returns {{svg: SVGElement, parts: Map<string, SVGElement>}}
 */
export function makeFigure(regions) {
  const svg = node("svg", { viewBox: "0 0 120 240", class: "ev-figure", "aria-hidden": "true" });
  const parts = new Map();
  for (const region of regions) {
    const limb = LIMBS[region.replace(/^(left|right)_/, "")];
    const part = limb
      ? node("path", { d: limb.d, "stroke-width": limb.width, class: "ev-limb" })
      : node("path", { d: AREAS[region], class: "ev-area" });
    if (region.startsWith("left_")) part.setAttribute("transform", `matrix(-1 0 0 1 ${2 * MIDDLE} 0)`);
    part.dataset.region = region;
    parts.set(region, part);
    svg.append(part);
  }
  for (const [text, x] of [["R", 6], ["L", 114]]) {
    const letter = node("text", { x, y: 60, class: "ev-figure-side" });
    letter.textContent = text;
    svg.append(letter);
  }
  return { svg, parts };
}
