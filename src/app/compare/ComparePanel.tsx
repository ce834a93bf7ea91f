// The comparison of methods: set up, watch, read. Figures come as runs finish, and stay over a reload.
import { Button, Menu, NativeSelect, Progress } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import type { Finished } from '../../evaluate/comparison/outcome';
import {
  comparisonCsv,
  comparisonJson,
  comparisonMarkdown,
  headerOf,
} from '../../evaluate/comparison/report';
import { comparisonTable } from '../../evaluate/comparison/table';
import {
  cancelComparison,
  clearComparison,
  goOnComparing,
  MOST_EXAMPLES,
  pauseComparison,
  resumeComparison,
  useComparison,
  watchComparison,
} from '../../store/comparison';
import { plural, whole } from '../format';
import { save } from '../keep/download';
import classes from './ComparePanel.module.css';
import { Figures } from './Figures';
import { groupTitle, measureName } from './names';
import { Differences, ResultTable } from './ResultTable';
import { SetupForm } from './SetupForm';

export default function ComparePanel() {
  const status = useComparison((state) => state.status);
  const hasResult = useComparison((state) => state.finished.length > 0);
  useEffect(() => {
    void watchComparison();
  }, []);
  return (
    <div className={classes.panel}>
      {status === 'none' && <SetupForm />}
      {(status === 'starting' || status === 'running') && <Under />}
      {status === 'stopped' && <Stopped />}
      {hasResult && <Result />}
      {status === 'done' && <Done />}
    </div>
  );
}

/** The queue at work. */
function Under() {
  const progress = useComparison((state) => state.progress);
  const total = useComparison((state) => state.total);
  const finished = useComparison((state) => state.finished);
  const isKept = useComparison((state) => state.isKept);
  const runs = progress?.current;
  const done = finished.length;
  const within = runs ? runs.step / Math.max(1, runs.steps) : 0;
  const share = total > 0 ? Math.min(1, (done + Math.min(1, within)) / total) : 0;
  const isPaused = progress?.isPaused ?? false;
  return (
    <section aria-label="Progress of the comparison" className={classes.panel}>
      <Progress.Root size="sm">
        <Progress.Section value={100 * share} aria-label="Share of the comparison that is done" />
      </Progress.Root>
      <p className={classes.status} role="status">
        {isPaused ? 'Paused. ' : ''}
        {runs
          ? `Run ${Math.min(total, done + 1)} of ${total}: ${runName(runs.id)}, `
          : 'Getting ready. '}
        {runs &&
          (runs.step >= runs.steps
            ? 'evaluating.'
            : `step ${whole(runs.step)} of ${whole(runs.steps)}.`)}
      </p>
      {!isKept && (
        <p className={classes.text}>
          This browser keeps nothing for this page: a reload would lose the comparison.
        </p>
      )}
      <div className={classes.controls}>
        {isPaused ? (
          <Button size="compact-sm" variant="default" onClick={resumeComparison}>
            Go on
          </Button>
        ) : (
          <Button size="compact-sm" variant="default" onClick={pauseComparison} disabled={!runs}>
            Pause
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={cancelComparison} disabled={!runs}>
          Cancel
        </Button>
      </div>
    </section>
  );
}

/** `metamae/objective.settings.maskRatio=0.5/seed 0` in words. */
function runName(id: string): string {
  const words = id.split('/');
  const values = Object.fromEntries(words.slice(1, -1).map((word) => word.split('=')));
  return `${groupTitle({ objective: words[0]!, values })}, ${words.at(-1)}`;
}

function Stopped() {
  const { plan, finished, total } = useComparison();
  return (
    <section aria-label="Stopped comparison" className={classes.panel}>
      <p className={classes.status} role="status">
        A comparison on {plan?.data} stopped after {finished.length} of {plural(total, 'run')}. It
        can go on with the next one.
      </p>
      <div className={classes.controls}>
        <Button size="compact-sm" onClick={() => void goOnComparing()}>
          Go on comparing
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void clearComparison()}>
          Throw it away
        </Button>
      </div>
    </section>
  );
}

function Done() {
  const hasResult = useComparison((state) => state.finished.length > 0);
  return (
    <div className={classes.controls}>
      {!hasResult && <p className={classes.text}>Cancelled before its first run was finished.</p>}
      <Button size="compact-sm" variant="default" onClick={() => void clearComparison()}>
        {hasResult ? 'Throw it away and compare anew' : 'Compare anew'}
      </Button>
    </div>
  );
}

function Result() {
  const { plan, finished, total, status } = useComparison();
  const table = useMemo(() => comparisonTable(finished), [finished]);
  const [asked, setAsked] = useState<string>();
  // A state, so that what can be saved follows what is shown.
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  if (!plan) return null;
  const measures = [
    ...table.main,
    ...table.measures.filter((measure) => !table.main.includes(measure)),
  ];
  const measure = asked && measures.includes(asked) ? asked : table.main[0];
  const heldOut = headerOf(about(plan), finished).heldOut;
  return (
    <>
      <p className={classes.text}>
        {plan.data}: {finished.length} of {plural(total, 'run')}
        {status === 'done' && finished.length < total ? ', then cancelled' : ''}. Probes learn from
        at most {whole(MOST_EXAMPLES)} examples of each part; nothing is chosen by the held-out
        ones.
      </p>
      <ResultTable table={table} heldOut={heldOut} />
      {measure !== undefined && (
        <>
          <NativeSelect
            size="xs"
            label="Look closer at"
            data={measures.map((value) => ({ value, label: measureName(value).title }))}
            value={measure}
            onChange={(event) => setAsked(event.currentTarget.value)}
          />
          <Differences table={table} measure={measure} />
          <Figures {...{ finished, table, measure }} frame={setFrame} sweeps={plan.sweeps} />
        </>
      )}
      <SaveMenu finished={finished} frame={frame} />
    </>
  );
}

type Plan = NonNullable<ReturnType<typeof useComparison.getState>['plan']>;

function about({ data, recipes, seeds, device = 'an unknown device' }: Plan) {
  return { data, steps: recipes[0]!.steps, seeds, backend: device };
}

function SaveMenu({ finished, frame }: { finished: Finished[]; frame: HTMLDivElement | null }) {
  const plan = useComparison((state) => state.plan!);
  const header = () => headerOf(about(plan), finished);
  const write = (file: string, content: string | Uint8Array<ArrayBuffer>) =>
    save(file, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  // The pictures' program comes when it is asked for.
  const pictures = () => import('../curves/chartPicture');
  return (
    <Menu position="top-start" withinPortal>
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="default"
          className={classes.save}
          rightSection={<IconChevronDown size={12} />}
        >
          Save comparison
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => write('comparison.csv', comparisonCsv(finished))}>
          CSV, a row a run
        </Menu.Item>
        <Menu.Item onClick={() => write('comparison.json', comparisonJson(header(), finished))}>
          JSON, everything
        </Menu.Item>
        <Menu.Item onClick={() => write('comparison.md', comparisonMarkdown(header(), finished))}>
          Markdown, the tables
        </Menu.Item>
        <Menu.Item
          disabled={!frame}
          onClick={async () => write('comparison.svg', (await pictures()).chartSvg(frame!))}
        >
          SVG, the figure as it is
        </Menu.Item>
        <Menu.Item
          disabled={!frame}
          onClick={async () => write('comparison.png', await (await pictures()).chartPng(frame!))}
        >
          PNG, the figure as it is
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
