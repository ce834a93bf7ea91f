// The format of the reference's recorded numbers (reference/parity/README.md), checked before use.

import type { InputSpec } from '../modality/inputSpec';
import type { Architecture } from '../train/recipe';
import { z } from '../zod';

const tensor = z
  .object({ shape: z.array(z.int().nonnegative()), data: z.array(z.number()) })
  .refine((t) => t.shape.reduce((product, extent) => product * extent, 1) === t.data.length, {
    message: 'data does not fill the shape',
  });
/** Scalars are plain numbers; state dictionaries write them as tensors of shape []. */
const named = z.record(z.string(), tensor);
const size = z.int().positive();

const config = z.object({
  input_shape: z.union([
    z.array(size).min(2).max(3),
    z.tuple([z.union([size, z.tuple([size])]), size]),
  ]),
  patch_size: z.array(size).min(1).max(2),
  batch: size,
  embed_dim_enc: size,
  num_head_enc: size,
  num_layer_enc: size,
  embed_dim_dec: size,
  num_head_dec: size,
  num_layer_dec: z.int().nonnegative(),
  mlp_ratio: z.number().positive(),
  mask_ratio: z.number(),
  inner_lr: z.number(),
  reg_weight: z.number(),
  s_ratio: z.number(),
  use_first_order: z.boolean().optional(),
});

const forward = z.object({
  latent: tensor,
  mask: tensor,
  ids_restore: tensor,
  nearby_mask: tensor,
  mask_support: tensor,
  target: tensor,
  inner_loss: z.number(),
  inner_grad: tensor,
  latent_adapted: tensor,
  pred_before: tensor,
  pred_after: tensor,
  recon_loss: z.number(),
  pooled_before: tensor,
  pooled_after: tensor,
  z1: tensor,
  z2: tensor,
  similarity_logits: tensor,
  contrastive_loss: z.number(),
  total_loss: z.number(),
  dtotal_dlatent: tensor,
  running_mean_after_forward: tensor,
  running_var_after_forward: tensor,
  num_batches_tracked_after_forward: z.number(),
});

export const fixtureSchema = z.object({
  config,
  state_dict: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().nonnegative()),
      trainable: z.boolean(),
      data: z.array(z.number()),
    }),
  ),
  input: z.object({
    dtype: z.enum(['float', 'int']),
    shape: z.array(z.int().nonnegative()),
    data: z.array(z.number()),
  }),
  noise: z.object({ mask: tensor, support: tensor }),
  /** A file may hold any part of what follows; what it holds is compared. */
  forward: forward.partial().optional(),
  grads_second_order: named.optional(),
  grads_first_order: z
    .object({
      tensors: named,
      same_as_second_order: z.array(z.string()).optional(),
      dtotal_dlatent: tensor.optional(),
    })
    .optional(),
  adamw: z
    .object({
      mode: z.enum(['second_order', 'first_order']),
      lr: z.number(),
      weight_decay: z.number(),
      betas: z.tuple([z.number(), z.number()]),
      eps: z.number(),
      losses: z.array(z.number()).optional(),
      after_1: named.optional(),
      after_3: named.optional(),
    })
    .optional(),
  mae: z.object({ total_loss: z.number(), pred: tensor, grads: named }).partial().optional(),
  features_global_pool: tensor.optional(),
  features_tokenize: tensor.optional(),
  float64: z
    .object({
      mathematically_zero_gradient_tensors: z
        .object({
          second_order: z.array(z.string()),
          first_order: z.array(z.string()),
          mae: z.array(z.string()),
        })
        .partial()
        .optional(),
    })
    .optional(),
});
export type Fixture = z.infer<typeof fixtureSchema>;
export type FixtureTensor = z.infer<typeof tensor>;

/** The input spec that a configuration of the reference stands for. */
export function inputOf({ input, config }: Fixture): InputSpec {
  const shape = config.input_shape;
  const patch = config.patch_size[0]!;
  if (input.dtype === 'int') {
    const [first, length] = shape as [number | [number], number];
    return { kind: 'tokens', vocabulary: Array.isArray(first) ? first[0] : first, length };
  }
  const extents = shape as number[];
  return extents.length === 2
    ? { kind: 'series', channels: extents[0]!, length: extents[1]!, patch }
    : { kind: 'grid', channels: extents[0]!, height: extents[1]!, width: extents[2]!, patch };
}

export function architectureOf({ config }: Fixture): Architecture {
  return {
    encoder: {
      width: config.embed_dim_enc,
      layers: config.num_layer_enc,
      heads: config.num_head_enc,
    },
    decoder: {
      width: config.embed_dim_dec,
      layers: config.num_layer_dec,
      heads: config.num_head_dec,
    },
    mlpRatio: config.mlp_ratio,
    dropout: 0,
  };
}
