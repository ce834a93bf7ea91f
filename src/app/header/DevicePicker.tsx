// What the engine computes on, what that means for speed, and the choice of another backend.
import { Popover, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconCpu } from '@tabler/icons-react';
import type { Device } from '../../session/protocol';
import { openEngine } from '../../store/engine';
import { edit, useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { showShipped } from '../../store/shipped';
import { type BackendChoice, backendSchema } from '../../train/recipe';
import classes from './DevicePicker.module.css';

const names: Record<BackendChoice, string> = {
  auto: 'Automatic',
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  cpu: 'Plain JavaScript',
};

const meanings: Record<BackendChoice, string> = {
  auto: 'WebGPU where there is a graphics card, else WebAssembly',
  webgpu: 'On the graphics card: fastest where there is a real one',
  wasm: 'On the processor with vector instructions: works everywhere',
  cpu: 'On the processor, slow: for checking results',
};

export function DevicePicker() {
  const device = useRun((state) => state.device);
  const choice = useRecipe((state) => state.draft?.backend ?? 'auto');
  const name = device ? shortName(device) : 'finding the device';
  const choose = (backend: BackendChoice) => {
    edit('backend', backend);
    void openEngine(backend).then(showShipped);
  };
  return (
    // In the header itself, not at the end of the document: what is read next is what was opened.
    <Popover position="bottom-end" width={320} withinPortal={false} trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.button}
          aria-label={`Computes on: ${name}`}
          title={device?.note}
        >
          <IconCpu size={18} stroke={1.75} aria-hidden />
          <span className={classes.name}>{name}</span>
          <IconChevronDown size={14} stroke={1.75} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="What the engine computes on">
        {device && (
          <div className={classes.about}>
            <strong>
              {names[device.backend]}: {device.adapter}
            </strong>
            <p>{device.note}</p>
          </div>
        )}
        <fieldset className={classes.choices}>
          <legend>Compute the next run on</legend>
          {backendSchema.options.map((backend) => (
            <label key={backend} className={classes.choice}>
              <input
                type="radio"
                name="backend"
                checked={backend === choice}
                onChange={() => choose(backend)}
              />
              <span>
                {names[backend]}
                <small>{meanings[backend]}</small>
              </span>
            </label>
          ))}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  );
}

function shortName(device: Device): string {
  return device.backend === 'webgpu' ? device.adapter : names[device.backend];
}
