// The bar that is always there: what to train on, how, the run's buttons, the device, the colour scheme.
import { ColourScheme } from './ColourScheme';
import { DatasetPicker } from './DatasetPicker';
import { DevicePicker } from './DevicePicker';
import classes from './Header.module.css';
import { Mark } from './Mark';
import { PresetPicker } from './PresetPicker';
import { RunButtons } from './RunButtons';

export function Header() {
  return (
    <header className={classes.header}>
      <h1 className={classes.name}>
        <Mark />
        MetaMAE Playground
      </h1>
      <div className={classes.pickers}>
        <DatasetPicker />
        <PresetPicker />
      </div>
      <div className={classes.run}>
        <RunButtons />
      </div>
      <div className={classes.tools}>
        <DevicePicker />
        <ColourScheme />
      </div>
    </header>
  );
}
