// The headless page: the engine without the page around it, for the runner and for the tests of the engine.
import type { Surface } from './surface';

const surface: Surface = {
  async adapter() {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return undefined;
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    return { vendor, architecture, description, software: isFallbackAdapter };
  },
};

window.headless = surface;
