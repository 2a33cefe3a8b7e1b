// Runs a program and tells its wall time, its processor time and its peak memory (VmHWM); Linux only, null elsewhere.
// On a machine that has other work, processor time is what two runs can be compared by.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const peakOf = (pid) => {
  try {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) / 1024;
  } catch {
    return null;
  }
};

/** Clock ticks a second, `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** User and system time of all threads so far, seconds: fields 14 and 15 of proc(5)'s `stat`, behind the name in brackets. */
const processorOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return null;
  }
};

export const measured = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
    let [peak, processor] = [null, null];
    const timer = setInterval(() => {
      peak = peakOf(child.pid) ?? peak;
      processor = processorOf(child.pid) ?? processor;
    }, 50);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1000;
      resolve({ code, signal, seconds, processorSeconds: processor, peakMiB: peak });
    });
  });

/** A run in words: what took how long, on how much processor, with how much memory. */
export const printed = (what, { seconds, processorSeconds, peakMiB }) =>
  `${what.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s  processor ${processorSeconds?.toFixed(1) ?? '?'} s  peak ${peakMiB?.toFixed(0) ?? '?'} MiB`;
