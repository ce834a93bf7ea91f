// The chart as a picture that stands by itself: colours and font written out, so that it looks the same outside of the page.

/** Pixels of the picture a pixel of the page. */
const DENSITY = 2;

/** The chart in `container` as an SVG document. */
export function chartSvg(container: Element): string {
  const chart = container.querySelector<SVGSVGElement>('svg[role="img"]')!;
  const style = getComputedStyle(chart);
  const written = chart.cloneNode(true) as SVGSVGElement;
  const { width, height } = chart.getBoundingClientRect();
  const resolved = (text: string) =>
    text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
  for (const element of [written, ...written.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes('var(')) element.setAttribute(name, resolved(value));
      if (name === 'class' || name === 'tabindex') element.removeAttribute(name);
    }
  }
  written.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  written.setAttribute('width', String(width));
  written.setAttribute('height', String(height));
  written.setAttribute('font-family', style.fontFamily);
  written.removeAttribute('style');
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', style.getPropertyValue('--panel').trim());
  written.prepend(paper);
  return new XMLSerializer().serializeToString(written);
}

/** The same as a PNG file. */
export async function chartPng(container: Element): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = container.getBoundingClientRect();
  const url = URL.createObjectURL(new Blob([chartSvg(container)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(DENSITY * width, DENSITY * height);
    const context = canvas.getContext('2d')!;
    context.scale(DENSITY, DENSITY);
    context.drawImage(image, 0, 0, width, height);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}
