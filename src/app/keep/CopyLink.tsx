// A recipe as a link: whoever opens it has the experiment before them.
import { Button, type ButtonProps } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconLink } from '@tabler/icons-react';
import { toHash } from '../../store/link';
import type { Recipe } from '../../train/recipe';

/** Nothing can be copied while there is no recipe, or one with faults. */
export function CopyLink({ recipe, children, ...props }: { recipe?: Recipe } & ButtonProps) {
  const clipboard = useClipboard({ timeout: 2000 });
  const Icon = clipboard.copied ? IconCheck : IconLink;
  return (
    <Button
      variant="default"
      {...props}
      leftSection={<Icon size={props.size === 'xs' ? 14 : 16} stroke={1.75} />}
      title="Opens this page with this recipe anywhere; data stay where they are."
      disabled={!recipe}
      onClick={() =>
        recipe && clipboard.copy(`${location.origin}${location.pathname}#${toHash(recipe)}`)
      }
    >
      {clipboard.copied ? 'Link copied' : children}
    </Button>
  );
}
