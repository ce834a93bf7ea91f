// What our gradients are for: the same second-order check that ops.test.ts passes fails on tfjs as published.
// This file alone loads the stock bundle, whose gradients would otherwise replace ours.
import * as stock from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { differenceAlong, innerProduct, randomTensor } from './testing';

beforeAll(async () => {
  await stock.setBackend('cpu');
});

type Operation = (x: stock.Tensor) => stock.Tensor;

/** Hessian-vector product by tfjs, and by finite differences of tfjs's (right) gradient. */
function secondOrder(f: Operation): { analytic: number; numeric: number } {
  const x = randomTensor([2, 5], 'x');
  const [u, v] = [randomTensor([2, 5], 'u'), randomTensor([2, 5], 'v')];
  const weights = randomTensor([2, 5], 'weights');
  const gradient = stock.grad((t: stock.Tensor) =>
    stock.sum(stock.mul(weights, stock.mul(f(t), t))),
  );
  const product = stock.grad((t: stock.Tensor) => stock.sum(stock.mul(gradient(t), u)))(x);
  return {
    analytic: innerProduct(product, v),
    numeric: differenceAlong((t) => innerProduct(gradient(t), u), x, v),
  };
}

test.each<[string, Operation]>([
  ['softmax', stock.softmax],
  ['logSoftmax', stock.logSoftmax],
  ['exp', stock.exp],
  ['tanh', stock.tanh],
  ['sigmoid', stock.sigmoid],
])('stock tfjs: the second-order gradient of %s is wrong without a word', (_, f) => {
  const { analytic, numeric } = secondOrder(f);
  expect(Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric))).toBeGreaterThan(2e-3);
});

test.each<[string, Operation]>([
  ['erf', stock.erf],
  ['square', stock.square],
])('stock tfjs: the second-order gradient of %s is right, so the check itself is', (_, f) => {
  const { analytic, numeric } = secondOrder(f);
  expect(Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric))).toBeLessThan(2e-3);
});
