// A button that lets files be chosen, the same ones again too.
import { FileButton } from '@mantine/core';
import { type ReactNode, useRef } from 'react';

interface Props {
  /** One file or more. */
  onFiles: (files: File[]) => void;
  accept?: string;
  multiple?: boolean;
  children: (props: { onClick: () => void }) => ReactNode;
}

export function FileChooser({ onFiles, children, multiple = false, accept }: Props) {
  const forget = useRef<() => void>(null);
  return (
    <FileButton
      multiple={multiple}
      accept={accept}
      resetRef={forget}
      onChange={(chosen: File[] | File | null) => {
        const files = [chosen ?? []].flat();
        if (files.length > 0) onFiles(files);
        // Choosing the same file once more, after a cancel say, is no change unless the field has forgotten it.
        forget.current?.();
      }}
    >
      {children}
    </FileButton>
  );
}
