// The way in for weights: a file of this page, or a checkpoint of the reference implementation.
import { Button } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useData } from '../../store/data';
import { useRun } from '../../store/run';
import { bringWeights, useWeightImport } from '../../store/weightImport';
import { FileChooser } from '../FileChooser';

const WeightDialog = lazy(() => import('./WeightDialog'));

export function ImportWeights() {
  const isReading = useWeightImport((state) => state.isReading);
  const found = useWeightImport((state) => state.found);
  const hasData = useData((state) => state.dataset !== undefined);
  const busy = useRun(({ phase }) => phase === 'running' || phase === 'preparing');
  return (
    <>
      <FileChooser accept=".safetensors" onFiles={([file]) => bringWeights(file!)}>
        {(props) => (
          <Button
            {...props}
            fullWidth
            size="sm"
            variant="default"
            leftSection={<IconUpload size={16} stroke={1.75} />}
            title="A file of this page, or a checkpoint of the reference implementation as safetensors."
            loading={isReading}
            disabled={busy || !hasData}
          >
            Import weights
          </Button>
        )}
      </FileChooser>
      {found && (
        <Suspense>
          <WeightDialog found={found} />
        </Suspense>
      )}
    </>
  );
}
