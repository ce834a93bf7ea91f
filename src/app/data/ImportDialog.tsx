// What was recognised in the user's files and why, what the examples will be, and every choice to be changed before reading.
import { Button, Modal, Progress } from '@mantine/core';
import type { Inspection } from '../../data/load';
import { modalities } from '../../modality/registry';
import { accept, cancelImport, choose, useImport } from '../../store/imports';
import { bytes, plural } from '../format';
import { ChoiceControl } from './ChoiceControl';
import classes from './ImportDialog.module.css';
import { Preview } from './Preview';

export default function ImportDialog() {
  const inspection = useImport((state) => state.inspection);
  const stage = useImport((state) => state.stage);
  const progress = useImport((state) => state.progress);
  if (!inspection) return null;
  const busy = stage !== 'choosing';
  const { estimate, fault } = inspection;
  return (
    <Modal.Root opened onClose={cancelImport} size="60rem" centered>
      <Modal.Overlay />
      <Modal.Content>
        {/* Its element alone would pass for a second head of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title>{inspection.name}</Modal.Title>
          <Modal.CloseButton aria-label="Cancel and close" />
        </Modal.Header>
        <Modal.Body>
          <p className={classes.found}>
            <strong>{inspection.format.title}</strong>, because {inspection.reason}.
            <br />
            Found: {inspection.summary}.
          </p>
          <div className={classes.columns}>
            <div className={classes.outcome}>
              {fault ? (
                <p className={classes.fault} role="alert">
                  {fault}
                </p>
              ) : (
                inspection.sample && (
                  <>
                    <h3 className={classes.heading}>
                      {modalities[inspection.sample.modality].title}, as the model will get it
                    </h3>
                    <Preview dataset={inspection.sample} />
                  </>
                )
              )}
              <Facts inspection={inspection} />
            </div>
            <form className={classes.choices} onSubmit={(event) => event.preventDefault()}>
              {inspection.choices.map((choice) => (
                <ChoiceControl
                  key={choice.key}
                  choice={choice}
                  onChange={(value) => choose(choice.key, value)}
                />
              ))}
            </form>
          </div>
          {inspection.table && <Table table={inspection.table} />}
          <div className={classes.footer}>
            <div className={classes.progress}>
              {progress && (
                <>
                  <Progress value={100 * progress.fraction} size="sm" aria-label={progress.what} />
                  <span>{progress.what}</span>
                </>
              )}
            </div>
            <Button variant="default" onClick={cancelImport}>
              Cancel
            </Button>
            <Button data-autofocus onClick={accept} disabled={fault !== undefined} loading={busy}>
              {estimate
                ? `Use these ${estimate.isExact ? '' : 'about '}${plural(estimate.examples, 'example')}`
                : 'Use these data'}
            </Button>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Facts({ inspection }: { inspection: Inspection }) {
  const { estimate, sample, warnings, ignored } = inspection;
  const skipped = ignored.filter(({ isCompanion }) => !isCompanion);
  return (
    <>
      <dl className={classes.facts}>
        {estimate && (
          <div>
            <dt>Memory needed</dt>
            <dd>{bytes(estimate.bytes)}</dd>
          </div>
        )}
        {sample && (
          <div>
            <dt>Split</dt>
            <dd>{splitText(sample)}</dd>
          </div>
        )}
      </dl>
      {warnings.length + skipped.length > 0 && (
        <ul className={classes.warnings}>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
          {skipped.map(({ path, reason }) => (
            <li key={path}>
              {path} is left out: it {reason}.
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Table({ table }: { table: NonNullable<Inspection['table']> }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.table} aria-label="The first rows of the file" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.columns.map(({ name, kind }) => (
              <th key={name} scope="col">
                {name}
                <span>{kind}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, r) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name than their place
            <tr key={r}>
              {row.map((cell, c) => (
                <td key={table.columns[c]?.name ?? c}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function splitText({ split, groups, labels }: NonNullable<Inspection['sample']>): string {
  if (split) return 'as the files state it';
  if (groups) return `a fifth held out, each ${groups.name} on one side`;
  const [label] = labels;
  const spread = label ? `, spread evenly over ${label.name}` : '';
  return `a fifth held out at random${spread}; its share and seed are in the recipe`;
}
