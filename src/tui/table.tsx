import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { sanitize } from '../core/sanitize.ts';
import { isoOf } from '../core/time.ts';
import { type Fields, numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import { summarise } from '../ecs/summary.ts';

const colour = (fields: Readonly<Fields>): 'red' | 'yellow' | 'green' | undefined => {
  if (fields['event.kind'] === 'pipeline_error') return 'red';
  if (fields['event.outcome'] === 'failure' || fields['einfallstor.act'] === 'flow-denied') return 'yellow';
  return fields['event.outcome'] === 'success' && /login|session/.test(textOf(fields, 'einfallstor.act') ?? '')
    ? 'green'
    : undefined;
};

const timeOf = (fields: Readonly<Fields>): string => {
  const time = numberOf(fields, '@timestamp');
  return time === undefined ? 'no time'.padEnd(19) : isoOf(time).slice(0, 19).replace('T', ' ');
};

/** The device or file an event comes from, short. */
const originOf = (fields: Readonly<Fields>): string =>
  textOf(fields, 'observer.name') ??
  textOf(fields, 'host.name') ??
  textOf(fields, 'log.file.path')?.split('/').at(-1) ??
  '';

const ORIGIN = 14;

/** One line an event: time (UTC), origin, what it says. */
export const Table = ({
  events,
  top,
  height,
  selected,
  focused,
}: {
  events: readonly StoredEvent[];
  top: number;
  height: number;
  selected: number;
  focused: boolean;
}): ReactNode => (
  <Box flexDirection="column" height={height}>
    {events.slice(top, top + height).map((event, n) => {
      const chosen = top + n === selected;
      const origin = sanitize(originOf(event.fields)).slice(0, ORIGIN).padEnd(ORIGIN);
      const tone = colour(event.fields);
      return (
        <Text
          key={event.id}
          wrap="truncate"
          inverse={chosen && focused}
          bold={chosen}
          {...(tone === undefined ? {} : { color: tone })}
        >
          {`${chosen ? '›' : ' '}${timeOf(event.fields)}  ${origin}  ${sanitize(summarise(event.fields))}`}
        </Text>
      );
    })}
  </Box>
);
