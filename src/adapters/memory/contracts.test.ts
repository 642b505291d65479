import { describe } from 'vitest';
import { effectQueueContract } from '../../../test/contracts/effect-queue.ts';
import { eventLogContract } from '../../../test/contracts/event-log.ts';
import { testRules } from '../../../test/contracts/fixtures.ts';
import { notesProjection, readModelsContract } from '../../../test/contracts/read-models.ts';
import { openMemory } from './open.ts';

describe('event log in memory', () => eventLogContract(async () => openMemory({ rules: testRules })));
describe('effect queue in memory', () => effectQueueContract(async () => openMemory({ rules: testRules })));
describe('read models in memory', () =>
  readModelsContract(async () => {
    const memory = openMemory({ rules: testRules, projections: [notesProjection] });
    return { ...memory, rebuild: (name) => memory.readModels.rebuild(name) };
  }));
