// Waiting in tests, which may get nothing of the processor for a while (scripts/yielding.mjs).
import { vi } from 'vitest';

/** As long as a browser test may hold both cores, many times over. */
const PATIENCE_MS = 60_000;

/** Waits until `check` throws nothing. */
export const waitFor = (check: () => void): Promise<void> => vi.waitFor(check, PATIENCE_MS);
