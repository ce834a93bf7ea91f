// Finds the Chromium that tests and the headless runner use, installs one where there is none, and says how it is started.
// Node built-ins only, but for Playwright, which is imported once it is known to be installed.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandError, run, tool } from './command.mjs';

/** The oldest version that is used: WebGPU with subgroups, new headless mode. */
const OLDEST = 134;

const DOWNLOAD_LIMIT_MS = 10 * 60_000;
const CONNECTION_LIMIT_MS = 10_000;

/**
 * Parts of Chromium that are turned off. A list of ours takes the place of Playwright's own, so the first ones are those
 * that Playwright 1.65 turns off; the last are pages that the address bar loads beside every window, which nobody sees
 * here and which take a fifth of what it costs to open ours.
 */
const unwanted = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'TcpPortRandomizationWin',
  'ThirdPartyStoragePartitioning',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
];

/** True for the administrator of a Unix system, who may install packages and whom Chromium gives no sandbox. */
export const isRoot = process.getuid?.() === 0;

/** Where an installed Chromium or Chrome may be, by platform; bare names are looked up in the PATH. */
const places = {
  linux: [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    'microsoft-edge-stable',
  ],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    ...['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((variable) =>
      ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map(
        (path) => join(process.env[variable] ?? '', path),
      ),
    ),
  ],
};

/**
 * The Chromium to use, installed if need be: CHROMIUM_PATH, else Playwright's own where it is already there, else one
 * of the machine, else Playwright's own by download, else Debian's package.
 *
 * @returns {Promise<string>} its executable
 * @throws {CommandError} where there is none and none can be had
 */
export async function ensureChromium() {
  return (
    (await findChromium()) ??
    (await downloadChromium()) ??
    (await installPackage()) ??
    (await giveUp())
  );
}

/**
 * The Chromium to use among those that are there.
 *
 * @returns {Promise<string | undefined>} its executable
 * @throws {CommandError} where CHROMIUM_PATH names a file that cannot be run
 */
async function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (isUsable(given)) return given;
    throw new CommandError(
      `CHROMIUM_PATH is ${given}, which is no Chromium of version ${OLDEST} or later that runs here. ` +
        'Correct it, or unset it to have one found or installed.',
    );
  }
  return [await playwrightsOwn(), ...installedPlaces()].find(isUsable);
}

/**
 * The arguments that Chromium is started with.
 *
 * @param {'hardware' | 'software'} adapter `hardware`: WebGPU on a GPU where there is one (else SwiftShader);
 * `software`: on SwiftShader, the same on every machine
 */
export function launchArguments(adapter) {
  return [
    '--enable-unsafe-webgpu',
    ...(adapter === 'software' ? ['--use-webgpu-adapter=swiftshader'] : hardwareArguments()),
    `--disable-features=${unwanted.join()}`,
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

function hardwareArguments() {
  // On Linux, WebGPU reaches a GPU through Vulkan, which is off by default and must do without a screen.
  const vulkan = ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface'];
  return ['--ignore-gpu-blocklist', ...(process.platform === 'linux' ? vulkan : [])];
}

async function playwrightsOwn() {
  const { chromium } = await import('@playwright/test');
  return chromium.executablePath();
}

function installedPlaces() {
  const platform = /** @type {keyof typeof places} */ (process.platform);
  const folders = (process.env.PATH ?? '').split(delimiter);
  return (places[platform] ?? places.linux).flatMap((place) =>
    place.includes('/') || place.includes('\\')
      ? [place]
      : folders.map((folder) => join(folder, place)),
  );
}

/** @param {string} executable */
function isUsable(executable) {
  if (!existsSync(executable)) return false;
  // There, asking for the version opens a window.
  if (process.platform === 'win32') return true;
  try {
    // This also finds out whether the shared libraries that it needs are there.
    const answer = execFileSync(executable, ['--version'], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = /(\d+)\.\d+\.\d+/.exec(answer);
    return version !== null && Number(version[1]) >= OLDEST;
  } catch {
    return false;
  }
}

async function downloadChromium() {
  console.error('No Chromium on this machine: downloading the one made for Playwright.');
  const { code, output } = await run(tool('playwright'), ['install', '--no-shell', 'chromium'], {
    output: 'capture',
    timeoutMs: DOWNLOAD_LIMIT_MS,
    environment: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(CONNECTION_LIMIT_MS) },
  });
  const own = await playwrightsOwn();
  if (code !== 0 || !existsSync(own)) {
    console.error(`It could not be downloaded: ${faultOf(output)}`);
    return undefined;
  }
  if (isUsable(own)) return own;
  if (process.platform !== 'linux' || !isRoot) {
    console.error(
      `It does not run here, most likely for want of shared libraries. As root: npx playwright install-deps chromium`,
    );
    return undefined;
  }
  console.error('Installing the shared libraries that it needs.');
  await run(tool('playwright'), ['install-deps', 'chromium'], { timeoutMs: DOWNLOAD_LIMIT_MS });
  return isUsable(own) ? own : undefined;
}

async function installPackage() {
  if (process.platform !== 'linux' || !isRoot || !existsSync('/usr/bin/apt-get')) return undefined;
  console.error("Installing the system's package chromium.");
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { environment, timeoutMs: DOWNLOAD_LIMIT_MS };
  await run('apt-get', ['-q', 'update'], options);
  const install = ['-q', 'install', '--yes', '--no-install-recommends', 'chromium'];
  await run('apt-get', install, options);
  return installedPlaces().find(isUsable);
}

/** @returns {Promise<never>} */
async function giveUp() {
  throw new CommandError(
    'No Chromium could be found or installed. Install Chromium or Chrome yourself, ' +
      'or set the environment variable CHROMIUM_PATH to its executable.',
  );
}

/** @param {string} output */
function faultOf(output) {
  return output.split('\n').find((line) => line.includes('Error')) ?? output.trim();
}
