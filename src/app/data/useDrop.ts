// Files dropped anywhere on the page, folders taken apart into the files in them.
import { type FileWithPath, fromEvent } from 'file-selector';
import { useEffect, useRef, useState } from 'react';
import type { NamedBlob } from '../../data/source';

/**
 * Hears files that are dragged over and dropped onto the window.
 *
 * @returns true while files hang over the page
 */
export function useDrop(onFiles: (files: NamedBlob[]) => void): boolean {
  const [over, setOver] = useState(false);
  const handler = useRef(onFiles);
  handler.current = onFiles;

  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const drag = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      // Says to the browser that the page takes the files, rather than opening them itself.
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Going from one element to another is no leaving.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = async (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      handler.current(named(await fromEvent(event)));
    };
    window.addEventListener('dragenter', drag);
    window.addEventListener('dragover', drag);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', drag);
      window.removeEventListener('dragover', drag);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return over;
}

/** Files under their path within what was dropped or chosen. */
export function named(files: (File | FileWithPath | DataTransferItem)[]): NamedBlob[] {
  return files
    .filter((file) => file instanceof File)
    .map((file) => {
      const path = 'path' in file ? file.path : file.webkitRelativePath;
      return { name: path.replace(/^\.?\//, '') || file.name, blob: file };
    });
}
