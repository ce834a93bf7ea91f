// MAE (He et al. 2022): encode the visible tokens, decode all, squared error or cross-entropy on the masked ones.
import { tokenCount } from '../modality/inputSpec';
import {
  encodeVisible,
  maskFault,
  maskRatioField,
  maskScopeField,
  planMasked,
  viewOf,
  visibleRows,
} from './masked';
import type { Objective } from './objective';

export const mae: Objective = {
  name: 'mae',
  title: 'MAE',
  summary:
    'Masked auto-encoder: the encoder sees the visible tokens, the decoder predicts the masked ones from its latent Z.',
  trains: true,
  decodes: true,
  fields: [maskRatioField, maskScopeField],
  curves: [
    {
      key: 'reconstruction',
      label: 'Reconstruction',
      help: 'Loss on the masked tokens, decoded from Z.',
    },
  ],
  fault: maskFault,
  noise: ({ input }) => ({ mask: tokenCount(input) }),
  plan: (noise, context) => planMasked(noise, context).inputs,
  encoderRows: visibleRows,
  parameters: () => [],

  loss(context) {
    const { model, parameters, inputs } = context;
    const latent = encodeVisible(context);
    const prediction = model.decode(parameters, latent, viewOf(inputs));
    const total = model.reconstructionLoss(prediction, inputs.batch!, inputs.queryWeight!);
    return {
      total,
      curves: { reconstruction: total },
      ...(context.inspect && { tensors: { latent, predictionZ: prediction } }),
    };
  },
};
