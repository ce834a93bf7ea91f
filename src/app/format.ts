// Numbers as the page writes them: few digits, constant width where they change, always with their unit.

const THIN_SPACE = '\u202f';

/** Whole numbers with thousands separated: 1,240. */
export function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A measured value with about four significant digits; tiny and huge ones in powers of ten. */
export function measure(value: number | undefined): string {
  if (value === undefined) return '–';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e5) return exponential(value, 2);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  return value.toFixed(digits).replace('-', '−');
}

/** A setting such as a learning rate, as short as it can be without loss: 0.001, 1e-4. */
export function setting(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && size < 1e-3 ? value.toExponential() : String(value);
}

/** A learning rate: always the same width. */
export function rate(value: number | undefined): string {
  return value === undefined ? '–' : exponential(value, 2);
}

/** Axis labels: short, exact for round ticks. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  if (size < 1e-3) return exponential(value, 0);
  return trim(value);
}

/** Seconds as 0:18, 12:05 or 1:02:05. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  const total = Math.max(0, Math.ceil(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(total % 60)}`
    : `${minutes}:${two(total % 60)}`;
}

/** Bytes in decimal units: 84 MB. */
export function bytes(count: number | undefined): string {
  if (count === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)}${THIN_SPACE}${units[unit]}`;
}

/** `1 example`, `3 examples`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

function exponential(value: number, digits: number): string {
  const [mantissa, power] = value.toExponential(digits).split('e') as [string, string];
  return `${mantissa.replace('-', '−')}e${power.replace('+', '').replace('-', '−')}`;
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
