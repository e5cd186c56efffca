/** What there is to say about the photograph looked at and the work that goes on. */

/** Name, size and kind of a photograph, in one line. */
export function captionOf(photograph) {
  const { prediction } = photograph ?? {};
  if (!prediction) return photograph?.name ?? "";
  const { width, height, format, bits, tone, num_pages: pages } = prediction;
  const depth = bits > 8 ? `, ${bits} bits` : "";
  const had = { color: " · had color, recolored from its gray", toned: " · toned print" }[tone] ?? "";
  const first = pages > 1 ? ` · the first of ${pages} pages or frames` : "";
  return `${photograph.name} · ${width} × ${height} · ${format ?? ""}${depth}${had}${first}`;
}

/**
 * The progress to show: a text, a share of 0..1 or null, whether it is work, and whether it is
 * worth words only if it takes a while.
 */
export function progressOf({ current, progress }, { state, isBusy, task, problem }) {
  const { done, all } = progress;
  const isSeveral = all > 1 && done < all;
  const share = isSeveral ? done / all : null;
  const work = (text, part = share) => ({ text, share: part, isWork: true });
  const counted = `Coloring ${done + 1} of ${all} …`;
  if (isBusy) return work("The studio is busy. Waiting for our turn …");
  if (["waiting", "working"].includes(current?.state)) {
    return work(isSeveral ? counted : `Coloring ${current.name} …`);
  }
  if (task) return work(task, null);
  if (isSeveral) return work(counted);
  if (problem) return { text: "Not up to date." };
  if (state === "working") return { text: "Painting …", soon: true };
  return { text: current ? `${current.name} is colored.` : "" };
}
