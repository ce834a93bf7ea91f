// What the headless page (headless.html) offers on `window.headless` to the runner and to the tests of the engine.

export interface Surface {
  /** The WebGPU adapter that the browser gives, or nothing. */
  adapter(): Promise<Adapter | undefined>;
}

export interface Adapter {
  vendor: string;
  architecture: string;
  description: string;
  /** True for a software adapter such as SwiftShader. */
  software: boolean;
}

declare global {
  interface Window {
    headless: Surface;
  }
}
