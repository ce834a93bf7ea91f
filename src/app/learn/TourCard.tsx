// The stop of the tour that one is at: it stays in sight while the instruments below change.
import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { goTo, useTour } from '../../store/instrument';
import { stops } from '../../store/tour';
import classes from './TourCard.module.css';

export default function TourCard() {
  const stop = useTour((state) => state.stop);
  const [isBusy, setBusy] = useState(false);
  const at = stop === undefined ? undefined : stops[stop]!.at;
  useEffect(() => {
    if (at === undefined) return;
    const part = partOf(at);
    part?.setAttribute('data-toured', '');
    return () => part?.removeAttribute('data-toured');
  }, [at]);
  if (stop === undefined) return null;
  const { title, text, action, act } = stops[stop]!;
  const doIt = async () => {
    setBusy(true);
    await act();
    setBusy(false);
    partOf(stops[stop]!.at)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <section className={classes.card} aria-label="Tour">
      <header>
        <span>
          Tour, {stop + 1} of {stops.length}
        </span>
        <ActionIcon
          size="sm"
          variant="subtle"
          aria-label="End the tour"
          onClick={() => goTo(undefined)}
        >
          <IconX size={14} />
        </ActionIcon>
      </header>
      <div role="status">
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
      <div className={classes.actions}>
        <Button size="compact-sm" loading={isBusy} onClick={doIt}>
          {action}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={stop === 0}
          onClick={() => goTo(stop - 1)}
        >
          Back
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => goTo(stop + 1 < stops.length ? stop + 1 : undefined)}
        >
          {stop + 1 < stops.length ? 'Next' : 'End'}
        </Button>
      </div>
    </section>
  );
}

/** The part of the page with this heading. */
function partOf(heading: string): Element | undefined {
  return [...document.querySelectorAll('main section[aria-labelledby]')].find(
    (section) => section.querySelector('h2')?.textContent === heading,
  );
}
