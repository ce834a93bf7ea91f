// The operations that models and objectives may use.
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';

export type Tensor = TfTensor;
export const ops = {};
export type Ops = typeof ops;
