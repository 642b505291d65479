import type { TorturedDevice } from './tortured-device.ts';

/**
 * What is ended with kill -9 and when: the device at any instant; the device as soon as its journal grows; its proof
 * while that runs, alone or with the device. An aim that does not come up in time is the device at that instant.
 */
export type Aim = 'anywhere' | 'journal' | 'proof' | 'proof-and-device';

export interface Kill {
  readonly aim: Aim;
  /** Milliseconds after the offer, or after the start before, from which on the aim is taken. */
  readonly afterMs: number;
  /** Milliseconds from the sight of the aim to the kill. */
  readonly delayMs: number;
}

const AIM_MS = 8_000;
const LOOK_MS = 1;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function seen(look: () => boolean): Promise<boolean> {
  const end = performance.now() + AIM_MS;
  while (!look()) {
    if (performance.now() > end) return false;
    await pause(LOOK_MS);
  }
  return true;
}

/** Kills as planned. The device is dead afterwards, unless the proof alone was meant and found. */
export async function strike(device: TorturedDevice, { aim, afterMs, delayMs }: Kill): Promise<void> {
  await pause(afterMs);
  switch (aim) {
    case 'anywhere':
      return device.kill();
    case 'journal': {
      const before = device.journalBytes();
      await seen(() => device.journalBytes() !== before);
      await pause(delayMs);
      return device.kill();
    }
    case 'proof':
    case 'proof-and-device': {
      const isFound = await seen(() => device.proves());
      await pause(delayMs);
      if (isFound) device.killProof();
      if (!isFound || aim === 'proof-and-device') await device.kill();
    }
  }
}
