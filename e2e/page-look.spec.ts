// Stories of how the page looks and sounds: light and dark, narrow to wide, without a violation that axe knows of.
import { expect, type Page, test } from '@playwright/test';
import {
  drop,
  expectAccessible,
  expectNoSidewaysScroll,
  expectState,
  open,
  shorten,
  wavesCsv,
} from './page';

const sizes = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  smallest: { width: 320, height: 640 },
  large: { width: 2560, height: 1440 },
};

/** The page never scrolls sideways; where the columns scroll each by itself, it does not scroll at all. */
async function expectNoStrayScroll(page: Page): Promise<void> {
  await expectNoSidewaysScroll(page);
  if (page.viewportSize()!.width < 1200) return;
  const overflow = await page.evaluate(
    () => document.documentElement.scrollHeight - document.documentElement.clientHeight,
  );
  expect(overflow).toBe(0);
}

/** Colours depend on the scheme and layout on the size: each of them once is enough. */
const looks = { light: ['desktop', 'smallest'], dark: ['phone', 'large'] } as const;

for (const scheme of ['light', 'dark'] as const) {
  for (const name of looks[scheme]) {
    const size = sizes[name];
    test(`${scheme}, ${name}: before, during and after training`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await open(page);
      const shot = (stage: string) =>
        page.screenshot({
          path: test.info().outputPath(`${stage}.png`),
          fullPage: size.width < 768,
        });
      await shot('idle');
      await expectNoStrayScroll(page);
      // Most of it is looked at again below, once it is full.
      if (name === looks[scheme][0]) await expectAccessible(page);
      if (size.width < 768) await page.getByRole('button', { name: 'Training' }).click();
      await shorten(page, 10);
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await expectState(page, 'Finished');
      await shot('finished');
      await expectAccessible(page);
      await expectNoStrayScroll(page);
    });
  }

  test(`${scheme}: what opens over the page is accessible too`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await open(page);
    await page.getByRole('button', { name: /^Model / }).click();
    await page.getByRole('button', { name: 'Split' }).click();
    await page.getByRole('button', { name: 'Explain the settings' }).click();
    await page.getByRole('button', { name: 'Origin and licence' }).click();
    await expectAccessible(page);
    await page.getByRole('button', { name: /^Computes on/ }).click();
    await expectAccessible(page, '[role=dialog]');
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Data set' }).click();
    await expectAccessible(page, '[role=listbox]');
    await page.keyboard.press('Escape');
    await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
    await expect(page.getByRole('button', { name: 'Use these 40 examples' })).toBeVisible();
    await expectAccessible(page, '[role=dialog]');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await drop(page, [{ name: 'empty.csv', text: '' }]);
    await expect(page.getByRole('alert').filter({ hasText: 'empty.csv' })).toBeVisible();
    await expectAccessible(page, '[role=alert]');
  });
}

test('the colour scheme can be chosen and is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page);
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  expect(await scheme()).toBe('light');
  await page.getByRole('button', { name: 'Use dark colours' }).click();
  expect(await scheme()).toBe('dark');
  await page.reload();
  await expect(page.getByRole('button', { name: 'Use light colours' })).toBeVisible();
});

test('what a control says of itself shows for keys and for a finger too', async ({ page }) => {
  await open(page);
  // What is read out with a setting, whatever its kind, is its sentence.
  const settings = page.getByRole('region', { name: 'Recipe' });
  const ratio = settings.getByRole('textbox', { name: 'Mask ratio', exact: true });
  const schedule = settings.getByRole('combobox', { name: 'Schedule' });
  const firstOrder = settings.getByRole('switch', { name: 'First order' });
  for (const setting of [ratio, schedule, firstOrder]) {
    await expect(setting).toHaveAccessibleDescription(/^[A-Z].{20,}\.$/);
  }
  await ratio.fill('2');
  await expect(ratio).toHaveAccessibleDescription(/Share of the tokens.*Mask ratio/);
  await ratio.fill('0.75');
  const legend = page.getByRole('button', { name: /^Reconstruction/, pressed: true });
  const hint = page.getByText('decoded from the adapted latent Z*. Shift and press');
  await page.keyboard.press('Tab');
  await legend.focus();
  await expect(hint).toBeVisible();
  await expect(hint).toBeInViewport({ ratio: 1 });
  await page.screenshot({ path: test.info().outputPath('hint.png') });
  await page.keyboard.press('Escape');
  await expect(hint).toBeHidden();
  await legend.dispatchEvent('pointerdown', { pointerType: 'touch', bubbles: true });
  await expect(hint).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(hint).toBeHidden();
});
