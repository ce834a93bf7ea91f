// Files by name in the browser's own storage: the origin-private file system, or IndexedDB where that is missing.

/** Name of the directory, or the database, of this project in its origin. */
const ROOT = 'metamae-playground';

/** A place for files. Every write is atomic: a reader, or a later session, finds the old content or the new. */
export interface Folder {
  /** What holds the files, for the user: "origin-private file system" or "IndexedDB". */
  readonly kind: string;
  /** Content, or nothing where there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** @throws StorageError where the quota is spent or storage is denied; what was there is kept */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /**
   * No file of that name is no error.
   *
   * @returns false where the file is being written just now: it stays
   */
  remove(name: string): Promise<boolean>;
  /** Names that start with `prefix`, in ascending order. */
  list(prefix?: string): Promise<string[]>;
  /** Bytes of every file. */
  sizes(): Promise<Map<string, number>>;
  /** Runs one action of a name at a time, in all tabs. */
  exclusive<T>(name: string, action: () => Promise<T>): Promise<T>;
}

/** The browser keeps no more, or nothing at all. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    message: string,
    readonly remedy: string,
    /** True where space ran out, false where storage is denied or broken. */
    readonly full: boolean,
  ) {
    super(message);
  }
}

/** Turns what the browser throws into words. */
function storageError(error: unknown): StorageError {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') {
    return new StorageError(
      'The browser has no room left for runs',
      'Delete runs that you no longer need, or export them first.',
      true,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(
    `The browser does not let this page keep files (${reason})`,
    'Leave private browsing, or allow storage for this page; until then, export what you want to keep.',
    false,
  );
}

/** @throws StorageError where the file is being written just now */
export async function removeNow(folder: Folder, name: string): Promise<void> {
  if (await folder.remove(name)) return;
  throw new StorageError(
    'Something of what is to be removed is being written just now',
    'Try again in a moment.',
    false,
  );
}

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(error);
  }
}

function exclusive<T>(name: string, action: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`${ROOT} ${name}`, action);
}

/** Directories of a name, and the name itself: `runs/a/recipe.json` -> [runs, a], recipe.json. */
function pathOf(name: string): { directories: string[]; file: string } {
  const parts = name.split('/');
  return { directories: parts.slice(0, -1), file: parts.at(-1)! };
}

const isMissing = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NotFoundError';

/** A file that is being written, or, in Chromium, the `.crswap` beside it that its new content is gathered in. */
const isLocked = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NoModificationAllowedError';

/** The origin-private file system. A written file replaces the old one when its stream is closed. */
class PrivateFileSystem implements Folder {
  readonly kind = 'origin-private file system';

  constructor(private readonly root: FileSystemDirectoryHandle) {}

