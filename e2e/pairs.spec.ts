// Stories of pairs: a picture with its words in preview, reconstruction and probe, where one is hidden and guessed from the other.
import { expect, type Page, test } from '@playwright/test';
import { encode } from 'fast-png';
import { expectAccessible, expectState, open, setting, shorten } from './page';

const WORDS = 8;

async function trained(page: Page, steps: number): Promise<void> {
  await open(page);
  await page.getByRole('combobox', { name: 'Data set' }).click();
  await page.getByRole('option', { name: /^Pictures with their names/ }).click();
  // Its recipe comes with it, in place of the one that is there.
  const data = page.getByRole('region', { name: 'Data', exact: true });
  await expect(data).toContainText('Pictures with their names');
  await shorten(page, steps);
  // Large patches: few tokens, so that a machine without a GPU is quick.
  await page.getByRole('button', { name: /^Model\b/ }).click();
  await setting(page, 'Patch of input 1').fill('8');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished', 100_000);
}

/** Input tokens as they are told to those who hear the page: name and whether masked. */
async function inputTokens(page: Page): Promise<{ name: string; masked: boolean }[]> {
  const field = page.getByRole('group', { name: /^Input: / });
  return field.getByRole('button').evaluateAll((all) =>
    all.map((token) => ({
      name: token.ariaLabel ?? '',
      masked: token.getAttribute('aria-pressed') === 'true',
    })),
  );
}

test('words are guessed from the picture and the picture from the words', async ({ page }) => {
  await trained(page, 12);
  await expect(page.getByRole('img', { name: /From Z\*$/ }).first()).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('trained.png'), fullPage: true });

  await page.getByRole('button', { name: 'Hide the text' }).click();
  const noWords = await inputTokens(page);
  expect(noWords.length).toBe(16 + WORDS);
  expect(noWords.map(({ masked }) => masked)).toEqual([
    ...Array(16).fill(false),
    ...Array(WORDS).fill(true),
  ]);
  expect(noWords[0]!.name).toContain('image, row 1, column 1');
  expect(noWords[16]!.name).toContain('text, token 1');
  const guessed = page.getByRole('group', { name: /^From Z\*: / }).getByRole('button');
  await expect(guessed.nth(16)).toHaveAttribute(
    'aria-label',
    /text, token 1, masked, “.+” with \d+ %, error from Z \d/,
  );
  await expect(guessed.nth(0)).toHaveAttribute('aria-label', /visible/);
  await page.screenshot({ path: test.info().outputPath('hidden-text.png'), fullPage: true });

  await page.getByRole('button', { name: 'Hide the image' }).click();
  await expect(guessed.nth(0)).toHaveAttribute('aria-label', /masked, error from Z \d/);
  expect((await inputTokens(page)).map(({ masked }) => masked)).toEqual([
    ...Array(16).fill(true),
    ...Array(WORDS).fill(false),
  ]);
  await page.screenshot({ path: test.info().outputPath('hidden-image.png'), fullPage: true });
  await expectAccessible(page);

  await page.setViewportSize({ width: 320, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: test.info().outputPath('narrow-dark.png'), fullPage: true });
});

test('whether the two belong together is asked without a label, and which of four', async ({
  page,
}) => {
  await trained(page, 4);
  await page.getByRole('tab', { name: 'Evaluate' }).click();
  await page.getByRole('combobox', { name: 'Label' }).selectOption('belongs together');
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  await expect(page.getByText(/^Which of four: for \d+ % of the held-out examples/)).toBeVisible({
    timeout: 90_000,
  });
});

test('pictures with a table of words become pairs, or stay pictures', async ({ page }) => {
  const names = ['red', 'green', 'blue'];
  const pictures = Array.from({ length: 24 }, (_, i) => ({
    name: `${i}.png`,
    mimeType: 'image/png',
    buffer: Buffer.from(
      encode({
        width: 8,
        height: 8,
        channels: 3,
        depth: 8,
        data: Uint8Array.from({ length: 192 }, (_, p) => (p % 3 === i % 3 ? 200 : i)),
      }),
    ),
  }));
  const rows = pictures.map(({ name }, i) => `${name},a ${names[i % 3]} square`);
  const table = {
    name: 'captions.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(['file,caption', ...rows].join('\n')),
  };
  await open(page);
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([...pictures, table]);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Pair, as the model will get it');
  await page.screenshot({ path: test.info().outputPath('dialog.png') });
  await dialog.getByRole('button', { name: /^Use these (about )?24 examples/ }).click();
  await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText(
    'Pair: 24 examples of image: 8 × 8 pixels; text: up to 3 symbols',
  );
});
