// What lies in the page's storage, read and damaged from outside of its own program.
import type { Page } from '@playwright/test';

export interface Manifest {
  version: number;
  id: string;
  created: string;
  name: string;
  note: string;
  starred: boolean;
  phase: string;
  step: number;
  checkpoints: { file: string; step: number; sha256: string }[];
  metrics: { file: string }[];
  findings: string[];
}

/** The manifests of all runs, newest first. */
export function manifests(page: Page): Promise<Manifest[]> {
  return page.evaluate(async () => {
    const origin = await navigator.storage.getDirectory();
    const root = await origin.getDirectoryHandle('metamae-playground', { create: true });
    const runs = await root.getDirectoryHandle('runs', { create: true });
    // The page may write a manifest anew between finding and reading it, or may not have written the first one yet.
    const isBeingWritten = (error: unknown) =>
      error instanceof DOMException && ['NotReadableError', 'NotFoundError'].includes(error.name);
    const read = async (folder: FileSystemDirectoryHandle, attempts = 20): Promise<Manifest> => {
      try {
        const file = await folder.getFileHandle('run.json');
        const text = await (await file.getFile()).text();
        // A new file is empty until its first content replaces it.
        if (text === '') throw new DOMException('no content yet', 'NotFoundError');
        return JSON.parse(text);
      } catch (error) {
        if (attempts === 0 || !isBeingWritten(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return read(folder, attempts - 1);
      }
    };
    const found = [];
    for await (const [, folder] of runs.entries()) {
      found.push(await read(folder as FileSystemDirectoryHandle));
    }
    return found.sort((a, b) => b.created.localeCompare(a.created));
  });
}

/** The bytes of a file as numbers. */
function bytesOf(page: Page, name: string): Promise<number[]> {
  return page.evaluate(async (path) => {
    let folder = await navigator.storage.getDirectory();
    const parts = ['metamae-playground', ...path.split('/')];
    for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
    const file = await (await folder.getFileHandle(parts.at(-1)!)).getFile();
    return [...new Uint8Array(await file.arrayBuffer())];
  }, name);
}

/** Replaces a file. */
export function overwrite(page: Page, name: string, text: string): Promise<void> {
  return page.evaluate(
    async ([path, content]) => {
      let folder = await navigator.storage.getDirectory();
      const parts = ['metamae-playground', ...path!.split('/')];
      for (const part of parts.slice(0, -1)) {
        folder = await folder.getDirectoryHandle(part, { create: true });
      }
      const stream = await (
        await folder.getFileHandle(parts.at(-1)!, { create: true })
      ).createWritable();
      await stream.write(content!);
      await stream.close();
    },
    [name, text],
  );
}

/** Everything that a run's curves hold, and its last checkpoint's digest: equal for runs that are equal bit for bit. */
export async function fingerprint(page: Page, { metrics, checkpoints }: Manifest) {
  const curves: number[] = [];
  for (const { file } of metrics) curves.push(...(await bytesOf(page, file)));
  return { curves, state: checkpoints.at(-1)!.sha256 };
}
