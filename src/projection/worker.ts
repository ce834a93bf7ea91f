// The projection worker: features in, a map out, so that neither the page nor training waits for it.
import { designOf, neighboursOf, type Projection, principalMap, umapMap } from './project';

export type Method = 'pca' | 'umap';

export interface ProjectionRequest {
  request: number;
  method: Method;
  /** `[rows, width]`. */
  features: Float32Array;
  width: number;
}

export type ProjectionAnswer = { request: number } & (
  | { map: Projection & { neighbours: Int32Array } }
  | { fault: string }
);

self.onmessage = ({ data }: MessageEvent<ProjectionRequest>) => {
  const { request, method, features, width } = data;
  const post = (answer: ProjectionAnswer) => self.postMessage(answer);
  try {
    const design = designOf(features, width);
    const projection = method === 'umap' ? umapMap(design) : principalMap(design);
    post({ request, map: { ...projection, neighbours: neighboursOf(design) } });
  } catch (error) {
    post({ request, fault: error instanceof Error ? error.message : String(error) });
  }
};
