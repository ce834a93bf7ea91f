// The way in for the user's own files: dropped anywhere on the page, or chosen.
import { Portal, UnstyledButton } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { bring, useImport } from '../../store/imports';
import { FileChooser } from '../FileChooser';
import { plural } from '../format';
import classes from './DropZone.module.css';
import { named, useDrop } from './useDrop';

/** Seen only by those who bring files. */
const ImportDialog = lazy(() => import('./ImportDialog'));

export function DropZone() {
  const stage = useImport((state) => state.stage);
  const looking = useImport(({ files }) =>
    files.length === 1 ? files[0]!.name : plural(files.length, 'file'),
  );
  const over = useDrop(bring);
  return (
    <>
      <FileChooser multiple onFiles={(files) => bring(named(files))}>
        {(props) => (
          <UnstyledButton {...props} className={classes.zone}>
            <IconFileImport size={20} stroke={1.5} aria-hidden />
            <span>
              <strong>Use your own data</strong>
              {stage === 'looking'
                ? `Looking at ${looking}`
                : 'Drop files or a folder anywhere, or press to choose. They stay on this device.'}
            </span>
          </UnstyledButton>
        )}
      </FileChooser>
      {over && (
        <Portal>
          <div className={classes.everywhere}>
            <IconFileImport size={40} stroke={1.25} aria-hidden />
            Drop to look at it
          </div>
        </Portal>
      )}
      {stage && (
        <Suspense fallback={null}>
          <ImportDialog />
        </Suspense>
      )}
    </>
  );
}
