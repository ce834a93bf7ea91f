// Every other form in which a run can be taken away, each with what it holds and who reads it.
import { Button, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconDownload } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { type ExportForm, exportAs, exportForms } from '../../store/exports';
import { save } from './download';
import classes from './ExportList.module.css';

/** The first form has a button of its own. */
const others = exportForms.slice(1);

export function ExportList({ isAvailable }: { isAvailable: boolean }) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState<ExportForm['id']>();
  const id = useId();
  const take = async (form: ExportForm['id']) => {
    setBusy(form);
    const exported = await exportAs(form);
    setBusy(undefined);
    if (exported) save(exported.file, exported.bytes);
  };
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
      <ul id={id} hidden={!open} className={classes.list}>
        {others.map((form) => (
          <li key={form.id}>
            <div>
              <span>{form.title}</span>
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Export ${form.title}`}
                disabled={!isAvailable || busy !== undefined}
                loading={busy === form.id}
                onClick={() => take(form.id)}
              >
                <IconDownload size={14} stroke={1.75} />
              </Button>
            </div>
            <p>{form.help}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}
