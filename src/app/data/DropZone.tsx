// The way in for the user's own files: dropped anywhere on the page, or chosen.
import { Dropzone, type FileWithPath } from '@mantine/dropzone';
import { IconFileImport } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { bring, useImport } from '../../store/imports';
import { plural } from '../format';
import classes from './DropZone.module.css';

/** Seen only by those who bring files. */
const ImportDialog = lazy(() => import('./ImportDialog'));

export function DropZone() {
  const stage = useImport((state) => state.stage);
  const looking = useImport(({ files }) =>
    files.length === 1 ? files[0]!.name : plural(files.length, 'file'),
  );
  const take = (files: FileWithPath[]) =>
    bring(files.map((file) => ({ name: nameOf(file), blob: file })));
  return (
    <>
      <Dropzone className={classes.zone} onDrop={take} aria-label="Choose files of your own">
        <IconFileImport size={20} stroke={1.5} aria-hidden />
        <span>
          <strong>Use your own data</strong>
          {stage === 'looking'
            ? `Looking at ${looking}`
            : 'Drop a file or folder anywhere, or press to choose. It stays on this device.'}
        </span>
      </Dropzone>
      <Dropzone.FullScreen active={stage === undefined} onDrop={take}>
        <div className={classes.everywhere}>
          <IconFileImport size={40} stroke={1.25} aria-hidden />
          Drop to look at it
        </div>
      </Dropzone.FullScreen>
      {stage && (
        <Suspense fallback={null}>
          <ImportDialog />
        </Suspense>
      )}
    </>
  );
}

/** The path within a dropped folder; the name of a single file. */
function nameOf(file: FileWithPath): string {
  return (file.path ?? file.name).replace(/^\.?\//, '');
}
