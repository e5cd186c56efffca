/** Small pictures of photographs: at once from their files, in color when there is time. */

import { asProblem, isAbort } from "./api.js";

const PREVIEW_PX = 640;
const THUMB_PX = 200;
const LARGEST_FILE = 60e6; // a larger one would be decoded whole just for its thumbnail
const IDLE_MS = 800;

/** A small canvas of an image file, or null if this browser cannot read it. */
async function previewOf(file) {
  if (file.size > LARGEST_FILE || /\.(huegram|tiff?)$/i.test(file.name)) return null;
  try {
    const bitmap = await createImageBitmap(file);
    const canvas = shrunk(bitmap, PREVIEW_PX);
    bitmap.close();
    return canvas;
  } catch {
    return null; // the server may read what the browser cannot
  }
}

function shrunk(image, longest) {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Makes previews one after the other, and colored thumbnails while nothing else is to be done. */
export class Thumbnails {
  #api;
  #line = Promise.resolve();
  #timer = 0;
  #editions = new WeakMap();

  constructor(api) {
    this.#api = api;
  }

  preview(photographs) {
    for (const photograph of photographs) {
      this.#line = this.#line.then(async () => {
        const canvas = await previewOf(photograph.file);
        if (canvas) photograph.setPreview(canvas);
      });
    }
  }

  /** Colors the thumbnails that are not up to date; `isIdle()` is asked before each. */
  refresh(photographs, isIdle) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#color(photographs, isIdle), IDLE_MS);
  }

  async #color(photographs, isIdle) {
    for (const photograph of photographs) {
      if (!isIdle()) return;
      const { edition, state } = photograph;
      if (state !== "done" || this.#editions.get(photograph) === edition) continue;
      this.#editions.set(photograph, edition);
      try {
        const { blob } = await photograph.ask((request) => this.#api.view({ ...request, maxPx: THUMB_PX }));
        photograph.setThumb(shrunk(await createImageBitmap(blob), THUMB_PX));
      } catch (error) {
        if (!isAbort(error)) asProblem(error); // a thumbnail is not worth a message
      }
    }
  }
}
