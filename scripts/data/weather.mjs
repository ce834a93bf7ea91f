// Daily weather of Seattle and New York -> windows of four weeks.
// Input: the folder of the npm package vega-datasets 3.2.1 (`npm pack vega-datasets@3.2.1`, then unpack).
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const DAYS = 28;
const STRIDE = 2;
const TEST_YEAR = 2015;
const cities = ['Seattle', 'New York'];
const seasons = ['winter', 'spring', 'summer', 'autumn'];

/** @typedef {Record<'precipitation' | 'temp_max' | 'temp_min' | 'wind' | 'location' | 'date', string>} Day */
/** @type {(keyof Day)[]} */
const columns = ['precipitation', 'temp_max', 'temp_min', 'wind'];

const folder = inputPath('folder of the unpacked npm package vega-datasets 3.2.1');
const { data } = Papa.parse(readFileSync(`${folder}/data/weather.csv`, 'utf8').trim(), {
  header: true,
});
const rows = /** @type {Day[]} */ (data);

const values = [];
const season = [];
const city = [];
const split = [];
const groups = [];
for (const name of cities) {
  const days = rows.filter((row) => row.location === name);
  checkDays(days);
  for (let start = 0; start + DAYS <= days.length; start += STRIDE) {
    const window = days.slice(start, start + DAYS);
    const years = window.map(yearOf);
    // A window across the border between training and test years would be in both.
    if (years.includes(TEST_YEAR) && years.includes(TEST_YEAR - 1)) continue;
    // Tenths are exact in the source.
    for (const column of columns)
      values.push(...window.map((day) => Math.round(Number(day[column]) * 10)));
    const [middle] = window.slice(DAYS / 2);
    if (!middle) throw new Error(`a window of ${name} is empty`);
    season.push(seasonOf(middle));
    city.push(name);
    split.push(years.includes(TEST_YEAR) ? 2 : 0);
    groups.push(cities.indexOf(name) * 4 + yearOf(middle) - 2012);
  }
}

/** @param {Day} day */
function yearOf(day) {
  return Number(day.date.slice(0, 4));
}

/** The meteorological season: winter is December to February.
 *
 * @param {Day} day
 */
function seasonOf(day) {
  return seasons[Math.floor((Number(day.date.slice(5, 7)) % 12) / 3)] ?? '';
}

/** Windows are runs of rows: every day must be there.
 *
 * @param {Day[]} days
 */
function checkDays(days) {
  days.reduce((before, day) => {
    if (Date.parse(day.date) - Date.parse(before.date) !== 86_400_000) {
      throw new Error(`${day.location}: a day is missing before ${day.date}`);
    }
    return day;
  });
}

writeBuiltin(
  {
    name: 'weather',
    title: 'Daily weather',
    modality: 'time-series',
    description:
      'Four weeks of daily rain, temperature and wind in Seattle or New York, 2012-2015; predict season or city.',
    count: season.length,
    sampleShape: [columns.length, DAYS],
    scale: 0.1,
    features: ['precipitation', 'highest temperature', 'lowest temperature', 'wind'],
    // The package's catalogue says km/h; its own script (scripts/weather.py) divides NOAA's tenths of m/s by ten.
    units: ['mm', '°C', '°C', 'm/s'],
    labels: [
      { name: 'season', kind: 'class', classes: seasons },
      { name: 'city', kind: 'class', classes: cities },
    ],
    groups: 'city and year',
    notes: [
      `Windows overlap: one begins every ${STRIDE} days. Those of ${TEST_YEAR} are the test part; none crosses into it.`,
    ],
    origin: {
      source: 'builtin:weather',
      licence:
        'Work of the United States government, free of copyright there; packaged in vega-datasets 3.2.1 (BSD-3-Clause)',
      citation:
        'NOAA National Centers for Environmental Information, daily summaries for Seattle and New York, 2012-2015',
      attribution: 'Vega datasets, https://github.com/vega/vega-datasets',
      changes:
        'Cut into windows of 28 days; the season is taken from the month of the 15th day; the weather column left out.',
      url: 'https://www.ncdc.noaa.gov/cdo-web/datatools/records',
    },
  },
  [
    {
      section: { role: 'values', type: 'int16', encoding: 'plain' },
      data: Int16Array.from(values),
    },
    { section: { role: 'label', type: 'uint8', name: 'season' }, data: idsOf(season, seasons) },
    { section: { role: 'label', type: 'uint8', name: 'city' }, data: idsOf(city, cities) },
    { section: { role: 'split', type: 'uint8' }, data: Uint8Array.from(split) },
    { section: { role: 'groups', type: 'uint8' }, data: Uint8Array.from(groups) },
  ],
);
