// How a run stands, in a word and a symbol: colour is never the only cue.
import {
  IconAlertTriangle,
  IconBolt,
  IconCheck,
  IconExternalLink,
  IconPlayerPause,
  IconUnlink,
} from '@tabler/icons-react';
import type { Standing } from '../../store/runs';

export const standings: Record<Standing, { word: string; Icon: typeof IconCheck }> = {
  training: { word: 'Training', Icon: IconBolt },
  elsewhere: { word: 'In another tab', Icon: IconExternalLink },
  interrupted: { word: 'Interrupted', Icon: IconUnlink },
  paused: { word: 'Paused', Icon: IconPlayerPause },
  finished: { word: 'Finished', Icon: IconCheck },
  failed: { word: 'Failed', Icon: IconAlertTriangle },
};
