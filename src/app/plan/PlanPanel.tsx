// The kernels that a training step is compiled into: what each computes, what it moves, how long it takes.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { StepPlan } from '../../session/protocol';
import { planNow, usePlan } from '../../store/plan';
import { useRun } from '../../store/run';
import { Fact, Facts } from '../Facts';
import { bytes, measure, plural, whole } from '../format';
import classes from './PlanPanel.module.css';
import { costliest, operations, type RankedKernel, time } from './ranking';

/** Kernels that are shown before all are asked for. */
const FIRST = 12;

export default function PlanPanel() {
  const { last, isBusy } = usePlan();
  const prepared = useRun((state) => state.prepared);
  const step = useRun((state) => state.step);
  const device = useRun((state) => state.device);
  const isReady = prepared !== undefined && step > 0;
  return (
    <div className={classes.panel}>
      <p className={classes.text}>
        On WebGPU a whole training step, both gradients included, is compiled into a few fused
        kernels and replayed.
      </p>
      <div>
        <Button
          size="compact-sm"
          variant="default"
          disabled={!isReady || isBusy}
          onClick={() => void planNow()}
        >
          {isBusy ? 'Timing kernels…' : 'Show the kernels of a step'}
        </Button>
      </div>
      {last === undefined && (
        <p className={classes.empty}>
          {isReady
            ? 'The plan is read, and its kernels are timed, when you ask for it.'
            : 'There is a plan once a run has taken its first step.'}
        </p>
      )}
      {last === 'none' && (
        <p className={classes.empty}>
          {device?.backend === 'webgpu'
            ? 'Nothing is compiled yet: that comes with the next step, unless the engine is set to eager. Ask again then.'
            : `This run goes operation by operation on ${device?.adapter ?? 'this backend'}: there is no plan. Steps are compiled on WebGPU.`}
        </p>
      )}
      {last !== undefined && last !== 'none' && <Plan plan={last} />}
    </div>
  );
}

function Plan({ plan }: { plan: StepPlan }) {
  const [isWhole, setWhole] = useState(false);
  const ranked = costliest(plan);
  const total = plan.times?.reduce((sum, ms) => sum + ms, 0);
  const shown = isWhole ? ranked : ranked.slice(0, FIRST);
  const largest = Math.max(...ranked.map(({ cost }) => cost));
  const arena = plan.arenas.reduce((sum, size) => sum + size, 0);
  return (
    <section aria-label="Plan of a step" className={classes.panel}>
      <Facts className={classes.facts}>
        <Fact name="Kernels">
          {whole(plan.kernels.length)} and {plan.optimiserKernels} of AdamW
        </Fact>
        <Fact name="Operations fused">{whole(operations(plan))}</Fact>
        <Fact name="Shaders">{whole(plan.pipelines)}</Fact>
        <Fact name="Bytes moved">{bytes(plan.bytes)}</Fact>
        <Fact name="Arithmetic">{measure(plan.flops / 1e6)} MFLOP</Fact>
        <Fact name="Arenas">
          {bytes(arena)} in {plan.arenas.length}
        </Fact>
        <Fact name="Kernel time">
          {total === undefined ? 'this adapter has no clock' : time(total)}
        </Fact>
      </Facts>
      <h3 className={classes.heading}>
        {plan.times ? 'Slowest kernels first' : 'Kernels that move most first'}
      </h3>
      <ol className={classes.kernels}>
        {shown.map((kernel) => (
          <Kernel key={kernel.place} kernel={kernel} share={kernel.cost / largest} />
        ))}
      </ol>
      {ranked.length > FIRST && (
        <Button size="compact-sm" variant="subtle" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show fewer' : `Show all ${plural(ranked.length, 'kernel')}`}
        </Button>
      )}
    </section>
  );
}

const kinds = { product: 'product', rows: 'rows', pointwise: 'elementwise' } as const;

function Kernel({ kernel, share }: { kernel: RankedKernel; share: number }) {
  return (
    <li>
      <div className={classes.line}>
        <span className={classes.place}>{kernel.place}</span>
        <span className={classes.kind}>
          {kinds[kernel.kind]} <span className={classes.domain}>{kernel.domain}</span>
        </span>
        <b>{kernel.ms === undefined ? bytes(kernel.bytes) : time(kernel.ms)}</b>
      </div>
      <div className={classes.bar} aria-hidden="true">
        <i style={{ width: `${100 * (share || 0)}%` }} />
      </div>
      <div className={classes.operations}>
        {kernel.operations} · {bytes(kernel.bytes)} · {measure(kernel.flops / 1e6)} MFLOP
      </div>
    </li>
  );
}
