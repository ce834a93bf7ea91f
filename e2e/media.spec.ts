// What only a browser decodes: the same sound and the same picture in every form look, and sound, the same.
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { open, poll } from './page';

const folder = join(import.meta.dirname, 'media');

async function bring(page: Page, names: string[]): Promise<Locator> {
  await open(page);
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles(names.map((name) => join(folder, name)));
  const dialog = page.getByRole('dialog');
  await expect(previews(dialog)).toHaveCount(names.length);
  return dialog;
}

const previews = (within: Locator) => within.getByRole('img', { name: /^Example/ });

/** The colours of each preview at `places`, given as shares of its width and height. */
function coloursOf(dialog: Locator, places: [number, number][]): Promise<number[][][]> {
  return previews(dialog).evaluateAll(
    (canvases, places) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = (canvas as HTMLCanvasElement).getContext('2d')!;
        return places.map(([x, y]) => [
          ...context.getImageData(Math.round(x * width), Math.round(y * height), 1, 1).data,
        ]);
      }),
    places,
  );
}

test('WebP, AVIF, GIF and JPEG are the picture that PNG is', async ({ page }) => {
  const dialog = await bring(page, ['flag.avif', 'flag.gif', 'flag.jpg', 'flag.png', 'flag.webp']);
  await expect(dialog).toContainText('5 pictures of 24 x 16 pixels');
  const colours = await coloursOf(dialog, [
    [0.25, 0.4],
    [0.75, 0.4],
    [0.5, 0.9],
  ]);
  // JPEG alone loses something.
  const flag = [
    [200, 0, 0, 255],
    [0, 0, 200, 255],
    [0, 160, 0, 255],
  ];
  for (const [i, seen] of colours.entries()) {
    const worst = Math.max(...seen.flat().map((value, c) => Math.abs(value - flag.flat()[c]!)));
    expect(worst).toBeLessThanOrEqual(i === 2 ? 6 : 0);
  }
  await page.screenshot({ path: test.info().outputPath('pictures.png') });
});

test('FLAC, Ogg Vorbis and MP3 are the sound that WAV is', async ({ page }) => {
  const dialog = await bring(page, ['tone.flac', 'tone.mp3', 'tone.ogg', 'tone.wav']);
  await expect(dialog).toContainText('Sound and speech, as the model will get it');
  await page.screenshot({ path: test.info().outputPath('sounds.png') });
  const grid = Array.from({ length: 24 * 12 }, (_, i): [number, number] => [
    ((i % 24) + 0.5) / 24,
    (Math.floor(i / 24) + 0.5) / 12,
  ]);
  const [flac, mp3, ogg, wav] = await coloursOf(dialog, grid);
  // Nothing is lost in FLAC; the others are alike to the ear, and louder or quieter by little in a cell.
  expect(flac).toEqual(wav);
  const difference = (other: number[][]) =>
    other.reduce(
      (sum, colour, i) => sum + colour.reduce((s, v, c) => s + Math.abs(v - wav![i]![c]!), 0),
      0,
    ) /
    (4 * other.length);
  const silence = difference(wav!.map(() => wav![0]!));
  expect(difference(ogg!)).toBeLessThan(0.5 * silence);
  expect(difference(mp3!)).toBeLessThan(0.5 * silence);
});

test('a sound plays at a press, once at a time, and stops', async ({ page }) => {
  await page.addInitScript(() => {
    const played: { peak: number; seconds: number }[] = [];
    Object.assign(window, { played });
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...given) {
      const samples = this.buffer!.getChannelData(0);
      const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      played.push({ peak, seconds: this.buffer!.duration });
      return start.apply(this, given);
    };
  });
  const dialog = await bring(page, ['tone.flac', 'tone.wav']);
  await dialog.getByRole('button', { name: 'Play example 1' }).click();
  await expect(dialog.getByRole('button', { name: 'Play example 1' })).toBeVisible();
  const played = await page.evaluate(() => (window as unknown as { played: object[] }).played);
  // As it was recorded: 6 dB below the loudest, half a second.
  expect(played).toEqual([{ peak: expect.closeTo(0.5, 1), seconds: expect.closeTo(0.5, 1) }]);
});

test('the bands of a multispectral picture are chosen by name, alone or one by one', async ({
  page,
}) => {
  await open(page);
  await page.getByRole('combobox', { name: 'Data set' }).click();
  await page.getByRole('option', { name: /Landsat/ }).click();
  const data = page.getByRole('region', { name: 'Data', exact: true });
  await expect(data).toContainText('6 bands');
  const grid = Array.from({ length: 64 }, (_, i): [number, number] => [
    ((i % 8) + 0.5) / 8,
    (Math.floor(i / 8) + 0.5) / 8,
  ]);
  const shown = async () => JSON.stringify(await coloursOf(data, grid));
  const bands = data.getByRole('combobox', { name: 'Bands shown' });
  const seen = [await shown()];
  for (const choice of [/^false colour/, /^near infra-red/, /^a band for each colour/]) {
    const option = bands.locator('option').filter({ hasText: choice }).last();
    await bands.selectOption((await option.getAttribute('value'))!);
    if (choice.source.includes('each')) {
      await data.getByRole('combobox', { name: 'Blue' }).selectOption('5');
    }
    await poll(async () => seen.includes(await shown())).toBe(false);
    seen.push(await shown());
  }
  await bands.selectOption('0');
  await poll(shown).toBe(seen[0]);
});
