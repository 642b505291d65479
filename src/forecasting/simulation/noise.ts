/**
 * Noise that can be asked for at any place without what came before: a value is a function of seed, stream and
 * index alone. A sequential generator cannot do that.
 */
export interface Noise {
  /** In [0, 1). */
  uniform(stream: number, index: number): number;
  /** Standard normal. */
  normal(stream: number, index: number): number;
  /** Standard normal whose neighbours correlate by `memory` (0 to 0.95) per step, like an AR(1) process. */
  persistent(stream: number, index: number, memory: number): number;
  /** Standard normal values at whole positions, joined by a smooth curve in between. */
  smooth(stream: number, position: number): number;
}

/** Finaliser of MurmurHash3 (Appleby, public domain): every input bit moves every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Steps back that a persistent value remembers; beyond, the weight is below 1 % for any memory allowed. */
const REACH = 90;

export function createNoise(seed: number): Noise {
  const root = mix(seed ^ 0x9e3779b9);
  const hash = (stream: number, index: number): number =>
    mix(mix(mix(root ^ stream) ^ index) ^ Math.imul(stream + 1, 0x27d4eb2f));
  const uniform = (stream: number, index: number): number => hash(stream, index) / 2 ** 32;
  const normal = (stream: number, index: number): number => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(stream, index * 2)));
    return radius * Math.cos(2 * Math.PI * uniform(stream, index * 2 + 1));
  };

  return {
    uniform,
    normal,
    persistent(stream, index, memory) {
      let sum = 0;
      let weight = Math.sqrt(1 - memory * memory);
      for (let back = 0; back < REACH && weight > 0.01; back++) {
        sum += weight * normal(stream, index - back);
        weight *= memory;
      }
      return sum;
    },
    smooth(stream, position) {
      const whole = Math.floor(position);
      const part = position - whole;
      const share = part * part * (3 - 2 * part);
      return (1 - share) * normal(stream, whole) + share * normal(stream, whole + 1);
    },
  };
}
