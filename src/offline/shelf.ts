// The files of one version of the page, kept by their content: versions share what is the same in both and never mix what is not.

/** What the build writes down of itself (see scripts/offline.mjs). Paths are relative to the page, e.g. `assets/index.js`. */
export interface Contents {
  /** SHA-256, as hex, of each file that the page cannot do without; all are kept before the version is used. */
  shell: Record<string, string>;
  /** The same of files that are kept once they were asked for: data sets, models, fonts of other scripts. */
  wanted: Record<string, string>;
  /** Added to every answer, so that a host that sets none gives the same page. */
  headers: Record<string, string>;
}

/** The part of `Cache` that is needed. */
export type Store = Pick<Cache, 'match' | 'put' | 'delete' | 'keys'>;

/** The page itself, by the paths that it is asked for. */
const PAGE = 'index.html';

export class Shelf {
  /**
   * @param base address of the page's folder, with a slash at the end
   * @param load fetches from the network
   */
  constructor(
    private readonly contents: Contents,
    private readonly base: string,
    private readonly store: Store,
    private readonly load: (address: string) => Promise<Response>,
  ) {}

  /** The file that an address asks for; nothing where it is none of this version's. */
  pathOf(address: string): string | undefined {
    const { origin, pathname } = new URL(address);
    const folder = new URL(this.base);
    if (origin !== folder.origin || !pathname.startsWith(folder.pathname)) return undefined;
    const path = pathname.slice(folder.pathname.length) || PAGE;
    return this.digestOf(path) === undefined ? undefined : path;
  }

  /** Keeps every file of the shell. Rejects where one is not there, or is of another version. */
  async fill(): Promise<void> {
    await Promise.all(Object.keys(this.contents.shell).map((path) => this.keep(path)));
  }

  /** Keeps one file, unless it is kept already. Rejects where it is not there, or is of another version. */
  async keep(path: string): Promise<void> {
    const key = this.keyOf(path);
    if (await this.store.match(key)) return;
    const { response, isOurs } = await this.fetch(path);
    if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
    if (!isOurs) throw new Error(`${path} is of another version`);
    await this.store.put(key, response);
  }

  /** A file as it is kept; else as the network has it, which is then kept where it is this version's. */
  async answer(path: string): Promise<Response> {
    const key = this.keyOf(path);
    const kept = await this.store.match(key);
    if (kept) return kept;
    const { response, isOurs } = await this.fetch(path);
    // A full disk keeps nobody from reading the file.
    if (isOurs) await this.store.put(key, response.clone()).catch(() => {});
    return response;
  }

  /** Lets go of what only other versions have. */
  async tidy(): Promise<void> {
    const paths = [...Object.keys(this.contents.shell), ...Object.keys(this.contents.wanted)];
    const ours = new Set(paths.map((path) => this.keyOf(path)));
    for (const { url } of await this.store.keys()) if (!ours.has(url)) await this.store.delete(url);
  }

  private digestOf(path: string): string | undefined {
    const { shell, wanted } = this.contents;
    if (Object.hasOwn(shell, path)) return shell[path];
    return Object.hasOwn(wanted, path) ? wanted[path] : undefined;
  }

  private keyOf(path: string): string {
    return `${this.base}${path}?sha256=${this.digestOf(path)}`;
  }

  private async fetch(path: string): Promise<{ response: Response; isOurs: boolean }> {
    // Some hosts send whoever asks for index.html on to its folder.
    const found = await this.load(`${this.base}${path === PAGE ? '' : path}`);
    if (!found.ok) return { response: found, isOurs: false };
    const bytes = await found.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    // Made anew: the bytes are unpacked by now, and a redirected answer may not open a page.
    const type = found.headers.get('Content-Type') ?? 'application/octet-stream';
    const response = new Response(bytes, {
      headers: { ...this.contents.headers, 'Content-Type': type },
    });
    return { response, isOurs: hex === this.digestOf(path) };
  }
}
