// Mantine in the page's own tokens (tokens.css): its variables point at ours, so that there is one palette.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const ink = Array<string>(10).fill('var(--ink)') as unknown as MantineColorsTuple;

/** Mantine's greys, in the green-grey of the page: its own surfaces and borders take these. */
const dark: MantineColorsTuple = [
  '#e8ede9',
  '#b4beb7',
  '#929e97',
  '#6a766f',
  '#38433d',
  '#2b342f',
  '#1b221f',
  '#161c19',
  '#0f1412',
  '#0a0e0c',
];
const gray: MantineColorsTuple = [
  '#f3f4f2',
  '#edefec',
  '#e4e7e3',
  '#dbdfd9',
  '#c5cbc4',
  '#8a938b',
  '#5f6b65',
  '#46524c',
  '#2c3732',
  '#17211d',
];

export const theme = createTheme({
  primaryColor: 'ink',
  colors: { ink, dark, gray },
  fontFamily:
    "'IBM Plex Sans Variable', system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
  headings: { fontWeight: '600' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Modal: { defaultProps: { transitionProps: { duration: 120 }, radius: 'md' } },
    // Both take light ink for white, which is the panel's colour here.
    SegmentedControl: { styles: { root: { '--sc-label-color': 'var(--ink)' } } },
    Slider: { styles: { thumb: { backgroundColor: 'var(--panel)', borderColor: 'var(--ink)' } } },
    Select: {
      defaultProps: {
        allowDeselect: false,
        // The list itself scrolls: a scrolling box around it would have to be a stop of the keyboard.
        withScrollArea: false,
        styles: { options: { maxHeight: '26rem', overflowY: 'auto' } },
      },
    },
    Popover: { defaultProps: { transitionProps: { duration: 0 } } },
    // Beside its field, not at the end of the document: what is read next is what was opened.
    Combobox: { defaultProps: { withinPortal: false, transitionProps: { duration: 0 } } },
  },
});

const shared = {
  // What stands on a filled control: light on ink, dark on the light ink of the dark scheme.
  '--mantine-color-white': 'var(--panel)',
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-bright': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-faint)',
  '--mantine-color-placeholder': 'var(--ink-faint)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--ink-faint)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-color-anchor': 'var(--z)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-primary-color-filled': 'var(--ink)',
  '--mantine-primary-color-filled-hover': 'var(--ink-soft)',
  '--mantine-primary-color-light': 'var(--sunken)',
  '--mantine-primary-color-light-hover': 'var(--line)',
  '--mantine-primary-color-light-color': 'var(--ink)',
  '--mantine-color-ink-filled': 'var(--ink)',
  '--mantine-color-ink-filled-hover': 'var(--ink-soft)',
  '--mantine-color-ink-light': 'var(--sunken)',
  '--mantine-color-ink-light-hover': 'var(--line)',
  '--mantine-color-ink-light-color': 'var(--ink)',
  '--mantine-color-ink-outline': 'var(--ink)',
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: shared,
  light: shared,
  dark: shared,
});
