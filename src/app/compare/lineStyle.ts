// Colour and dash of a method's line: eight colours, each with a dash that no neighbour has.

const DASHES = [undefined, '6 3', '2 3', '8 3 2 3', '12 3', '4 2', '1 2', '10 2 2 2 2 2'];
const COLOURS = 8;

export function lineStyle(place: number): { colour: string; dash: string | undefined } {
  const at = Math.max(0, place);
  return {
    colour: `var(--class-${at % COLOURS})`,
    dash: DASHES[(at + Math.floor(at / COLOURS)) % DASHES.length],
  };
}
