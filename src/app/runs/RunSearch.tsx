// Finds runs by words of their name, note, data and objective, and the starred ones.
import { Checkbox, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import classes from './RunsPanel.module.css';

interface Props {
  search: string;
  setSearch: (search: string) => void;
  starredOnly: boolean;
  setStarredOnly: (starredOnly: boolean) => void;
}

export default function RunSearch({ search, setSearch, starredOnly, setStarredOnly }: Props) {
  return (
    <div className={classes.search}>
      <TextInput
        size="xs"
        aria-label="Search the runs"
        placeholder="Search"
        leftSection={<IconSearch size={14} stroke={1.75} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Checkbox
        size="xs"
        label="Starred"
        checked={starredOnly}
        onChange={(event) => setStarredOnly(event.currentTarget.checked)}
      />
    </div>
  );
}
