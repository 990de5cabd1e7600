// Patterns on canvases for what is not known: told apart without any colour.

const GAP_PX = 6;
const DOT_PX = 1.5;

/** Slanted lines in a box: nothing is known here. */
export function hatch(context, x, top, width, height, color) {
  inside(context, x, top, width, height, () => {
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.beginPath();
    for (let at = Math.floor((x - height) / GAP_PX) * GAP_PX; at < x + width; at += GAP_PX) {
      context.moveTo(at, top + height);
      context.lineTo(at + height, top);
    }
    context.stroke();
  });
}

/** Dots in a box, every other row moved: something is known, but not this. */
export function dots(context, x, top, width, height, color) {
  inside(context, x, top, width, height, () => {
    context.fillStyle = color;
    const rows = Math.ceil(height / GAP_PX);
    for (let row = 0; row < rows; row++) {
      const first = Math.floor(x / GAP_PX) * GAP_PX + (row % 2) * (GAP_PX / 2);
      for (let at = first; at < x + width; at += GAP_PX) context.fillRect(at, top + (row + 0.5) * GAP_PX, DOT_PX, DOT_PX);
    }
  });
}

function inside(context, x, top, width, height, draw) {
  context.save();
  context.beginPath();
  context.rect(x, top, width, height);
  context.clip();
  draw();
  context.restore();
}
