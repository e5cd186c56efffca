/** Marks on the photograph: drawing, finding and thinning them. */

const MOST_POINTS = 2000;
const DOT_PX = 7;
const STROKE_PX = 5;

/** A stroke without points closer to each other than a quarter of its radius. */
export function simplified(points, radius) {
  let spacing = Math.max(1, radius / 4);
  let kept = thinned(points, spacing);
  while (kept.length > MOST_POINTS) {
    spacing *= 2;
    kept = thinned(points, spacing);
  }
  return kept;
}

function thinned(points, spacing) {
  const kept = [points[0]];
  for (const point of points.slice(1)) {
    if (distance(point, kept.at(-1)) >= spacing) kept.push(point);
  }
  const last = points.at(-1);
  if (points.length > 1 && distance(last, kept.at(-1)) > 0) kept.push(last);
  return kept;
}

/** The topmost mark within reach of a point, or null; `slack` is in pixels of the photograph. */
export function markAt(marks, point, slack) {
  const touches = (mark) => distanceToLine(point, mark.points) <= Math.max(slack, reachOf(mark, slack));
  return marks.findLast(touches) ?? null;
}

/** The topmost dot within reach of a point, or null. */
export function dotAt(marks, point, slack) {
  return markAt(marks.filter((mark) => mark.points.length === 1), point, slack);
}

/** A dot is drawn small whatever its radius; a stroke is felt over its whole width. */
function reachOf(mark, slack) {
  return mark.points.length === 1 ? slack : mark.radius_px;
}

function distance([ax, ay], [bx, by]) {
  return Math.hypot(ax - bx, ay - by);
}

function distanceToLine(point, points) {
  if (points.length === 1) return distance(point, points[0]);
  let least = Infinity;
  for (let i = 1; i < points.length; i += 1) {
    least = Math.min(least, distanceToSegment(point, points[i - 1], points[i]));
  }
  return least;
}

function distanceToSegment([px, py], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / length)) : 0;
  return Math.hypot(px - ax - along * dx, py - ay - along * dy);
}

/** Draws marks small and outlined, so that they show on any color without hiding it. */
export function drawMarks(context, camera, marks, { dpr, selectedKey = null }) {
  for (const mark of marks) {
    const isSelected = mark.key === selectedKey;
    if (mark.points.length === 1) drawDot(context, camera.toScreen(mark.points[0]), mark.color, dpr, isSelected);
    else drawLine(context, camera, mark, dpr);
  }
}

function drawDot(context, [x, y], color, dpr, isSelected) {
  const radius = (isSelected ? DOT_PX + 2 : DOT_PX) * dpr;
  for (const [grown, fill] of [[3, "rgba(0, 0, 0, 0.6)"], [2, "#fff"], [0, color]]) {
    context.beginPath();
    context.arc(x, y, radius + (grown - 2) * dpr, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
  }
}

function drawLine(context, camera, mark, dpr) {
  tracePath(context, camera, mark.points);
  for (const [grown, stroke] of [[4, "rgba(0, 0, 0, 0.6)"], [2, "#fff"], [0, mark.color]]) {
    context.lineWidth = (STROKE_PX + grown - 2) * dpr;
    context.strokeStyle = stroke;
    context.stroke();
  }
}

/** Draws a stroke that is being painted in its true width. */
export function drawWetStroke(context, camera, { points, color, radius_px: radius }) {
  tracePath(context, camera, points);
  context.globalAlpha = 0.65;
  context.lineWidth = Math.max(2, 2 * radius * camera.scale);
  context.strokeStyle = color;
  context.stroke();
  context.globalAlpha = 1;
}

function tracePath(context, camera, points) {
  context.beginPath();
  context.lineCap = "round";
  context.lineJoin = "round";
  context.moveTo(...camera.toScreen(points[0]));
  for (const point of points) context.lineTo(...camera.toScreen(point));
}
