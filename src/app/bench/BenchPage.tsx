// The benchmark on the user's own GPU (`/#bench`), beside the figures that were published.
import { Button, Checkbox } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { startBenchmark } from '../../bench/client';
import type { Published, Result, Row } from '../../bench/protocol';
import publishedText from '../../bench/published.json?raw';
import { bytes, whole } from '../format';
import { Mark } from '../header/Mark';
import classes from './BenchPage.module.css';
import { advantage, type Group, groupsOf, pathNames } from './figures';

const published = JSON.parse(publishedText) as Published;

const nothing: Result = { adapter: '', rows: [], memory: [], missing: [] };

const ROUNDS = 5;
const SMALLEST = '16x64';
const OTHERS = ['64x128', '64x256'];

/** What others would write, and what the compiled step is measured against. */
const peers = ['plain-tfjs', 'jax-js'] as const;

const objectiveTitles = { mae: 'MAE', metamae: 'MetaMAE' } as const;

export default function BenchPage() {
  const [isWhole, setWhole] = useState(false);
  const [paths, setPaths] = useState<string[]>(Object.keys(pathNames));
  const [status, setStatus] = useState('');
  const [result, setResult] = useState(nothing);
  const [isRunning, setRunning] = useState(false);
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);

  const end = (message: string) => {
    stop.current?.();
    setRunning(false);
    setStatus(message);
  };
  const start = () => {
    setResult(nothing);
    setRunning(true);
    setStatus('Starting…');
    const works = isWhole ? [SMALLEST, ...OTHERS] : [SMALLEST];
    stop.current = startBenchmark(
      { works, paths: paths as Row['path'][], rounds: ROUNDS },
      (message) => {
        if (message.type === 'heard') setStatus(message.message);
        else if (message.type === 'measured') {
          setResult((before) => ({
            adapter: before.adapter || message.result.adapter,
            rows: [...before.rows, ...message.result.rows],
            memory: [...before.memory, ...message.result.memory],
            missing: [...before.missing, ...message.result.missing],
          }));
        } else end(message.type === 'done' ? 'Done.' : `It failed: ${message.message}`);
      },
    );
  };
  return (
    <main className={classes.page}>
      <header className={classes.header}>
        <Mark />
        <h1>Benchmark</h1>
        <a href="./">Back to the page</a>
      </header>
      <p className={classes.text}>
        One training step, taken in turn by each path in this browser: plain tfjs as one would write
        it, jax-js under jit, this project operation by operation, compiled, and on WebAssembly.
        Nothing leaves this machine. The smallest work takes a few seconds on a GPU, minutes on an
        adapter that is a program.
      </p>
      <div className={classes.controls}>
        {isRunning ? (
          <Button size="sm" variant="default" onClick={() => end('Stopped.')}>
            Stop
          </Button>
        ) : (
          <Button size="sm" disabled={paths.length === 0} onClick={start}>
            Measure here
          </Button>
        )}
        <Checkbox
          label="The two larger works as well"
          checked={isWhole}
          disabled={isRunning}
          onChange={({ currentTarget }) => setWhole(currentTarget.checked)}
        />
        <Checkbox.Group aria-label="Paths" value={paths} onChange={setPaths}>
          <div className={classes.paths}>
            {Object.entries(pathNames).map(([path, name]) => (
              <Checkbox key={path} value={path} label={name} disabled={isRunning} />
            ))}
          </div>
        </Checkbox.Group>
        <p className={classes.status} role="status">
          {status}
        </p>
      </div>
      <dl className={classes.adapters}>
        <div>
          <dt>Here</dt>
          <dd>{result.adapter || 'not measured yet'}</dd>
        </div>
        <div>
          <dt>Published</dt>
          <dd>
            {published.rows.length > 0
              ? `${published.adapter}, ${published.machine}, ${published.date}`
              : 'nothing yet'}
          </dd>
        </div>
      </dl>
      {groupsOf(result, published.rows).map((group) => (
        <GroupTable key={`${group.work} ${group.objective}`} group={group} />
      ))}
    </main>
  );
}

function GroupTable({ group }: { group: Group }) {
  const { work, objective, lines } = group;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`${objective} ${work}`}>
      <table className={classes.table}>
        <caption>
          <b>{objectiveTitles[objective]}</b>, {work.replace('x', ' tokens, width ')}
        </caption>
        <thead>
          <tr>
            <th scope="col">Path</th>
            <th scope="col">step, here</th>
            <th scope="col">published</th>
            <th scope="col">first, here</th>
            <th scope="col">published</th>
            <th scope="col">JS, here</th>
            <th scope="col">dispatches</th>
            <th scope="col">submits</th>
            <th scope="col">buffers</th>
            <th scope="col">memory</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ path, here, published: written, reason }) => {
            const costs = here ?? written;
            return (
              <tr key={path} data-own={path === 'compiled' || undefined}>
                <th scope="row">{pathNames[path]}</th>
                <td title={reason}>{reason === undefined ? milliseconds(here?.ms) : 'failed'}</td>
                <td>{milliseconds(written?.ms)}</td>
                <td>{milliseconds(here?.first_ms)}</td>
                <td>{milliseconds(written?.first_ms)}</td>
                <td>{milliseconds(here?.js_ms)}</td>
                <td>{costs ? whole(costs.dispatches) : '–'}</td>
                <td>{costs ? whole(costs.submits) : '–'}</td>
                <td>{costs ? whole(costs.buffers) : '–'}</td>
                <td>{costs?.device_bytes ? bytes(costs.device_bytes) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {peers.map((path) => {
        const here = advantage(lines, path, 'here');
        const written = advantage(lines, path, 'published');
        if (here === undefined && written === undefined) return null;
        return (
          <p key={path} className={classes.text}>
            The compiled step against {pathNames[path]}:{' '}
            {[
              ...(here === undefined ? [] : [`${here.toFixed(1)} times as fast here`]),
              ...(written === undefined
                ? []
                : [`${written.toFixed(1)} times as fast in the published figures`]),
            ].join(', ')}
            .
          </p>
        );
      })}
      {lines.map(
        ({ path, reason }) =>
          reason !== undefined && (
            <p key={path} className={classes.text}>
              {pathNames[path]}: {reason}
            </p>
          ),
      )}
    </section>
  );
}

function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return `${ms >= 1000 ? whole(ms) : Number(ms.toPrecision(3))}\u202fms`;
}
