// The preset's promise on the built-in set weather.
import { testPreset } from './presets.testing';

testPreset('weather', 400, [0, 1]);
