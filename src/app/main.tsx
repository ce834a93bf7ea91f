// Starts the page.
import '@fontsource-variable/ibm-plex-sans';
import '@mantine/core/styles.layer.css';
import './tokens.css';
import { MantineProvider } from '@mantine/core';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { start } from '../store/start';
import { App } from './App';
import { cssVariables, theme } from './theme';

/** The benchmark is a page of its own, so that nothing computes beside it. */
const BENCHMARK = '#bench';
const BenchPage = lazy(() => import('./bench/BenchPage'));
const isBenchmark = location.hash === BENCHMARK;

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      {isBenchmark ? (
        <Suspense fallback={null}>
          <BenchPage />
        </Suspense>
      ) : (
        <App />
      )}
    </MantineProvider>
  </StrictMode>,
);
if (!isBenchmark) void start();
window.addEventListener('hashchange', () => {
  if (isBenchmark !== (location.hash === BENCHMARK)) location.reload();
});
