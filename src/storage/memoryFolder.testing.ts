// A folder in memory, for tests in Node; it can be told to run out of room.
import { type Folder, StorageError } from './folder';

export class MemoryFolder implements Folder {
  readonly kind = 'memory';
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  private readonly turns = new Map<string, Promise<unknown>>();
  /** Names of files that are being written. */
  readonly locked = new Set<string>();
  /** Bytes that may be held in all. */
  quota = Number.POSITIVE_INFINITY;

  async read(name: string) {
    return this.files.get(name)?.slice();
  }

  async write(name: string, bytes: Uint8Array<ArrayBuffer>) {
    let total = bytes.length;
    for (const [other, content] of this.files) if (other !== name) total += content.length;
    if (total > this.quota) throw new StorageError('no room', 'Delete runs.', true);
    this.files.set(name, bytes.slice());
  }

  async remove(name: string) {
    if (this.locked.has(name)) return false;
    this.files.delete(name);
    return true;
  }

  async sizes() {
    return new Map([...this.files].map(([name, bytes]) => [name, bytes.length]));
  }

  exclusive<T>(name: string, action: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(name) ?? Promise.resolve()).then(action);
    this.turns.set(
      name,
      turn.catch(() => {}),
    );
    return turn;
  }

  async list(prefix = '') {
    return [...this.files.keys()].filter((name) => name.startsWith(prefix)).sort();
  }
}
