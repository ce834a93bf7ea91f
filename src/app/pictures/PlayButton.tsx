// Plays an example's sound, or stops it.
import { ActionIcon } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Sound } from '../../modality/modality';
import { showTrouble } from '../../store/run';
import classes from './PlayButton.module.css';
import { play, stop } from './player';

interface Props {
  /** What it plays, e.g. `example 3, from Z`. */
  name: string;
  /** Makes the sound; asked only when it is to be heard. */
  sound: () => Sound;
}

/** Lies over the lower right corner of its parent, which is positioned. */
export function PlayButton({ name, sound }: Props) {
  const [playing, setPlaying] = useState(false);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);

  const press = async () => {
    if (playing) {
      stop();
      return;
    }
    setPlaying(true);
    try {
      await play(sound());
    } catch (error) {
      showTrouble({
        message: `The sound cannot be played: ${error instanceof Error ? error.message : error}.`,
        remedy: 'Check that the browser may play sound.',
      });
    } finally {
      if (isHere.current) setPlaying(false);
    }
  };

  const label = `${playing ? 'Stop' : 'Play'} ${name}`;
  return (
    <ActionIcon
      className={classes.button}
      variant="default"
      size="sm"
      aria-label={label}
      title={playing ? 'Stop' : 'Play'}
      onClick={press}
    >
      {playing ? (
        <IconPlayerStop size={14} stroke={1.75} aria-hidden />
      ) : (
        <IconPlayerPlay size={14} stroke={1.75} aria-hidden />
      )}
    </ActionIcon>
  );
}
