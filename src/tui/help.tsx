import { Box, Text } from 'ink';
import type { ReactNode } from 'react';

const KEYS: readonly (readonly [string, string])[] = [
  ['j k  ↓ ↑', 'next, previous line'],
  ['Space b', 'next, previous page (also PageDown, PageUp)'],
  ['g G', 'first, last of what is loaded'],
  ['/', 'type a filter: source.ip: 10.0.0.0/8 and event.outcome: failure and not user.name: svc*'],
  ['Enter', 'open or close the fields of the event; in the chain view: jump to the event'],
  ['Tab', 'change between events and fields'],
  ['p', 'on a field: all events with this value (pivot)'],
  ['+ -', 'on a field: only with, only without this value'],
  ['z Z', 'zoom in around the event, zoom out'],
  ['t', 'the ten minutes around the event, all sources'],
  ['c', 'the hypotheses and their chains'],
  ['C', 'the coverage: which log was there when, and its gaps; Enter shows the events around a gap'],
  ['s', 'star the event'],
  ['#', 'comment the event'],
  ['Backspace u', 'back to the view before'],
  ['R', 'load what another process has added'],
  ['?', 'this page'],
  ['q', 'close this page; quit'],
];

export const Help = ({ height }: { height: number }): ReactNode => (
  <Box flexDirection="column" height={height}>
    {KEYS.map(([key, what]) => (
      <Text key={key} wrap="truncate">
        <Text bold>{key.padEnd(14)}</Text>
        {what}
      </Text>
    ))}
  </Box>
);
