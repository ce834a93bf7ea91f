// What scripts/wat.mjs makes of WebAssembly that is written as text.
declare module '*.wat' {
  /** The module's bytes, for a memory of one thread. */
  export const plain: Uint8Array<ArrayBuffer>;
  /** The same for a memory that threads share. */
  export const shared: Uint8Array<ArrayBuffer>;
}
