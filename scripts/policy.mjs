// What the page may load and where it may send anything: to where it came from, and nowhere else. One text for the
// server of this project, for static hosts, and for the page itself.

/** Directives of the Content-Security-Policy that every answer carries. */
const directives = {
  'default-src': ["'none'"],
  // wasm: the engine. blob: the threads of the engine, which take their program from one (see threadedWasm.mjs); the page's own
  // policy below allows none of these.
  'script-src': ["'self'", "'wasm-unsafe-eval'", 'blob:'],
  'worker-src': ["'self'", 'blob:'],
  // Mantine writes the values of its theme and of responsive properties into <style> elements as it renders. Nothing that a
  // user brings gets there.
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'"],
  // blob: and data: pictures are made in the page.
  'img-src': ["'self'", 'blob:', 'data:'],
  'media-src': ["'self'", 'blob:'],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

/** The page's own program runs no wasm and no text as code: its workers do, under the headers' policy. */
const ofThePage = { ...directives, 'script-src': ["'self'"] };

/** @param {Record<string, string[]>} policy */
const write = (policy) =>
  Object.entries(policy)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');

/** Headers of every answer, on any host. */
export const securityHeaders = {
  // Only a header can forbid that other pages frame this one.
  'Content-Security-Policy': `${write(directives)}; frame-ancestors 'none'`,
  // Cross-origin isolation: lets the wasm backend use threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

/**
 * Writes the policy into every built page, for hosts that let nobody set headers, and the headers into `_headers`, which Netlify
 * and Cloudflare Pages read. While developing, the page needs more than the policy allows.
 *
 * @returns {import('vite').Plugin}
 */
export function contentSecurityPolicy() {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: write(ofThePage) },
          injectTo: 'head-prepend',
        },
      ],
    },
    generateBundle() {
      const lines = Object.entries(securityHeaders).map(([name, value]) => `  ${name}: ${value}`);
      this.emitFile({
        type: 'asset',
        fileName: '_headers',
        source: ['/*', ...lines, ''].join('\n'),
      });
    },
  };
}
