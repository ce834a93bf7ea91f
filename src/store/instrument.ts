// Which instrument is looked at.
import { create } from 'zustand';

export type InstrumentName = 'probe' | 'map' | 'evaluate' | 'learn' | 'plan';

export const useInstrument = create<{ shown: InstrumentName }>(() => ({ shown: 'probe' }));

export function show(shown: InstrumentName): void {
  useInstrument.setState({ shown });
}
