// Which instrument is looked at, and which stop of the tour.
import { create } from 'zustand';

export type InstrumentName = 'probe' | 'map' | 'evaluate' | 'compare' | 'learn' | 'plan';

export const useInstrument = create<{ shown: InstrumentName }>(() => ({ shown: 'probe' }));

export function show(shown: InstrumentName): void {
  useInstrument.setState({ shown });
}

/** The stop of the tour that one is at, from 0; undefined outside of it. */
export const useTour = create<{ stop: number | undefined }>(() => ({ stop: undefined }));

export function goTo(stop: number | undefined): void {
  useTour.setState({ stop });
}
