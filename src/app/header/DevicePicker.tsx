// What the engine computes on, what that means for speed, and the choice of another backend.
import { Menu, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconCpu } from '@tabler/icons-react';
import type { Device } from '../../session/protocol';
import { openEngine } from '../../store/engine';
import { edit, useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
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
  const choose = (value: string) => {
    const backend = backendSchema.parse(value);
    edit('backend', backend);
    void openEngine(backend);
  };
  return (
    <Menu position="bottom-end" width={320} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <UnstyledButton className={classes.button}>
          <IconCpu size={18} stroke={1.75} aria-hidden />
          <span className={classes.name}>{device ? shortName(device) : 'Finding the device'}</span>
          <IconChevronDown size={14} stroke={1.75} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {device && (
          <div className={classes.about}>
            <Text size="sm" fw={600}>
              {names[device.backend]}: {device.adapter}
            </Text>
            <Text size="sm" c="dimmed">
              {device.note}
            </Text>
          </div>
        )}
        <Menu.Divider />
        <Menu.Label>Compute the next run on</Menu.Label>
        <Menu.RadioGroup value={choice} onChange={choose}>
          {backendSchema.options.map((backend) => (
            <Menu.RadioItem key={backend} value={backend}>
              {names[backend]}
              <span className={classes.meaning}>{meanings[backend]}</span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

function shortName(device: Device): string {
  return device.backend === 'webgpu' ? device.adapter : names[device.backend];
}
