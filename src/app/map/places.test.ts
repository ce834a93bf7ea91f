// Pointing finds the point that is meant, and the arrow keys go the way they point.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestTo, nextIn, place, reachOf } from './places';

const coordinate = fc.float({ min: -5, max: 5, noNaN: true });
const cloud = fc
  .array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 30 })
  .map((pairs) => Float32Array.from(pairs.flat()));

it('every point lies inside, and pointing at it finds one that lies there', () => {
  fc.assert(
    fc.property(cloud, fc.integer({ min: 100, max: 800 }), (points, width) => {
      const places = place(points, reachOf([points]), width, 300);
      for (let i = 0; i < places.length; i += 2) {
        const [x, y] = [places[i]!, places[i + 1]!];
        expect(x >= 0 && x <= width && y >= 0 && y <= 300).toBe(true);
        const found = nearestTo(places, x, y)!;
        expect(Math.hypot(places[2 * found]! - x, places[2 * found + 1]! - y)).toBeLessThan(1e-3);
      }
    }),
  );
  expect(nearestTo(Float32Array.of(100, 100), 200, 100)).toBeUndefined();
});

it('an arrow key goes to a point on its side, or nowhere', () => {
  fc.assert(
    fc.property(cloud, (points) => {
      const right = nextIn(points, 0, [1, 0]);
      const anyRight = points.some(
        (x, i) =>
          i % 2 === 0 &&
          x - points[0]! > 0 &&
          Math.abs(points[i + 1]! - points[1]!) <= x - points[0]!,
      );
      expect(right !== undefined).toBe(anyRight);
      if (right !== undefined) expect(points[2 * right]!).toBeGreaterThan(points[0]!);
    }),
  );
});
