// The forms other than the first, each with what it holds and who reads it.
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { type ExportForm, exportAs, exportForms } from '../../store/exports';
import { save } from './download';
import classes from './ExportList.module.css';

/** The first form has a button of its own. */
const others = exportForms.slice(1);

export default function ExportForms({ isAvailable }: { isAvailable: boolean }) {
  const [busy, setBusy] = useState<ExportForm['id']>();
  const take = async (form: ExportForm['id']) => {
    setBusy(form);
    const exported = await exportAs(form);
    setBusy(undefined);
    if (exported) save(exported.file, exported.bytes);
  };
  return (
    <ul className={classes.list}>
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
  );
}
