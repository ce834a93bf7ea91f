// The data set: what it is and where it comes from, real examples of it, and the way in for the user's own.
import { Anchor, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Dataset, Origin } from '../../data/dataset';
import { modalities } from '../../modality/registry';
import { useData } from '../../store/data';
import { useRecipe } from '../../store/recipe';
import { plural, whole } from '../format';
import { Panel } from '../Panel';
import classes from './DataPanel.module.css';
import { DropZone } from './DropZone';
import { Preview } from './Preview';

export function DataPanel() {
  const dataset = useData((state) => state.dataset);
  const loading = useData((state) => state.loading);
  const wanted = useData((state) => state.wanted);
  const input = useRecipe((state) => state.draft?.input);
  const label = useRecipe((state) => state.draft?.data.label);
  return (
    <Panel title="Data">
      {dataset && (
        <>
          <Facts dataset={dataset} />
          <Preview dataset={dataset} input={input} label={label} />
        </>
      )}
      {!dataset && loading && <p className={classes.quiet}>Reading {loading}</p>}
      {wanted && (
        <p className={classes.wanted}>
          This link’s recipe was made for <strong>{wanted}</strong>, which stays with its owner.
          Drop that file here to train with it, or choose a built-in data set.
        </p>
      )}
      <DropZone />
    </Panel>
  );
}

function Facts({ dataset }: { dataset: Dataset }) {
  const { name, modality, count, origin, labels, warnings } = dataset;
  return (
    <div className={classes.facts}>
      <p className={classes.name}>
        {name}
        {origin.synthetic && <span className={classes.synthetic}>generated, not measured</span>}
      </p>
      <p className={classes.quiet}>
        {modalities[modality].title}: {plural(count, 'example')} of {shapeText(dataset)}
      </p>
      {labels.length > 0 && (
        <p className={classes.quiet}>
          {labels.length === 1 ? 'Label' : 'Labels'}: {labels.map(labelSummary).join('; ')}
        </p>
      )}
      <OriginFacts origin={origin} />
      {warnings.length > 0 && (
        <ul className={classes.warnings}>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Licence, citation and what was changed; folded, because it is long. */
function OriginFacts({ origin }: { origin: Origin }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const facts = [
    ['Licence', origin.licence],
    ['Citation', origin.citation],
    ['Attribution', origin.attribution],
    ['Changes', origin.changes],
  ].filter((fact): fact is [string, string] => fact[1] !== undefined);
  if (facts.length === 0) return null;
  return (
    <>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={12} stroke={2} aria-hidden data-open={open || undefined} />
        Origin and licence
      </UnstyledButton>
      <dl id={id} className={classes.origin} hidden={!open}>
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {origin.url && (
          <div>
            <dt>Source</dt>
            <dd>
              <Anchor href={origin.url} target="_blank" rel="noreferrer" inherit>
                {origin.url}
              </Anchor>
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function labelSummary(label: Dataset['labels'][number]): string {
  if (label.kind === 'number') return `${label.name} (a number)`;
  return `${label.name} (${plural(label.classes.length, 'class', 'classes')})`;
}

/** The shape of one raw example in its modality's words. */
function shapeText({ modality, sampleShape, sampleRate, parts }: Dataset): string {
  const [a = 0, b = 0, c = 0] = sampleShape;
  switch (modality) {
    case 'time-series':
      return `${plural(a, 'channel')} × ${plural(b, 'step')}`;
    case 'tabular':
      return plural(a, 'column');
    case 'image':
      return `${b} × ${c} pixels`;
    case 'multispectral':
      return `${plural(a, 'band')} × ${b} × ${c} pixels`;
    case 'wafer-map':
      return `${a} × ${b} cells`;
    case 'sound':
      return sampleRate ? `${(a / sampleRate).toFixed(1)} s` : `${whole(a)} samples`;
    case 'pair':
      return (parts ?? [])
        .map((part) => `${modalities[part.modality].title.toLowerCase()}: ${shapeText(part)}`)
        .join('; ');
    default:
      return `up to ${plural(a, 'symbol')}`;
  }
}
