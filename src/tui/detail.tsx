import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { sanitize } from '../core/sanitize.ts';
import { isoOf } from '../core/time.ts';
import type { Value } from '../ecs/event.ts';
import { fieldOf } from '../ecs/fields.ts';

const shown = (name: string, value: Value): string => {
  if (typeof value === 'number' && fieldOf(name)?.type === 'date') return isoOf(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
};

const NAME = 34;

/** All fields of the selected event; the marked one is what a pivot takes. */
export const Detail = ({
  fields,
  selected,
  height,
  focused,
}: {
  fields: readonly (readonly [string, Value])[];
  selected: number;
  height: number;
  focused: boolean;
}): ReactNode => {
  const rows = height - 1;
  const top = Math.max(0, Math.min(selected - Math.floor(rows / 2), fields.length - rows));
  return (
    <Box
      flexDirection="column"
      height={height}
      borderStyle="single"
      borderTop
      borderBottom={false}
      borderLeft={false}
      borderRight={false}
      borderDimColor={!focused}
    >
      {fields.slice(top, top + rows).map(([name, value], n) => (
        <Text key={name} wrap="truncate" inverse={focused && top + n === selected}>
          {`${sanitize(name).slice(0, NAME).padEnd(NAME)} `}
          {sanitize(shown(name, value))}
        </Text>
      ))}
    </Box>
  );
};
