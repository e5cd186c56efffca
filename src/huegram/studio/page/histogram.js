/** A place's histogram of colors as pictures: a wheel of hues, a bar of chromas. */

const TURN = 2 * Math.PI;
const COLUMNS = 16;
const HUES = 72;

/** The canvas's context in CSS pixels, sharp on any screen, and its size. */
function prepared(canvas) {
  const dpr = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.round(width * dpr);
  canvas.height = Math.round(height * dpr);
  const context = canvas.getContext("2d");
  context.scale(dpr, dpr);
  return { context, width, height };
}

/** The scale of chroma: what is in the histogram fills the wheel. */
function largestChroma(bins) {
  return Math.max(0.3, ...bins.map((bin) => bin.chroma));
}

function dots(bins, width) {
  const middle = width / 2;
  const reach = middle - 16;
  const most = Math.max(...bins.map((bin) => bin.probability), 1e-9);
  const top = largestChroma(bins);
  return bins.map((bin) => {
    const away = (reach * bin.chroma) / top;
    const angle = bin.hue * TURN;
    return {
      bin,
      x: middle + away * Math.cos(angle),
      y: middle - away * Math.sin(angle),
      radius: Math.max(1.5, 15 * Math.sqrt(bin.probability / most)),
    };
  });
}

/** A thin ring that says which hue is where, and two circles to judge chroma by. */
function drawHues(context, middle, radius) {
  context.lineWidth = 4;
  for (let step = 0; step < HUES; step += 1) {
    context.beginPath();
    context.arc(middle, middle, radius, (-(step + 1.1) / HUES) * TURN, (-step / HUES) * TURN);
    context.strokeStyle = `hsl(${((step + 0.5) / HUES) * 360} 55% 55%)`;
    context.stroke();
  }
  context.lineWidth = 1;
  context.strokeStyle = "#555";
  for (const away of [(middle - 16) / 2, middle - 16]) {
    context.beginPath();
    context.arc(middle, middle, away, 0, TURN);
    context.stroke();
  }
}

/** Each bin a dot: its angle the hue, its distance the chroma, its area the probability. */
export function drawWheel(canvas, bins, chosen = null) {
  const { context, width } = prepared(canvas);
  const middle = width / 2;
  drawHues(context, middle, middle - 5);
  for (const { bin, x, y, radius } of dots(bins, width).sort((a, b) => b.radius - a.radius)) {
    context.beginPath();
    context.arc(x, y, radius, 0, TURN);
    context.fillStyle = bin.color;
    context.fill();
    context.lineWidth = bin.color === chosen ? 2.5 : 1;
    context.strokeStyle = bin.color === chosen ? "#fff" : "rgba(160, 160, 160, 0.55)";
    context.stroke();
  }
}

/** The bin under a point of the wheel (CSS pixels), or null. */
export function binAt(canvas, bins, [x, y]) {
  const near = dots(bins, canvas.clientWidth)
    .map((dot) => ({ ...dot, gap: Math.hypot(dot.x - x, dot.y - y) }))
    .filter(({ gap, radius }) => gap <= Math.max(radius, 8))
    .sort((a, b) => a.radius - b.radius || a.gap - b.gap); // small dots lie on top
  return near[0]?.bin ?? null;
}

/** How much of the probability lies at which chroma, from gray to vivid. */
export function drawChromaBar(canvas, bins) {
  const { context, width, height } = prepared(canvas);
  const top = largestChroma(bins);
  const columns = Array.from({ length: COLUMNS }, () => ({ sum: 0, most: 0, color: "#777" }));
  for (const { chroma, probability, color } of bins) {
    const column = columns[Math.min(COLUMNS - 1, Math.floor((chroma / top) * COLUMNS))];
    column.sum += probability;
    if (probability > column.most) Object.assign(column, { most: probability, color });
  }
  const most = Math.max(...columns.map((column) => column.sum), 1e-9);
  const step = width / COLUMNS;
  columns.forEach(({ sum, color }, i) => {
    const tall = Math.max(1, (sum / most) * (height - 2));
    context.fillStyle = sum ? color : "#4a4a4a";
    context.fillRect(i * step + 1, height - tall, step - 2, tall);
  });
}

/** The wheel in words, for those who do not see it. */
export function wheelInWords(bins) {
  const [likeliest] = bins;
  if (!likeliest) return "No colors known for this place";
  const percent = Math.round(likeliest.probability * 100);
  return `Wheel of ${bins.length} possible colors; the likeliest is ${likeliest.color} with ${percent} %`;
}
