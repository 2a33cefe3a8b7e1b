// Runs a program and tells its wall time and peak memory (VmHWM, Linux only; null elsewhere).
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

export const measured = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
    let peak = null;
    const timer = setInterval(() => {
      peak = peakOf(child.pid) ?? peak;
    }, 50);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      resolve({ code, signal, seconds: (performance.now() - started) / 1000, peakMiB: peak });
    });
  });
