// The facts of the run, its weights as a file, and its recipe as a link.
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { exportWeights } from '../../store/engine';
import { useOffline } from '../../store/offline';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { Fact, Facts } from '../Facts';
import { measure, whole } from '../format';
import { Panel } from '../Panel';
import { CopyLink } from './CopyLink';
import { save } from './download';
import { ExportList } from './ExportList';
import { ImportWeights } from './ImportWeights';
import classes from './KeepPanel.module.css';

export function KeepPanel() {
  const prepared = useRun((state) => state.prepared);
  const rescued = useRun((state) => state.rescued);
  const phase = useRun((state) => state.phase);
  const draft = useRecipe((state) => state.draft);
  const faulty = useRecipe((state) => state.faults.length > 0);
  const isOffline = useOffline((state) => state.isReady);
  const [busy, setBusy] = useState(false);
  const available = rescued !== undefined || (prepared !== undefined && phase !== 'preparing');

  const exportNow = async () => {
    setBusy(true);
    const exported = await exportWeights();
    setBusy(false);
    if (exported) save(exported.file, exported.bytes);
  };

  return (
    <Panel title="Keep">
      <RunFacts />
      <div className={classes.buttons}>
        <Button
          fullWidth
          size="sm"
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.75} />}
          loading={busy}
          title="The parameters as they are now, under the names of the reference implementation."
          disabled={!available}
          onClick={exportNow}
        >
          Export weights
        </Button>
        <CopyLink recipe={faulty ? undefined : draft} fullWidth size="sm">
          Copy link to this recipe
        </CopyLink>
        <ImportWeights />
      </div>
      <p className={classes.note}>
        {rescued
          ? 'The engine stopped; its last good weights were saved and can be exported.'
          : 'A safetensors file under the reference implementation’s names, with recipe and normalisation.'}
      </p>
      <ExportList isAvailable={available} />
      {isOffline && (
        <p className={classes.note}>
          The page opens without a network from now on, and the browser can install it as an app.
        </p>
      )}
    </Panel>
  );
}

function RunFacts() {
  const device = useRun((state) => state.device);
  const recipe = useRun((state) => state.recipe);
  const prepared = useRun((state) => state.prepared);
  const speed = useRun((state) => state.speed);
  const facts: [string, string][] = [
    ['Parameters', prepared ? whole(prepared.parameters) : '–'],
    ['Tokens', prepared ? `${prepared.tokens}, ${prepared.visible} visible` : '–'],
    ['Training on', prepared ? whole(prepared.examples.train) : '–'],
    ['Held out', prepared ? whole(prepared.examples.validation + prepared.examples.test) : '–'],
    ['Speed', speed ? `${measure(speed.examplesPerSecond)} examples/s` : '–'],
    ['Backend', device ? device.backend : '–'],
    ['Seed', recipe ? String(recipe.seed) : '–'],
  ];
  return (
    <Facts className={classes.facts}>
      {facts.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </Facts>
  );
}
