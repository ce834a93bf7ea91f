// The preset's promise on the built-in set emoji.
import { testPreset } from './presets.testing';

testPreset('emoji', 300, [0]);
