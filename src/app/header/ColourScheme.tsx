// Light or dark; follows the system until it is chosen.
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';

export function ColourScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'light' ? 'dark' : 'light';
  const label = `Use ${other} colours`;
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(other)}
    >
      {scheme === 'light' ? (
        <IconMoon size={18} stroke={1.75} />
      ) : (
        <IconSun size={18} stroke={1.75} />
      )}
    </ActionIcon>
  );
}
