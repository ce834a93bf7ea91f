// Every other form in which a run can be taken away, unfolded when it is asked for.
import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { lazy, Suspense, useId, useState } from 'react';
import classes from './ExportList.module.css';

const ExportForms = lazy(() => import('./ExportForms'));

export function ExportList({ isAvailable }: { isAvailable: boolean }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div className={classes.forms}>
      <UnstyledButton
        className={classes.fold}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} stroke={1.75} aria-hidden />
        For PyTorch, ONNX, NumPy, spreadsheets
      </UnstyledButton>
      <div id={id} hidden={!open}>
        {open && (
          <Suspense>
            <ExportForms isAvailable={isAvailable} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
