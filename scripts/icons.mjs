// `node scripts/icons.mjs`: draws public/icon.svg at the sizes that systems want of an installed app, into public/icons.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { main, root } from './command.mjs';

/** @type {{ file: string, size: number, share: number, radius: number }[]} share: of the width that is drawn on */
const icons = [
  { file: 'icon-192.png', size: 192, share: 0.74, radius: 0.2 },
  { file: 'icon-512.png', size: 512, share: 0.74, radius: 0.2 },
  // Systems cut this one to a shape of their own, which leaves the middle four fifths at least.
  { file: 'maskable-512.png', size: 512, share: 0.52, radius: 0 },
];

await main(async () => {
  const { chromium } = await import('@playwright/test');
  const svg = readFileSync(join(root, 'public', 'icon.svg'), 'utf8');
  const folder = join(root, 'public', 'icons');
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: await ensureChromium() });
  try {
    const page = await browser.newPage({ colorScheme: 'light' });
    for (const { file, size, share, radius } of icons) {
      await page.setViewportSize({ width: size, height: size });
      const ground = `background: #f3f4f2; border-radius: ${radius * size}px`;
      const middle = 'display: grid; place-items: center; height: 100vh';
      await page.setContent(
        `<body style="margin: 0"><div style="${ground}; ${middle}">${svg}</div>
        <style>svg { width: ${share * 100}% }</style>`,
      );
      await page.screenshot({ path: join(folder, file), omitBackground: true });
    }
  } finally {
    await browser.close();
  }
});
