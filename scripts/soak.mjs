// `npm run soak`: trains in the page for long, with pauses, probes and exports, and watches its memory; then trains again while
// everything goes wrong in random order, and counts what was lost. Ends with one JSON line on stdout.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSoak } from './arguments.mjs';
import { dist, ensureBuilt } from './build.mjs';
import { CommandError, main } from './command.mjs';
import { startBrowser } from './ownBrowser.mjs';
import { serve } from './serve.mjs';
import { ensureEverything } from './setup.mjs';
import { SoakedPage } from './soakedPage.mjs';

/** @typedef {import('./ownBrowser.mjs').OwnBrowser} OwnBrowser */

const help = `Trains in the page for long and under faults, in headless Chromium, and says what memory did and what was lost.

  npm run -s soak -- [--steps N] [--faults N] [--backend wasm|webgpu] [--software] [--seed N]

  --steps    of the long run, 5000 by default; the run with faults has a tenth of them, 60 at least
  --faults   how many, 12 by default: the engine dies, the browser is killed, the newest checkpoint is damaged,
             the quota is full, and on webgpu the GPU is lost
  --backend  wasm by default
  --software WebGPU on SwiftShader, where there is no GPU
  --seed     of the order of the faults, 1 by default

Exit codes: 0 memory is flat and nothing but work since the last checkpoint was lost, 1 otherwise.`;

/** Looks at memory in a long run, and turns of pause, probe and export. */
const LOOKS = 20;
const TURNS = 10;
/** With fewer steps left, a run may end before it pauses. */
const FEWEST_LEFT = 15;
/** Memory that may come beside a share of what there was after the first fifth: the curves grow by 64 bytes a step. */
const GROWTH_SHARE = 0.1;
const GROWTH_BYTES = 2_000_000;

/** Numbers in [0, 1) from a seed (mulberry32). @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The long run.
 *
 * @param {SoakedPage} soaked
 * @param {number} steps
 */
async function longRun(soaked, steps) {
  await soaked.train(steps);
  /** @type {{ step: number, bytes: number }[]} */
  const looks = [];
  let turns = 0;
  for (let look = 1; look <= LOOKS; look++) {
    await soaked.reach(Math.floor((steps * look) / LOOKS));
    const left = steps - (await soaked.step());
    if (look % (LOOKS / TURNS) === 0 && left > FEWEST_LEFT) {
      await soaked.pause();
      await soaked.probe();
      await soaked.exportAll();
      await soaked.resume();
      turns++;
    }
    const memory = await soaked.memory();
    looks.push(memory);
    console.error(
      `step ${memory.step}: ${(memory.bytes / 1e6).toFixed(1)} MB of memory in the page and its workers`,
    );
  }
  await soaked.finished();
  const settled = looks.slice(LOOKS / 5);
  const [first] = settled;
  const largest = Math.max(...settled.map(({ bytes }) => bytes));
  if (!first) throw new CommandError('There was no look at memory.');
  const isFlat = largest <= first.bytes * (1 + GROWTH_SHARE) + GROWTH_BYTES;
  return { steps, turns, firstBytes: first.bytes, largestBytes: largest, isFlat };
}

/**
 * What can go wrong. Each returns how far the run had come, and the step that it must at least go on from.
 *
 * @typedef {(soak: Soak) => Promise<{ reached: number, kept: number }>} Fault
 */
const faults = /** @satisfies {Record<string, Fault>} */ ({
  engine: async ({ soaked }) => {
    const before = await soaked.standing();
    await soaked.killEngine();
    return before;
  },
  browser: async (soak) => {
    const before = await soak.soaked.standing();
    await soak.restart();
    return before;
  },
  checkpoint: async (soak) => {
    await soak.soaked.pause();
    const kept = await soak.soaked.damageNewest();
    const { reached } = await soak.soaked.standing();
    await soak.soaked.reload();
    return { reached, kept };
  },
  quota: async ({ soaked }) => {
    await soaked.fillQuota();
    const before = await soaked.standing();
    await soaked.freeQuota();
    return before;
  },
  device: async ({ soaked }) => {
    const before = await soaked.standing();
    await soaked.loseDevice();
    return before;
  },
});
/** @typedef {keyof typeof faults} Kind */

class Soak {
  /** @type {OwnBrowser | undefined} */
  #browser;
  /** @type {SoakedPage | undefined} */
  #soaked;

