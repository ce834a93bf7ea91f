// The one error that is not a fault: what was asked for cannot be compiled, and the caller runs it eagerly instead.

/** The function uses something that cannot be compiled; the message says what. */
export class UnsupportedError extends Error {
  override name = 'UnsupportedError';
}
