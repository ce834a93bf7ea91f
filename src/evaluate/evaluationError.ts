/** An evaluation that was asked for cannot be had; `remedy` says what to change. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}