  /**
   * @param {string} address
   * @param {string} profile
   * @param {'wasm' | 'webgpu'} backend
   * @param {'hardware' | 'software'} adapter
   */
  constructor(address, profile, backend, adapter) {
    this.address = address;
    this.profile = profile;
    this.backend = backend;
    this.adapter = adapter;
  }

  get soaked() {
    if (!this.#soaked) throw new CommandError('No page is open.');
    return this.#soaked;
  }

  /** Kills the browser where there is one, and opens the page in another. */
  async restart() {
    await this.end();
    this.#browser = await startBrowser(this.profile, {
      // Otherwise the browser measures memory when it next tidies up, which may be never.
      args: ['--enable-blink-features=ForceEagerMeasureMemory'],
      adapter: this.adapter,
    });
    this.#soaked = await SoakedPage.open(this.#browser, this.address, this.backend);
  }

  async end() {
    await this.#browser?.kill();
    this.#browser = undefined;
  }
}

/**
 * The run under faults, then the same run in peace.
 *
 * @param {Soak} soak
 * @param {{ faults: number, steps: number, seed: number, backend: string }} asked
 */
async function faultRun(soak, { faults: howMany, steps, seed, backend }) {
  const random = randomFrom(seed);
  const kinds = /** @type {Kind[]} */ (Object.keys(faults)).filter(
    (kind) => kind !== 'device' || backend === 'webgpu',
  );
  // Every kind in each round, in an order of its own.
  /** @type {Kind[]} */
  const order = [];
  while (order.length < howMany) {
    const round = [...kinds].sort(() => random() - 0.5);
    order.push(...round);
  }
  order.length = howMany;
  await soak.soaked.train(steps);
  /** @type {{ kind: Kind, lost: number, isKept: boolean }[]} */
  const losses = [];
  for (const [i, kind] of order.entries()) {
    const target = Math.floor((steps * (i + 0.5 + random() / 2)) / (howMany + 1));
    await soak.soaked.reach(target);
    await soak.soaked.save();
    // Some work that is not yet kept.
    await soak.soaked.reach((await soak.soaked.standing()).reached + 1);
    const { reached, kept } = await faults[kind](soak);
    const wentOn = kind === 'quota' ? reached : await soak.soaked.goOn();
    const isKept = wentOn >= kept;
    losses.push({ kind, lost: Math.max(0, reached - wentOn), isKept });
    console.error(
      `${kind} at step ${reached}: went on from ${wentOn}, kept was ${kept}${isKept ? '' : ' — LOST'}`,
    );
  }
  await soak.soaked.finished();
  const faulty = await soak.soaked.fingerprint();
  await soak.soaked.trainAgain();
  await soak.soaked.finished();
  const peaceful = await soak.soaked.fingerprint();
  return {
    steps,
    faults: losses.length,
    kinds: Object.fromEntries(
      kinds.map((kind) => [kind, losses.filter((loss) => loss.kind === kind).length]),
    ),
    mostLostSteps: Math.max(0, ...losses.map(({ lost }) => lost)),
    lostCheckpoints: losses.filter(({ isKept }) => !isKept).length,
    isSameAsInPeace: faulty === peaceful,
  };
}

await main(async () => {
  const asked = readSoak(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  await ensureEverything();
  await ensureBuilt();
  const served = await serve(dist);
  const profile = mkdtempSync(join(tmpdir(), 'soak-'));
  const soak = new Soak(served.address, profile, asked.backend, asked.adapter);
  try {
    await soak.restart();
    const long = asked.steps > 0 ? await longRun(soak.soaked, asked.steps) : undefined;
    const steps = Math.max(60, Math.floor(asked.steps / 10));
    const faulty = asked.faults > 0 ? await faultRun(soak, { ...asked, steps }) : undefined;
    const { backend } = asked;
    console.log(JSON.stringify({ backend, ...(long && { long }), ...(faulty && { faulty }) }));
    const holds =
      (long?.isFlat ?? true) &&
      (faulty?.lostCheckpoints ?? 0) === 0 &&
      (faulty?.isSameAsInPeace ?? true);
    return holds ? 0 : 1;
  } finally {
    await soak.end();
    await served.close();
    // The killed processes may still hold files for a moment.
    await wait(500);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});