  read(name: string) {
    return guarded(async () => {
      try {
        const handle = await this.handle(name, false);
        const file = await handle.getFile();
        // A new file is empty until its first content replaces it; none of ours is so for good.
        return file.size === 0 ? undefined : new Uint8Array(await file.arrayBuffer());
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  write(name: string, bytes: Uint8Array<ArrayBuffer>) {
    return guarded(async () => {
      const stream = await (await this.handle(name, true)).createWritable();
      try {
        await stream.write(bytes);
      } catch (error) {
        await stream.abort();
        throw error;
      }
      await stream.close();
    });
  }

  remove(name: string) {
    return guarded(async () => {
      const { directories, file } = pathOf(name);
      try {
        const directory = await this.directory(directories, false);
        await directory.removeEntry(file);
        await this.prune(directories);
      } catch (error) {
        if (isLocked(error)) return false;
        if (!isMissing(error)) throw error;
      }
      return true;
    });
  }

  list(prefix = '') {
    return guarded(async () => {
      const files = await this.files(prefix);
      return files.map(([name]) => name).sort();
    });
  }

  sizes() {
    return guarded(async () => {
      const sizes = new Map<string, number>();
      for (const [name, handle] of await this.files('')) {
        try {
          sizes.set(name, (await handle.getFile()).size);
        } catch (error) {
          // Removed since it was found.
          if (!isMissing(error)) throw error;
        }
      }
      return sizes;
    });
  }

  exclusive = exclusive;

  private async files(prefix: string): Promise<[string, FileSystemFileHandle][]> {
    const found: [string, FileSystemFileHandle][] = [];
    const walk = async (directory: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [entry, handle] of directory.entries()) {
        const name = `${path}${entry}`;
        if (handle.kind === 'file') {
          if (name.startsWith(prefix)) found.push([name, handle as FileSystemFileHandle]);
        } else if (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)) {
          await walk(handle as FileSystemDirectoryHandle, `${name}/`);
        }
      }
    };
    await walk(this.root, '');
    return found;
  }

  private async directory(names: string[], create: boolean): Promise<FileSystemDirectoryHandle> {
    let directory = this.root;
    for (const name of names) directory = await directory.getDirectoryHandle(name, { create });
    return directory;
  }

  private async handle(name: string, create: boolean): Promise<FileSystemFileHandle> {
    const { directories, file } = pathOf(name);
    return (await this.directory(directories, create)).getFileHandle(file, { create });
  }

  /**
   * Removes directories that became empty; those at the top stay, since another tab may be about to write there, and those in
   * which something is being written already.
   */
  private async prune(directories: string[]): Promise<void> {
    for (let depth = directories.length; depth > 1; depth--) {
      const directory = await this.directory(directories.slice(0, depth), false);
      if (!(await directory.keys().next()).done) return;
      const parent = await this.directory(directories.slice(0, depth - 1), false);
      try {
        await parent.removeEntry(directories[depth - 1]!);
      } catch (error) {
        if (isLocked(error)) return;
        throw error;
      }
    }
  }
}

const STORE = 'files';

/** One object store of bytes by name. A transaction is done or not. */
class Database implements Folder {
  readonly kind = 'IndexedDB';

  constructor(private readonly database: IDBDatabase) {}

  async read(name: string) {
    const value = await this.request<Uint8Array<ArrayBuffer> | undefined>('readonly', (store) =>
      store.get(name),
    );
    return value;
  }

  async write(name: string, bytes: Uint8Array<ArrayBuffer>) {
    await this.request('readwrite', (store) => store.put(bytes, name));
  }

  async remove(name: string) {
    await this.request('readwrite', (store) => store.delete(name));
    return true;
  }

  async list(prefix = '') {
    const keys = await this.request<IDBValidKey[]>('readonly', (store) => store.getAllKeys());
    return keys
      .map(String)
      .filter((name) => name.startsWith(prefix))
      .sort();
  }

  async sizes() {
    const names = await this.list();
    const sizes = names.map(
      async (name) => [name, (await this.read(name))?.byteLength ?? 0] as const,
    );
    return new Map(await Promise.all(sizes));
  }

  exclusive = exclusive;

  private request<T>(
    mode: IDBTransactionMode,
    make: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T> {
    return guarded(
      () =>
        new Promise<T>((resolve, reject) => {
          const transaction = this.database.transaction(STORE, mode);
          const request = make(transaction.objectStore(STORE));
          transaction.oncomplete = () => resolve(request.result as T);
          transaction.onabort = () => reject(transaction.error ?? request.error);
          transaction.onerror = () => reject(transaction.error ?? request.error);
        }),
    );
  }
}

function openDatabase(name: string): Promise<Folder> {
  return guarded(
    () =>
      new Promise<Folder>((resolve, reject) => {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(STORE);
        request.onsuccess = () => resolve(new Database(request.result));
        request.onerror = () => reject(request.error);
      }),
  );
}

/**
 * Opens the browser's storage.
 *
 * @throws StorageError where the browser denies both kinds
 */
export async function openFolder(kind?: 'files' | 'database'): Promise<Folder> {
  if (!isSecureContext) {
    throw new StorageError(
      'Browsers keep files only for pages that come over https, or from this machine',
      'Open this page by https; until then, export what you want to keep.',
      false,
    );
  }
  const canWriteFiles =
    'storage' in navigator &&
    'getDirectory' in navigator.storage &&
    typeof FileSystemFileHandle !== 'undefined' &&
    'createWritable' in FileSystemFileHandle.prototype;
  if (kind !== 'database' && canWriteFiles) {
    try {
      const origin = await navigator.storage.getDirectory();
      return new PrivateFileSystem(await origin.getDirectoryHandle(ROOT, { create: true }));
    } catch (error) {
      // Some browsers offer the interface and refuse its use in private windows; the database may still work.
      if (kind === 'files') throw storageError(error);
    }
  }
  return openDatabase(ROOT);
}

/** Bytes that the origin uses and may use, where the browser tells. */
export async function storageEstimate(): Promise<{ usage: number; quota: number } | undefined> {
  const estimate = await navigator.storage?.estimate?.();
  if (estimate?.usage === undefined || estimate.quota === undefined) return undefined;
  return { usage: estimate.usage, quota: estimate.quota };
}
