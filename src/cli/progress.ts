import { Presets, SingleBar } from 'cli-progress';
import type { OnProgress, Progress } from '../app/progress.ts';
import { safe } from './terminal.ts';

const bytes = (n: number): string =>
  n < 1024 ** 2
    ? `${Math.round(n / 1024)} KiB`
    : n < 1024 ** 3
      ? `${(n / 1024 ** 2).toFixed(1)} MiB`
      : `${(n / 1024 ** 3).toFixed(2)} GiB`;

const amount = (value: number, unit: Progress['unit']): string =>
  unit === 'bytes' ? bytes(value) : `${value} ${unit}`;

const rate = (progress: Progress, seconds: number): string => {
  if (seconds < 0.5) return '';
  const per = amount(Math.round(progress.done / seconds), progress.unit);
  const events =
    progress.events === undefined ? '' : `, ${Math.round(progress.events / seconds).toLocaleString('en')} events/s`;
  return `${per}/s${events}`;
};

/**
 * Bars on stderr with rate and time left; on something that is no terminal, one line when a phase ends.
 * `stop` finishes the last bar.
 */
export const showProgress = (): { readonly onProgress: OnProgress; readonly stop: () => void } => {
  const interactive = process.stderr.isTTY === true;
  let phase: Progress['phase'] | undefined;
  let started = 0;
  let last: Progress | undefined;
  let bar: SingleBar | undefined;

  const finish = (): void => {
    if (last === undefined) return;
    const seconds = (performance.now() - started) / 1000;
    if (bar !== undefined) {
      bar.update(last.total ?? last.done, { rate: rate(last, seconds), note: '' });
      bar.stop();
    } else if (seconds >= 1) {
      process.stderr.write(
        `${last.phase}: ${amount(last.done, last.unit)} in ${seconds.toFixed(1)} s (${rate(last, seconds)})\n`,
      );
    }
    bar = undefined;
    last = undefined;
  };

  const begin = (progress: Progress): void => {
    finish();
    phase = progress.phase;
    started = performance.now();
    if (!interactive) return;
    bar = new SingleBar(
      {
        format: '{phase} {bar} {percentage} % {amount} {rate} {eta_formatted} left {note}',
        hideCursor: true,
        stream: process.stderr,
        etaBuffer: 100,
        clearOnComplete: false,
      },
      Presets.shades_classic,
    );
    bar.start(progress.total ?? 0, 0, { phase: progress.phase.padEnd(10), amount: '', rate: '', note: '' });
  };

  return {
    onProgress: (progress) => {
      if (progress.phase !== phase || last === undefined) begin(progress);
      last = progress;
      if (bar === undefined) return;
      if (progress.total !== undefined) bar.setTotal(progress.total);
      const seconds = (performance.now() - started) / 1000;
      bar.update(progress.done, {
        amount: amount(progress.done, progress.unit),
        rate: rate(progress, seconds),
        note: safe(progress.note ?? '').slice(0, 40),
      });
    },
    stop: finish,
  };
};
